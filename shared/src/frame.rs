//! A frame: the quantized world of one tick.
//!
//! A table's rows stand one after another, sorted by slot. Rows rather than one array for each field, because
//! every reader goes through an entity at a time: the delta compares two rows, a spawn copies one, the hash
//! walks them in order.

use crate::limits::MAX_ENTITIES;
use crate::schema::Layout;

/// An entity's identity: its slot in its table, and which of the slot's successive entities it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId {
    /// The slot, below [`MAX_ENTITIES`]; used again after a despawn.
    pub slot: u32,
    /// Counts the slot's entities, so that two that shared it are never taken for one.
    pub generation: u32,
}

/// The quantized rows of one table.
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

    /// Rows in the table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether the table has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The entities, by ascending slot.
    #[must_use]
    pub fn entities(&self) -> &[EntityId] {
        &self.entities
    }

    /// The columns of the row at `index`, which counts rows, not slots.
    ///
    /// # Panics
    /// If there are not so many rows.
    #[inline]
    #[must_use]
    pub fn row(&self, index: usize) -> &[u32] {
        &self.columns[index * self.width..(index + 1) * self.width]
    }

    /// All rows, by ascending slot.
    pub fn iter(&self) -> impl Iterator<Item = (EntityId, &[u32])> {
        self.entities.iter().enumerate().map(|(index, &entity)| (entity, self.row(index)))
    }

    /// The row of an entity, if it lives.
    #[must_use]
    pub fn get(&self, entity: EntityId) -> Option<&[u32]> {
        let index = self.entities.binary_search_by_key(&entity.slot, |other| other.slot).ok()?;
        (self.entities[index] == entity).then(|| self.row(index))
    }

    /// Appends a row of zeros and returns it to be filled.
    ///
    /// # Panics
    /// If the slot does not come after the last one, or is beyond [`MAX_ENTITIES`].
    #[inline]
    pub fn push(&mut self, entity: EntityId) -> &mut [u32] {
        assert!((entity.slot as usize) < MAX_ENTITIES, "a table has at most MAX_ENTITIES slots");
        assert!(
            self.entities.last().is_none_or(|last| last.slot < entity.slot),
            "rows are pushed by ascending slot"
        );
        self.entities.push(entity);
        let start = self.columns.len();
        self.columns.resize(start + self.width, 0);
        &mut self.columns[start..]
    }

    /// Removes all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.entities.clear();
        self.columns.clear();
    }
}

/// The quantized world of one tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The tick whose end this is.
    pub tick: u32,
    tables: Vec<TableFrame>,
}

impl Frame {
    /// The empty frame of a layout: no entities, and each single's one row all zeros. It is the baseline of
    /// every keyframe.
    #[must_use]
    pub fn empty(layout: &Layout) -> Self {
        let tables = layout.tables.iter().map(|table| {
            let mut frame = TableFrame::new(table.row.columns.len());
            if table.single {
                frame.push(EntityId::default());
            }
            frame
        });
        Self { tick: 0, tables: tables.collect() }
    }

    /// The tables, in the schema's order.
    #[must_use]
    pub fn tables(&self) -> &[TableFrame] {
        &self.tables
    }

    /// Columns of all rows.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.tables.iter().map(|table| table.columns.len()).sum()
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

    /// A table to be filled anew: it is emptied first.
    ///
    /// # Panics
    /// If the schema has no such table.
    pub fn refill(&mut self, table: usize) -> &mut TableFrame {
        let table = &mut self.tables[table];
        table.clear();
        table
    }
}
