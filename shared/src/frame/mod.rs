//! A frame: the quantized world of one tick, or an area of it.
//!
//! A table's rows stand one after another, sorted by slot. They are rows, not one array for each field, because every reader goes
//! through an entity at a time: the delta compares two rows, a spawn copies one, the hash walks them in order. All columns are
//! 32-bit integers, so a row is a slice; strings and 64-bit integers are several columns.

use crate::layout::{AreaClass, Layout};
use crate::schema::{TableSchema, width};

mod area;
mod entity_id;
mod hash;
mod table;

pub use area::{AreaFrame, AreaPlace};
pub use entity_id::EntityId;
pub use hash::area_hash;
pub use table::{Rows, TableFrame};

/// The quantized world of one tick, or an area of it: rows of each table, or of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The tick at the end of which the world is in this state.
    pub tick: u32,
    tables: Vec<TableFrame>,
}

impl Frame {
    /// The empty frame of a layout's parts: no entities, and for each single a row of zeros. It is the baseline of an area that
    /// is written from scratch: a keyframe is a delta like any other, with one encoder and one decoder.
    #[must_use]
    pub fn empty(layout: &Layout) -> Self {
        let parts = layout.parts.iter().map(|part| TableFrame::empty(part.row.columns.len(), part.single));
        Self { tick: 0, tables: parts.collect() }
    }

    /// The empty frame of an area of a class: parts of other classes have no rows at all.
    #[must_use]
    pub fn empty_area(layout: &Layout, class: AreaClass) -> Self {
        let parts = layout.parts.iter();
        let tables =
            parts.map(|part| TableFrame::empty(part.row.columns.len(), part.single && part.class == class));
        Self { tick: 0, tables: tables.collect() }
    }

    /// The empty frame of whole tables, with the fields of all audiences.
    #[must_use]
    pub fn empty_tables(tables: &[TableSchema]) -> Self {
        let tables = tables.iter().map(|table| TableFrame::empty(width(&table.fields), table.single));
        Self { tick: 0, tables: tables.collect() }
    }

    /// The rows of a table, or of a part.
    ///
    /// # Panics
    /// If there is no such table or part.
    #[inline]
    #[must_use]
    pub fn rows(&self, table: usize) -> Rows<'_> {
        self.tables[table].rows()
    }

    /// The number of tables or parts.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.tables.len()
    }

    /// Bytes of memory that the rows take, spare memory included.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.tables.iter().map(TableFrame::memory_bytes).sum()
    }

    /// Reserves as much memory as another frame of the same layout has.
    pub fn reserve_as(&mut self, other: &Self) {
        for (table, other) in self.tables.iter_mut().zip(&other.tables) {
            table.reserve_as(other);
        }
    }

    /// Copies the rows of another frame of the same tables. The tick stays, and memory is reused.
    pub fn copy_rows(&mut self, other: &Self) {
        for (table, other) in self.tables.iter_mut().zip(&other.tables) {
            table.copy_rows(other);
        }
    }

    /// A table or part, to be changed.
    ///
    /// # Panics
    /// If there is no such table or part.
    pub fn table_mut(&mut self, table: usize) -> &mut TableFrame {
        &mut self.tables[table]
    }

    /// A table or part, emptied, to be filled anew.
    ///
    /// # Panics
    /// If there is no such table or part.
    pub fn refill(&mut self, table: usize) -> &mut TableFrame {
        let table = &mut self.tables[table];
        table.clear();
        table
    }
}
