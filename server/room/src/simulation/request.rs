//! Requests of clients, as a game holds them until it replies.

use crate::player_id::PlayerId;
use crate::record::RequestId;

/// Identifies the command to reply to. [`Tick::reply`](crate::Tick::reply) consumes it, so a command has at most one reply. Keep
/// the request to reply on a later tick. If the game never replies, the client's promise is rejected after a while.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    id: RequestId,
}

impl Request {
    pub(crate) fn new(id: RequestId) -> Self {
        Self { id }
    }

    /// The player who sent the command.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        self.id.player
    }

    /// Returns true if the client expects a reply.
    #[must_use]
    pub fn wants_reply(&self) -> bool {
        self.id.reply
    }

    pub(crate) fn id(&self) -> RequestId {
        self.id
    }
}
