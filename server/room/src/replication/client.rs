//! One client as the replication knows it: its view, its budget, and the messages that wait for it.

use bytes::Bytes;
use drumline_shared::limits::MAX_EVENTS_PER_TICK;

use super::budget::Budget;
use super::outbox::{Fragment, Outbox};
use super::view::View;
use crate::simulation::outgoing::MessageKind;

/// A client of the room.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) view: View,
    pub(super) budget: Budget,
    pub(super) outbox: Outbox,
    pub(super) is_spectator: bool,
    /// The number of its connection among all of the room.
    connection: u32,
    link: Link,
    /// The client needs the whole list of players, since it is away or on a new connection. Changes of it are then not queued:
    /// while it is away they would only drive out messages that it will need.
    pub(super) needs_players: bool,
    /// Messages were dropped because too many waited.
    has_overflowed: bool,
    /// Events of the tick on which the client was last sent one.
    events: u32,
    events_on: u32,
}

/// A client's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// The client is connected.
    Up,
    /// The connection is lost and the seat is held: messages wait.
    Down,
    /// The client has resumed, and has not taken messages yet.
    Restored,
}

/// The fate of a message for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// It waits in the outbox, or its recipient is gone and so it need not.
    Queued,
    /// It was dropped, or another one was dropped for it.
    Dropped,
}

impl Client {
    pub(super) fn new(view: View, budget: Budget, connection: u32, is_spectator: bool) -> Self {
        Self {
            view,
            budget,
            outbox: Outbox::default(),
            is_spectator,
            connection,
            link: Link::Up,
            needs_players: true,
            has_overflowed: false,
            events: 0,
            events_on: 0,
        }
    }

    pub(super) fn hold(&mut self) {
        self.link = Link::Down;
        self.needs_players = true;
    }

    /// Starts over for another connection.
    pub(super) fn resume(&mut self, connection: u32, tick: u32) {
        self.budget.restart(tick);
        self.outbox.restart();
        self.connection = connection;
        self.needs_players = true;
        (self.has_overflowed, self.link) = (false, Link::Restored);
    }

    pub(super) fn is_away(&self) -> bool {
        self.link == Link::Down
    }

    /// Returns true if the client should be kicked because too many messages wait for it.
    pub(super) fn has_overflowed(&self) -> bool {
        self.has_overflowed && !self.is_away()
    }

    /// Queues the whole list of players.
    pub(super) fn queue_players(&mut self, list: Bytes) -> Delivery {
        self.push(list, false)
    }

    /// Queues a message that is for all or for some players.
    pub(super) fn queue(&mut self, message: Bytes, kind: MessageKind, tick: u32) -> Delivery {
        if kind == MessageKind::Players && self.needs_players {
            return Delivery::Queued;
        }
        if kind == MessageKind::Event {
            if self.events_on != tick {
                (self.events_on, self.events) = (tick, 0);
            }
            self.events += 1;
            if self.events > MAX_EVENTS_PER_TICK {
                return Delivery::Dropped;
            }
        }
        self.push(message, false)
    }

    /// Queues a reply, if the client still has the connection that the request came on.
    pub(super) fn queue_reply(&mut self, reply: Bytes, connection: u32) -> Delivery {
        if self.connection != connection || self.is_away() {
            // The promise that waits for it was rejected with the connection.
            return Delivery::Queued;
        }
        self.push(reply, true)
    }

    /// A connected client that does not take its messages is kicked in the end. One that is away or just back cannot help it:
    /// it loses the oldest messages instead.
    fn push(&mut self, message: Bytes, is_reply: bool) -> Delivery {
        let fits = self.outbox.fits(&message);
        if self.link == Link::Up && !fits {
            self.has_overflowed = true;
            return Delivery::Dropped;
        }
        while !self.outbox.fits(&message) && self.outbox.drop_oldest().is_some() {}
        self.outbox.push(message, is_reply);
        if fits { Delivery::Queued } else { Delivery::Dropped }
    }

    /// The next message that goes whole; `None` if there is none, or the seat is held.
    pub(super) fn pop_message(&mut self, tick: u32) -> Option<Bytes> {
        if self.is_away() {
            return None;
        }
        self.link = Link::Up;
        self.outbox.pop_whole(tick)
    }

    /// The next fragment of a large message, if one may go now.
    pub(super) fn pop_fragment(&mut self) -> Option<Fragment> {
        if self.is_away() { None } else { self.outbox.pop_fragment() }
    }
}
