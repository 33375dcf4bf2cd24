//! A frame on the wire, as what has changed since a baseline frame.
//!
//! For each table in turn:
//!
//! ```text
//! population   flag: entities have come or gone
//!   departures   count, then each one's index in the baseline, as gaps
//!   arrivals     count, then for each its slot as a gap, its generation, its whole row
//! changes      for each row in both frames, by slot: how it differs from what was expected
//! ```
//!
//! A single has only the change of its one row. A keyframe is the delta from the empty frame.

use thiserror::Error;

use crate::bits::EndOfBits;
use crate::contexts::Count;
use crate::frame::{EntityId, Frame, TableFrame};
use crate::limits::{MAX_ENTITIES, MAX_FRAME_COLUMNS};
use crate::predict::RowBaseline;
use crate::row::{ChangeCoder, read_whole, write_whole};
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
    /// Bytes that no writer of this format would have written.
    #[error("the bytes are no code of any message")]
    NotCanonical,
    /// A prior is given to a context beyond the last one.
    #[error("a prior belongs to no context of this schema")]
    NoSuchContext,
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
    /// The frame would have more columns than [`MAX_FRAME_COLUMNS`].
    #[error("the frame is larger than any that may be sent")]
    FrameTooLarge,
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

/// The frames that a delta is taken from, each as far before the next as the new frame is after the baseline.
#[derive(Debug, Clone, Copy)]
pub struct Baseline<'a> {
    /// The last frame that the receiver has.
    pub frame: &'a Frame,
    /// The frame it had before that one, if it lies as far before: motion shows in two frames.
    pub older: Option<&'a Frame>,
    /// And the one before that; only with an older one. A surprise shows in three.
    pub oldest: Option<&'a Frame>,
}

impl<'a> Baseline<'a> {
    /// A baseline without history.
    #[must_use]
    pub fn new(frame: &'a Frame) -> Self {
        Self { frame, older: None, oldest: None }
    }
}

/// Encodes deltas; it keeps the scratch memory between them.
#[derive(Debug, Default)]
pub struct DeltaWriter {
    changes: ChangeCoder,
}

impl DeltaWriter {
    /// Writes `frame` as its difference from `baseline`.
    ///
    /// # Panics
    /// If the frames do not have the layout, or a value is above its column's maximum.
    pub fn write_delta(
        &mut self,
        layout: &Layout,
        baseline: Baseline,
        frame: &Frame,
        symbols: &mut SymbolWriter,
    ) {
        assert!(frame.columns() <= MAX_FRAME_COLUMNS, "a world has at most MAX_FRAME_COLUMNS columns");
        for (index, table) in layout.tables.iter().enumerate() {
            let from = TableBaseline::of(baseline, index);
            let to = &frame.tables()[index];
            if !table.single {
                let changed = from.frame.entities() != to.entities();
                symbols.flag(table.contexts.population, changed);
                if changed {
                    write_departures(table, from.frame, to, symbols);
                    write_arrivals(table, from.frame, to, symbols);
                }
            }
            self.write_changes(table, from, to, symbols);
        }
    }

    fn write_changes(
        &mut self,
        table: &TableLayout,
        mut from: TableBaseline,
        to: &TableFrame,
        symbols: &mut SymbolWriter,
    ) {
        self.changes.start();
        let mut to_index = 0;
        for (index, &entity) in from.frame.entities().iter().enumerate() {
            while to.entities().get(to_index).is_some_and(|other| other.slot < entity.slot) {
                to_index += 1;
            }
            if to.entities().get(to_index) == Some(&entity) {
                self.changes.write(table, from.row(index, entity), to.row(to_index), symbols);
            }
        }
    }
}

/// Decodes deltas; it keeps the scratch memory between them.
#[derive(Debug, Default)]
pub struct DeltaReader {
    departures: Vec<u32>,
    arrivals: Vec<EntityId>,
    arrived_columns: Vec<u32>,
    changes: ChangeCoder,
}

impl DeltaReader {
    /// Reads what [`DeltaWriter::write_delta`] wrote against the same baseline into `frame`, whose content before
    /// does not matter.
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
        let mut columns_left = MAX_FRAME_COLUMNS;
        for (index, table) in layout.tables.iter().enumerate() {
            let from = TableBaseline::of(baseline, index);
            self.departures.clear();
            self.arrivals.clear();
            self.arrived_columns.clear();
            if !table.single && symbols.flag(table.contexts.population)? {
                self.read_departures(table, from.frame, symbols)?;
                self.read_arrivals(table, columns_left, symbols)?;
            }
            let rows = from.frame.len() - self.departures.len() + self.arrivals.len();
            let left = columns_left.checked_sub(rows * table.row.columns.len());
            columns_left = left.ok_or(DecodeError::FrameTooLarge)?;
            self.read_changes(table, from, symbols, frame.refill(index))?;
        }
        Ok(())
    }

    fn read_departures(
        &mut self,
        table: &TableLayout,
        from: &TableFrame,
        symbols: &mut SymbolReader,
    ) -> Result<(), DecodeError> {
        let mut next = 0;
        for _ in 0..symbols.count(table.contexts.count(Count::Departures))? {
            let gap = symbols.count(table.contexts.count(Count::DepartureGap))?;
            let index = gap.checked_add(next).ok_or(DecodeError::NoSuchEntity)?;
            if index as usize >= from.len() {
                return Err(DecodeError::NoSuchEntity);
            }
            self.departures.push(index);
            next = index + 1;
        }
        Ok(())
    }

    /// Reads who has come to a table, in a frame that may have so many more columns.
    fn read_arrivals(
        &mut self,
        table: &TableLayout,
        columns_left: usize,
        symbols: &mut SymbolReader,
    ) -> Result<(), DecodeError> {
        let width = table.row.columns.len();
        let arrivals = symbols.count(table.contexts.count(Count::Arrivals))?;
        if u64::from(arrivals) * width as u64 > columns_left as u64 {
            return Err(DecodeError::FrameTooLarge);
        }
        let mut next = 0;
        for _ in 0..arrivals {
            let gap = symbols.count(table.contexts.count(Count::ArrivalGap))?;
            let slot = gap.checked_add(next).ok_or(DecodeError::BadSlot)?;
            if slot as usize >= MAX_ENTITIES {
                return Err(DecodeError::BadSlot);
            }
            next = slot + 1;
            let generation = symbols.count(table.contexts.count(Count::Generation))?;
            self.arrivals.push(EntityId { slot, generation });
            let start = self.arrived_columns.len();
            self.arrived_columns.resize(start + width, 0);
            read_whole(table, symbols, &mut self.arrived_columns[start..])?;
        }
        Ok(())
    }

    /// Merges the surviving rows, as their changes are read, with the arrivals, both by ascending slot.
    fn read_changes(
        &mut self,
        table: &TableLayout,
        mut from: TableBaseline,
        symbols: &mut SymbolReader,
        to: &mut TableFrame,
    ) -> Result<(), DecodeError> {
        let width = table.row.columns.len();
        self.changes.start();
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
            self.changes.read(table, baseline, symbols, to.push(entity))?;
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
    older: Option<Walk<'a>>,
    oldest: Option<Walk<'a>>,
}

impl<'a> TableBaseline<'a> {
    fn of(baseline: Baseline<'a>, index: usize) -> Self {
        Self {
            frame: &baseline.frame.tables()[index],
            older: baseline.older.map(|frame| Walk::new(&frame.tables()[index])),
            oldest: baseline.oldest.map(|frame| Walk::new(&frame.tables()[index])),
        }
    }

    /// The baseline of the row at `index`, which holds `entity`. Called with ascending indexes.
    #[inline]
    fn row(&mut self, index: usize, entity: EntityId) -> RowBaseline<'a> {
        let older = self.older.as_mut().and_then(|walk| walk.find(entity));
        let oldest = self.oldest.as_mut().and_then(|walk| walk.find(entity));
        RowBaseline { row: self.frame.row(index), older, oldest: older.and(oldest) }
    }
}

/// A table that is searched for ever higher slots.
struct Walk<'a> {
    table: &'a TableFrame,
    index: usize,
}

impl<'a> Walk<'a> {
    fn new(table: &'a TableFrame) -> Self {
        Self { table, index: 0 }
    }

    #[inline]
    fn find(&mut self, entity: EntityId) -> Option<&'a [u32]> {
        let entities = self.table.entities();
        while entities.get(self.index).is_some_and(|other| other.slot < entity.slot) {
            self.index += 1;
        }
        (entities.get(self.index) == Some(&entity)).then(|| self.table.row(self.index))
    }
}

fn write_departures(table: &TableLayout, from: &TableFrame, to: &TableFrame, symbols: &mut SymbolWriter) {
    let gone = || missing(from.entities(), to.entities());
    symbols.count(table.contexts.count(Count::Departures), gone().count() as u32);
    let mut next = 0;
    for (index, _) in gone() {
        symbols.count(table.contexts.count(Count::DepartureGap), index as u32 - next);
        next = index as u32 + 1;
    }
}

fn write_arrivals(table: &TableLayout, from: &TableFrame, to: &TableFrame, symbols: &mut SymbolWriter) {
    let come = || missing(to.entities(), from.entities());
    symbols.count(table.contexts.count(Count::Arrivals), come().count() as u32);
    let mut next = 0;
    for (index, entity) in come() {
        symbols.count(table.contexts.count(Count::ArrivalGap), entity.slot - next);
        symbols.count(table.contexts.count(Count::Generation), entity.generation);
        next = entity.slot + 1;
        write_whole(table, to.row(index), symbols);
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
