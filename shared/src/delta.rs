//! A frame on the wire, as what has changed since a baseline frame.
//!
//! For each table in turn:
//!
//! ```text
//! population   1 bit: entities have come or gone
//!   departures   count, then each one's index in the baseline, as gaps
//!   arrivals     count, then for each its slot as a gap, its generation, its whole row
//! changes      for each row in both frames, by slot: its change
//! ```
//!
//! A single has only the change of its one row. A keyframe is the delta from the empty frame.

use thiserror::Error;

use crate::bits::EndOfBits;
use crate::frame::{EntityId, Frame, TableFrame};
use crate::limits::MAX_ENTITIES;
use crate::row::{RowBaseline, read_change, read_whole, write_change, write_whole};
use crate::schema::{Layout, TableLayout};
use crate::symbols::{SymbolReader, SymbolWriter};

/// Bytes from a peer are not a valid message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The message ends early.
    #[error("the message ends early")]
    Truncated,
    /// There is more after the message's end, or its padding is not zero.
    #[error("the message goes on after its end")]
    TrailingBits,
    /// A variable-length number is over 32 bits.
    #[error("a number is over 32 bits")]
    NumberTooLong,
    /// A value is above its column's maximum.
    #[error("a value is out of its field's range")]
    ValueOutOfRange,
    /// A departure names a row that the baseline does not have.
    #[error("a despawn names an entity that does not exist")]
    NoSuchEntity,
    /// An arrival's slot is taken, or beyond the limit.
    #[error("a spawn names a slot that is taken or beyond the limit")]
    BadSlot,
    /// The message's first byte is no kind that is allowed here.
    #[error("unknown message kind {0:#04x}")]
    UnknownKind(u8),
    /// A delta came before any keyframe, or refers to a frame that the mirror does not have.
    #[error("a delta refers to a frame that is not there")]
    NoBaseline,
}

impl From<EndOfBits> for DecodeError {
    fn from(_: EndOfBits) -> Self {
        Self::Truncated
    }
}

/// The frames that a delta is taken from.
#[derive(Debug, Clone, Copy)]
pub struct Baseline<'a> {
    /// The last frame that the receiver has.
    pub frame: &'a Frame,
    /// The frame it had before that one, if it lies as far before it as the new frame lies after: linear
    /// prediction needs it.
    pub older: Option<&'a Frame>,
}

/// Writes `frame` as its difference from `baseline`.
///
/// # Panics
/// If the frames do not have the layout, or a value is above its column's maximum.
pub fn write_delta(layout: &Layout, baseline: Baseline, frame: &Frame, symbols: &mut SymbolWriter) {
    for (index, table) in layout.tables.iter().enumerate() {
        let from = TableBaseline::of(baseline, index, table);
        let to = &frame.tables()[index];
        let same_population = from.frame.entities() == to.entities();
        if !table.single {
            symbols.flag(!same_population);
            if !same_population {
                write_departures(from.frame, to, symbols);
                write_arrivals(table, from.frame, to, symbols);
            }
        }
        write_changes(table, from, to, symbols);
    }
}

/// Decodes deltas; it keeps the scratch memory between them.
#[derive(Debug, Default)]
pub struct DeltaReader {
    departures: Vec<u32>,
    arrivals: Vec<EntityId>,
    arrived_columns: Vec<u32>,
}

impl DeltaReader {
    /// Reads what [`write_delta`] wrote against the same baseline into `frame`, whose content before does not matter.
    ///
    /// # Errors
    /// [`DecodeError`]; `frame` then holds no meaningful state.
    pub fn read_delta(
        &mut self,
        layout: &Layout,
        baseline: Baseline,
        symbols: &mut SymbolReader,
        frame: &mut Frame,
    ) -> Result<(), DecodeError> {
        for (index, table) in layout.tables.iter().enumerate() {
            let from = TableBaseline::of(baseline, index, table);
            self.departures.clear();
            self.arrivals.clear();
            self.arrived_columns.clear();
            if !table.single && symbols.flag()? {
                self.read_departures(from.frame, symbols)?;
                self.read_arrivals(table, symbols)?;
            }
            self.read_changes(table, from, symbols, frame.refill(index))?;
        }
        Ok(())
    }

    fn read_departures(&mut self, from: &TableFrame, symbols: &mut SymbolReader) -> Result<(), DecodeError> {
        let mut next = 0;
        for _ in 0..symbols.count()? {
            let index = symbols.gap()?.checked_add(next).ok_or(DecodeError::NoSuchEntity)?;
            if index as usize >= from.len() {
                return Err(DecodeError::NoSuchEntity);
            }
            self.departures.push(index);
            next = index + 1;
        }
        Ok(())
    }

    fn read_arrivals(&mut self, table: &TableLayout, symbols: &mut SymbolReader) -> Result<(), DecodeError> {
        let width = table.row.columns.len();
        let mut next = 0;
        for _ in 0..symbols.count()? {
            let slot = symbols.gap()?.checked_add(next).ok_or(DecodeError::BadSlot)?;
            if slot as usize >= MAX_ENTITIES {
                return Err(DecodeError::BadSlot);
            }
            next = slot + 1;
            self.arrivals.push(EntityId { slot, generation: symbols.gap()? });
            let start = self.arrived_columns.len();
            self.arrived_columns.resize(start + width, 0);
            read_whole(&table.row, symbols, &mut self.arrived_columns[start..])?;
        }
        Ok(())
    }

    /// Merges the surviving rows, as their changes are read, with the arrivals, both by ascending slot.
    fn read_changes(
        &self,
        table: &TableLayout,
        mut from: TableBaseline,
        symbols: &mut SymbolReader,
        to: &mut TableFrame,
    ) -> Result<(), DecodeError> {
        let width = table.row.columns.len();
        let mut departures = self.departures.iter().copied().peekable();
        let mut arrivals = self.arrivals.iter().copied().zip(0..).peekable();
        let push_arrival = |(entity, index): (EntityId, usize), to: &mut TableFrame| {
            to.push(entity).copy_from_slice(&self.arrived_columns[index * width..(index + 1) * width]);
        };
        for (index, &entity) in from.frame.entities().iter().enumerate() {
            if departures.next_if_eq(&(index as u32)).is_some() {
                continue;
            }
            while let Some(arrival) = arrivals.next_if(|(arrival, _)| arrival.slot < entity.slot) {
                push_arrival(arrival, to);
            }
            if arrivals.peek().is_some_and(|(arrival, _)| arrival.slot == entity.slot) {
                return Err(DecodeError::BadSlot);
            }
            let baseline = from.row(index, entity);
            read_change(&table.row, baseline, symbols, to.push(entity))?;
        }
        for arrival in arrivals {
            push_arrival(arrival, to);
        }
        Ok(())
    }
}

/// One table of the baseline, walked by ascending slot.
struct TableBaseline<'a> {
    frame: &'a TableFrame,
    older: Option<&'a TableFrame>,
    older_index: usize,
}

impl<'a> TableBaseline<'a> {
    fn of(baseline: Baseline<'a>, index: usize, table: &TableLayout) -> Self {
        let older = baseline.older.filter(|_| table.row.uses_history);
        Self {
            frame: &baseline.frame.tables()[index],
            older: older.map(|frame| &frame.tables()[index]),
            older_index: 0,
        }
    }

    /// The baseline of the row at `index`, which holds `entity`. Called with ascending indexes.
    #[inline]
    fn row(&mut self, index: usize, entity: EntityId) -> RowBaseline<'a> {
        let older = self.older.and_then(|table| {
            let entities = table.entities();
            while entities.get(self.older_index).is_some_and(|other| other.slot < entity.slot) {
                self.older_index += 1;
            }
            (entities.get(self.older_index) == Some(&entity)).then(|| table.row(self.older_index))
        });
        RowBaseline { row: self.frame.row(index), older }
    }
}

fn write_departures(from: &TableFrame, to: &TableFrame, symbols: &mut SymbolWriter) {
    let gone = || missing(from.entities(), to.entities());
    symbols.count(gone().count() as u32);
    let mut next = 0;
    for (index, _) in gone() {
        symbols.gap(index as u32 - next);
        next = index as u32 + 1;
    }
}

fn write_arrivals(table: &TableLayout, from: &TableFrame, to: &TableFrame, symbols: &mut SymbolWriter) {
    let come = || missing(to.entities(), from.entities());
    symbols.count(come().count() as u32);
    let mut next = 0;
    for (index, entity) in come() {
        symbols.gap(entity.slot - next);
        symbols.gap(entity.generation);
        next = entity.slot + 1;
        write_whole(&table.row, to.row(index), symbols);
    }
}

fn write_changes(table: &TableLayout, mut from: TableBaseline, to: &TableFrame, symbols: &mut SymbolWriter) {
    let mut to_index = 0;
    for (index, &entity) in from.frame.entities().iter().enumerate() {
        while to.entities().get(to_index).is_some_and(|other| other.slot < entity.slot) {
            to_index += 1;
        }
        if to.entities().get(to_index) == Some(&entity) {
            write_change(&table.row, from.row(index, entity), to.row(to_index), symbols);
        }
    }
}

/// The entities of `of` that are not in `other`, with their indexes; both by ascending slot.
fn missing<'a>(of: &'a [EntityId], other: &'a [EntityId]) -> impl Iterator<Item = (usize, EntityId)> {
    let mut other = other.iter().peekable();
    of.iter().copied().enumerate().filter(move |(_, entity)| {
        while other.next_if(|candidate| candidate.slot < entity.slot).is_some() {}
        other.peek() != Some(&entity)
    })
}
