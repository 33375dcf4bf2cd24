//! One client as the replication knows it: its view, its budget, and the messages that wait for it.

use bytes::Bytes;

use super::budget::Budget;
use super::outbox::ring::RingKind;
use super::outbox::{Fragment, Outbox};
use super::view::View;
use crate::player_id::PlayerId;
use crate::simulation::outgoing::MessageKind;

/// A client of the room.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) player: PlayerId,
    pub(super) view: View,
    pub(super) budget: Budget,
    pub(super) outbox: Outbox,
    pub(super) is_spectator: bool,
    /// The connection is lost and the seat is held: messages wait.
    is_away: bool,
    /// The client needs the whole list of players, since it is away or on a new connection. Changes of it are then not queued:
    /// while it is away they would only drive out messages that it will need.
    pub(super) needs_players: bool,
}

impl Client {
    pub(super) fn new(player: PlayerId, view: View, budget: Budget, is_spectator: bool) -> Self {
        let outbox = Outbox::default();
        Self { player, view, budget, outbox, is_spectator, is_away: false, needs_players: true }
    }

    pub(super) fn hold(&mut self) {
        self.is_away = true;
        self.needs_players = true;
        // The client will need the newest ones, which are not known yet.
        self.outbox.drop_kind(RingKind::Latest);
        self.outbox.drop_kind(RingKind::Players);
    }

    /// Starts over for another connection, whose mirror proves that all up to a snapshot has arrived.
    pub(super) fn resume(&mut self, proved_tick: Option<u32>, tick: u32) {
        if let Some(proved_tick) = proved_tick {
            self.outbox.acknowledge(proved_tick);
        }
        self.budget.restart(tick);
        self.outbox.restart(tick);
        self.outbox.drop_kind(RingKind::Players);
        self.needs_players = true;
        self.is_away = false;
    }

    pub(super) fn is_away(&self) -> bool {
        self.is_away
    }

    /// Queues the whole list of players. Returns the number of messages that were dropped for it.
    pub(super) fn queue_players(&mut self, list: Bytes) -> u32 {
        self.push_other(list, RingKind::Players)
    }

    /// Queues a message. Returns the number of messages that were dropped for it.
    pub(super) fn queue(&mut self, message: Bytes, kind: MessageKind, tick: u32, limit_bytes: usize) -> u32 {
        match kind {
            MessageKind::Event | MessageKind::Reply => {
                self.outbox.reliable.push(message, tick);
                // The kick of a client that is away would not free the memory.
                if self.is_away { self.outbox.reliable.shorten(limit_bytes) } else { 0 }
            }
            MessageKind::Latest if self.is_away => 0,
            MessageKind::Players if self.needs_players => 0,
            MessageKind::Latest => self.push_other(message, RingKind::Latest),
            MessageKind::Players => self.push_other(message, RingKind::Players),
            MessageKind::Chat => self.push_other(message, RingKind::Chat),
        }
    }

    fn push_other(&mut self, message: Bytes, kind: RingKind) -> u32 {
        let (mut dropped, mut lost_players) = (0, false);
        for kind in self.outbox.push_other(message, kind) {
            dropped += 1;
            lost_players |= kind == RingKind::Players;
        }
        self.needs_players |= lost_players;
        dropped
    }

    /// The next message that goes whole; `None` if there is none, or the seat is held.
    pub(super) fn pop_message(&mut self, tick: u32) -> Option<Bytes> {
        if self.is_away { None } else { self.outbox.pop_whole(tick) }
    }

    /// The next fragment of a large message, if one may go now.
    pub(super) fn pop_fragment(&mut self, tick: u32) -> Option<Fragment> {
        if self.is_away { None } else { self.outbox.pop_fragment(tick) }
    }
}
