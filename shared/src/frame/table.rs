//! The rows of one table.

use std::ops::Range;

use crate::frame::entity_id::EntityId;
use crate::limits::MAX_ENTITIES;

/// Rows of one table or part, by ascending slot.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    width: usize,
    entities: &'a [EntityId],
    columns: &'a [u32],
}

impl<'a> Rows<'a> {
    /// The number of rows.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Returns true if there are none.
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
    /// If `index` is beyond the last row.
    #[inline]
    #[must_use]
    pub fn row(&self, index: usize) -> &'a [u32] {
        &self.columns[index * self.width..(index + 1) * self.width]
    }

    /// All rows.
    pub fn iter(self) -> impl Iterator<Item = (EntityId, &'a [u32])> {
        self.entities.iter().enumerate().map(move |(index, &entity)| (entity, self.row(index)))
    }

    /// The row of an entity; `None` if it is not there.
    #[must_use]
    pub fn get(&self, entity: EntityId) -> Option<&'a [u32]> {
        let index = self.entities.binary_search_by_key(&entity.slot, |other| other.slot).ok()?;
        (self.entities[index] == entity).then(|| self.row(index))
    }
}

/// The rows of one table or part, with their memory.
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

    /// An empty table or part with rows of this width. A single has its one row, of zeros.
    pub(super) fn empty(width: usize, single: bool) -> Self {
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

    /// A range of rows, which must be by ascending slot.
    #[inline]
    pub(super) fn rows_in(&self, range: Range<u32>) -> Rows<'_> {
        let range = range.start as usize..range.end as usize;
        let columns = &self.columns[range.start * self.width..range.end * self.width];
        Rows { width: self.width, entities: &self.entities[range], columns }
    }

    /// Appends a row of zeros and returns its columns, to be filled.
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

    /// Appends a copy of a row and returns its columns, to be changed.
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

    /// Changes the number of rows; each is then to be [`set`](Self::set), in any order, since a frame of several areas keeps
    /// the rows of each area together. Until then their content is unspecified.
    pub fn resize(&mut self, rows: usize) {
        self.entities.resize(rows, EntityId::default());
        self.columns.resize(rows * self.width, 0);
    }

    /// Sets the entity of the row at `index` and returns its columns, to be filled.
    ///
    /// # Panics
    /// If `index` is beyond the last row.
    #[inline]
    pub fn set(&mut self, index: usize, entity: EntityId) -> &mut [u32] {
        self.entities[index] = entity;
        &mut self.columns[index * self.width..(index + 1) * self.width]
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.entities.capacity() * size_of::<EntityId>() + self.columns.capacity() * size_of::<u32>()
    }

    /// Reserves as much memory as another table has.
    pub(super) fn reserve_as(&mut self, other: &Self) {
        // Exactly as much: frames that take turns would otherwise make each other grow.
        let rows = other.entities.capacity().saturating_sub(self.entities.len());
        self.entities.reserve_exact(rows);
        let columns = other.columns.capacity().saturating_sub(self.columns.len());
        self.columns.reserve_exact(columns);
    }

    /// Copies the rows of another table of the same width, and reuses the memory.
    pub(super) fn copy_rows(&mut self, other: &Self) {
        self.entities.clone_from(&other.entities);
        self.columns.clone_from(&other.columns);
    }

    /// Removes all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.entities.clear();
        self.columns.clear();
    }
}
