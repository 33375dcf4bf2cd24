//! The layout of an input.

use crate::layout::row::RowLayout;
use crate::schema::check::check_velocities;
use crate::schema::{Audience, FieldKind, InputSchema, SchemaError};

/// The layout of a game's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputLayout {
    /// The columns of its row.
    pub row: RowLayout,
    /// The row of a player who does nothing. It is what an input is written against.
    pub neutral: Vec<u32>,
    /// The columns that count presses, in order.
    pub presses: Vec<usize>,
}

impl InputLayout {
    /// The layout of an input's schema.
    ///
    /// # Errors
    /// [`SchemaError`] if a received schema is outside the limits.
    pub fn new(input: &InputSchema) -> Result<Self, SchemaError> {
        check_velocities(&input.fields, Audience::All)?;
        let row = RowLayout::new(&*input.fields)?;
        let fits = row.columns.len() == input.neutral.len()
            && row.columns.iter().zip(&input.neutral).all(|(column, &value)| value <= column.max);
        if !fits {
            return Err(SchemaError::BadNeutralInput);
        }
        let presses = input.fields.iter().zip(&row.fields);
        let presses =
            presses.filter(|(field, _)| field.kind == FieldKind::Press).map(|(_, layout)| layout.start);
        Ok(Self { presses: presses.collect(), neutral: input.neutral.clone(), row })
    }
}
