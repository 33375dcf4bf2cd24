//! The room: intake, simulation and replication together, for a driver.

mod actions;
mod config;
mod figures;
mod stream;
mod upkeep;

pub use self::config::{DEFAULT_BUDGET_BYTES, RoomConfig, SessionTerms};

use std::sync::Arc;

use bytes::Bytes;
use drumline_shared::error::DecodeError;
use drumline_shared::error::MessageError;
use drumline_shared::frame::Frame;
use drumline_shared::schema::Schema;
use drumline_shared::wire::control::{
    Channel, NO_PLAYER, Outcome, PROTOCOL_VERSION, Refused, ServerMessage, Welcome, write_control,
    write_welcome,
};

use crate::intake::input_buffer::InputVerdict;
use crate::intake::{ChatError, CommandError, Intake, IntakeConfig, JoinError, KickReason, ResyncVerdict};
use crate::job::{JobError, JobId};
use crate::joiner::Joiner;
use crate::player_id::PlayerId;
use crate::record::{EndReason, Order, OutcomeRecord, Record, RequestId};
use crate::replication::{NewClient, Replication, ReplicationConfig, SnapshotRequest};
use crate::simulation::game::Game;
use crate::simulation::host::spec::GameSpec;
use crate::simulation::interest::Sight;
use crate::simulation::{Output, Simulation};
use crate::stats::RoomStats;
use crate::text::sameness::Sameness;

/// A deterministic, sans-IO room.
///
/// It reads no clock and owns no socket: its driver decides when a tick happens, and carries the bytes. In the order of the
/// calls:
///
/// 1. between ticks, for what has arrived: [`join`](Self::join) or [`spectate`](Self::spectate) (then send
///    [`welcome`](Self::welcome)), [`leave`](Self::leave), [`hold`](Self::hold), [`resume`](Self::resume) (then `welcome` again),
///    [`handle_input`](Self::handle_input), [`handle_ack`](Self::handle_ack), [`handle_resync`](Self::handle_resync),
///    [`handle_command`](Self::handle_command), [`handle_chat`](Self::handle_chat), [`lock`](Self::lock),
///    [`drain`](Self::drain); the game sees all of it on the next tick;
/// 2. at the tick's deadline, once: [`tick`](Self::tick);
/// 3. after it, for each client whose connection can take more: [`poll_message`](Self::poll_message) until there is none, then
///    [`poll_snapshot`](Self::poll_snapshot), then [`poll_fragment`](Self::poll_fragment) until there is none. A client that is
///    passed over loses nothing: its next snapshot is a delta to the last one that it was sent;
/// 4. at the room's end, once: [`close`](Self::close).
///
/// The same config and the same calls give the same bytes.
pub struct Room {
    spec: Arc<GameSpec>,
    config: RoomConfig,
    intake: Intake,
    simulation: Simulation,
    replication: Replication,
    /// The record of the newest tick.
    record: Record,
    is_closed: bool,
    /// Counts of what belongs to none of the parts.
    stats: RoomStats,
}

impl Room {
    /// A room before its first tick, with no players.
    ///
    /// # Panics
    /// If the tick rate is zero.
    #[must_use]
    pub fn new(spec: Arc<GameSpec>, config: RoomConfig) -> Self {
        assert!(config.tick_rate_hz > 0, "a room ticks");
        let simulation = Simulation::new(Arc::clone(&spec), config.simulation());
        let intake = Intake::new(
            IntakeConfig {
                max_players: config.max_players,
                tick_rate_hz: config.tick_rate_hz,
                chat: config.chat,
                input_layout: spec.input_layout.clone(),
                check_command: spec.check_command,
                reach_eighths: spec.reach_eighths(config.tick_rate_hz),
            },
            simulation.now(),
        );
        let layout = Arc::clone(&spec.layout);
        let RoomConfig { tick_rate_hz, budget_bytes, outbox_bytes, .. } = config;
        let limits = ReplicationConfig { tick_rate_hz, budget_bytes, outbox_bytes };
        let mut replication = Replication::new(layout, spec.interest, limits);
        replication.replicate(&simulation.output());
        Self {
            record: Record::new(simulation.now()),
            intake,
            simulation,
            replication,
            is_closed: false,
            stats: RoomStats::default(),
            spec,
            config,
        }
    }

    /// Compares players' names in another way from now on. By default names of the same form are the same.
    pub fn compare_names(&mut self, sameness: Sameness) {
        self.intake.names.compare_by(sameness);
    }

    /// The name of a player, as others see it: with a number behind it if another player had it first.
    #[must_use]
    pub fn name(&self, player: PlayerId) -> Option<&str> {
        self.intake.names.name(player.index())
    }

    /// Gives a new player the lowest free seat. The game's [`join`](crate::Game::join) is called on the next tick, and the first
    /// snapshot comes after it.
    ///
    /// # Errors
    /// [`JoinError`] if no seat is free, or the name is not allowed.
    pub fn join(&mut self, joiner: impl Into<Joiner>) -> Result<PlayerId, JoinError> {
        let joiner = joiner.into();
        let has_client = !joiner.is_bot;
        let player = self.intake.join(joiner)?;
        // A bot's input comes from the game, and nothing is sent to it.
        if has_client {
            self.add_client(player);
        }
        Ok(player)
    }

    /// Passes the result of a job to the game, on the next tick.
    pub fn handle_outcome(&mut self, job: JobId, result: Result<Bytes, JobError>) {
        self.intake.outcome(OutcomeRecord { job, result });
    }

    /// The game, if it is of this type.
    #[must_use]
    pub fn game<G: Game>(&self) -> Option<&G> {
        self.simulation.game()
    }

    /// Mutable access to the game, if it is of this type: for tests, since no record can repeat what they do with it.
    #[must_use]
    pub fn game_mut<G: Game>(&mut self) -> Option<&mut G> {
        self.simulation.game_mut()
    }

    /// Gives a spectator a place; `None` if all [`MAX_SPECTATORS`](crate::MAX_SPECTATORS) are taken. A spectator gets
    /// snapshots as players do, in which nothing is hidden. It may [`leave`](Self::leave), acknowledge and ask for keyframes;
    /// its inputs are errors. Players get the same bytes with it and without.
    pub fn spectate(&mut self) -> Option<PlayerId> {
        let spectator = self.intake.spectate()?;
        self.add_client(spectator);
        Some(spectator)
    }

    fn add_client(&mut self, player: PlayerId) {
        let is_spectator = self.is_spectator(player);
        self.replication.add(NewClient { player, is_spectator });
    }

    /// The first message for a client on a connection.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn welcome(&self, player: PlayerId, terms: SessionTerms) -> Vec<u8> {
        let is_spectator = self.is_spectator(player);
        let marks = self.intake.marks(player);
        let welcome = Welcome {
            protocol: PROTOCOL_VERSION,
            game: self.spec.name.to_owned(),
            room: self.config.setup.id.clone(),
            mode: self.config.setup.mode.clone(),
            player: if is_spectator { NO_PLAYER } else { player.number() },
            spectator: is_spectator,
            max_players: self.config.max_players,
            tick_rate_hz: self.config.tick_rate_hz,
            tick: self.current_tick(),
            session: terms.token.to_owned(),
            resume_seconds: terms.resume_seconds,
            reload_seconds: terms.reload_seconds,
            chat: self.config.chat.enabled,
            presses: self.intake.presses(player).to_vec(),
            epoch: self.simulation.now().epoch,
            last_input: marks.input,
            last_command: marks.command,
            next_message: self.replication.next_message(player),
            schema_hash: self.spec.schema_hash,
            schema: Schema::default(),
        };
        write_welcome(welcome, &self.spec.schema_bytes)
    }

    /// Frees a player's seat, or a spectator's place. Nothing happens if it is free.
    pub fn leave(&mut self, player: PlayerId) {
        self.intake.leave(player);
        self.replication.remove(player);
    }

    /// Holds the seat of a player whose connection is lost: the player stays in the game, and receives nothing until it
    /// [`resume`](Self::resume)s. Its last input is repeated for a while, then the neutral one is used.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn hold(&mut self, player: PlayerId) {
        self.intake.hold(player);
        self.replication.hold(player);
    }

    /// Gives a player's seat another connection, from a seat that was held or had an older connection. If the client's mirror is
    /// exactly the last snapshot that it was sent, and that is recent enough, the next snapshot is a delta to it; else it is a
    /// keyframe.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn resume(&mut self, player: PlayerId, mirror_tick: Option<u32>) {
        let mirror = mirror_tick.map(|tick| self.simulation.now().with_tick(tick));
        let proved_tick = self.intake.resume(player, mirror);
        self.replication.resume(player, proved_tick);
    }

    /// Takes an input message (see [`drumline_shared::wire::input`]).
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are no input of this game, or come from a spectator; the connection should be closed.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_input(&mut self, player: PlayerId, message: &[u8]) -> Result<InputVerdict, DecodeError> {
        self.intake.input(player, message)
    }

    /// Takes the acknowledgement of a snapshot.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_ack(&mut self, player: PlayerId, acked_tick: u32) {
        self.intake.acknowledge(player, acked_tick);
    }

    /// Takes a report that the client's mirror is wrong: it gets a keyframe, at most one a second.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_resync(&mut self, player: PlayerId) -> ResyncVerdict {
        self.intake.resync(player)
    }

    /// Takes a command: a serialized [`Game::Command`]. The commands and chat messages of a player are
    /// numbered from 1, each one higher than the last. One that was accepted before is ignored. If too many of the player's
    /// commands wait already, the client gets a refusal, and sends this one and those after it again.
    ///
    /// # Errors
    /// [`MessageError`] if the bytes are no command of this game or come from a spectator, or numbers are missing before this
    /// one; the connection should be closed.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_command(&mut self, request: RequestId, body: &[u8]) -> Result<(), MessageError> {
        match self.intake.command(request, Bytes::copy_from_slice(body)) {
            Ok(()) => Ok(()),
            Err(CommandError::QueueFull) => {
                self.refuse(request, Refused::TooMany);
                Ok(())
            }
            Err(CommandError::Malformed(error)) => Err(error),
        }
    }

    /// Takes a chat message, which is numbered as commands are. It is sent with the next tick, if the game allows it; the client
    /// gets the outcome if it wants a reply, and a refusal in any case.
    ///
    /// # Errors
    /// [`MessageError`] if it comes from a spectator, or numbers are missing before it; the connection should be closed.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_chat(
        &mut self,
        request: RequestId,
        channel: Channel,
        text: &str,
    ) -> Result<(), MessageError> {
        match self.intake.chat(request, channel, text) {
            Ok(()) => Ok(()),
            Err(ChatError::Refused(refused)) => {
                self.stats.chats_refused += 1;
                self.refuse(request, refused);
                Ok(())
            }
            Err(ChatError::Malformed(error)) => Err(error),
        }
    }

    /// Refuses a request that does not enter a tick.
    fn refuse(&mut self, request: RequestId, refused: Refused) {
        let outcome = Outcome::Refused(refused);
        let reply = write_control(&ServerMessage::Reply { request: request.number, outcome });
        self.replication.queue_reply(request.player, &reply.into());
    }

    /// Keeps new players out from the next tick on, or lets them in again, as an operator: the game has a lock of its own, and
    /// neither opens the other's. The driver enforces it.
    pub fn lock(&mut self, locked: bool) {
        self.intake.order(Order::Lock(locked));
    }

    /// Announces to the game for how many seconds the room may go on.
    pub fn drain(&mut self, seconds: f32) {
        self.intake.order(Order::Drain { left_ms: (seconds * 1000.0) as u32 });
    }

    /// Advances the room by one tick.
    pub fn tick(&mut self) {
        self.intake.finish_record(&mut self.record);
        let output = self.simulation.advance(&self.record);
        if !output.is_too_large {
            self.replication.replicate(&output);
        }
        self.stats.events_dropped += u64::from(output.refused.total());
        self.stats.chats_sent += u64::from(output.chats_sent);
        self.stats.chats_refused += u64::from(output.chats_refused);
    }

    /// Ends the game, which may have a last job for [`take_actions`](Self::take_actions). After this the room is only to be
    /// dropped; a second call does nothing.
    pub fn close(&mut self, reason: EndReason) {
        if !std::mem::replace(&mut self.is_closed, true) {
            self.intake.finish_last_record(&mut self.record, reason);
            // After a panic the game may not have reached the tick that intake is at.
            self.record.at = self.simulation.now().next();
            self.simulation.advance(&self.record);
        }
    }

    /// The next message for a client that goes before the snapshot; `None` if there is none, or its seat is held.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn poll_message(&mut self, player: PlayerId) -> Option<Bytes> {
        if let Some(command) = self.intake.take_confirmation(player) {
            return Some(write_control(&ServerMessage::Received { command }).into());
        }
        self.replication.poll_message(player)
    }

    /// The newest tick's snapshot for a client, once. `None` also if too many clients need other baselines on this tick, and
    /// while more than [`MAX_UNACKED_SECONDS`](drumline_shared::limits::MAX_UNACKED_SECONDS) of snapshots beyond the client's
    /// round trip are not acknowledged. A snapshot that is returned counts as received: the transport is ordered and reliable, so
    /// the next one is a delta to it.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn poll_snapshot(&mut self, player: PlayerId) -> Option<&[u8]> {
        if self.simulation.output().is_too_large || self.replication.must_wait(player) {
            return None;
        }
        let due = self.intake.send_snapshot(player)?;
        let ack = self.intake.ack(player);
        let request = SnapshotRequest { player, due, ack };
        Some(self.replication.write_snapshot(request, self.simulation.output().sights))
    }

    /// The next fragment of a large message for a client that goes after the snapshot; `None` if there is none, or no room for
    /// it.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn poll_fragment(&mut self, player: PlayerId) -> Option<&[u8]> {
        self.replication.poll_fragment(player)
    }

    /// The record of the newest tick. Its simulation can be repeated from all records: see
    /// [`Simulation::advance`](crate::simulation::Simulation::advance).
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The newest tick.
    #[must_use]
    pub fn current_tick(&self) -> u32 {
        self.simulation.now().tick
    }

    /// The frame of a tick; `None` if it is too long ago. Its tables are the layout's parts; in a divided world each area's rows
    /// stand together, and only they are sorted.
    #[must_use]
    pub fn frame(&self, tick: u32) -> Option<&Frame> {
        self.replication.frame(tick)
    }

    /// The output of the newest tick: the whole world, and each player's sight of it.
    #[must_use]
    pub fn output(&self) -> Output<'_> {
        self.simulation.output()
    }

    /// A player's sight, as of now. It is empty for a spectator.
    #[must_use]
    pub fn sight(&self, player: PlayerId) -> Sight {
        if self.is_spectator(player) { Sight::default() } else { self.simulation.sight(player) }
    }

    /// Returns true if new players are to be kept out.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.simulation.is_locked()
    }

    /// Returns true if the room is to end once this tick's snapshots are sent.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.end_reason().is_some()
    }

    /// The reason for which the room is to end once this tick's snapshots are sent: the game wants it, or its world has become
    /// too large for clients, and then there is no snapshot of this tick. `None` if it may go on.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        if self.simulation.output().is_too_large {
            Some(EndReason::WorldTooLarge)
        } else {
            self.simulation.has_ended().then_some(EndReason::Game)
        }
    }

    /// Returns true if an id is a spectator's. Spectators' ids lie above all seats.
    #[must_use]
    pub fn is_spectator(&self, viewer: PlayerId) -> bool {
        self.intake.is_spectator(viewer)
    }

    /// Spectators that are here.
    #[must_use]
    pub fn spectators(&self) -> u16 {
        self.intake.spectators()
    }

    /// Sets for how long a client may acknowledge nothing,
    /// [`ACK_TIMEOUT_SECONDS`](drumline_shared::limits::ACK_TIMEOUT_SECONDS) otherwise.
    pub fn set_ack_timeout(&mut self, seconds: u32) {
        self.intake.set_ack_timeout(seconds);
    }

    /// The reason why a player should be kicked; `None` if there is none.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn kick_reason(&self, player: PlayerId) -> Option<KickReason> {
        if self.replication.is_overdue(player) {
            return Some(KickReason::TooSlow);
        }
        self.intake.kick_reason(player)
    }

    /// The slack of the input that a player had for the newest tick; `None` if the tick had none.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn slack_ticks(&self, player: PlayerId) -> Option<i8> {
        self.intake.slack_ticks(player)
    }

    /// Corrupts one field of one entity in the next block that is encoded: a test wants to see mirrors notice it.
    #[cfg(feature = "faults")]
    pub fn corrupt_next_block(&mut self) {
        self.replication.corrupt_next_block();
    }
}
