//! Shapes: the structure of a game's events, commands and replies, so that a client that does not know their types can read and
//! write them.
//!
//! A game declares them as serde types, and bincode writes their values without names. The shapes come with the schema. They are
//! a flat list in which each refers to earlier ones only: it is checked in one pass, no shape can contain itself, and a hostile
//! list cannot make a client recurse or loop.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_ARRAY_LENGTH, MAX_SHAPE_DEPTH, MAX_SHAPE_PARTS, MAX_SHAPES};

/// The structure of a type's values, as bincode writes them. Each `u16` but an array's length is the index of an earlier shape.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// No bytes at all.
    Unit,
    /// True or false.
    Bool,
    /// An unsigned integer of 8 bits.
    U8,
    /// An unsigned integer of 16 bits.
    U16,
    /// An unsigned integer of 32 bits.
    U32,
    /// An unsigned integer of 64 bits.
    U64,
    /// A signed integer of 8 bits.
    I8,
    /// A signed integer of 16 bits.
    I16,
    /// A signed integer of 32 bits.
    I32,
    /// A signed integer of 64 bits.
    I64,
    /// A float of 32 bits.
    F32,
    /// A float of 64 bits.
    F64,
    /// A string.
    Text,
    /// A byte string.
    Bytes,
    /// A value or none.
    Option(u16),
    /// Any number of values.
    List(u16),
    /// A fixed number of values: the item's shape, then the length.
    Array(u16, u16),
    /// Values by key: the keys' shape, then the values'.
    Map(u16, u16),
    /// One value of each.
    Tuple(Vec<u16>),
    /// One value of each, by name.
    Struct(Vec<Named>),
    /// One of the variants, with its content.
    Enum(Vec<Named>),
}

/// A field of a struct or a variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Named {
    /// Its name, as serde writes it.
    pub name: String,
    /// The index of the shape of its content.
    pub shape: u16,
}

/// The shapes of a game's messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSchema {
    /// All shapes in use; each refers to earlier ones only.
    pub shapes: Vec<Shape>,
    /// The index of the shape of events.
    pub event: u16,
    /// The index of the shape of commands.
    pub command: u16,
    /// The index of the shape of replies.
    pub reply: u16,
    /// The index of the shape of the options that a client sends with its join, which are JSON.
    pub join_options: u16,
    /// The index of the shape of a room's metadata, which are JSON.
    pub metadata: u16,
}

impl Default for MessageSchema {
    /// A game without messages: all are enums without variants, which have no values.
    fn default() -> Self {
        Self {
            shapes: vec![Shape::Enum(Vec::new())],
            event: 0,
            command: 0,
            reply: 0,
            join_options: 0,
            metadata: 0,
        }
    }
}

/// A list of shapes is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// There are more shapes than [`MAX_SHAPES`].
    #[error("messages have {0} shapes; at most {MAX_SHAPES} are allowed")]
    TooMany(usize),
    /// A shape refers to one that does not come before it.
    #[error("shape {0} of the messages names one that does not come before it")]
    NotBefore(usize),
    /// A shape is nested deeper than [`MAX_SHAPE_DEPTH`].
    #[error("a message is nested more than {MAX_SHAPE_DEPTH} deep")]
    TooDeep,
    /// A shape, written out, has more parts than [`MAX_SHAPE_PARTS`].
    #[error("a message has more than {MAX_SHAPE_PARTS} parts")]
    TooManyParts,
    /// An array is longer than [`MAX_ARRAY_LENGTH`].
    #[error("an array of a message is longer than {MAX_ARRAY_LENGTH}; use a Vec")]
    ArrayTooLong,
    /// The items of a list, an array or a map may take no bytes: then a message of any size could have any number of them.
    #[error("a message has a list of things that take no bytes")]
    EmptyItems,
    /// Two fields or two variants have the same name.
    #[error("a message has two parts that are named `{0}`")]
    SameName(String),
    /// A field has a name that clients use for something else.
    #[error("field `{0}` of a message cannot have that name: clients see something else by it")]
    ReservedName(String),
}

/// The size of a shape, worked out from those before it.
#[derive(Clone, Copy)]
struct Extent {
    depth: usize,
    /// The number of shapes in it, written out.
    parts: usize,
    /// True if its values may take no bytes.
    may_be_empty: bool,
}

impl MessageSchema {
    /// Checks shapes that came from a peer or from a game.
    ///
    /// # Errors
    /// [`ShapeError`] if they are not valid.
    pub fn check(&self) -> Result<(), ShapeError> {
        if self.shapes.len() > MAX_SHAPES {
            return Err(ShapeError::TooMany(self.shapes.len()));
        }
        let mut extents = Vec::with_capacity(self.shapes.len());
        for shape in &self.shapes {
            extents.push(self.extent(shape, &extents)?);
        }
        let roots = [self.event, self.command, self.reply, self.join_options, self.metadata];
        if roots.iter().any(|&root| usize::from(root) >= extents.len()) {
            return Err(ShapeError::NotBefore(extents.len()));
        }
        self.check_event()
    }

    fn extent(&self, shape: &Shape, before: &[Extent]) -> Result<Extent, ShapeError> {
        let of = |index: u16| before.get(usize::from(index)).ok_or(ShapeError::NotBefore(before.len()));
        let leaf = |may_be_empty| Extent { depth: 1, parts: 1, may_be_empty };
        let within = |items: &[u16], may_be_empty: bool| {
            let mut extent = leaf(may_be_empty);
            for &item in items {
                let Extent { depth, parts, may_be_empty } = of(item)?;
                extent.depth = extent.depth.max(depth + 1);
                extent.parts += parts;
                extent.may_be_empty &= may_be_empty;
            }
            if extent.depth > MAX_SHAPE_DEPTH {
                Err(ShapeError::TooDeep)
            } else if extent.parts > MAX_SHAPE_PARTS {
                Err(ShapeError::TooManyParts)
            } else {
                Ok(extent)
            }
        };
        let items = |items: &[u16]| {
            if of(items[0])?.may_be_empty { Err(ShapeError::EmptyItems) } else { within(items, false) }
        };
        match shape {
            Shape::Unit => Ok(leaf(true)),
            Shape::Option(item) => within(&[*item], false),
            Shape::List(item) => items(&[*item]),
            Shape::Map(key, value) => items(&[*key, *value]),
            Shape::Array(_, length) if usize::from(*length) > MAX_ARRAY_LENGTH => {
                Err(ShapeError::ArrayTooLong)
            }
            Shape::Array(item, length) => items(&vec![*item; usize::from(*length).max(1)]),
            Shape::Tuple(items) => within(items, true),
            Shape::Struct(fields) => within(&distinct(fields)?, true),
            Shape::Enum(variants) => {
                for variant in variants {
                    self.check_variant(variant)?;
                }
                within(&distinct(variants)?, false)
            }
            _ => Ok(leaf(false)),
        }
    }

    /// Clients see a variant as an object with its fields and its name as `type`.
    fn check_variant(&self, variant: &Named) -> Result<(), ShapeError> {
        self.reserve("type", variant.shape)
    }

    /// Clients see an event with its `tick`.
    fn check_event(&self) -> Result<(), ShapeError> {
        self.reserve("tick", self.event)?;
        match &self.shapes[usize::from(self.event)] {
            Shape::Enum(variants) => {
                variants.iter().try_for_each(|variant| self.reserve("tick", variant.shape))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a struct with a field of a name that is reserved.
    fn reserve(&self, name: &str, shape: u16) -> Result<(), ShapeError> {
        match self.shapes.get(usize::from(shape)) {
            Some(Shape::Struct(fields)) if fields.iter().any(|field| field.name == name) => {
                Err(ShapeError::ReservedName(name.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// The shapes of parts; their names must be distinct.
fn distinct(parts: &[Named]) -> Result<Vec<u16>, ShapeError> {
    let mut names = HashSet::new();
    match parts.iter().find(|part| !names.insert(&part.name)) {
        Some(part) => Err(ShapeError::SameName(part.name.clone())),
        None => Ok(parts.iter().map(|part| part.shape).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(name: &str, shape: u16) -> Named {
        Named { name: name.into(), shape }
    }

    /// Checks a list of shapes, the last of which is that of all messages.
    fn check(shapes: Vec<Shape>) -> Result<(), ShapeError> {
        let last = shapes.len() as u16 - 1;
        MessageSchema { shapes, event: last, command: last, reply: last, ..MessageSchema::default() }.check()
    }

    #[test]
    fn a_game_without_messages_has_valid_shapes() {
        assert_eq!(MessageSchema::default().check(), Ok(()));
    }

    #[test]
    fn shapes_refer_to_earlier_ones() {
        assert_eq!(check(vec![Shape::Text, Shape::List(0)]), Ok(()));
        assert_eq!(check(vec![Shape::List(0)]), Err(ShapeError::NotBefore(0)));
        assert_eq!(check(vec![Shape::Text, Shape::Tuple(vec![0, 2])]), Err(ShapeError::NotBefore(1)));
        let root = MessageSchema { reply: 1, ..MessageSchema::default() };
        assert_eq!(root.check(), Err(ShapeError::NotBefore(1)));
    }

    #[test]
    fn shapes_are_neither_deep_nor_large() {
        let nested =
            |depth| (0..depth).map(|index| if index == 0 { Shape::U8 } else { Shape::Option(index - 1) });
        assert_eq!(check(nested(16).collect()), Ok(()));
        assert_eq!(check(nested(17).collect()), Err(ShapeError::TooDeep));
        // Each is the one before ten times over: few shapes, many values.
        let wide = |depth| {
            (0..depth).map(|index| if index == 0 { Shape::Unit } else { Shape::Tuple(vec![index - 1; 10]) })
        };
        assert_eq!(check(wide(4).collect()), Ok(()));
        assert_eq!(check(wide(5).collect()), Err(ShapeError::TooManyParts));
        assert_eq!(check(vec![Shape::U8; 1024]), Ok(()));
        assert_eq!(check(vec![Shape::U8; 1025]), Err(ShapeError::TooMany(1025)));
        assert_eq!(check(vec![Shape::U8, Shape::Array(0, 1025)]), Err(ShapeError::ArrayTooLong));
    }

    #[test]
    fn values_of_no_bytes_are_not_listed() {
        for listed in [Shape::List(1), Shape::Map(1, 0), Shape::Array(1, 3)] {
            let fields = vec![named("a", 0), named("b", 0)];
            let nothing = vec![Shape::Unit, Shape::Struct(fields), listed];
            assert_eq!(check(nothing), Err(ShapeError::EmptyItems));
        }
        assert_eq!(check(vec![Shape::Unit, Shape::U8, Shape::Tuple(vec![0, 1]), Shape::List(2)]), Ok(()));
        assert_eq!(check(vec![Shape::Unit, Shape::Enum(vec![named("a", 0)]), Shape::List(1)]), Ok(()));
    }

    #[test]
    fn names_are_distinct_and_not_reserved() {
        let twice = vec![Shape::U8, Shape::Struct(vec![named("a", 0), named("a", 0)])];
        assert_eq!(check(twice), Err(ShapeError::SameName("a".into())));
        let variant = |field| {
            let fields = Shape::Struct(vec![named(field, 0)]);
            check(vec![Shape::U8, fields, Shape::Enum(vec![named("kill", 1)])])
        };
        assert_eq!(variant("by"), Ok(()));
        assert_eq!(variant("type"), Err(ShapeError::ReservedName("type".into())));
        assert_eq!(variant("tick"), Err(ShapeError::ReservedName("tick".into())));
        let event = vec![Shape::U8, Shape::Struct(vec![named("tick", 0)])];
        assert_eq!(check(event), Err(ShapeError::ReservedName("tick".into())));
    }

    proptest! {
        #[test]
        fn any_shapes_are_checked_soon(bytes in prop::collection::vec(0u8..24, 0..400)) {
            let config = bincode::config::standard();
            if let Ok((messages, _)) = bincode::serde::decode_from_slice::<MessageSchema, _>(&bytes, config) {
                let _ = messages.check();
            }
        }
    }
}
