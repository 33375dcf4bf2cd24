//! A frame: the quantized world of one tick, or an area of it.
//!
//! A table's rows stand one after another, sorted by slot. Rows rather than one array for each field, because
//! every reader goes through an entity at a time: the delta compares two rows, a spawn copies one, the hash
//! walks them in order.

use std::ops::Range;

use crate::layout::{AreaClass, Layout};
use crate::limits::MAX_ENTITIES;
use crate::schema::TableSchema;

/// An entity's identity: its slot in its table, and which of the slot's successive entities it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId {
    /// The slot, below [`MAX_ENTITIES`]; used again after a despawn.
    pub slot: u32,
    /// Counts the slot's entities, so that two that shared it are never taken for one.
    pub generation: u32,
}

/// Rows of one table or part, by ascending slot.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    width: usize,
    entities: &'a [EntityId],
    columns: &'a [u32],
}

impl<'a> Rows<'a> {
    /// How many there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The entities, by ascending slot.
    #[inline]
    #[must_use]
    pub fn entities(&self) -> &'a [EntityId] {
        self.entities
    }

    /// All columns, row after row.
    #[must_use]
    pub fn columns(&self) -> &'a [u32] {
        self.columns
    }

    /// The columns of the row at `index`, which counts rows, not slots.
    ///
    /// # Panics
    /// If there are not so many rows.
    #[inline]
    #[must_use]
    pub fn row(&self, index: usize) -> &'a [u32] {
        &self.columns[index * self.width..(index + 1) * self.width]
    }

    /// All rows.
    pub fn iter(self) -> impl Iterator<Item = (EntityId, &'a [u32])> {
        self.entities.iter().enumerate().map(move |(index, &entity)| (entity, self.row(index)))
    }

    /// The row of an entity, if it lives.
    #[must_use]
    pub fn get(&self, entity: EntityId) -> Option<&'a [u32]> {
        let index = self.entities.binary_search_by_key(&entity.slot, |other| other.slot).ok()?;
        (self.entities[index] == entity).then(|| self.row(index))
    }
}

/// Memory for rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFrame {
    width: usize,
    entities: Vec<EntityId>,
    columns: Vec<u32>,
}

impl TableFrame {
    fn new(width: usize) -> Self {
        Self { width, entities: Vec::new(), columns: Vec::new() }
    }

    /// A frame of a table or part of such rows; a single has its one row, all zeros.
    fn empty(width: usize, single: bool) -> Self {
        let mut frame = Self::new(width);
        if single {
            frame.push(EntityId::default());
        }
        frame
    }

    /// All rows.
    #[inline]
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows { width: self.width, entities: &self.entities, columns: &self.columns }
    }

    /// Some rows, which must be by ascending slot.
    #[inline]
    fn rows_in(&self, range: Range<u32>) -> Rows<'_> {
        let range = range.start as usize..range.end as usize;
        let columns = &self.columns[range.start * self.width..range.end * self.width];
        Rows { width: self.width, entities: &self.entities[range], columns }
    }

    /// Appends a row of zeros and returns it to be filled.
    ///
    /// # Panics
    /// If the slot does not come after the last one, or is beyond [`MAX_ENTITIES`].
    #[inline]
    pub fn push(&mut self, entity: EntityId) -> &mut [u32] {
        self.push_entity(entity);
        let start = self.columns.len();
        self.columns.resize(start + self.width, 0);
        &mut self.columns[start..]
    }

    /// Appends a copy of a row and returns it to be changed.
    ///
    /// # Panics
    /// As [`push`](Self::push), or if the row is none of this table.
    #[inline]
    pub fn push_row(&mut self, entity: EntityId, row: &[u32]) -> &mut [u32] {
        assert!(row.len() == self.width, "a row is as wide as its table");
        self.push_entity(entity);
        let start = self.columns.len();
        self.columns.extend_from_slice(row);
        &mut self.columns[start..]
    }

    #[inline]
    fn push_entity(&mut self, entity: EntityId) {
        assert!((entity.slot as usize) < MAX_ENTITIES, "a table has at most MAX_ENTITIES slots");
        assert!(
            self.entities.last().is_none_or(|last| last.slot < entity.slot),
            "rows are pushed by ascending slot"
        );
        self.entities.push(entity);
    }

    /// Makes room for so many rows, in whatever order they are then [`set`](Self::set): a frame of several areas has each one's
    /// rows together. What they hold before that does not matter.
    pub fn resize(&mut self, rows: usize) {
        self.entities.resize(rows, EntityId::default());
        self.columns.resize(rows * self.width, 0);
    }

    /// Sets the entity of the row at `index` and returns its columns to be filled.
    ///
    /// # Panics
    /// If there are not so many rows.
    #[inline]
    pub fn set(&mut self, index: usize, entity: EntityId) -> &mut [u32] {
        self.entities[index] = entity;
        &mut self.columns[index * self.width..(index + 1) * self.width]
    }

    /// Removes all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.entities.clear();
        self.columns.clear();
    }
}

/// The quantized world of one tick, or an area of it: rows of each table, or of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The tick whose end this is.
    pub tick: u32,
    tables: Vec<TableFrame>,
}

impl Frame {
    /// The empty frame of a layout's parts: no entities, and each single's one row all zeros. It is the baseline of whatever
    /// is told from scratch.
    #[must_use]
    pub fn empty(layout: &Layout) -> Self {
        let parts = layout.parts.iter().map(|part| TableFrame::empty(part.row.columns.len(), part.single));
        Self { tick: 0, tables: parts.collect() }
    }

    /// The empty frame of an area of a class: no part of another class has any row.
    #[must_use]
    pub fn empty_area(layout: &Layout, class: AreaClass) -> Self {
        let parts = layout.parts.iter();
        let tables =
            parts.map(|part| TableFrame::empty(part.row.columns.len(), part.single && part.class == class));
        Self { tick: 0, tables: tables.collect() }
    }

    /// The empty frame of whole tables, whoever may see them.
    #[must_use]
    pub fn empty_tables(tables: &[TableSchema]) -> Self {
        let tables =
            tables.iter().map(|table| TableFrame::empty(crate::schema::width(&table.fields), table.single));
        Self { tick: 0, tables: tables.collect() }
    }

    /// The rows of a table, or of a part.
    ///
    /// # Panics
    /// If there is none of this number.
    #[inline]
    #[must_use]
    pub fn rows(&self, table: usize) -> Rows<'_> {
        self.tables[table].rows()
    }

    /// How many tables or parts there are.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.tables.len()
    }

    /// Takes as much memory as another frame of the same layout has, if it has less.
    pub fn reserve_as(&mut self, other: &Self) {
        for (table, other) in self.tables.iter_mut().zip(&other.tables) {
            // Exactly as much: two frames that take turns would else drive each other up.
            let rows = other.entities.capacity().saturating_sub(table.entities.len());
            table.entities.reserve_exact(rows);
            let columns = other.columns.capacity().saturating_sub(table.columns.len());
            table.columns.reserve_exact(columns);
        }
    }

    /// Becomes a copy of another frame's rows, and keeps its own tick and memory. Both must be of the same tables.
    pub fn copy_rows(&mut self, other: &Self) {
        for (table, other) in self.tables.iter_mut().zip(&other.tables) {
            table.entities.clone_from(&other.entities);
            table.columns.clone_from(&other.columns);
        }
    }

    /// The memory of a table or part.
    ///
    /// # Panics
    /// If there is none of this number.
    pub fn table_mut(&mut self, table: usize) -> &mut TableFrame {
        &mut self.tables[table]
    }

    /// A table or part to be filled anew: it is emptied first.
    ///
    /// # Panics
    /// If there is none of this number.
    pub fn refill(&mut self, table: usize) -> &mut TableFrame {
        let table = &mut self.tables[table];
        table.clear();
        table
    }
}

/// One area in a frame that may hold several, each one's rows together.
#[derive(Debug, Clone, Copy)]
pub struct AreaFrame<'a> {
    frame: &'a Frame,
    /// Where its rows are, if the frame holds more than it.
    place: Option<AreaPlace<'a>>,
}

/// Where an area's rows are in a frame of several.
#[derive(Debug, Clone, Copy)]
pub struct AreaPlace<'a> {
    /// For each part in turn: where each area's rows start, and where the last one's end.
    pub starts: &'a [u32],
    /// How many areas there are.
    pub areas: usize,
    /// Which of them it is.
    pub area: usize,
}

impl<'a> AreaFrame<'a> {
    /// A frame that holds one area.
    #[must_use]
    pub fn whole(frame: &'a Frame) -> Self {
        Self { frame, place: None }
    }

    /// One of a frame's areas.
    #[must_use]
    pub fn of(frame: &'a Frame, place: AreaPlace<'a>) -> Self {
        Self { frame, place: Some(place) }
    }

    /// The frame's tick.
    #[must_use]
    pub fn tick(&self) -> u32 {
        self.frame.tick
    }

    /// Whether the area has the same rows as in another frame.
    #[must_use]
    pub fn is_as(&self, other: &AreaFrame, layout: &Layout, class: AreaClass) -> bool {
        layout.parts_of(class).iter().all(|&part| {
            let (rows, others) = (self.rows(part), other.rows(part));
            rows.entities() == others.entities() && rows.columns() == others.columns()
        })
    }

    /// The area's rows of a part.
    ///
    /// # Panics
    /// If there is no part of this number.
    #[inline]
    #[must_use]
    pub fn rows(&self, part: usize) -> Rows<'a> {
        match self.place {
            None => self.frame.rows(part),
            Some(AreaPlace { starts, areas, area }) => {
                let first = part * (areas + 1) + area;
                self.frame.tables[part].rows_in(starts[first]..starts[first + 1])
            }
        }
    }
}
