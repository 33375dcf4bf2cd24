//! The columns of one struct.

use std::ops::Range;

use crate::layout::node::Node;
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
    /// The nodes of the fields that have values inside them: see [`Coding::Nested`].
    pub nodes: Vec<Node>,
}

impl RowLayout {
    /// The layout of a list of fields.
    ///
    /// # Errors
    /// [`SchemaError`] if the fields are outside the limits.
    pub fn new<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Result<Self, SchemaError> {
        let fields: Vec<_> = fields.into_iter().collect();
        let mut next_contexts = fields.len();
        let mut row = Self { columns: Vec::new(), fields: Vec::new(), nodes: Vec::new() };
        for (index, field) in fields.into_iter().enumerate() {
            check_field(field)?;
            let (start, width) = (row.columns.len(), field.width());
            // Before any memory is taken: a few bytes of a schema can stand for any number of columns.
            if start.saturating_add(width) > MAX_COLUMNS {
                return Err(SchemaError::TooManyColumns);
            }
            let mut coding = field.kind.coding();
            if field.kind.nested().next().is_some() {
                coding = Coding::Nested(row.nodes.len() as u16);
                row.nodes.push(Node::of_field(field, start, index, &mut next_contexts));
            }
            row.fields.push(FieldLayout { start, width, coding, predict: field.predict });
            field.kind.append_columns(&mut row.columns);
        }
        Ok(row)
    }
}
