//! An area's frame on the wire, as its difference from a baseline.
//!
//! For each part of the area's class in turn:
//!
//! ```text
//! population   flag: entities have arrived or departed
//!   departures   count, then each one's index in the baseline, as gaps
//!   arrivals     count, then for each its slot as a gap, its generation, its whole row
//! changes      for each row in both frames, by slot: how it differs from its prediction
//! ```
//!
//! A single has only the change of its one row. An area that is written from scratch is a delta from the empty frame.

use crate::codec::predict::RowBaseline;
use crate::codec::row::ChangeCoder;
use crate::codec::symbols::{SymbolReader, SymbolWriter};
use crate::codec::whole::{read_whole, write_whole};
use crate::error::DecodeError;
use crate::frame::{AreaFrame, EntityId, Frame, Rows, TableFrame};
use crate::layout::contexts::Count;
use crate::layout::{AreaClass, Layout, PartLayout};
use crate::limits::MAX_ENTITIES;

/// The frames that a delta is taken from, each as far before the next as the new frame is after the baseline.
///
/// Two frames show motion: numbers go on as they went, rotations turn on along the same great circle. The third shows how wrong
/// that prediction was a tick ago, which is the best guess of how wrong it will be now. Steady motion costs nothing.
#[derive(Debug, Clone, Copy)]
pub struct Baseline<'a> {
    /// The newest frame that the receiver has.
    pub frame: AreaFrame<'a>,
    /// The frame that it had before that one, if it is as far before.
    pub older: Option<AreaFrame<'a>>,
    /// The frame that it had before the older one, if it is as far before; only with an older one.
    pub oldest: Option<AreaFrame<'a>>,
}

impl<'a> Baseline<'a> {
    /// A baseline without history.
    #[must_use]
    pub fn new(frame: AreaFrame<'a>) -> Self {
        Self { frame, older: None, oldest: None }
    }
}

/// Encodes deltas, and keeps the scratch memory between them.
#[derive(Debug, Default)]
pub struct DeltaWriter {
    changes: ChangeCoder,
}

impl DeltaWriter {
    /// Writes an area as its difference from `baseline`. Returns true if anything differs from its prediction.
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

/// Decodes deltas, and keeps the scratch memory between them.
#[derive(Debug, Default)]
pub struct DeltaReader {
    departures: Vec<u32>,
    arrivals: Vec<EntityId>,
    arrived_columns: Vec<u32>,
    changes: ChangeCoder,
}

impl DeltaReader {
    /// Reads what [`DeltaWriter::write_delta`] wrote against the same baseline into `frame`, whose content before does not
    /// matter.
    /// `columns_left` is the number of columns that all areas together may still have.
    ///
    /// # Errors
    /// [`DecodeError`] if the delta is not valid; the content of `frame` is then unspecified.
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

    /// Fills `frame` with the prediction of an area: its state if no delta is sent.
    ///
    /// # Errors
    /// [`DecodeError::FrameTooLarge`] if it has more than `columns_left` columns.
    pub fn predict(
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
                self.changes.predict(part, baseline, to.push_row(entity, baseline.row));
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

    /// Reads the arrivals of a part, in a frame that may have `columns_left` more columns.
    fn read_arrivals(
        &mut self,
        part: &PartLayout,
        columns_left: usize,
        symbols: &mut SymbolReader,
    ) -> Result<(), DecodeError> {
        let width = part.row.columns.len();
        let arrivals = symbols.count(part.contexts.count(Count::Arrivals))?;
        // Before any memory is taken: the count alone costs a peer a few bytes.
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

/// Subtracts the columns of some rows of a part from those that are left. A row without columns counts as one column, since it
/// takes memory too.
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

/// Rows that are searched for entities in the order of their slots.
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
    let departed = || missing(from.entities(), to.entities());
    symbols.count(part.contexts.count(Count::Departures), departed().count() as u32);
    let mut next = 0;
    for (index, _) in departed() {
        symbols.count(part.contexts.count(Count::DepartureGap), index as u32 - next);
        next = index as u32 + 1;
    }
}

fn write_arrivals(part: &PartLayout, from: Rows, to: Rows, symbols: &mut SymbolWriter) {
    let arrived = || missing(to.entities(), from.entities());
    symbols.count(part.contexts.count(Count::Arrivals), arrived().count() as u32);
    let mut next = 0;
    for (index, entity) in arrived() {
        symbols.count(part.contexts.count(Count::ArrivalGap), entity.slot - next);
        symbols.count(part.contexts.count(Count::Generation), entity.generation);
        next = entity.slot + 1;
        write_whole(part, to.row(index), symbols);
    }
}

/// The entities of `of` that are not in `other`, with their indexes in `of`. Both are by ascending slot.
fn missing<'a>(of: &'a [EntityId], other: &'a [EntityId]) -> impl Iterator<Item = (usize, EntityId)> {
    let mut other = other.iter().peekable();
    of.iter().copied().enumerate().filter(move |(_, entity)| {
        while other.next_if(|candidate| candidate.slot < entity.slot).is_some() {}
        other.peek() != Some(&entity)
    })
}
