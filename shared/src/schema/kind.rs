//! How a field's value becomes columns.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::limits::{
    MAX_COLUMNS, MAX_ENTITIES, MAX_LIST_LENGTH, MAX_PLAYER_GENERATION, MAX_PLAYERS, MAX_TEXT_BYTES,
};
use crate::quantize::{Angle, IntRange, Range, SmallestThree, text_columns};
use crate::schema::column::{Coding, Column};
use crate::schema::field::Nested;

/// How a field's value becomes columns.
///
/// A value that is not there (an option without a value, list items beyond the length, the fields of other variants) keeps its
/// columns, which are all zero. So a row's width never changes, and equal values have equal columns.
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
    /// One of some named variants without fields: one column, the variant's position.
    Enum(Cow<'static, [Cow<'static, str>]>),
    /// A string of at most so many bytes of UTF-8: a column for the length and one for every four bytes.
    Text(u32),
    /// A player, by seat: one column.
    Player,
    /// An entity of the table with this name, or none: a column for the slot, counted from 1, and one for the generation. Both
    /// are 0 for none.
    Entity(Cow<'static, str>),
    /// A count of presses of an input, modulo 256: one column that wraps around.
    Press,
    /// A value or none: a column that is 1 if there is one, then the value's columns. The item is the one nested field.
    Option(Nested),
    /// One value of each nested field, by name: their columns, in order.
    Struct(Nested),
    /// A fixed number of values, then the item: the columns of each value in turn.
    Array(u16, Nested),
    /// At most so many values, then the item: a column for the length, then the columns of each value in turn.
    List(u16, Nested),
    /// One of some named variants with fields: a column for the variant's position, then the fields of every variant in turn.
    Variants(Cow<'static, [Variant]>),
}

/// One variant of an enum with fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// The variant's name in Rust; the property `type` in JavaScript.
    pub name: Cow<'static, str>,
    /// Its fields.
    pub fields: Nested,
}

impl FieldKind {
    /// Refuses parameters that are outside the limits. The derived field tables call it, so there it is a compile error.
    #[track_caller]
    pub(crate) const fn assert_usable(&self) {
        match self {
            Self::Enum(Cow::Borrowed(variants)) => {
                assert!(variants.len() >= 2, "a replicated enum needs two variants or more");
            }
            Self::Variants(Cow::Borrowed(variants)) => {
                assert!(variants.len() >= 2, "a replicated enum needs two variants or more");
                let mut index = 0;
                while index < variants.len() {
                    variants[index].fields.assert_usable();
                    index += 1;
                }
            }
            Self::Text(max_bytes) => {
                let bytes = *max_bytes as usize;
                assert!(
                    bytes >= 1 && bytes <= MAX_TEXT_BYTES,
                    "a replicated string takes 1 to MAX_TEXT_BYTES bytes"
                );
            }
            Self::Option(item) => item.assert_usable(),
            Self::Struct(fields) => {
                assert!(fields.width() > 0, "a struct inside a field has a replicated field or more");
                fields.assert_usable();
            }
            Self::Array(length, item) => {
                assert!(*length >= 1, "a replicated array has one value or more");
                item.assert_usable();
            }
            Self::List(max_len, item) => {
                let length = *max_len as usize;
                assert!(length >= 1 && length <= MAX_LIST_LENGTH, "max_len is 1 to 255");
                item.assert_usable();
            }
            _ => {}
        }
    }

    /// The number of columns that a value takes.
    #[must_use]
    pub const fn width(&self) -> usize {
        match self {
            Self::Float(_) | Self::Angle(_) | Self::Bool | Self::Enum(_) | Self::Press => 1,
            Self::Vec2(_) | Self::Player | Self::Entity(_) => 2,
            Self::Vec3(_) => 3,
            Self::Quat(_) => 4,
            Self::Int(range) => 1 + range.is_wide() as usize,
            Self::Text(max_bytes) => text_columns(*max_bytes as usize),
            Self::Option(item) => item.width().saturating_add(1),
            Self::Struct(fields) => fields.width(),
            Self::Array(length, item) => item.width().saturating_mul(*length as usize),
            Self::List(max_len, item) => item.width().saturating_mul(*max_len as usize).saturating_add(1),
            Self::Variants(variants) => {
                let variants = match variants {
                    Cow::Borrowed(variants) => *variants,
                    Cow::Owned(variants) => variants.as_slice(),
                };
                let mut total = 1usize;
                let mut index = 0;
                while index < variants.len() {
                    total = total.saturating_add(variants[index].fields.width());
                    index += 1;
                }
                total
            }
        }
    }

    /// The fields inside the kind: one list for each variant, one list for every other kind that has any.
    pub fn nested(&self) -> impl Iterator<Item = &Nested> {
        let (only, variants): (_, &[Variant]) = match self {
            Self::Option(fields) | Self::Struct(fields) => (Some(fields), &[]),
            Self::Array(_, item) | Self::List(_, item) => (Some(item), &[]),
            Self::Variants(variants) => (None, variants),
            _ => (None, &[]),
        };
        only.into_iter().chain(variants.iter().map(|variant| &variant.fields))
    }

    /// Appends the columns of a value, in order. The kind's width must be within the limits.
    pub(crate) fn append_columns(&self, columns: &mut Vec<Column>) {
        let number = |max| Column { max, wraps: false };
        match self {
            Self::Float(range) => columns.push(number(range.max_quantized())),
            Self::Angle(angle) => columns.push(Column { max: (1 << angle.bits) - 1, wraps: true }),
            Self::Vec2(axes) => columns.extend(axes.map(|axis| number(axis.max_quantized()))),
            Self::Vec3(axes) => columns.extend(axes.map(|axis| number(axis.max_quantized()))),
            Self::Quat(codec) => {
                let part = number(codec.max_quantized());
                columns.extend([number(3), part, part, part]);
            }
            Self::Int(range) if range.is_wide() => {
                columns.extend([number(u32::MAX), number((range.span >> 32) as u32)]);
            }
            Self::Int(range) => columns.push(number(range.span as u32)),
            Self::Bool => columns.push(number(1)),
            Self::Enum(variants) => columns.push(number(variants.len() as u32 - 1)),
            Self::Text(max_bytes) => {
                columns.push(number(*max_bytes));
                columns.extend(std::iter::repeat_n(number(u32::MAX), self.width() - 1));
            }
            Self::Player => {
                columns.extend([number(u32::from(MAX_PLAYERS) - 1), number(MAX_PLAYER_GENERATION)]);
            }
            Self::Entity(_) => columns.extend([number(MAX_ENTITIES as u32), number(u32::MAX >> 1)]),
            Self::Press => columns.push(Column { max: 255, wraps: true }),
            Self::Option(item) => {
                columns.push(number(1));
                item.append_columns(columns);
            }
            Self::Struct(fields) => fields.append_columns(columns),
            Self::Array(length, item) => (0..*length).for_each(|_| item.append_columns(columns)),
            Self::List(max_len, item) => {
                columns.push(number(u32::from(*max_len)));
                (0..*max_len).for_each(|_| item.append_columns(columns));
            }
            Self::Variants(variants) => {
                columns.push(number(variants.len() as u32 - 1));
                variants.iter().for_each(|variant| variant.fields.append_columns(columns));
            }
        }
    }
    /// How changes of a value are written, if there are no values inside it.
    pub(crate) fn coding(&self) -> Coding {
        match self {
            Self::Quat(codec) => Coding::Rotation(*codec),
            Self::Float(_) | Self::Angle(_) | Self::Vec2(_) | Self::Vec3(_) | Self::Int(_) | Self::Press => {
                Coding::Number
            }
            _ => Coding::Choice,
        }
    }
}

/// The length of an array field.
///
/// # Panics
/// If no field can have it; in derived code that is a compile error.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn array_length(length: usize) -> u16 {
    assert!(length >= 1 && length <= MAX_COLUMNS, "a replicated array has 1 to 1024 values");
    length as u16
}

/// The greatest length of a list field.
///
/// # Panics
/// If no field can have it; in derived code that is a compile error.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn list_length(length: usize) -> u16 {
    assert!(length >= 1 && length <= MAX_LIST_LENGTH, "`max_len` is 1 to 255");
    length as u16
}
