//! The schema: what tables a world has, what fields, how each is quantized and who may see it.
//!
//! The derive macros make one static field table for each struct. Everything else comes from it: quantization,
//! the wire, this schema as data (sent to clients at join), its hash, and the [`Layout`](crate::layout::Layout) that the delta
//! codec runs on.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::hash::fnv1a_64;
use crate::layout::{Coding, Column};
use crate::limits::{MAX_COLUMNS, MAX_CONTEXTS, MAX_SCHEMA_BYTES, MAX_TABLES, MAX_TEXT_BYTES};
use crate::messages;
use crate::quantize::{Angle, IntRange, Range, SmallestThree, text_columns};
use crate::shape::{Messages, ShapeError};

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

/// What a client shows of a field between the ticks that it knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interpolate {
    /// What suits its kind: floats and vectors go straight, an angle turns the short way, a rotation along its chord; the others
    /// step.
    #[default]
    Smooth,
    /// The earlier value, until the later one's time has come.
    Step,
    /// The newest value known, at once.
    None,
    /// A curve that meets the values at the velocities, in units a second, that another field of the struct tells: its index.
    /// Both are floats or vectors of as many dimensions, for the same audience.
    Hermite(u16),
}

/// Who may see something. What a player may not see is never sent to them in any form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Audience {
    /// Everyone who sees the place where it is.
    #[default]
    All,
    /// Of those, the players of its entity's team.
    Team,
    /// The player who owns its entity, alone.
    Owner,
}

impl Audience {
    /// All of them, the widest first.
    pub const EACH: [Self; 3] = [Self::All, Self::Team, Self::Owner];
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
    /// How clients show it between ticks.
    pub interpolate: Interpolate,
    /// Who may see it, if its table's audience is not smaller still.
    pub audience: Audience,
}

impl Field {
    /// A field that all may see and that is shown smoothly, as the derive macros declare it.
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
        Self {
            name: Cow::Borrowed(name),
            kind,
            predict,
            interpolate: Interpolate::Smooth,
            audience: Audience::All,
        }
    }

    /// The field shown in another way.
    #[must_use]
    pub const fn shown(mut self, interpolate: Interpolate) -> Self {
        self.interpolate = interpolate;
        self
    }

    /// The field for a smaller audience.
    #[must_use]
    pub const fn only_for(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
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

    pub(crate) fn columns(&self) -> Vec<Column> {
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

    pub(crate) fn coding(&self) -> Coding {
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

/// Whether some field is for one audience alone.
#[must_use]
pub const fn has_fields_for(fields: &[Field], audience: Audience) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if fields[index].audience as u8 == audience as u8 {
            return true;
        }
        index += 1;
    }
    false
}

/// One table of a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSchema {
    /// The field's name in the world struct.
    pub name: Cow<'static, str>,
    /// Whether the table always has exactly one row (a `Single`), instead of entities that come and go.
    pub single: bool,
    /// Whether its entities live in different places, instead of all everywhere.
    pub placed: bool,
    /// Who may see that there are such entities, and what is not for a smaller audience still.
    pub audience: Audience,
    /// The fields of a row.
    pub fields: Cow<'static, [Field]>,
}

/// All that a client needs to know to decode a game: its tables, its input and its messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The world's tables, in the order of their declaration.
    pub tables: Cow<'static, [TableSchema]>,
    /// The fields of an input.
    pub input: Cow<'static, [Field]>,
    /// The shapes of its events, commands and replies.
    pub messages: Messages,
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
    /// A field whose velocity is no other field, or one of another kind or audience.
    #[error("the velocity of field `{0}` of the schema is not another field of its kind and audience")]
    BadVelocity(String),
    /// A single that is in a place or for a few.
    #[error("single `{0}` of the schema is not for all: only tables have places and audiences")]
    HiddenSingle(String),
    /// Messages that cannot be described.
    #[error(transparent)]
    BadMessages(#[from] ShapeError),
}
