//! One row on the wire: whole, or as a change from what was expected. Each reader stands beside its writer.

use crate::delta::DecodeError;
use crate::schema::{Coding, Column, Predict, RowLayout};
use crate::symbols::{SymbolReader, SymbolWriter};

/// Writes a row on its own: for each column a flag "not zero" and then the value. Spawns and inputs are written so.
///
/// # Panics
/// If a column is above its maximum.
pub fn write_whole(layout: &RowLayout, row: &[u32], symbols: &mut SymbolWriter) {
    for (column, &value) in layout.columns.iter().zip(row) {
        assert!(value <= column.max, "a quantized value is within its column's range");
        symbols.flag(value != 0);
        if value != 0 {
            symbols.raw(value - 1, choice_bits(column));
        }
    }
}

/// Reads what [`write_whole`] wrote into `row`.
///
/// # Errors
/// [`DecodeError`] if the bytes end or a value is above its column's maximum.
pub fn read_whole(
    layout: &RowLayout,
    symbols: &mut SymbolReader,
    row: &mut [u32],
) -> Result<(), DecodeError> {
    for (column, value) in layout.columns.iter().zip(row) {
        *value = 0;
        if symbols.flag()? {
            let below = symbols.raw(choice_bits(column))?;
            if below >= column.max {
                return Err(DecodeError::ValueOutOfRange);
            }
            *value = below + 1;
        }
    }
    Ok(())
}

/// The rows that a row's change is written against.
#[derive(Debug, Clone, Copy)]
pub struct RowBaseline<'a> {
    /// The row in the baseline frame.
    pub row: &'a [u32],
    /// The same entity's row as far before the baseline as the new frame is after it, if both ends have it.
    pub older: Option<&'a [u32]>,
}

impl RowBaseline<'_> {
    #[inline]
    fn predict(&self, column: &Column, index: usize) -> u32 {
        let last = self.row[index];
        match (column.predict, self.older) {
            (Predict::Last, _) | (_, None) => last,
            (Predict::Linear, Some(older)) if column.coding == Coding::Wrapping => {
                last.wrapping_add(last.wrapping_sub(older[index])) & column.max
            }
            (Predict::Linear, Some(older)) => {
                (i64::from(last) * 2 - i64::from(older[index])).clamp(0, i64::from(column.max)) as u32
            }
        }
    }
}

/// Writes a row's change: a flag "other than predicted"; then a flag for each field, and for each column of a
/// field of several; then each changed column.
///
/// # Panics
/// If a column is above its maximum.
pub fn write_change(layout: &RowLayout, baseline: RowBaseline, row: &[u32], symbols: &mut SymbolWriter) {
    let differs = |index: usize| row[index] != baseline.predict(&layout.columns[index], index);
    let changed = (0..row.len()).any(differs);
    symbols.flag(changed);
    if !changed {
        return;
    }
    let mut start = 0;
    for &width in &layout.field_widths {
        let columns = start..start + width;
        start += width;
        let field_changed = columns.clone().any(differs);
        symbols.flag(field_changed);
        if !field_changed {
            continue;
        }
        for index in columns {
            let column = &layout.columns[index];
            let predicted = baseline.predict(column, index);
            assert!(row[index] <= column.max, "a quantized value is within its column's range");
            if width > 1 {
                symbols.flag(row[index] != predicted);
            }
            if row[index] != predicted {
                write_changed_column(column, predicted, row[index], symbols);
            }
        }
    }
}

/// Reads what [`write_change`] wrote into `row`.
///
/// # Errors
/// [`DecodeError`] if the bytes end or a value is above its column's maximum.
pub fn read_change(
    layout: &RowLayout,
    baseline: RowBaseline,
    symbols: &mut SymbolReader,
    row: &mut [u32],
) -> Result<(), DecodeError> {
    let changed = symbols.flag()?;
    let mut start = 0;
    for &width in &layout.field_widths {
        let columns = start..start + width;
        start += width;
        let field_changed = changed && symbols.flag()?;
        for index in columns {
            let column = &layout.columns[index];
            let predicted = baseline.predict(column, index);
            let column_changed = field_changed && (width == 1 || symbols.flag()?);
            row[index] =
                if column_changed { read_changed_column(column, predicted, symbols)? } else { predicted };
        }
    }
    Ok(())
}

fn write_changed_column(column: &Column, predicted: u32, value: u32, symbols: &mut SymbolWriter) {
    let difference = value.wrapping_sub(predicted);
    match column.coding {
        // Which of the other values it is, counted upwards from the predicted one and around.
        Coding::Choice => {
            let values = u64::from(column.max) + 1;
            let choice = (u64::from(value) + values - u64::from(predicted)) % values - 1;
            symbols.raw(choice as u32, choice_bits(column));
        }
        Coding::Difference => symbols.difference(difference as i32),
        Coding::Wrapping => symbols.difference(sign_extend(difference, column.bits())),
    }
}

fn read_changed_column(
    column: &Column,
    predicted: u32,
    symbols: &mut SymbolReader,
) -> Result<u32, DecodeError> {
    let value = match column.coding {
        Coding::Choice => {
            let choice = symbols.raw(choice_bits(column))?;
            if choice >= column.max {
                return Err(DecodeError::ValueOutOfRange);
            }
            ((u64::from(predicted) + u64::from(choice) + 1) % (u64::from(column.max) + 1)) as u32
        }
        Coding::Difference => predicted.wrapping_add(symbols.difference()? as u32),
        Coding::Wrapping => predicted.wrapping_add(symbols.difference()? as u32) & column.max,
    };
    if value <= column.max { Ok(value) } else { Err(DecodeError::ValueOutOfRange) }
}

/// Bits to choose one of a column's values when one of them is already ruled out.
#[inline]
fn choice_bits(column: &Column) -> u32 {
    32 - (column.max - 1).leading_zeros()
}

#[inline]
fn sign_extend(value: u32, bits: u32) -> i32 {
    ((value << (32 - bits)) as i32) >> (32 - bits)
}
