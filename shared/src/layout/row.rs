//! The columns of one struct.

use std::ops::Range;

use crate::limits::MAX_COLUMNS;
use crate::schema::check::check_field;
use crate::schema::{Coding, Column, Field, Predict, SchemaError};

/// One field, flattened for the codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLayout {
    /// Its first column in the row.
    pub start: usize,
    /// The number of its columns.
    pub width: usize,
    /// How its changes are written.
    pub coding: Coding,
    /// How it is predicted.
    pub predict: Predict,
}

impl FieldLayout {
    /// The field's columns in the row.
    #[inline]
    #[must_use]
    pub fn columns(&self) -> Range<usize> {
        self.start..self.start + self.width
    }
}

/// The columns of one struct, and which of them belong to which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLayout {
    /// All columns in order.
    pub columns: Vec<Column>,
    /// All fields in order.
    pub fields: Vec<FieldLayout>,
}

impl RowLayout {
    /// The layout of a list of fields.
    ///
    /// # Errors
    /// [`SchemaError`] if the fields are outside the limits.
    pub fn new<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Result<Self, SchemaError> {
        let mut row = Self { columns: Vec::new(), fields: Vec::new() };
        for field in fields {
            check_field(field)?;
            row.fields.push(FieldLayout {
                start: row.columns.len(),
                width: field.width(),
                coding: field.coding(),
                predict: field.predict,
            });
            row.columns.extend(field.columns());
            if row.columns.len() > MAX_COLUMNS {
                return Err(SchemaError::TooManyColumns);
            }
        }
        Ok(row)
    }
}
