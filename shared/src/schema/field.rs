//! One field of a struct: how it is quantized, predicted and shown, and who may see it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_COLUMNS, MAX_TEXT_BYTES};
use crate::quantize::{Angle, IntRange, Range, SmallestThree, text_columns};
use crate::schema::column::{Coding, Column};

/// How a field's value becomes columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FieldKind {
    /// A float in a range: one column.
    Float(Range),
    /// An angle in radians: one column that wraps around.
    Angle(Angle),
    /// A vector of two floats: two columns, x and y.
    Vec2([Range; 2]),
    /// A vector of three floats: three columns, x, y and z.
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

/// How both ends predict a field from frames that they have; only the difference from the prediction is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Predict {
    /// It stays as it was in the baseline.
    #[default]
    Last,
    /// It goes on as it moved from the frame before the baseline to the baseline: right for bodies in steady motion.
    Linear,
}

/// The display of a field between two ticks that a client knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interpolate {
    /// By its kind: floats and vectors move in a straight line, an angle turns the short way, a rotation moves along its
    /// chord, and all other kinds step.
    #[default]
    Smooth,
    /// The earlier value, until the time of the later one.
    Step,
    /// The newest value known, at once.
    None,
    /// A cubic curve through the two values. Its velocities there, in units per second, are those of another field: the index
    /// says which. Both fields are floats or vectors of as many dimensions, for the same audience.
    Hermite(u16),
}

/// The players who may see something. Other players are never sent it in any form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Audience {
    /// All players who see the place where it is.
    #[default]
    All,
    /// Of those, the players of its entity's team.
    Team,
    /// Only the player who owns its entity.
    Owner,
}

impl Audience {
    /// All audiences, the widest first.
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
    /// The players who may see it, unless its table's audience is smaller still.
    pub audience: Audience,
}

impl Field {
    /// A field for all players that is shown smoothly. The derive macros declare fields with it.
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

    /// The same field, shown in another way.
    #[must_use]
    pub const fn interpolated(mut self, interpolate: Interpolate) -> Self {
        self.interpolate = interpolate;
        self
    }

    /// The same field, for a smaller audience.
    #[must_use]
    pub const fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// The number of columns that the field takes.
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

    /// The field's columns, in order.
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

    /// How the field's changes are written.
    pub(crate) fn coding(&self) -> Coding {
        match &self.kind {
            FieldKind::Quat(codec) => Coding::Rotation(*codec),
            FieldKind::Bool | FieldKind::Enum(_) | FieldKind::Text(_) => Coding::Choice,
            _ => Coding::Number,
        }
    }
}

/// The number of columns that a list of fields takes.
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

/// Returns true if a field is for exactly this audience.
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
