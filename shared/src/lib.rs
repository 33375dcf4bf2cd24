//! What a Drumline server and its clients have in common: the schema, quantization, the wire, deltas and the mirror.
//!
//! No sockets, no clock, no async: bytes and structs come in, bytes and structs go out. Read the modules in the
//! order of the data path:
//!
//! 1. [`world`]: the author's structs, and the tables they live in;
//! 2. [`schema`] and [`quantize`]: the field table that the derive macros make, and what it does to a value;
//! 3. [`frame`]: a tick's quantized world;
//! 4. [`delta`], over [`row`] and [`predict`]: a frame as what has changed beyond what was expected;
//! 5. [`symbols`], over [`contexts`], [`priors`] (over [`defaults`]) and [`range_coder`]: a change as bytes, and [`learner`]: how a room's
//!    bytes become fewer;
//! 6. [`snapshot`], [`input`] (over [`bits`]) and [`messages`]: what goes over the wire;
//! 7. [`mirror`]: the client's copy.
//!
//! [`limits`] holds every maximum. The format is specified byte by byte in `docs/PROTOCOL.md`.

pub mod bits;
pub mod contexts;
pub mod defaults;
pub mod delta;
pub mod frame;
pub mod hash;
pub mod input;
pub mod learner;
pub mod limits;
pub mod messages;
pub mod mirror;
pub mod predict;
pub mod priors;
pub mod quantize;
pub mod range_coder;
pub mod row;
pub mod schema;
pub mod snapshot;
pub mod symbols;
pub mod world;

pub use drumline_derive::{Replicate, World};
pub use frame::EntityId;
pub use mirror::Mirror;
pub use world::{Entity, Replicate, Single, Table, World};

// The derive macros name this crate by its package name, within itself too.
extern crate self as drumline_shared;
