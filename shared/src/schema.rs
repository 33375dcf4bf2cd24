//! The schema: what tables a world has, what fields, and how each is quantized.
//!
//! The derive macros make one static field table for each struct. Everything else comes from it: quantization,
//! the wire, this schema as data (sent to clients at join), its hash, and the [`Layout`] that the delta codec
//! runs on.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::contexts::TableContexts;
use crate::defaults::default_priors;
use crate::hash::fnv1a_64;
use crate::limits::{MAX_COLUMNS, MAX_CONTEXTS, MAX_SCHEMA_BYTES, MAX_TABLES, MAX_TEXT_BYTES};
use crate::messages;
use crate::priors::Prior;
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
        let number = |max| Column { max, wraps: false };
        match &self.kind {
            FieldKind::Float(range) => vec![number(range.max_quantized())],
            FieldKind::Angle(angle) => vec![Column { max: (1 << angle.bits) - 1, wraps: true }],
            FieldKind::Vec2(axes) => axes.iter().map(|axis| number(axis.max_quantized())).collect(),
            FieldKind::Vec3(axes) => axes.iter().map(|axis| number(axis.max_quantized())).collect(),
            FieldKind::Quat(codec) => {
                let part = number(codec.max_quantized());
                vec![number(3), part, part, part]
            }
            FieldKind::Int(range) if range.is_wide() => {
                vec![number(u32::MAX), number((range.span >> 32) as u32)]
            }
            FieldKind::Int(range) => vec![number(range.span as u32)],
            FieldKind::Bool => vec![number(1)],
            FieldKind::Enum(variants) => vec![number(variants.len() as u32 - 1)],
            FieldKind::Text(max_bytes) => {
                let mut columns = vec![number(u32::MAX); self.width()];
                columns[0] = number(*max_bytes);
                columns
            }
        }
    }

    fn coding(&self) -> Coding {
        match &self.kind {
            FieldKind::Quat(codec) => Coding::Rotation(*codec),
            FieldKind::Bool | FieldKind::Enum(_) | FieldKind::Text(_) => Coding::Choice,
            _ => Coding::Number,
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
        let mut contexts = 0;
        let mut tables = Vec::with_capacity(self.tables.len());
        for table in &*self.tables {
            let row = RowLayout::new(&table.fields)?;
            tables.push(TableLayout {
                single: table.single,
                contexts: TableContexts::number_from(&row, &mut contexts),
                row,
            });
        }
        if contexts as usize > MAX_CONTEXTS {
            return Err(SchemaError::TooManyContexts(contexts));
        }
        let default_priors = default_priors(&tables);
        Ok(Layout { tables, contexts: contexts as usize, default_priors })
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
    /// More contexts than [`MAX_CONTEXTS`]: all its structs together have too many columns.
    #[error("the schema needs {0} contexts; at most {MAX_CONTEXTS} are allowed: replicate fewer fields")]
    TooManyContexts(u32),
    /// A field whose parameters make no sense.
    #[error("field `{0}` of the schema has impossible parameters")]
    BadField(String),
}

/// How a field's changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As signed differences from what was predicted, each column on its own.
    Number,
    /// As a rotation: the differences depend on which component is the largest.
    Rotation(SmallestThree),
    /// As choices among the values that the columns did not have: right for flags, variants and text.
    Choice,
}

/// One quantized integer of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The greatest value it may have.
    pub max: u32,
    /// Whether the value after the greatest is 0 again.
    pub wraps: bool,
}

impl Column {
    /// Bits of the widest value.
    #[inline]
    #[must_use]
    pub fn bits(&self) -> u32 {
        32 - self.max.leading_zeros()
    }

    /// Bits to choose one of the values when one of them is already ruled out.
    #[inline]
    #[must_use]
    pub fn choice_bits(&self) -> u32 {
        32 - (self.max - 1).leading_zeros()
    }
}

/// One field, flattened for the codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLayout {
    /// Its first column in the row.
    pub start: usize,
    /// Its number of columns.
    pub width: usize,
    /// How its changes are written.
    pub coding: Coding,
    /// What it is expected to be.
    pub predict: Predict,
}

impl FieldLayout {
    /// The field's columns in the row.
    #[inline]
    #[must_use]
    pub fn columns(&self) -> std::ops::Range<usize> {
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
    pub fn new(fields: &[Field]) -> Result<Self, SchemaError> {
        let mut row = Self { columns: Vec::new(), fields: Vec::with_capacity(fields.len()) };
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
    /// The contexts that its symbols are coded in.
    pub contexts: TableContexts,
}

/// A schema's tables, flattened for the codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The tables in order.
    pub tables: Vec<TableLayout>,
    /// Contexts of all tables together.
    pub contexts: usize,
    /// Each context's default prior.
    pub default_priors: Arc<[Prior]>,
}
