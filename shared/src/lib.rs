//! What a Drumline server and its clients have in common: the schema, quantization, the wire, deltas and the mirror.
//!
//! No sockets, no clock, no async: bytes and structs come in, bytes and structs go out. Read the modules in the
//! order of the data path:
//!
//! 1. [`world`]: the author's structs, and the tables they live in;
//! 2. [`schema`] and [`quantize`]: the field table that the derive macros make, and what it does to a value; [`layout`]: who
//!    gets which part of it;
//! 3. [`frame`]: a tick's quantized world, and areas of it;
//! 4. [`delta`], over [`row`] and [`predict`]: an area as what has changed beyond what was expected;
//! 5. [`symbols`], over [`contexts`], [`priors`] (over [`defaults`]) and [`range_coder`]: a change as bytes, and
//!    [`learner`]: how a room's bytes become fewer;
//! 6. [`block`]: an area on the wire; [`snapshot`]: what one client sees of them; [`input`] (over [`bits`]) and [`messages`]
//!    (with [`session`], [`fragment`], and [`shape`] and [`message`]: what a game's own are made of): the rest of the wire;
//! 7. [`mirror`]: the client's copy, and [`interpolate`]: what is shown between its ticks.
//!
//! [`recorder`] does without a room what a room does for one client.
//!
//! [`limits`] holds every maximum. The format is specified byte by byte in `docs/PROTOCOL.md`.

pub mod bits;
pub mod block;
pub mod contexts;
pub mod defaults;
pub mod delta;
pub mod fragment;
pub mod frame;
pub mod hash;
pub mod input;
pub mod interpolate;
pub mod layout;
pub mod learner;
pub mod limits;
pub mod message;
pub mod messages;
pub mod mirror;
pub mod predict;
pub mod priors;
pub mod quantize;
pub mod range_coder;
pub mod recorder;
pub mod row;
pub mod schema;
pub mod session;
pub mod shape;
pub mod snapshot;
pub mod symbols;
pub mod world;

pub use drumline_derive::{Message, Replicate, World};
pub use frame::EntityId;
pub use message::Message;
pub use mirror::Mirror;
pub use world::{Entity, Home, Place, Replicate, Single, Table, World};

// Derived code names the crate that it depends on by its package name: this crate, in its own tests.
extern crate self as drumline_shared;

/// All that derived code names. It is not for authors, and may change at any time.
#[doc(hidden)]
pub mod __private {
    pub use crate::frame::Frame;
    pub use crate::message::{Message, Shapes};
    pub use crate::quantize::{
        Angle, IntRange, PackedQuat, Range, SmallestThree, dequantize_text, quantize_text,
    };
    pub use crate::schema::{
        Audience, Field, FieldKind, Interpolate, Predict, TableSchema, has_fields_for, width,
    };
    pub use crate::shape::{Named, Shape};
    pub use crate::world::{Enumeration, Home, Place, Replicate, World};
}
