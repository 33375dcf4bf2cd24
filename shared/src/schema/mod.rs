//! The schema: a world's tables and their fields, how each field is quantized, and who may see it.
//!
//! The derive macros make one static table of fields for each struct. Everything else follows from it: quantization, the wire,
//! the schema as data (sent to clients at join), its hash, and the [`Layout`](crate::layout::Layout) that the codec uses.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::encoding::encode;
use crate::limits::MAX_SCHEMA_BYTES;
use crate::schema::hash::fnv1a_64;
use crate::schema::shape::MessageSchema;

pub(crate) mod check;
mod column;
mod field;
pub mod hash;
mod kind;
pub mod message;
mod references;
pub mod shape;

pub use check::SchemaError;
pub use column::{Coding, Column};
pub use field::{Audience, Field, Interpolate, Nested, Predict, has_fields_for, has_presses, require, width};
pub use kind::{FieldKind, Variant, array_length, list_length};
pub use references::knows_tables;

/// One table of a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSchema {
    /// The field's name in the world struct.
    pub name: Cow<'static, str>,
    /// True if the table always has exactly one row (a `Single`), instead of entities that come and go.
    pub single: bool,
    /// True if its entities are in places, instead of everywhere.
    pub placed: bool,
    /// The players who may see that such entities exist, and those of their fields that are not for a smaller audience.
    pub audience: Audience,
    /// The fields of a row.
    pub fields: Cow<'static, [Field]>,
}

/// A player's input. `InputSchema::of` makes it from the game's type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputSchema {
    /// Its fields.
    pub fields: Cow<'static, [Field]>,
    /// The neutral row: that of a player who does nothing. Both sides begin with it.
    pub neutral: Vec<u32>,
}

/// Everything that a client needs in order to decode a game: its tables, its input and its messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The world's tables, in the order of their declaration.
    pub tables: Cow<'static, [TableSchema]>,
    /// The input of its players.
    pub input: InputSchema,
    /// The shapes of its events, commands and replies.
    pub messages: MessageSchema,
}

impl Schema {
    /// The schema's identity: FNV-1a (64 bits) of its bytes on the wire. The same fields in the same order have the same hash on
    /// every machine and in every build.
    ///
    /// # Panics
    /// If the schema is larger than [`MAX_SCHEMA_BYTES`]. A server finds that out when it starts.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let bytes = encode(self);
        assert!(bytes.len() <= MAX_SCHEMA_BYTES, "a schema of {} bytes is over the limit", bytes.len());
        fnv1a_64(&bytes)
    }
}
