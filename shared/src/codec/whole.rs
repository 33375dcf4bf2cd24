//! Rows and values on the wire that the baseline does not have: written whole. Each reader stands beside its writer.

use std::ops::Range;

use crate::codec::symbols::{SymbolReader, SymbolWriter};
use crate::error::DecodeError;
use crate::layout::contexts::FieldContexts;
use crate::layout::{Node, NodeKind, PartLayout};
use crate::schema::{Coding, Column};

/// Writes the row of a new entity: for each column of a value that is there a flag "not zero" and then the value.
///
/// # Panics
/// If a column is above its maximum.
pub fn write_whole(part: &PartLayout, row: &[u32], symbols: &mut SymbolWriter) {
    for (field, contexts) in part.row.fields.iter().zip(&part.contexts.fields) {
        match field.coding {
            Coding::Nested(node) => {
                write_value(part, &part.row.nodes[usize::from(node)], field.start, row, symbols);
            }
            _ => write_columns(&part.row.columns[field.columns()], contexts, &row[field.columns()], symbols),
        }
    }
}

/// Reads what [`write_whole`] wrote into `row`.
///
/// # Errors
/// [`DecodeError`] if the bytes end or a value is above its column's maximum.
pub fn read_whole(part: &PartLayout, symbols: &mut SymbolReader, row: &mut [u32]) -> Result<(), DecodeError> {
    for (field, contexts) in part.row.fields.iter().zip(&part.contexts.fields) {
        if let Coding::Nested(node) = field.coding {
            row[field.columns()].fill(0);
            read_value(part, &part.row.nodes[usize::from(node)], field.start, symbols, row)?;
        } else {
            let columns = &part.row.columns[field.columns()];
            read_columns(columns, contexts, symbols, &mut row[field.columns()])?;
        }
    }
    Ok(())
}

/// Writes a value that was not there before, and whose columns begin at `start`.
///
/// # Panics
/// If a column is above its maximum.
pub(super) fn write_value(
    part: &PartLayout,
    node: &Node,
    start: usize,
    row: &[u32],
    symbols: &mut SymbolWriter,
) {
    let contexts = &part.contexts.fields[node.contexts];
    let own = own_columns(node, start);
    write_columns(&part.row.columns[own.clone()], contexts, &row[own], symbols);
    let shape = node.shape(&row[start..]);
    for index in 0..node.values(shape) {
        let value = node.value(shape, index);
        write_value(part, value.node, start + value.start, row, symbols);
    }
}

/// Reads what [`write_value`] wrote. The columns are zero before.
pub(super) fn read_value(
    part: &PartLayout,
    node: &Node,
    start: usize,
    symbols: &mut SymbolReader,
    row: &mut [u32],
) -> Result<(), DecodeError> {
    let contexts = &part.contexts.fields[node.contexts];
    let own = own_columns(node, start);
    read_columns(&part.row.columns[own.clone()], contexts, symbols, &mut row[own])?;
    let shape = node.shape(&row[start..]);
    for index in 0..node.values(shape) {
        let value = node.value(shape, index);
        read_value(part, value.node, start + value.start, symbols, row)?;
    }
    Ok(())
}

/// The columns of a value that are not those of values inside it.
fn own_columns(node: &Node, start: usize) -> Range<usize> {
    let width = match &node.kind {
        NodeKind::Leaf { .. } => node.width,
        NodeKind::Struct(_) | NodeKind::Array(_) => 0,
        NodeKind::List(_) | NodeKind::Variants(_) => 1,
    };
    start..start + width
}

/// Writes columns as they are.
fn write_columns(columns: &[Column], contexts: &FieldContexts, row: &[u32], symbols: &mut SymbolWriter) {
    for (column, &value) in columns.iter().zip(row) {
        assert!(value <= column.max, "a quantized value is within its column's range");
        symbols.flag(contexts.spawned, value != 0);
        if value != 0 {
            symbols.raw(value - 1, column.choice_bits());
        }
    }
}

/// Reads what [`write_columns`] wrote.
fn read_columns(
    columns: &[Column],
    contexts: &FieldContexts,
    symbols: &mut SymbolReader,
    row: &mut [u32],
) -> Result<(), DecodeError> {
    for (column, value) in columns.iter().zip(row) {
        *value = 0;
        if symbols.flag(contexts.spawned)? {
            let below = symbols.raw(column.choice_bits())?;
            if below >= column.max {
                return Err(DecodeError::ValueOutOfRange);
            }
            *value = below + 1;
        }
    }
    Ok(())
}
