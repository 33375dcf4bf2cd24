//! An open room and the queues by which connections and commands reach its thread.

use std::sync::Arc;

use drumline_room::{Joiner, MAX_SPECTATORS};
use tokio::sync::mpsc;

use crate::net::pending_connection::PendingConnection;

use super::entry::RoomEntry;
use super::operator_command::{COMMAND_QUEUE, OperatorCommand};
use super::seats::seat::{Seat, SpectatorPlace};
use super::seats::session_tokens::SessionClaims;

/// An open room: its entry and its queues.
#[derive(Debug)]
pub struct RoomHandle {
    /// The room's entry.
    pub entry: Arc<RoomEntry>,
    /// The queues to its thread.
    pub queues: RoomQueues,
}

/// A new player on the way to their room.
#[derive(Debug)]
pub struct NewPlayer {
    /// The player's connection.
    pub connection: PendingConnection,
    /// The player; the name is checked.
    pub joiner: Joiner,
    /// The reserved seat.
    pub seat: Arc<Seat>,
}

/// A player on the way back to their seat.
#[derive(Debug)]
pub struct ReturningPlayer {
    /// The player's new connection.
    pub connection: PendingConnection,
    /// The right by which they come.
    pub right: ReturnRight,
}

/// The right by which a player comes back.
#[derive(Debug)]
pub enum ReturnRight {
    /// The session's token, which may have been revoked since it was checked.
    Token {
        /// Its claims.
        token: SessionClaims,
        /// The tick of the client's mirror; `None` if the client needs a keyframe.
        mirror_tick: Option<u32>,
    },
    /// A seat that the player's account has already.
    Account {
        /// The seat.
        seat: Arc<Seat>,
        /// The player, who is a new one if the seat's player has left meanwhile.
        joiner: Joiner,
    },
}

/// A new spectator on the way to a room.
#[derive(Debug)]
pub struct NewSpectator {
    /// The spectator's connection.
    pub connection: PendingConnection,
    /// The reserved place.
    pub place: SpectatorPlace,
}

/// The senders' side of a room's queues. Each queue is bounded.
#[derive(Debug)]
pub struct RoomQueues {
    /// New players. Its capacity is the number of seats; each entry holds a seat, so it is never full.
    pub joins: mpsc::Sender<NewPlayer>,
    /// Returning players. They hold their seats already and could overfill a queue, so a place in it is reserved before the
    /// handshake is answered.
    pub resumes: mpsc::Sender<ReturningPlayer>,
    /// New spectators. Its capacity is the number of places; each entry holds a place, so it is never full.
    pub spectators: mpsc::Sender<NewSpectator>,
    /// Commands of operators.
    pub commands: mpsc::Sender<OperatorCommand>,
}

/// The receivers' side of [`RoomQueues`], held by the room's thread.
#[derive(Debug)]
pub struct RoomInbox {
    /// New players.
    pub joins: mpsc::Receiver<NewPlayer>,
    /// Returning players.
    pub resumes: mpsc::Receiver<ReturningPlayer>,
    /// New spectators.
    pub spectators: mpsc::Receiver<NewSpectator>,
    /// Commands of operators.
    pub commands: mpsc::Receiver<OperatorCommand>,
}

impl RoomHandle {
    /// The handle of a room that has just been opened, and its thread's side.
    #[must_use]
    pub fn new(entry: RoomEntry) -> (Arc<Self>, RoomInbox) {
        let (queues, inbox) = RoomQueues::new(entry.max_players, entry.max_viewers);
        (Arc::new(Self { entry: Arc::new(entry), queues }), inbox)
    }
}

impl RoomQueues {
    fn new(seats: u16, max_viewers: u16) -> (Self, RoomInbox) {
        let (joins, new_players) = mpsc::channel(seats.into());
        let (resumes, returning) = mpsc::channel(seats.into());
        let (spectators, new_spectators) = mpsc::channel((MAX_SPECTATORS + max_viewers).into());
        let (commands, waiting) = mpsc::channel(COMMAND_QUEUE);
        let inbox = RoomInbox {
            joins: new_players,
            resumes: returning,
            spectators: new_spectators,
            commands: waiting,
        };
        (Self { joins, resumes, spectators, commands }, inbox)
    }

    /// Players' connections that wait for the room's next tick.
    #[must_use]
    pub fn connections_waiting(&self) -> usize {
        waiting(&self.joins) + waiting(&self.resumes)
    }

    /// Operators' commands that wait for the room's next tick.
    #[must_use]
    pub fn commands_waiting(&self) -> usize {
        waiting(&self.commands)
    }
}

fn waiting<T>(queue: &mpsc::Sender<T>) -> usize {
    queue.max_capacity() - queue.capacity()
}

impl RoomInbox {
    /// Accepts nothing more. Connections that are queued already can still be taken; the front answers later ones.
    pub fn close(&mut self) {
        self.joins.close();
        self.resumes.close();
        self.spectators.close();
        self.commands.close();
    }

    /// The next queued connection of any kind. Its seat or place is free again.
    pub fn next_connection(&mut self) -> Option<PendingConnection> {
        let joins = self.joins.try_recv().ok().map(|player| player.connection);
        let resumes = || self.resumes.try_recv().ok().map(|player| player.connection);
        let spectators = || self.spectators.try_recv().ok().map(|spectator| spectator.connection);
        joins.or_else(resumes).or_else(spectators)
    }
}
