//! Everything that a Drumline server and its clients share: the schema, quantization, the wire, deltas and the mirror.
//!
//! No sockets, no clock, no async: bytes and structs come in, bytes and structs go out. The modules stand in layers, the lowest
//! first; each imports only from those before it:
//!
//! | module | what is in it |
//! |---|---|
//! | [`math`] | functions of real numbers with the same result on every machine |
//! | [`limits`] | every maximum of the protocol |
//! | [`error`] | what is wrong with bytes from a peer |
//! | [`encoding`] | plain data as bytes: bincode |
//! | [`quantize`] | from a game's numbers to small integers and back |
//! | [`schema`] | fields, tables and messages, as data |
//! | [`layout`] | a schema flattened for the codec: parts, columns, contexts |
//! | [`frame`] | a tick's quantized world, and areas of it |
//! | [`world`] | a game's structs, and the tables that they live in |
//! | [`codec`] | an area of a tick as few bytes |
//! | [`wire`] | the messages between server and client |
//! | [`mirror`] | the client's copy of what it sees |
//! | [`interpolate`] | what is shown between two ticks |
//! | [`recorder`] | the snapshots of one client, without a room |
//!
//! The format is specified byte by byte in `docs/PROTOCOL.md`.

#![deny(clippy::disallowed_methods, reason = "the same inputs give the same bits on every machine")]
#![deny(clippy::disallowed_types, reason = "only Pcg32 has the same sequence everywhere")]
#![deny(clippy::iter_over_hash_type, reason = "the order of a hash map differs from run to run")]

pub mod codec;
pub mod encoding;
pub mod error;
pub mod frame;
pub mod interpolate;
pub mod layout;
pub mod limits;
pub mod math;
pub mod mirror;
pub mod quantize;
pub mod recorder;
pub mod schema;
pub mod wire;
pub mod world;

pub use drumline_derive::{Message, Replicate, World, game};
pub use frame::EntityId;
pub use mirror::Mirror;
pub use schema::message::Message;
pub use world::{Entity, Home, Place, Press, Replicate, Single, Table, World};

// Derived code names the crate that it depends on by its package name: this crate, in its own tests.
extern crate self as drumline_shared;

/// All that derived code names. It is not for authors, and may change at any time.
#[doc(hidden)]
pub mod __private {
    pub use crate::frame::Frame;
    pub use crate::quantize::{
        Angle, IntRange, PackedQuat, Range, RangeFaults, SmallestThree, dequantize_text, quantize_text,
    };
    pub use crate::schema::message::{Message, Shapes};
    pub use crate::schema::shape::{Named, Shape};
    pub use crate::schema::{
        Audience, Field, FieldKind, Interpolate, Nested, Predict, TableSchema, Variant, array_length,
        has_fields_for, has_presses, knows_tables, list_length, require, width,
    };
    pub use crate::world::{
        Clamped, ClampedValues, FieldType, GridPoint, Home, Level, Member, Place, Press, Replicate, World,
    };
}
