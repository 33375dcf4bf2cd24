//! Lists of the lobby's rooms, and the figures that its gauges show.

use std::sync::atomic::Ordering::Relaxed;

use crate::measure::metrics::{Figures, RoomFigures, ShardFigures, TicketFigures};
use crate::rooms::handle::RoomHandle;
use crate::rooms::listing::{Listing, PublicRoom, RoomFilter, RoomListing, RoomPage};
use crate::rooms::refusal::Refusal;
use crate::shard::handle::ShardHandle;

use super::Lobby;

impl Lobby {
    /// A public room.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`], for private ones too.
    pub fn public_room(&self, id: &str) -> Result<PublicRoom, Refusal> {
        let room = self.room(id)?;
        if room.entry.code.is_some() {
            Err(Refusal::unknown_room(id))
        } else {
            Ok(PublicRoom::of(&room.entry))
        }
    }

    /// A page of the public rooms that a filter accepts.
    #[must_use]
    pub fn page(&self, filter: &RoomFilter) -> RoomPage {
        self.registry.lock().page(filter)
    }

    /// All rooms, and the counters.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let rooms = self.registry.lock();
        Listing {
            rooms: rooms.all().map(|room| RoomListing::of(&room.entry)).collect(),
            closed: rooms.closed().cloned().collect(),
            shards: self.shards(),
            refusals: self.metrics().refusals(),
            closes: self.metrics().closes.counts(),
            tickets: self.tickets.counts(),
        }
    }

    /// The figures that the gauges show, on a server with so many connections.
    #[must_use]
    pub fn figures(&self, connections: usize) -> Figures {
        let tickets = self.tickets.counts();
        let readiness = self.readiness();
        let shard = |shard: &ShardHandle| {
            let listing = shard.listing();
            let (rooms, busy) = (listing.rooms, listing.recent.busy);
            ShardFigures { rooms, busy, is_overloaded: shard.is_overloaded() }
        };
        Figures {
            connections,
            session_tokens: self.tokens().count(),
            tickets: TicketFigures {
                held: tickets.held,
                issued: tickets.issued,
                used: tickets.used,
                expired: tickets.expired,
            },
            rooms: self.registry.lock().all().map(|room| figures_of(room)).collect(),
            shards: self.shards.iter().map(shard).collect(),
            is_ready: readiness.ready,
            is_draining: readiness.seconds_left.is_some(),
        }
    }
}

fn figures_of(room: &RoomHandle) -> RoomFigures {
    let entry = &room.entry;
    RoomFigures {
        game: entry.game,
        state: entry.state().name(),
        seats_taken: entry.seats_taken(),
        held_seats: entry.held_seats.load(Relaxed),
        spectators: entry.spectators.load(Relaxed),
        events_waiting: entry.events_waiting.load(Relaxed),
        connections_waiting: room.queues.connections_waiting(),
        commands_waiting: room.queues.commands_waiting(),
    }
}
