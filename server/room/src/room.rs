//! The room: players, ticks, and the snapshots that come of them.

use std::sync::Arc;

use drumline_shared::delta::DecodeError;
use drumline_shared::frame::Frame;
use drumline_shared::input::{KIND_INPUT, read_input};
use drumline_shared::limits::ACK_TIMEOUT_SECONDS;
use drumline_shared::messages::{NO_SEAT, PROTOCOL_VERSION, ServerMessage, Welcome, write_control};
use drumline_shared::session::SessionToken;
use drumline_shared::snapshot::Snapshot;
use thiserror::Error;

use crate::blocks::{Blocks, Source};
use crate::chat::ChatRules;
use crate::control::{Control, EndReason};
use crate::division::Division;
use crate::frame_ring::{DividedFrame, FrameRing};
use crate::game::PlayerId;
use crate::grid::Grid;
use crate::input_buffer::{InputCounts, InputVerdict};
use crate::interest::Sight;
use crate::names::{NameError, check_name};
use crate::player::{Expulsion, LastGiven, Player, PlayerStats, Role};
use crate::rewind::{Moment, Past, WholeFrames, reach_ticks};
use crate::setup::{Joiner, Setup};
use crate::spec::{AnyGame, GameSpec};
use crate::told::Told;
use crate::view::{Scratch, Viewer};

#[cfg(feature = "faults")]
pub mod faults;
mod spectators;
mod talk;

pub use spectators::MAX_SPECTATORS;

/// Bytes that a player's snapshot may have, unless the server is told otherwise: far more than the view of a game in good
/// order needs at a tick.
pub const DEFAULT_BUDGET_BYTES: u32 = 4096;

/// What a room is made with.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// The room's id, told to clients.
    pub id: String,
    /// Seats.
    pub max_players: u16,
    /// Ticks a second: what a tick's length is taken to be.
    pub tick_rate_hz: u32,
    /// What the game is made with.
    pub setup: Setup,
    /// Bytes that a player's snapshot may have. Areas that do not fit wait for a later one; one goes in any case.
    pub budget_bytes: u32,
    /// What players may say to each other.
    pub chat: ChatRules,
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

/// What a room has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomStats {
    /// The inputs of players that have left; see [`Room::stats`].
    pub inputs: InputCounts,
    /// Messages that were no valid inputs.
    pub malformed_inputs: u64,
    /// Blocks encoded: at each tick, one for each area and each baseline of it in use.
    pub blocks_encoded: u64,
    /// Snapshots taken that were keyframes.
    pub keyframes: u64,
    /// Mirrors reported to differ from the world.
    pub mismatches_reported: u64,
    /// Events and replies dropped because a tick had too many or too large ones, or too many waited for a player.
    pub events_dropped: u64,
    /// Messages that were no valid commands.
    pub malformed_commands: u64,
    /// Commands refused because too many of their player waited.
    pub commands_refused: u64,
    /// Chat messages told.
    pub chats_told: u64,
    /// Chat messages refused.
    pub chats_refused: u64,
}

/// A deterministic, sans-IO room.
///
/// It reads no clock and owns no socket: its driver decides when a tick happens and carries the bytes. In the
/// order of the calls:
///
/// 1. between ticks, for what has arrived: [`join`](Self::join) or [`watch`](Self::watch) (then send [`welcome`](Self::welcome)),
///    [`leave`](Self::leave), [`hold`](Self::hold), [`resume`](Self::resume) (then `welcome` again),
///    [`handle_input`](Self::handle_input), [`handle_ack`](Self::handle_ack), [`handle_resync`](Self::handle_resync),
///    [`handle_command`](Self::handle_command), [`handle_chat`](Self::handle_chat);
/// 2. at the tick's deadline, once: [`tick`](Self::tick);
/// 3. after it, for each player whose connection can take more: [`poll_message`](Self::poll_message) until there is none,
///    then [`poll_snapshot`](Self::poll_snapshot), then [`poll_fragment`](Self::poll_fragment) until there is none. A player
///    who is passed over loses nothing: the next snapshot starts from the last one taken;
/// 4. at its end, whatever the reason is, once: [`close`](Self::close).
///
/// The same config and the same calls give the same bytes.
pub struct Room {
    spec: Arc<GameSpec>,
    config: RoomConfig,
    game: Box<dyn AnyGame>,
    tick: u32,
    /// The players' seats, and after them the spectators' places.
    seats: Vec<Option<Player>>,
    ring: FrameRing,
    division: Division,
    /// The whole world, if it is to be divided.
    whole: Option<WholeFrames>,
    /// How far back the game looks, and what each player saw, by seat.
    reach_ticks: f64,
    moments: Vec<Moment>,
    blocks: Blocks,
    told: Told,
    /// How many connections there have been, so that each has a number.
    connections: u32,
    /// The players' teams, by seat, if they have been asked for on this tick.
    teams: Vec<Option<u16>>,
    control: Control,
    closed: bool,
    ack_timeout_seconds: u32,
    neutral_input: Vec<u32>,
    input_row: Vec<u32>,
    stats: RoomStats,
    /// Scratch: what a player sees, and what they are told.
    sight: Sight,
    scratch: Scratch,
    snapshot: Snapshot,
    message: Vec<u8>,
}

impl Room {
    /// A room at tick 0, with no players.
    ///
    /// # Panics
    /// If the tick rate is zero.
    #[must_use]
    pub fn new(spec: Arc<GameSpec>, config: RoomConfig) -> Self {
        assert!(config.tick_rate_hz > 0, "a room ticks");
        let game = (spec.make)(&config.setup);
        let mut neutral_input = vec![0; spec.input_layout.columns.len()];
        game.neutral_input(&mut neutral_input);
        let reach_ticks = reach_ticks(spec.rewind_ms, config.tick_rate_hz);
        let whole = (!spec.layout.is_public()).then(|| WholeFrames::new(&spec.schema.tables, reach_ticks));
        let mut room = Self {
            game,
            tick: 0,
            seats: (0..config.max_players + MAX_SPECTATORS).map(|_| None).collect(),
            ring: FrameRing::new(&spec.layout),
            division: Division::new(&spec.layout, Grid::of(spec.interest)),
            whole,
            reach_ticks,
            moments: Vec::new(),
            blocks: Blocks::new(&spec.layout),
            told: Told::default(),
            connections: 0,
            teams: Vec::new(),
            control: Control::default(),
            closed: false,
            ack_timeout_seconds: ACK_TIMEOUT_SECONDS,
            input_row: neutral_input.clone(),
            neutral_input,
            stats: RoomStats::default(),
            sight: Sight::default(),
            scratch: Scratch::default(),
            snapshot: Snapshot::default(),
            message: Vec::new(),
            spec,
            config,
        };
        room.capture();
        room
    }

    /// Gives a new player the lowest free seat.
    ///
    /// # Errors
    /// [`JoinError`] if there is none, or the name is not allowed.
    pub fn join(&mut self, joiner: impl Into<Joiner>) -> Result<PlayerId, JoinError> {
        let joiner = joiner.into();
        check_name(&joiner.name)?;
        let seats = 0..self.config.max_players;
        let (name, budget_bytes) = (joiner.name.clone(), self.config.budget_bytes);
        let player = self.sit(Role::Player, seats, name, budget_bytes).ok_or(JoinError::Full)?;
        self.game.join(player, &joiner);
        Ok(player)
    }

    /// The first message for a player. With the session's token they can take their seat up again for so many seconds after
    /// their connection is lost; both are the driver's affair.
    #[must_use]
    pub fn welcome(&self, player: PlayerId, session: SessionToken, resume_seconds: u16) -> Vec<u8> {
        write_control(&ServerMessage::Welcome(Welcome {
            protocol: PROTOCOL_VERSION,
            game: self.spec.name.to_owned(),
            room: self.config.id.clone(),
            mode: self.config.setup.mode.clone(),
            player: if self.is_spectator(player) { NO_SEAT } else { player.0 },
            spectator: self.is_spectator(player),
            max_players: self.config.max_players,
            tick_rate_hz: self.config.tick_rate_hz,
            tick: self.tick,
            session,
            resume_seconds,
            chat: self.config.chat.enabled,
            schema_hash: self.spec.schema_hash,
            schema: self.spec.schema.clone(),
        }))
    }

    /// Frees a player's seat, or a spectator's place. One that is free stays so.
    pub fn leave(&mut self, player: PlayerId) {
        let left = self.seats.get_mut(usize::from(player.0)).and_then(Option::take);
        if let Some(left) = left.filter(|left| left.role == Role::Player) {
            self.stats.inputs.add(left.inputs.counts());
            self.game.leave(player);
        }
    }

    /// Holds the seat of a player whose connection is lost: they stay in the game, which is not told, and are given nothing until
    /// they [`resume`](Self::resume). Their input is what stands in for one that is missing.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn hold(&mut self, player: PlayerId) {
        self.player_mut(player).hold();
    }

    /// Gives a player's seat another connection, whether it was held or still had one. If the client's mirror is exactly
    /// the snapshot that the player was last given, and that is still remembered, the next one goes on from it; else it is
    /// a keyframe.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn resume(&mut self, player: PlayerId, mirror_tick: Option<u32>) {
        self.connections += 1;
        let (tick, connection) = (self.tick, self.connections);
        self.player_mut(player).resume(mirror_tick, tick, connection);
    }

    /// Takes an input message (see [`drumline_shared::input`]) that has arrived from a player.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are no input of this game, or a spectator's; the connection should be closed.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_input(&mut self, player: PlayerId, message: &[u8]) -> Result<InputVerdict, DecodeError> {
        let tick = self.tick;
        let row = &mut self.input_row;
        let seat = self.seats[usize::from(player.0)].as_mut().expect("inputs come from seated players");
        let read = match seat.role {
            Role::Player => {
                read_input(&self.spec.input_layout, message, seat.inputs.last_number(), tick, row)
            }
            Role::Spectator => Err(DecodeError::UnknownKind(KIND_INPUT)),
        };
        match read {
            Ok(header) => {
                seat.ack(header.acked_tick, tick);
                Ok(seat.inputs.receive(header, row, tick + 1))
            }
            Err(error) => {
                self.stats.malformed_inputs += 1;
                Err(error)
            }
        }
    }

    /// Takes a player's word that they have received the snapshot of a tick.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_ack(&mut self, player: PlayerId, acked_tick: u32) {
        let tick = self.tick;
        self.player_mut(player).ack(acked_tick, tick);
    }

    /// Takes a player's word that their mirror is wrong: they get a keyframe, at most one a second. Whether this is news, and
    /// not a repetition of a request that still waits.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_resync(&mut self, player: PlayerId) -> bool {
        let news = self.player_mut(player).ask_for_keyframe();
        self.stats.mismatches_reported += u64::from(news);
        news
    }

    /// Advances the room by one tick: inputs, game, frame, messages.
    pub fn tick(&mut self) {
        let present = self.tick;
        self.tick += 1;
        for (seat, player) in self.seats.iter_mut().enumerate() {
            if let Some(player) = player.as_mut().filter(|player| player.role == Role::Player) {
                self.game.push_input(PlayerId(seat as u16), player.inputs.consume(self.tick));
            }
        }
        if self.reach_ticks > 0.0 {
            let saw = |player: &Player| player.moment(self.tick, self.reach_ticks);
            let moments = self.seats.iter().map(|seat| seat.as_ref().map_or(Moment::present(present), saw));
            self.moments.clear();
            self.moments.extend(moments);
        }
        let (ring, whole) = (&self.ring, self.whole.as_ref());
        let past = Past { present, tables: &self.spec.schema.tables, ring, whole, moments: &self.moments };
        let time = (self.tick, 1.0 / self.config.tick_rate_hz as f32);
        self.game.tick(time, &mut self.told, &mut self.control, past);
        self.capture();
        self.spread();
    }

    /// Captures the world into the ring, each area's rows together.
    fn capture(&mut self) {
        let (divided, before) = self.ring.start(self.tick);
        match &mut self.whole {
            None => {
                self.game.capture(&mut divided.frame);
                self.division.note_change(self.tick);
            }
            Some(whole) => {
                let whole = whole.start(self.tick);
                self.game.capture(whole);
                self.division.divide(&self.spec.layout, &*self.game, whole, before, divided);
            }
        }
        self.blocks.start(self.tick, self.config.tick_rate_hz, self.division.numbers());
    }

    /// The current tick's snapshot message for a player, once; none either while more than
    /// [`MAX_UNACKED_SECONDS`](drumline_shared::limits::MAX_UNACKED_SECONDS) of snapshots are not acknowledged. What is returned
    /// counts as received: the transport is ordered and reliable, so the next one goes on from it.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn poll_snapshot(&mut self, player: PlayerId) -> Option<&[u8]> {
        let Self { spec, config, game, ring, division, blocks, sight, scratch, snapshot, message, .. } = self;
        let (tick, tick_rate_hz) = (self.tick, config.tick_rate_hz);
        let seated = self.seats[usize::from(player.0)].as_mut().expect("the driver names seated players");
        let last = seated.give(tick, tick_rate_hz)?;
        snapshot.clear();
        snapshot.ack = seated.inputs.ack();
        let known = match last {
            LastGiven::Forgotten => {
                seated.view.restart();
                self.stats.keyframes += 1;
                (snapshot.keyframe, snapshot.ticks) = (true, tick);
                None
            }
            LastGiven::At(last) => {
                (snapshot.keyframe, snapshot.ticks) = (false, tick - last);
                Some(last)
            }
        };
        snapshot.priors = blocks.priors(known);
        let plays = seated.role == Role::Player;
        if plays && self.whole.is_some() {
            sight.clear();
            game.sight(player, sight);
        }
        let viewer = if plays { Viewer::Player { seat: player.0, sight } } else { Viewer::Spectator };
        if self.whole.is_some() {
            seated.view.look(&spec.layout, division, viewer, scratch);
        }
        let source = Source { layout: &spec.layout, ring, tick, tick_rate_hz, learns: plays };
        let budget_bytes = seated.budget.bytes();
        seated.view.tell(blocks, source, (division, viewer), budget_bytes, (scratch, snapshot));
        message.clear();
        snapshot.write(blocks.bytes(), message);
        seated.outbox.allow_fragments(budget_bytes.saturating_sub(message.len()));
        Some(message)
    }

    /// Keeps new players out, or lets them in again, as the game itself may. It is the driver's affair to heed it.
    pub fn lock(&mut self, locked: bool) {
        self.control.locked = locked;
    }

    /// Whether new players are to be kept out.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.control.locked
    }

    /// Tells the game for how many seconds the room may go on.
    pub fn drain(&mut self, seconds: f32) {
        self.control.draining = Some(seconds);
    }

    /// Whether the game wants the room to end once this tick's snapshots are sent.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.control.ended
    }

    /// Tells the game that the room ends. After this the room is only to be dropped; to say it twice changes nothing.
    pub fn close(&mut self, reason: EndReason) {
        if !std::mem::replace(&mut self.closed, true) {
            self.game.close(reason);
        }
    }

    /// The current tick.
    #[must_use]
    pub fn current_tick(&self) -> u32 {
        self.tick
    }

    /// What a player sees beside what all see and what is their own. Nothing is a spectator's own.
    #[must_use]
    pub fn sight(&self, player: PlayerId) -> Sight {
        let mut sight = Sight::default();
        if !self.is_spectator(player) {
            self.game.sight(player, &mut sight);
        }
        sight
    }

    /// The frame of a tick, while the ring has it. Its tables are the layout's parts; in a divided world each area's rows stand
    /// together, and only they are sorted.
    #[must_use]
    pub fn frame(&self, tick: u32) -> Option<&Frame> {
        self.ring.get(tick).map(|divided: &DividedFrame| &divided.frame)
    }

    /// How early the input was that a player had for the current tick; none if they had none.
    ///
    /// # Panics
    /// If the seat is free.
    #[must_use]
    pub fn slack_ticks(&self, player: PlayerId) -> Option<i8> {
        self.player(player).inputs.slack_at(self.tick)
    }

    /// Events that wait to be sent, to all players together.
    #[must_use]
    pub fn events_waiting(&self) -> usize {
        self.seats.iter().flatten().map(Player::messages_waiting).sum()
    }

    /// Sets how long a player may acknowledge nothing, [`ACK_TIMEOUT_SECONDS`] otherwise.
    pub fn set_ack_timeout(&mut self, seconds: u32) {
        self.ack_timeout_seconds = seconds;
    }

    /// Whether a player should go, and why.
    #[must_use]
    pub fn verdict(&self, player: PlayerId) -> Option<Expulsion> {
        self.player(player).verdict(self.tick, self.ack_timeout_seconds * self.config.tick_rate_hz)
    }

    /// The players by seat, and how each is doing.
    pub fn players(&self) -> impl Iterator<Item = (PlayerId, PlayerStats)> {
        let seats = self.seats.iter().take(self.config.max_players.into()).enumerate();
        seats.filter_map(|(seat, player)| Some((PlayerId(seat as u16), player.as_ref()?.stats())))
    }

    /// What the room has done so far, the inputs of its present players included.
    #[must_use]
    pub fn stats(&self) -> RoomStats {
        let mut stats = RoomStats { blocks_encoded: self.blocks.encoded, ..self.stats };
        for player in self.seats.iter().flatten() {
            stats.inputs.add(player.inputs.counts());
        }
        stats
    }

    fn player(&self, player: PlayerId) -> &Player {
        self.seats[usize::from(player.0)].as_ref().expect("the driver names seated players")
    }

    fn player_mut(&mut self, player: PlayerId) -> &mut Player {
        self.seats[usize::from(player.0)].as_mut().expect("the driver names seated players")
    }
}
