//! The tables that references to entities name.

use std::borrow::Cow;

use crate::schema::field::Field;
use crate::schema::kind::FieldKind;
use crate::schema::{Nested, TableSchema};

/// Returns true if every reference in the fields is to one of a world's tables. The derived world checks it.
#[doc(hidden)]
#[must_use]
pub const fn knows_tables(fields: &[Field], tables: &[TableSchema]) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if !known(&fields[index].kind, tables) {
            return false;
        }
        index += 1;
    }
    true
}

const fn known(kind: &FieldKind, tables: &[TableSchema]) -> bool {
    match kind {
        FieldKind::Entity(Cow::Borrowed(name)) => is_table(name, tables),
        FieldKind::Option(fields)
        | FieldKind::Struct(fields)
        | FieldKind::Array(_, fields)
        | FieldKind::List(_, fields) => nested_known(fields, tables),
        FieldKind::Variants(Cow::Borrowed(variants)) => {
            let mut index = 0;
            while index < variants.len() {
                if !nested_known(&variants[index].fields, tables) {
                    return false;
                }
                index += 1;
            }
            true
        }
        _ => true,
    }
}

const fn nested_known(fields: &Nested, tables: &[TableSchema]) -> bool {
    knows_tables(fields.fields(), tables)
}

const fn is_table(name: &str, tables: &[TableSchema]) -> bool {
    let mut index = 0;
    while index < tables.len() {
        if let Cow::Borrowed(table) = tables[index].name
            && same(table.as_bytes(), name.as_bytes())
            && !tables[index].single
        {
            return true;
        }
        index += 1;
    }
    false
}

/// Strings are not compared in constants otherwise.
const fn same(left: &[u8], right: &[u8]) -> bool {
    let mut index = 0;
    while index < left.len() && index < right.len() && left[index] == right[index] {
        index += 1;
    }
    left.len() == right.len() && index == left.len()
}
