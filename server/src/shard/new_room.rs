//! A room on its way to the shard that will run it.

use std::time::Instant;

use drumline_room::{EndReason, Room};

use crate::net::close_reason::CloseReason;
use crate::net::closing_connection::ClosingConnection;
use crate::rooms::context::RoomContext;
use crate::rooms::handle::RoomInbox;
use crate::rooms::registration::Registration;

use super::contain_panic::contain_panic;
use super::jobs::RoomJobs;

/// A room to be made, on a thread that no tick waits for.
pub struct NewRoom {
    /// Makes the room.
    pub make: Box<dyn FnOnce() -> Room + Send>,
    /// The rest that its driver needs.
    pub parts: RoomParts,
}

/// A room to be opened on its shard.
pub struct ReadyRoom {
    /// The room.
    pub room: Room,
    /// The rest that its driver needs.
    pub parts: RoomParts,
}

/// The things that a room's driver needs beside the room.
pub struct RoomParts {
    /// Its registration.
    pub registration: Registration,
    /// The queues by which connections and commands reach it.
    pub inbox: RoomInbox,
    /// The context that all rooms share.
    pub context: RoomContext,
    /// The game's work outside.
    pub jobs: RoomJobs,
}

impl NewRoom {
    /// Makes the room; `None` if its game panics, and then the room ends.
    #[must_use]
    pub fn make(self) -> Option<ReadyRoom> {
        let Self { make, parts } = self;
        match contain_panic(make) {
            Ok(room) => Some(ReadyRoom { room, parts }),
            Err(message) => {
                parts.registration.report_panic(&message);
                parts.end(EndReason::Panic);
                None
            }
        }
    }
}

impl RoomParts {
    /// Ends the room before it is open, and closes the connections that have arrived.
    pub fn end(mut self, reason: EndReason) {
        self.registration.end(reason);
        self.inbox.close();
        let reason = CloseReason::from(reason);
        while let Some(connection) = self.inbox.next_connection() {
            self.context.metrics.count_close(reason);
            ClosingConnection::refuse(connection, reason, Instant::now()).finish_now();
        }
    }
}
