//! A room, as the bots in it share it: they find it by its id, and one of them opens it.

use std::cell::RefCell;

use tokio::sync::Mutex;

use crate::measure::room_stats::RoomStats;
use crate::report::figures::RoomFigures;

/// A room that bots of one thread share.
#[derive(Debug)]
pub struct SharedRoom {
    /// The id by which bots join; `None` until one of them has opened the room.
    pub id: RefCell<Option<String>>,
    /// True for a room that the plan names: no other is opened in its place.
    pub is_given: bool,
    /// Locked by the bot that opens the room, while the others wait.
    pub opening: Mutex<()>,
    /// The room's measurements.
    pub stats: RoomStats,
}

impl SharedRoom {
    /// The room with the given id, or one that is yet to be opened.
    #[must_use]
    pub fn new(given: Option<String>) -> Self {
        Self {
            is_given: given.is_some(),
            id: RefCell::new(given),
            opening: Mutex::default(),
            stats: RoomStats::default(),
        }
    }

    /// A bot has opened the room.
    pub fn opened(&self, id: String) {
        self.stats.restart();
        *self.id.borrow_mut() = Some(id);
    }

    /// The figures since the previous call; `None` if the room was never opened.
    pub fn take_second(&self) -> Option<RoomFigures> {
        self.id.borrow().as_ref().map(|id| self.stats.take_second(id))
    }

    /// The figures of the whole run; `None` if the room was never opened.
    pub fn total(&self) -> Option<RoomFigures> {
        self.id.borrow().as_ref().map(|id| self.stats.total(id))
    }
}
