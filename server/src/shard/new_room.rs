//! A room on its way to the shard that will run it.

use drumline_room::Room;

use crate::rooms::context::RoomContext;
use crate::rooms::handle::RoomInbox;
use crate::rooms::registration::Registration;

/// A room to be opened. It is made on its shard's thread and never leaves it.
pub struct NewRoom {
    /// Makes the room.
    pub make: Box<dyn FnOnce() -> Room + Send>,
    /// Its registration.
    pub registration: Registration,
    /// The queues by which connections and commands reach it.
    pub inbox: RoomInbox,
    /// The context that all rooms share.
    pub context: RoomContext,
}
