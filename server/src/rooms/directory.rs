//! The directory of rooms: it answers which server owns a room.

use std::fmt::Debug;
use std::sync::Arc;

use super::registry::RoomRegistry;

/// The owner of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomOwner {
    /// This server.
    Here,
    /// No server that the directory knows of.
    Unknown,
}

/// Finds the owner of a room. The lobby asks it on the way to every room that is named by its id.
pub trait Directory: Debug + Send + Sync {
    /// The owner of the room with this id.
    fn owner(&self, room_id: &str) -> RoomOwner;
}

/// The directory of a server that works alone: it owns the rooms of its own registry.
#[derive(Debug)]
pub struct LocalDirectory {
    registry: Arc<RoomRegistry>,
}

impl LocalDirectory {
    /// The directory of the rooms in `registry`.
    #[must_use]
    pub fn new(registry: Arc<RoomRegistry>) -> Self {
        Self { registry }
    }
}

impl Directory for LocalDirectory {
    fn owner(&self, room_id: &str) -> RoomOwner {
        if self.registry.lock().get(room_id).is_some() { RoomOwner::Here } else { RoomOwner::Unknown }
    }
}
