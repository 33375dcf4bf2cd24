//! The things that happen in rooms, for an author's hooks and for webhooks.
//!
//! A room's thread only tries to put an event into a queue. It waits for nobody, so a full queue costs the event.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use drumline_room::{EndReason, PlayerId};
use prometheus::IntCounter;
use serde::{Serialize, Serializer};

use super::RoomEntry;
use super::players::Occupant;

/// Events that wait to be handled.
const QUEUE: usize = 4096;

/// Something that has happened in a room, for [`Server::on_event`](crate::Server::on_event) and for webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RoomEvent {
    /// A room has been opened.
    RoomOpened {
        /// The room.
        #[serde(flatten)]
        room: RoomLabel,
    },
    /// A room has ended. Its players have left before.
    RoomEnded {
        /// The room.
        #[serde(flatten)]
        room: RoomLabel,
        /// The reason.
        #[serde(serialize_with = "by_name")]
        reason: EndReason,
    },
    /// A player has joined, and the game has let them in. Bots are no players here.
    PlayerJoined {
        /// The room.
        #[serde(flatten)]
        room: RoomLabel,
        /// The player.
        #[serde(flatten)]
        player: PlayerLabel,
    },
    /// A player has left: their seat is free. A lost connection alone is none of these events.
    PlayerLeft {
        /// The room.
        #[serde(flatten)]
        room: RoomLabel,
        /// The player.
        #[serde(flatten)]
        player: PlayerLabel,
    },
}

/// The room of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomLabel {
    /// Its id.
    #[serde(rename = "room")]
    pub id: String,
    /// The game.
    pub game: &'static str,
    /// The mode; empty if it is the default one.
    pub mode: String,
}

/// The player of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlayerLabel {
    /// The player.
    #[serde(rename = "player", serialize_with = "by_number")]
    pub id: PlayerId,
    /// The name.
    pub name: String,
    /// The account's subject; `None` if the server does not authenticate players.
    pub account: Option<String>,
}

/// An event, and its time.
#[derive(Debug, Clone)]
pub struct TimedEvent {
    /// The time.
    pub at: SystemTime,
    /// The event.
    pub event: RoomEvent,
}

/// Where rooms put their events. All clones share the queue.
#[derive(Debug, Clone, Default)]
pub struct Events(Option<Arc<Queue>>);

#[derive(Debug)]
struct Queue {
    sender: ArcSwapOption<SyncSender<TimedEvent>>,
    /// Events that a full queue has cost.
    dropped: IntCounter,
}

impl Events {
    /// A queue of events, and its reader's side. Lost events are counted in `dropped`.
    #[must_use]
    pub fn queue(dropped: IntCounter) -> (Self, Receiver<TimedEvent>) {
        let (sender, events) = sync_channel(QUEUE);
        let sender = ArcSwapOption::from_pointee(sender);
        (Self(Some(Arc::new(Queue { sender, dropped }))), events)
    }

    /// Puts an event into the queue, if anybody wants it.
    pub fn put(&self, event: impl FnOnce() -> RoomEvent) {
        let Some(queue) = &self.0 else { return };
        let Some(sender) = &*queue.sender.load() else { return };
        let timed = TimedEvent { at: SystemTime::now(), event: event() };
        if sender.try_send(timed).is_err() {
            queue.dropped.inc();
        }
    }

    /// Ends the queue: its reader gets what is in it, and then the end.
    pub fn close(&self) {
        if let Some(queue) = &self.0 {
            queue.sender.store(None);
        }
    }
}

impl RoomLabel {
    /// The label of a room.
    #[must_use]
    pub fn of(entry: &RoomEntry) -> Self {
        Self { id: entry.id.clone(), game: entry.game, mode: entry.mode.clone() }
    }
}

impl PlayerLabel {
    /// The label of a player.
    #[must_use]
    pub fn of(id: PlayerId, occupant: &Occupant) -> Self {
        Self { id, name: occupant.name.to_string(), account: occupant.account.as_deref().map(str::to_owned) }
    }
}

fn by_name<S: Serializer>(reason: &EndReason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reason.name())
}

fn by_number<S: Serializer>(player: &PlayerId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(player.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> RoomEvent {
        RoomEvent::RoomOpened { room: RoomLabel::of(&RoomEntry::for_test(1)) }
    }

    #[test]
    fn a_full_queue_costs_events_and_waits_for_nobody() {
        let dropped = IntCounter::new("dropped", "dropped").unwrap();
        let (events, queued) = Events::queue(dropped.clone());
        for _ in 0..QUEUE + 3 {
            events.put(opened);
        }
        assert_eq!(dropped.get(), 3);
        let others = events.clone();
        events.close();
        others.put(opened);
        assert_eq!(queued.iter().count(), QUEUE, "and then it ends");
    }

    #[test]
    fn without_a_reader_no_event_is_made() {
        Events::default().put(|| unreachable!());
    }
}
