//! The types of events, commands and replies.

use drumline_shared::schema::shape::{Named, Shape};

use super::text::{list, object, or_null, property, string, union};

/// The way that a message goes, on which some of its types depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the server: clients see it with its tick.
    Event,
    /// To the server: clients may write a number where they read a `bigint`.
    Command,
    /// From the server.
    Reply,
    /// JSON, as serde writes it.
    Json,
    /// JSON, as serde reads it. Fields may be left out if they have defaults, which a shape does not tell.
    JoinOptions,
}

/// The type of a message, with the space or line break before it.
pub(super) fn message_type(shapes: &[Shape], root: u16, direction: Direction) -> String {
    let types = Types { shapes, direction };
    match &shapes[usize::from(root)] {
        Shape::Enum(variants) if !variants.is_empty() && !types.is_plain(variants) && !types.is_json() => {
            let variants = variants.iter().map(|variant| types.variant(variant)).collect::<Vec<_>>();
            format!("\n    | {}", variants.join("\n    | "))
        }
        shape => {
            let inner = types.of(shape);
            match (direction, shape) {
                (Direction::Event, Shape::Enum(variants)) if !variants.is_empty() => {
                    format!(" {{ type: {inner} }}")
                }
                (Direction::Event, Shape::Enum(_) | Shape::Struct(_)) => format!(" {inner}"),
                (Direction::Event, _) => format!(" {{ value: {inner} }}"),
                _ => format!(" {inner}"),
            }
        }
    }
}

/// The types of shapes.
struct Types<'a> {
    shapes: &'a [Shape],
    direction: Direction,
}

impl Types<'_> {
    fn at(&self, index: u16) -> String {
        self.of(&self.shapes[usize::from(index)])
    }

    fn of(&self, shape: &Shape) -> String {
        match shape {
            Shape::Unit => "null".to_owned(),
            Shape::Bool => "boolean".to_owned(),
            Shape::U8
            | Shape::U16
            | Shape::U32
            | Shape::I8
            | Shape::I16
            | Shape::I32
            | Shape::F32
            | Shape::F64 => "number".to_owned(),
            Shape::U64 | Shape::I64 if self.is_json() => "number".to_owned(),
            Shape::U64 | Shape::I64 if self.direction == Direction::Command => "bigint | number".to_owned(),
            Shape::U64 | Shape::I64 => "bigint".to_owned(),
            Shape::Text => "string".to_owned(),
            Shape::Bytes if self.is_json() => "readonly number[]".to_owned(),
            Shape::Bytes => "Uint8Array".to_owned(),
            Shape::Option(item) => or_null(&self.at(*item)),
            Shape::List(item) | Shape::Array(item, _) => list(&self.at(*item)),
            Shape::Map(_, value) if self.is_json() => format!("Record<string, {}>", self.at(*value)),
            Shape::Map(key, value) => format!("Map<{}, {}>", self.at(*key), self.at(*value)),
            Shape::Tuple(items) => {
                let items = items.iter().map(|&item| self.at(item)).collect::<Vec<_>>();
                format!("readonly [{}]", items.join(", "))
            }
            Shape::Struct(fields) => object(&self.members(fields)),
            Shape::Enum(variants) if variants.is_empty() => "never".to_owned(),
            Shape::Enum(variants) if self.is_plain(variants) => {
                union(&variants.iter().map(|variant| string(&variant.name)).collect::<Vec<_>>())
            }
            Shape::Enum(variants) => {
                union(&variants.iter().map(|variant| self.variant(variant)).collect::<Vec<_>>())
            }
        }
    }

    /// Returns true if no variant has content: then each is its name.
    fn is_plain(&self, variants: &[Named]) -> bool {
        variants.iter().all(|variant| self.shapes[usize::from(variant.shape)] == Shape::Unit)
    }

    fn is_json(&self) -> bool {
        matches!(self.direction, Direction::Json | Direction::JoinOptions)
    }

    fn variant(&self, variant: &Named) -> String {
        if self.is_json() {
            return match &self.shapes[usize::from(variant.shape)] {
                Shape::Unit => string(&variant.name),
                shape => object(&[format!("{}: {}", property(&variant.name), self.of(shape))]),
            };
        }
        let mut all = vec![format!("type: {}", string(&variant.name))];
        match &self.shapes[usize::from(variant.shape)] {
            Shape::Unit => {}
            Shape::Struct(fields) => all.extend(self.members(fields)),
            shape => all.push(format!("value: {}", self.of(shape))),
        }
        object(&all)
    }

    fn members(&self, fields: &[Named]) -> Vec<String> {
        let member = |field: &Named| {
            let is_option = matches!(self.shapes[usize::from(field.shape)], Shape::Option(_));
            let is_optional = self.direction == Direction::JoinOptions || (self.is_json() && is_option);
            let optional = if is_optional { "?" } else { "" };
            format!("{}{optional}: {}", property(&field.name), self.at(field.shape))
        };
        fields.iter().map(member).collect()
    }
}
