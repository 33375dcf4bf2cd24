//! Intake: messages of clients, on their way into the room.
//!
//! It owns each seat's [input buffer](input_buffer), the commands and chat messages that wait, rate limits, and the
//! acknowledgements of snapshots. Its product is the [`Record`] of the coming tick; nothing else enters the simulation. A
//! checkpoint does not contain it: what waits here has not had an effect yet.

mod chat_meter;
mod command_queue;
pub mod input_buffer;
mod name_book;
mod request_numbers;
mod requests;
mod seat;
mod sent;
mod upkeep;

use std::ops::Range;
use std::sync::Arc;

use drumline_shared::error::DecodeError;
use drumline_shared::error::MessageError;
use drumline_shared::layout::InputLayout;
use drumline_shared::limits::{ACK_TIMEOUT_SECONDS, TickLimits};
use drumline_shared::wire::input::{KIND_INPUT, read_input};
use drumline_shared::wire::snapshot::InputAck;
use thiserror::Error;

use self::chat_meter::ChatMeter;
use self::command_queue::CommandQueue;
use self::input_buffer::{InputBuffer, InputCounts, InputVerdict};
use self::name_book::NameBook;
use self::request_numbers::RequestNumbers;
pub use self::requests::{ChatError, CommandError};
use self::seat::Seat;
pub use self::seat::{KickReason, Role, SeatStats};
use self::sent::SentSnapshots;
pub use self::sent::{DueSnapshot, ResyncVerdict};
use crate::epoch::EpochTick;
use crate::joiner::Joiner;
use crate::player_id::PlayerId;
use crate::record::{
    EndReason, IdentityRecord, InputRecord, JoinRecord, Order, OutcomeRecord, Presence, PresenceRecord,
    Record,
};
use crate::text::{ChatRules, NameError, check_name};

/// Spectators that a room takes at once, each with bytes of its own.
pub const MAX_SPECTATORS: u16 = 4;
/// Places for spectators, and one more for the stream that any number of viewers share.
const PLACES: u16 = MAX_SPECTATORS + 1;

/// The facts of the room and its game that the intake depends on.
#[derive(Debug)]
pub struct IntakeConfig {
    /// Seats.
    pub max_players: u16,
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// The rules of the chat.
    pub chat: ChatRules,
    /// The layout of an input.
    pub input_layout: Arc<InputLayout>,
    /// Checks that bytes are a command of the game.
    pub check_command: fn(&[u8]) -> Result<(), MessageError>,
    /// How far back the game rewinds, in eighths of a tick.
    pub reach_eighths: u32,
}

/// A player cannot take a seat.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JoinError {
    /// No seat is free.
    #[error("the room is full")]
    Full,
    /// The name is not allowed.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// The highest numbers that a room has of a seat; 0 before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatMarks {
    /// Of an input that was received.
    pub input: u32,
    /// Of a command or chat message that was accepted.
    pub command: u32,
}

/// Counts of arrivals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IntakeStats {
    /// Inputs of players who have left and of those who are here.
    pub inputs: InputCounts,
    /// Messages that were no valid inputs.
    pub malformed_inputs: u64,
    /// Messages that were no valid commands.
    pub malformed_commands: u64,
    /// Commands refused because too many of their player waited.
    pub commands_refused: u64,
    /// Reports of mirrors that differ from the world.
    pub mismatches_reported: u64,
}

/// The inputs, commands, chat messages and acknowledgements of clients, until the tick that they enter.
#[derive(Debug)]
pub struct Intake {
    config: IntakeConfig,
    /// The tick that has happened last.
    now: EpochTick,
    /// The players' seats, and after them the spectators' places.
    seats: Vec<Option<Seat>>,
    /// By seat and place: the player who takes it next.
    next_players: Vec<PlayerId>,
    commands: CommandQueue,
    /// The players' names.
    pub names: NameBook,
    /// The record of the coming tick, as far as it is known. Commands and inputs are added when the tick happens.
    next: Record,
    ack_timeout_seconds: u32,
    input_row: Vec<u32>,
    stats: IntakeStats,
}

impl Intake {
    /// An empty intake after tick `now`.
    #[must_use]
    pub fn new(config: IntakeConfig, now: EpochTick) -> Self {
        let places = 0..config.max_players + PLACES;
        Self {
            seats: places.clone().map(|_| None).collect(),
            next_players: places.map(PlayerId::first).collect(),
            now,
            commands: CommandQueue::default(),
            names: NameBook::default(),
            next: Record::new(now.next()),
            ack_timeout_seconds: ACK_TIMEOUT_SECONDS,
            input_row: config.input_layout.neutral.clone(),
            stats: IntakeStats::default(),
            config,
        }
    }

    /// Reserves the lowest free seat for a player, who joins with the next tick. A name that another player has gets a number.
    ///
    /// # Errors
    /// [`JoinError`] if no seat is free, or the name is not allowed.
    pub fn join(&mut self, joiner: Joiner) -> Result<PlayerId, JoinError> {
        let Joiner { name, identity, options, is_bot } = joiner;
        let name = check_name(&name)?;
        let role = if is_bot { Role::Bot } else { Role::Player };
        let player = self.take_place(role, 0..self.config.max_players).ok_or(JoinError::Full)?;
        let name = self.names.enter(player.index(), name).to_owned();
        self.next.public.joins.push(JoinRecord { player, name, options, is_bot });
        if let Some(identity) = identity {
            self.next.private.identities.push(IdentityRecord { player, identity });
        }
        Ok(player)
    }

    /// Takes the result of work outside the room.
    pub fn outcome(&mut self, outcome: OutcomeRecord) {
        self.next.private.outcomes.push(outcome);
    }

    /// Reserves a place for a spectator; `None` if all [`MAX_SPECTATORS`] are taken.
    pub fn spectate(&mut self) -> Option<PlayerId> {
        let seats = self.config.max_players;
        self.take_place(Role::Spectator, seats..seats + MAX_SPECTATORS)
    }

    /// Reserves the place of the stream that viewers share; `None` if it is taken.
    pub fn spectate_for_viewers(&mut self) -> Option<PlayerId> {
        let place = self.config.max_players + MAX_SPECTATORS;
        self.take_place(Role::Spectator, place..place + 1)
    }

    fn take_place(&mut self, role: Role, mut places: Range<u16>) -> Option<PlayerId> {
        let limits = TickLimits::of(self.config.tick_rate_hz);
        let place = places.find(|&place| self.seats[usize::from(place)].is_none())?;
        let next = &mut self.next_players[usize::from(place)];
        let player = std::mem::replace(next, next.next());
        self.seats[usize::from(place)] = Some(Seat {
            player,
            role,
            inputs: InputBuffer::new(self.config.input_layout.clone(), limits),
            sent: SentSnapshots::new(self.now, limits.frame_ring),
            chat: ChatMeter::default(),
            presence: Presence::Connected,
            requests: RequestNumbers::default(),
            is_recorded: role == Role::Spectator,
        });
        Some(player)
    }

    /// Frees a seat or a spectator's place. Messages of its player that no tick has seen are dropped.
    pub fn leave(&mut self, player: PlayerId) {
        let place = self.seats.get_mut(player.index());
        let Some(seat) = place.and_then(|place| place.take_if(|seat| seat.player == player)) else { return };
        self.stats.inputs.add(seat.inputs.counts());
        self.commands.forget(player);
        self.names.strike(player.index());
        let Record { public, private, .. } = &mut self.next;
        public.presence.retain(|change| change.player != player);
        public.chat.retain(|chat| chat.request.player != player);
        private.team_chat.retain(|chat| chat.request.player != player);
        if !seat.is_recorded {
            // The simulation has never heard of this player.
            public.joins.retain(|join| join.player != player);
            private.identities.retain(|identity| identity.player != player);
        } else if seat.role != Role::Spectator {
            public.leaves.push(player);
        }
    }

    /// Holds the seat of a player whose connection is lost. Ticks go on with the player's last input, then the neutral one.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn hold(&mut self, player: PlayerId) {
        self.set_presence(player, Presence::Away);
    }

    /// Connects a player anew, from a seat that was held or had an older connection. Returns the tick of the newest snapshot that
    /// the client's mirror proves to have arrived.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn resume(&mut self, player: PlayerId, mirror: Option<EpochTick>) -> Option<u32> {
        let now = self.now;
        let seat = self.seat_mut(player);
        let proved = mirror.map(|mirror| mirror.tick).filter(|&tick| seat.sent.has_sent(tick));
        seat.sent.restart(mirror, now);
        seat.inputs.restart();
        seat.requests.restart();
        self.set_presence(player, Presence::Connected);
        proved
    }

    fn set_presence(&mut self, player: PlayerId, presence: Presence) {
        let before = std::mem::replace(&mut self.seat_mut(player).presence, presence);
        if before != presence && !self.is_spectator(player) {
            // Back within the same tick: nothing has happened.
            let changes = &mut self.next.public.presence;
            match changes.iter().position(|change| change.player == player) {
                Some(index) => drop(changes.remove(index)),
                None => changes.push(PresenceRecord { player, presence }),
            }
        }
    }

    /// Takes an order of the operator.
    pub fn order(&mut self, order: Order) {
        self.next.public.orders.push(order);
    }

    /// Takes an input message (see [`drumline_shared::wire::input`]).
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are no input of this game, or come from a spectator.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn input(&mut self, player: PlayerId, message: &[u8]) -> Result<InputVerdict, DecodeError> {
        let (now, row) = (self.now, &mut self.input_row);
        let seat = self.seats[player.index()].as_mut().expect("inputs come from seated players");
        let read = match seat.role {
            Role::Player => {
                let last_number = seat.inputs.last_number();
                read_input(&self.config.input_layout, message, last_number, now.tick, row)
            }
            Role::Bot | Role::Spectator => Err(DecodeError::UnknownKind(KIND_INPUT)),
        };
        match read {
            Ok(header) => {
                seat.sent.acknowledge(now.with_tick(header.acked_tick), now, self.config.tick_rate_hz);
                Ok(seat.inputs.receive(header, row, now.tick + 1))
            }
            Err(error) => {
                self.stats.malformed_inputs += 1;
                Err(error)
            }
        }
    }

    /// Takes the acknowledgement of a snapshot.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn acknowledge(&mut self, player: PlayerId, acked_tick: u32) {
        let (now, tick_rate_hz) = (self.now, self.config.tick_rate_hz);
        self.seat_mut(player).sent.acknowledge(now.with_tick(acked_tick), now, tick_rate_hz);
    }

    /// Takes a report that the client's mirror is wrong: it gets a keyframe, at most one a second.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn resync(&mut self, player: PlayerId) -> ResyncVerdict {
        let verdict = self.seat_mut(player).sent.request_keyframe();
        self.stats.mismatches_reported += u64::from(verdict == ResyncVerdict::Accepted);
        verdict
    }

    /// Writes the record of the next tick: all that waits for it, and an input for every player.
    pub fn finish_record(&mut self, record: &mut Record) {
        let now = self.now.next();
        self.now = now;
        self.commands.take_due(&mut self.next.public.commands);
        for seat in self.seats.iter_mut().take(self.config.max_players.into()).flatten() {
            seat.is_recorded = true;
            seat.inputs.consume(now.tick);
            let input = InputRecord {
                player: seat.player,
                number: seat.ack().map_or(0, |ack| ack.number),
                rewind: seat.sent.rewind_point(
                    seat.inputs.view(now.tick),
                    now.tick,
                    self.config.reach_eighths,
                ),
            };
            self.next.public.inputs.push(input, seat.inputs.row());
        }
        std::mem::swap(record, &mut self.next);
        self.next.restart(now.next());
    }

    /// Writes the record of the room's end. Players who have left since the last tick leave before it, except after a panic,
    /// when the game is called no more than it must be.
    pub fn finish_last_record(&mut self, record: &mut Record, reason: EndReason) {
        record.restart(self.next.at);
        record.end = Some(reason);
        if reason != EndReason::Panic {
            record.public.leaves.append(&mut self.next.public.leaves);
        }
    }

    /// Notes that a client is sent the snapshot of the newest tick now, and returns what it is. `None` if the client has it, is
    /// away or too far behind, or its player joins with the next tick.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn send_snapshot(&mut self, player: PlayerId) -> Option<DueSnapshot> {
        let (now, tick_rate_hz) = (self.now, self.config.tick_rate_hz);
        let seat = self.seat_mut(player);
        if seat.is_away() || !seat.is_recorded {
            return None;
        }
        seat.sent.send(now, tick_rate_hz, seat.role)
    }

    /// The counts of presses in the newest input of a player.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn presses(&self, player: PlayerId) -> &[u32] {
        self.seat(player).inputs.presses()
    }

    /// The last consumed input of a player and its slack; `None` before the first.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn ack(&self, player: PlayerId) -> Option<InputAck> {
        self.seat(player).ack()
    }

    /// The slack of the input that a player had for the newest tick; `None` if the tick had none.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn slack_ticks(&self, player: PlayerId) -> Option<i8> {
        self.seat(player).inputs.slack_at(self.now.tick)
    }

    /// The reason why a player should be kicked, if there is one.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn kick_reason(&self, player: PlayerId) -> Option<KickReason> {
        let ack_timeout_ticks = self.ack_timeout_seconds * self.config.tick_rate_hz;
        self.seat(player).kick_reason(self.now.tick, ack_timeout_ticks)
    }

    /// Sets for how long a client may acknowledge nothing, [`ACK_TIMEOUT_SECONDS`] otherwise.
    pub fn set_ack_timeout(&mut self, seconds: u32) {
        self.ack_timeout_seconds = seconds;
    }

    /// Returns true if an id is a spectator's. Spectators' ids lie above all seats.
    #[must_use]
    pub fn is_spectator(&self, viewer: PlayerId) -> bool {
        viewer.seat() >= self.config.max_players
    }

    /// Spectators that are here.
    #[must_use]
    pub fn spectators(&self) -> u16 {
        self.seats.iter().skip(self.config.max_players.into()).flatten().count() as u16
    }

    /// The players by seat without the bots, and how each is doing.
    pub fn players(&self) -> impl Iterator<Item = (PlayerId, SeatStats)> {
        let seats = self.seats.iter().flatten().filter(|seat| seat.role == Role::Player);
        seats.map(|seat| (seat.player, seat.stats()))
    }

    /// The counts so far.
    #[must_use]
    pub fn stats(&self) -> IntakeStats {
        let mut stats = self.stats;
        for seat in self.seats.iter().flatten() {
            stats.inputs.add(seat.inputs.counts());
        }
        stats
    }

    fn seat(&self, player: PlayerId) -> &Seat {
        self.seats[player.index()].as_ref().expect("the driver names seated players")
    }

    fn seat_mut(&mut self, player: PlayerId) -> &mut Seat {
        self.seats[player.index()].as_mut().expect("the driver names seated players")
    }
}
