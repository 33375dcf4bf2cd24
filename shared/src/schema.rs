//! The schema: what tables a world has, what fields, and how each is quantized.
//!
//! The derive macros make one static field table for each struct. Everything else comes from it: quantization,
//! the wire, this schema as data (sent to clients at join), its hash, and the [`Layout`] that the delta codec
//! runs on.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::hash::fnv1a_64;
use crate::limits::{MAX_COLUMNS, MAX_SCHEMA_BYTES, MAX_TABLES, MAX_TEXT_BYTES};
use crate::messages;
use crate::quantize::{Angle, IntRange, Range, SmallestThree, text_columns};

/// How a field's value becomes columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FieldKind {
    /// A float in a range: one column.
    Float(Range),
    /// An angle in radians: one column that wraps around.
    Angle(Angle),
    /// A vector of two floats: two columns.
    Vec2([Range; 2]),
    /// A vector of three floats: three columns.
    Vec3([Range; 3]),
    /// A unit quaternion: four columns.
    Quat(SmallestThree),
    /// A whole number: one column, or two if its span is over 32 bits.
    Int(IntRange),
    /// True or false: one column.
    Bool,
    /// One of some named variants: one column, the variant's position.
    Enum(Cow<'static, [Cow<'static, str>]>),
    /// A string of at most so many bytes of UTF-8: a column for the length and one for every four bytes.
    Text(u32),
}

/// What a column is expected to be before its difference is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Predict {
    /// The same as in the baseline.
    #[default]
    Last,
    /// The baseline's value moved on as it moved from the frame before: right for bodies in steady motion.
    Linear,
}

/// One field of a struct.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The field's name in Rust; a property's name in JavaScript.
    pub name: Cow<'static, str>,
    /// How it is quantized.
    pub kind: FieldKind,
    /// How it is predicted.
    pub predict: Predict,
}

impl Field {
    /// A field as the derive macros declare it.
    ///
    /// # Panics
    /// If an enum has fewer than two variants or a text is too long; in the derived field tables that is a
    /// compile error.
    #[must_use]
    pub const fn new(name: &'static str, kind: FieldKind, predict: Predict) -> Self {
        match &kind {
            FieldKind::Enum(Cow::Borrowed(variants)) => {
                assert!(variants.len() >= 2, "a replicated enum needs two variants or more");
            }
            FieldKind::Text(max_bytes) => {
                let bytes = *max_bytes as usize;
                assert!(
                    bytes >= 1 && bytes <= MAX_TEXT_BYTES,
                    "a replicated string takes 1 to MAX_TEXT_BYTES bytes"
                );
            }
            _ => {}
        }
        Self { name: Cow::Borrowed(name), kind, predict }
    }

    /// How many columns the field takes.
    #[must_use]
    pub const fn width(&self) -> usize {
        match &self.kind {
            FieldKind::Float(_) | FieldKind::Angle(_) | FieldKind::Bool | FieldKind::Enum(_) => 1,
            FieldKind::Vec2(_) => 2,
            FieldKind::Vec3(_) => 3,
            FieldKind::Quat(_) => 4,
            FieldKind::Int(range) => 1 + range.is_wide() as usize,
            FieldKind::Text(max_bytes) => text_columns(*max_bytes as usize),
        }
    }

    fn columns(&self) -> Vec<Column> {
        let number = |max| Column { max, coding: Coding::Difference, predict: self.predict };
        let choice = |max| Column { max, coding: Coding::Choice, predict: Predict::Last };
        match &self.kind {
            FieldKind::Float(range) => vec![number(range.max_quantized())],
            FieldKind::Angle(angle) => {
                vec![Column { coding: Coding::Wrapping, ..number((1 << angle.bits) - 1) }]
            }
            FieldKind::Vec2(axes) => axes.iter().map(|axis| number(axis.max_quantized())).collect(),
            FieldKind::Vec3(axes) => axes.iter().map(|axis| number(axis.max_quantized())).collect(),
            FieldKind::Quat(codec) => {
                let part = number(codec.max_quantized());
                vec![choice(3), part, part, part]
            }
            FieldKind::Int(range) if range.is_wide() => {
                vec![number(u32::MAX), number((range.span >> 32) as u32)]
            }
            FieldKind::Int(range) => vec![number(range.span as u32)],
            FieldKind::Bool => vec![choice(1)],
            FieldKind::Enum(variants) => vec![choice(variants.len() as u32 - 1)],
            FieldKind::Text(max_bytes) => {
                let mut columns = vec![choice(u32::MAX); self.width()];
                columns[0] = choice(*max_bytes);
                columns
            }
        }
    }
}

/// The columns that a list of fields takes.
///
/// # Panics
/// If they are more than [`MAX_COLUMNS`]; in the derived code that is a compile error.
#[must_use]
pub const fn width(fields: &[Field]) -> usize {
    let mut total = 0;
    let mut index = 0;
    while index < fields.len() {
        total += fields[index].width();
        index += 1;
    }
    assert!(total <= MAX_COLUMNS, "a struct takes at most MAX_COLUMNS columns");
    total
}

/// One table of a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSchema {
    /// The field's name in the world struct.
    pub name: Cow<'static, str>,
    /// Whether the table always has exactly one row (a `Single`), instead of entities that come and go.
    pub single: bool,
    /// The fields of a row.
    pub fields: Cow<'static, [Field]>,
}

/// All that a client needs to know to decode a game: its tables and its input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The world's tables, in the order of their declaration.
    pub tables: Cow<'static, [TableSchema]>,
    /// The fields of an input.
    pub input: Cow<'static, [Field]>,
}

impl Schema {
    /// The schema's identity: FNV-1a (64 bits) of its bytes on the wire. The same fields in the same order give
    /// the same hash, on every machine and in every build.
    ///
    /// # Panics
    /// If the schema is larger than [`MAX_SCHEMA_BYTES`]; a server meets this when it starts.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let bytes = messages::encode(self);
        assert!(bytes.len() <= MAX_SCHEMA_BYTES, "a schema of {} bytes is over the limit", bytes.len());
        fnv1a_64(&bytes)
    }

    /// The schema flattened for the codec.
    ///
    /// # Errors
    /// [`SchemaError`] if a received schema is outside the limits.
    pub fn layout(&self) -> Result<Layout, SchemaError> {
        if self.tables.len() > MAX_TABLES {
            return Err(SchemaError::TooManyTables(self.tables.len()));
        }
        let tables = self
            .tables
            .iter()
            .map(|table| Ok(TableLayout { single: table.single, row: RowLayout::new(&table.fields)? }))
            .collect::<Result<_, SchemaError>>()?;
        Ok(Layout { tables })
    }
}

/// A received schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// More tables than [`MAX_TABLES`].
    #[error("the schema has {0} tables; at most {MAX_TABLES} are allowed")]
    TooManyTables(usize),
    /// A struct of more columns than [`MAX_COLUMNS`].
    #[error("a struct of the schema has more than {MAX_COLUMNS} columns")]
    TooManyColumns,
    /// A field whose parameters make no sense.
    #[error("field `{0}` of the schema has impossible parameters")]
    BadField(String),
}

/// How a column's value is written when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As a choice among the values that it was not: right for flags, variants and text.
    Choice,
    /// As a signed difference from what was predicted.
    Difference,
    /// As a signed difference modulo the column's whole turn.
    Wrapping,
}

/// One quantized integer of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The greatest value it may have.
    pub max: u32,
    /// How a change is written.
    pub coding: Coding,
    /// How it is predicted.
    pub predict: Predict,
}

impl Column {
    /// Bits of the widest value.
    #[inline]
    #[must_use]
    pub fn bits(&self) -> u32 {
        32 - self.max.leading_zeros()
    }
}

/// The columns of one struct, and which of them belong to which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLayout {
    /// All columns in order.
    pub columns: Vec<Column>,
    /// Each field's number of columns, in order.
    pub field_widths: Vec<usize>,
    /// Whether any column is predicted from more than the baseline.
    pub uses_history: bool,
}

impl RowLayout {
    /// The layout of a list of fields.
    ///
    /// # Errors
    /// [`SchemaError`] if the fields are outside the limits.
    pub fn new(fields: &[Field]) -> Result<Self, SchemaError> {
        for field in fields {
            check_field(field)?;
        }
        let columns: Vec<Column> = fields.iter().flat_map(Field::columns).collect();
        if columns.len() > MAX_COLUMNS {
            return Err(SchemaError::TooManyColumns);
        }
        let uses_history = columns.iter().any(|column| column.predict == Predict::Linear);
        Ok(Self { columns, field_widths: fields.iter().map(Field::width).collect(), uses_history })
    }
}

/// Refuses what no constructor of this crate would have made: a received schema is bytes from a peer.
fn check_field(field: &Field) -> Result<(), SchemaError> {
    let range_ok = |range: &Range| {
        let steps = (range.max - range.min) / range.step;
        range.min.is_finite()
            && range.step > 0.0
            && steps.is_finite()
            && steps >= 1.0
            && steps < f64::from(1u32 << 31)
    };
    let ok = match &field.kind {
        FieldKind::Float(range) => range_ok(range),
        FieldKind::Vec2(axes) => axes.iter().all(range_ok),
        FieldKind::Vec3(axes) => axes.iter().all(range_ok),
        FieldKind::Angle(angle) => (1..=24).contains(&angle.bits),
        FieldKind::Quat(codec) => (2..=20).contains(&codec.bits),
        FieldKind::Int(range) => range.span > 0,
        FieldKind::Bool => true,
        FieldKind::Enum(variants) => variants.len() >= 2,
        FieldKind::Text(max_bytes) => (1..=MAX_TEXT_BYTES).contains(&(*max_bytes as usize)),
    };
    if ok { Ok(()) } else { Err(SchemaError::BadField(field.name.clone().into_owned())) }
}

/// One table, flattened for the codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLayout {
    /// Whether the table has exactly one row.
    pub single: bool,
    /// The columns of a row.
    pub row: RowLayout,
}

/// A schema's tables, flattened for the codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The tables in order.
    pub tables: Vec<TableLayout>,
}
