//! The identity of a player in a room.

use std::fmt;

use drumline_shared::schema::message::{Message, Shapes};
use serde::{Deserialize, Serialize};

/// A player's seat in a room, from 0. A seat is used again after its player has left.
///
/// A `PlayerId` can be part of a message. It is not a type of replicated fields yet: store `player.0`, a `u16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlayerId(pub u16);

impl PlayerId {
    /// The seat as an index.
    #[must_use]
    pub(crate) fn seat(self) -> usize {
        usize::from(self.0)
    }
}

impl Message for PlayerId {
    fn shape(shapes: &mut Shapes) -> u16 {
        shapes.of::<u16>()
    }
}

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
