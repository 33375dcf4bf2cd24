//! A part: the fields of a table that are for one audience.

use std::ops::Range;

use crate::layout::area_class::AreaClass;
use crate::layout::contexts::TableContexts;
use crate::layout::row::RowLayout;

/// One part, flattened for the codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLayout {
    /// The table that it belongs to.
    pub table: usize,
    /// The class of the areas that its rows are in.
    pub class: AreaClass,
    /// True if it has exactly one row.
    pub single: bool,
    /// The columns of a row.
    pub row: RowLayout,
    /// Where these columns are in a row of the whole table, in order.
    pub columns: Vec<Range<usize>>,
    /// The contexts that its symbols are coded in.
    pub contexts: TableContexts,
}

impl PartLayout {
    /// Copies the part's columns from a row of the whole table.
    pub fn take(&self, whole: &[u32], row: &mut [u32]) {
        let mut at = 0;
        for columns in &self.columns {
            row[at..at + columns.len()].copy_from_slice(&whole[columns.clone()]);
            at += columns.len();
        }
    }

    /// Copies the part's columns to their places in a row of the whole table.
    pub fn put(&self, row: &[u32], whole: &mut [u32]) {
        let mut at = 0;
        for columns in &self.columns {
            whole[columns.clone()].copy_from_slice(&row[at..at + columns.len()]);
            at += columns.len();
        }
    }
}
