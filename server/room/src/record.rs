//! The record of a tick: all that enters the simulation with it.
//!
//! A room is deterministic, so its state at one tick and the records of the ticks after it give its state at any later tick.
//! The [intake](crate::intake) writes records, the [simulation](crate::simulation) reads them, and nothing else passes from one
//! to the other.

use bytes::Bytes;
use drumline_shared::wire::control::Channel;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use crate::epoch::EpochTick;
use crate::job::{JobError, JobId};
use crate::joiner::Identity;
use crate::player_id::PlayerId;

/// All that enters one tick.
///
/// The public part may be shown to every player; the private part must not leave the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The tick.
    pub at: EpochTick,
    /// The room ends in place of this tick, for this reason. The only other entries are then [leaves](PublicRecord::leaves).
    pub end: Option<EndReason>,
    /// The part that any player may see.
    pub public: PublicRecord,
    /// The part that only the server may see.
    pub private: PrivateRecord,
}

impl Record {
    /// A record of nothing.
    #[must_use]
    pub fn new(at: EpochTick) -> Self {
        Self { at, end: None, public: PublicRecord::default(), private: PrivateRecord::default() }
    }

    /// Empties the record for another tick and keeps the memory.
    pub fn restart(&mut self, at: EpochTick) {
        (self.at, self.end) = (at, None);
        let PublicRecord { leaves, joins, presence, orders, chat, commands, inputs } = &mut self.public;
        leaves.clear();
        joins.clear();
        presence.clear();
        orders.clear();
        chat.clear();
        commands.clear();
        inputs.clear();
        let PrivateRecord { identities, team_chat, outcomes } = &mut self.private;
        identities.clear();
        team_chat.clear();
        outcomes.clear();
    }
}

/// The part of a record that any player may see. The simulation applies it in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicRecord {
    /// Players who left. Their seats may be taken by [joins](Self::joins) of the same tick.
    pub leaves: Vec<PlayerId>,
    /// Players who joined.
    pub joins: Vec<JoinRecord>,
    /// Players whose connection was lost or came back.
    pub presence: Vec<PresenceRecord>,
    /// Orders of the operator.
    pub orders: Vec<Order>,
    /// Chat messages to the room.
    pub chat: Vec<ChatRecord>,
    /// Commands, in the order of their arrival.
    pub commands: Vec<CommandRecord>,
    /// The input of every player, by ascending seat.
    pub inputs: InputRecords,
}

/// The part of a record that only the server may see.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateRecord {
    /// The identities of players who [joined](PublicRecord::joins), as far as they are known, in the same order.
    pub identities: Vec<IdentityRecord>,
    /// Chat messages to a team, applied after those to the room.
    pub team_chat: Vec<ChatRecord>,
    /// Results of work outside the room, in the order of their arrival.
    pub outcomes: Vec<OutcomeRecord>,
}

/// A player who joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRecord {
    /// The seat.
    pub player: PlayerId,
    /// The player's name.
    pub name: String,
    /// The serialized [`Game::JoinOptions`](crate::Game::JoinOptions); empty for those of a game without.
    pub options: Bytes,
    /// True for a bot that the game has seated.
    pub is_bot: bool,
}

/// The result of work outside the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRecord {
    /// The job.
    pub job: JobId,
    /// The serialized outcome, or the reason why there is none.
    pub result: Result<Bytes, JobError>,
}

/// The identity of a player who joined.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityRecord {
    /// The seat.
    pub player: PlayerId,
    /// The identity, as the server has checked it.
    pub identity: Identity,
}

/// A change of a player's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceRecord {
    /// The player.
    pub player: PlayerId,
    /// The new state.
    pub presence: Presence,
}

/// The state of a player's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// The player is connected.
    Connected,
    /// The connection is lost, and the seat is held.
    Away,
}

/// An order of the operator or of the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Keep new players out, or let them in again.
    Lock(bool),
    /// The server drains: the room may go on for this many milliseconds.
    Drain {
        /// Time left, in milliseconds.
        left_ms: u32,
    },
}

/// A chat message that keeps the [rules](crate::ChatRules) for length, characters and rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatRecord {
    /// The speaker, and where the answer goes.
    pub request: RequestId,
    /// The recipients.
    pub channel: Channel,
    /// The text.
    pub text: String,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRecord {
    /// The player who sent it, and where the reply goes.
    pub request: RequestId,
    /// The serialized [`Game::Command`](crate::Game::Command).
    pub body: Bytes,
}

/// The origin of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    /// The player.
    pub player: PlayerId,
    /// Its number among the player's commands and chat messages, from 1.
    pub number: u32,
    /// The client wants a reply.
    pub reply: bool,
}

/// The inputs of one tick.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputRecords {
    list: Vec<InputRecord>,
    /// The inputs' rows, one after another, each as wide as the game's input.
    rows: Vec<u32>,
}

/// One player's input for a tick, without its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputRecord {
    /// The player.
    pub player: PlayerId,
    /// The number of the last input that was used, the one of this tick if it came in time; 0 before the first.
    pub number: u32,
    /// The point in time that the player saw when they made it.
    pub rewind: RewindPoint,
}

/// A point in the room's past as one client displayed it, between two frames that it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RewindPoint {
    /// The point, in eighths of a tick: the end of tick 7 is 56.
    pub eighths: u64,
    /// The tick of the frame before it.
    pub from: u32,
    /// The tick of the frame after it.
    pub to: u32,
    /// The tick of the newest frame that the client had.
    pub newest: u32,
}

/// Parts into which a [`RewindPoint`] divides a tick.
pub const EIGHTHS: u32 = 8;

impl RewindPoint {
    /// The end of a tick.
    #[must_use]
    pub fn end_of(tick: u32) -> Self {
        Self { eighths: u64::from(tick) * u64::from(EIGHTHS), from: tick, to: tick, newest: tick }
    }
}

impl InputRecords {
    /// Adds the input of the next player by seat.
    pub fn push(&mut self, input: InputRecord, row: &[u32]) {
        debug_assert!(self.list.last().is_none_or(|last| last.player < input.player), "by ascending seat");
        self.list.push(input);
        self.rows.extend_from_slice(row);
    }

    /// Every player's input and its row, by ascending seat.
    pub fn iter(&self) -> impl Iterator<Item = (&InputRecord, &[u32])> {
        let width = self.rows.len() / self.list.len().max(1);
        // An input without fields has no columns, and a chunk must have one.
        let rows = self.rows.chunks_exact(width.max(1)).chain(std::iter::repeat(&[][..]));
        self.list.iter().zip(rows)
    }

    /// The point in time that a player saw; `None` if the player is not seated.
    #[must_use]
    pub fn rewind(&self, player: PlayerId) -> Option<RewindPoint> {
        let index = self.list.binary_search_by_key(&player, |input| input.player).ok()?;
        Some(self.list[index].rewind)
    }

    fn clear(&mut self) {
        self.list.clear();
        self.rows.clear();
    }
}

/// The reason that a room ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum EndReason {
    /// The room had no players for a while.
    Empty,
    /// The game ended it with [`Tick::end_room`](crate::Tick::end_room).
    Game,
    /// An operator closed it.
    Operator,
    /// The server stopped, or its drain deadline passed.
    ServerStopping,
    /// The room reached the highest tick number.
    LastTick,
    /// The server was overloaded, and the rooms of one client were the cause.
    Overload,
    /// The game panicked.
    Panic,
    /// The world has grown beyond [`MAX_FRAME_COLUMNS`](drumline_shared::limits::MAX_FRAME_COLUMNS): no client could hold it.
    WorldTooLarge,
}

impl EndReason {
    /// The name in logs and in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}
