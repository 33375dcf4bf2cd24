//! An area's frame on the wire, as what has changed since a baseline frame.
//!
//! For each part of the area's class in turn:
//!
//! ```text
//! population   flag: entities have come or gone
//!   departures   count, then each one's index in the baseline, as gaps
//!   arrivals     count, then for each its slot as a gap, its generation, its whole row
//! changes      for each row in both frames, by slot: how it differs from what was expected
//! ```
//!
//! A single has only the change of its one row. Whatever is told from scratch is the delta from the empty frame.

use thiserror::Error;

use crate::bits::EndOfBits;
use crate::contexts::Count;
use crate::frame::{AreaFrame, EntityId, Frame, Rows, TableFrame};
use crate::layout::{AreaClass, Layout, PartLayout};
use crate::limits::MAX_ENTITIES;
use crate::predict::RowBaseline;
use crate::row::{ChangeCoder, read_whole, write_whole};
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
    /// The areas would have more columns than [`MAX_FRAME_COLUMNS`](crate::limits::MAX_FRAME_COLUMNS).
    #[error("the frame is larger than any that may be sent")]
    FrameTooLarge,
    /// The message's first byte is no kind that is allowed here.
    #[error("unknown message kind {0:#04x}")]
    UnknownKind(u8),
    /// A delta came before any keyframe.
    #[error("a delta refers to a frame that is not there")]
    NoBaseline,
    /// The change of the list of areas is none: an area that is not there leaves, none of that class can enter, there would be
    /// more than [`MAX_AREAS`](crate::limits::MAX_AREAS), or nothing changes.
    #[error("the change of the list of areas is impossible")]
    BadView,
    /// The maps of which areas have blocks do not fit the list of areas and the blocks.
    #[error("the map of areas does not fit")]
    BadMap,
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
    pub frame: AreaFrame<'a>,
    /// The frame it had before that one, if it lies as far before: motion shows in two frames.
    pub older: Option<AreaFrame<'a>>,
    /// And the one before that; only with an older one. A surprise shows in three.
    pub oldest: Option<AreaFrame<'a>>,
}

impl<'a> Baseline<'a> {
    /// A baseline without history.
    #[must_use]
    pub fn new(frame: AreaFrame<'a>) -> Self {
        Self { frame, older: None, oldest: None }
    }
}

/// Encodes deltas; it keeps the scratch memory between them.
#[derive(Debug, Default)]
pub struct DeltaWriter {
    changes: ChangeCoder,
}

impl DeltaWriter {
    /// Writes an area as its difference from `baseline`, and tells whether there is one: whether anything is other than
    /// expected.
    ///
    /// # Panics
    /// If the frames do not have the layout, or a value is above its column's maximum.
    pub fn write_delta(
        &mut self,
        layout: &Layout,
        class: AreaClass,
        baseline: Baseline,
        area: AreaFrame,
        symbols: &mut SymbolWriter,
    ) -> bool {
        let mut differs = false;
        for &index in layout.parts_of(class) {
            let part = &layout.parts[index];
            let from = PartBaseline::of(baseline, index);
            let to = area.rows(index);
            if !part.single {
                let changed = from.rows.entities() != to.entities();
                symbols.flag(part.contexts.population, changed);
                if changed {
                    differs = true;
                    write_departures(part, from.rows, to, symbols);
                    write_arrivals(part, from.rows, to, symbols);
                }
            }
            differs |= self.write_changes(part, from, to, symbols);
        }
        differs
    }

    fn write_changes(
        &mut self,
        part: &PartLayout,
        mut from: PartBaseline,
        to: Rows,
        symbols: &mut SymbolWriter,
    ) -> bool {
        self.changes.start();
        let mut differs = false;
        let mut to_index = 0;
        for (index, &entity) in from.rows.entities().iter().enumerate() {
            while to.entities().get(to_index).is_some_and(|other| other.slot < entity.slot) {
                to_index += 1;
            }
            if to.entities().get(to_index) == Some(&entity) {
                differs |= self.changes.write(part, from.row(index, entity), to.row(to_index), symbols);
            }
        }
        differs
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
    /// does not matter. `columns_left` are those that all areas together may still have.
    ///
    /// # Errors
    /// [`DecodeError`]; `frame` then holds no meaningful state.
    pub fn read_delta(
        &mut self,
        layout: &Layout,
        class: AreaClass,
        baseline: Baseline,
        symbols: &mut SymbolReader,
        columns_left: &mut usize,
        frame: &mut Frame,
    ) -> Result<(), DecodeError> {
        for &index in layout.parts_of(class) {
            let part = &layout.parts[index];
            let from = PartBaseline::of(baseline, index);
            self.departures.clear();
            self.arrivals.clear();
            self.arrived_columns.clear();
            if !part.single && symbols.flag(part.contexts.population)? {
                self.read_departures(part, from.rows, symbols)?;
                self.read_arrivals(part, *columns_left, symbols)?;
            }
            let rows = from.rows.len() - self.departures.len() + self.arrivals.len();
            take_rows(columns_left, rows, part)?;
            self.read_changes(part, from, symbols, frame.refill(index))?;
        }
        Ok(())
    }

    /// Fills `frame` with what is expected of an area: what it is if its delta says nothing.
    ///
    /// # Errors
    /// [`DecodeError::FrameTooLarge`] if it is more than may be left.
    pub fn expect(
        &mut self,
        layout: &Layout,
        class: AreaClass,
        baseline: Baseline,
        columns_left: &mut usize,
        frame: &mut Frame,
    ) -> Result<(), DecodeError> {
        for &index in layout.parts_of(class) {
            let part = &layout.parts[index];
            let mut from = PartBaseline::of(baseline, index);
            take_rows(columns_left, from.rows.len(), part)?;
            let to = frame.refill(index);
            for (row, &entity) in from.rows.entities().iter().enumerate() {
                let baseline = from.row(row, entity);
                self.changes.expect(part, baseline, to.push_row(entity, baseline.row));
            }
        }
        Ok(())
    }

    fn read_departures(
        &mut self,
        part: &PartLayout,
        from: Rows,
        symbols: &mut SymbolReader,
    ) -> Result<(), DecodeError> {
        let mut next = 0;
        for _ in 0..symbols.count(part.contexts.count(Count::Departures))? {
            let gap = symbols.count(part.contexts.count(Count::DepartureGap))?;
            let index = gap.checked_add(next).ok_or(DecodeError::NoSuchEntity)?;
            if index as usize >= from.len() {
                return Err(DecodeError::NoSuchEntity);
            }
            self.departures.push(index);
            next = index + 1;
        }
        Ok(())
    }

    /// Reads who has come to a part, in a frame that may have so many more columns.
    fn read_arrivals(
        &mut self,
        part: &PartLayout,
        columns_left: usize,
        symbols: &mut SymbolReader,
    ) -> Result<(), DecodeError> {
        let width = part.row.columns.len();
        let arrivals = symbols.count(part.contexts.count(Count::Arrivals))?;
        if u64::from(arrivals) * width.max(1) as u64 > columns_left as u64 {
            return Err(DecodeError::FrameTooLarge);
        }
        let mut next = 0;
        for _ in 0..arrivals {
            let gap = symbols.count(part.contexts.count(Count::ArrivalGap))?;
            let slot = gap.checked_add(next).ok_or(DecodeError::BadSlot)?;
            if slot as usize >= MAX_ENTITIES {
                return Err(DecodeError::BadSlot);
            }
            next = slot + 1;
            let generation = symbols.count(part.contexts.count(Count::Generation))?;
            self.arrivals.push(EntityId { slot, generation });
            let start = self.arrived_columns.len();
            self.arrived_columns.resize(start + width, 0);
            read_whole(part, symbols, &mut self.arrived_columns[start..])?;
        }
        Ok(())
    }

    /// Merges the surviving rows, as their changes are read, with the arrivals, both by ascending slot.
    fn read_changes(
        &mut self,
        part: &PartLayout,
        mut from: PartBaseline,
        symbols: &mut SymbolReader,
        to: &mut TableFrame,
    ) -> Result<(), DecodeError> {
        let width = part.row.columns.len();
        self.changes.start();
        let mut departures = self.departures.iter().copied().peekable();
        let mut arrivals = self.arrivals.iter().copied().zip(0..).peekable();
        let push_arrival = |(entity, index): (EntityId, usize), to: &mut TableFrame| {
            to.push_row(entity, &self.arrived_columns[index * width..(index + 1) * width]);
        };
        for (index, &entity) in from.rows.entities().iter().enumerate() {
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
            self.changes.read(part, baseline, symbols, to.push_row(entity, baseline.row))?;
        }
        for arrival in arrivals {
            push_arrival(arrival, to);
        }
        Ok(())
    }
}

/// Counts so many rows of a part against what may be left. A row without columns counts as one: it takes memory too.
pub(crate) fn take_rows(columns_left: &mut usize, rows: usize, part: &PartLayout) -> Result<(), DecodeError> {
    let columns = rows * part.row.columns.len().max(1);
    *columns_left = columns_left.checked_sub(columns).ok_or(DecodeError::FrameTooLarge)?;
    Ok(())
}

/// One part of the baseline, walked by ascending slot.
struct PartBaseline<'a> {
    rows: Rows<'a>,
    older: Option<Walk<'a>>,
    oldest: Option<Walk<'a>>,
}

impl<'a> PartBaseline<'a> {
    fn of(baseline: Baseline<'a>, part: usize) -> Self {
        let rows = baseline.frame.rows(part);
        // Most parts of most areas are empty: then there is nothing to look for in the frames before.
        let walk = |frame: Option<AreaFrame<'a>>| {
            frame.filter(|_| !rows.is_empty()).map(|frame| Walk::new(frame.rows(part)))
        };
        Self { rows, older: walk(baseline.older), oldest: walk(baseline.oldest) }
    }

    /// The baseline of the row at `index`, which holds `entity`. Called with ascending indexes.
    #[inline]
    fn row(&mut self, index: usize, entity: EntityId) -> RowBaseline<'a> {
        let older = self.older.as_mut().and_then(|walk| walk.find(entity));
        let oldest = self.oldest.as_mut().and_then(|walk| walk.find(entity));
        RowBaseline { row: self.rows.row(index), older, oldest: older.and(oldest) }
    }
}

/// Rows that are searched for ever higher slots.
struct Walk<'a> {
    rows: Rows<'a>,
    index: usize,
}

impl<'a> Walk<'a> {
    fn new(rows: Rows<'a>) -> Self {
        Self { rows, index: 0 }
    }

    #[inline]
    fn find(&mut self, entity: EntityId) -> Option<&'a [u32]> {
        let entities = self.rows.entities();
        while entities.get(self.index).is_some_and(|other| other.slot < entity.slot) {
            self.index += 1;
        }
        (entities.get(self.index) == Some(&entity)).then(|| self.rows.row(self.index))
    }
}

fn write_departures(part: &PartLayout, from: Rows, to: Rows, symbols: &mut SymbolWriter) {
    let gone = || missing(from.entities(), to.entities());
    symbols.count(part.contexts.count(Count::Departures), gone().count() as u32);
    let mut next = 0;
    for (index, _) in gone() {
        symbols.count(part.contexts.count(Count::DepartureGap), index as u32 - next);
        next = index as u32 + 1;
    }
}

fn write_arrivals(part: &PartLayout, from: Rows, to: Rows, symbols: &mut SymbolWriter) {
    let come = || missing(to.entities(), from.entities());
    symbols.count(part.contexts.count(Count::Arrivals), come().count() as u32);
    let mut next = 0;
    for (index, entity) in come() {
        symbols.count(part.contexts.count(Count::ArrivalGap), entity.slot - next);
        symbols.count(part.contexts.count(Count::Generation), entity.generation);
        next = entity.slot + 1;
        write_whole(part, to.row(index), symbols);
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
