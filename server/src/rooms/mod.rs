//! The rooms of a server, as everything above their threads sees them.
//!
//! The [registry] holds the open rooms: for each an [entry] with its state, and a [handle] with the queues by which
//! connections and [operator commands](operator_command) reach it. A client's [request] finds a room or opens one; its
//! [seat](seats) is reserved there, or it gets a [refusal]. A room's thread holds a [registration], whose end takes the room
//! out of the registry, and a [context] with what all rooms share. The [directory] says who owns a room.

pub mod bans;
pub mod context;
pub mod directory;
pub mod drain;
pub mod entry;
#[cfg(feature = "faults")]
pub mod fault;
pub mod handle;
pub mod limits;
pub mod listing;
pub mod operator_command;
pub mod refusal;
pub mod registration;
pub mod registry;
pub mod request;
pub mod seats;
pub mod settings;
