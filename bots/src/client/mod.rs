//! One bot as a client.
//!
//! [`connect`] opens its connection, [`bot`] plays on it and [`listen`] waits for messages. [`receive`] applies a snapshot and
//! answers it with an input; [`record`] records the measurements of the snapshot. [`resume`] gets a lost seat back.

pub mod bot;
pub mod connect;
pub mod inputs;
pub mod join_error;
pub mod lead;
pub mod listen;
pub mod receive;
pub mod record;
pub mod resume;
pub mod shared_room;
pub mod thread_context;
