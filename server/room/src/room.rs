//! The room: players, ticks, and the snapshots that come of them.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use drumline_shared::delta::{Baseline, DecodeError};
use drumline_shared::hash::frame_hash;
use drumline_shared::input::read_input;
use drumline_shared::learner::Learner;
use drumline_shared::limits::{ACK_TIMEOUT_SECONDS, MAX_PENDING_EVENTS, MAX_UNACKED_SECONDS};
use drumline_shared::messages::{Event, PROTOCOL_VERSION, ServerMessage, Welcome, write_control};
use drumline_shared::snapshot::{BodyWriter, Head, PREFIX_BYTES, write_prefix};
use thiserror::Error;

use crate::frame_ring::FrameRing;
use crate::game::{AnyGame, EventSink, GameSpec, PlayerId};
use crate::input_buffer::{InputBuffer, InputCounts, InputVerdict};
use crate::names::{NameError, check_name};

/// What a room is made with.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// The room's id, told to clients.
    pub id: String,
    /// Seats.
    pub max_players: u16,
    /// Ticks a second: what a tick's length is taken to be.
    pub tick_rate_hz: u32,
    /// Where all of the game's randomness comes from.
    pub seed: u64,
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

/// One snapshot for one player. On the wire the prefix and the body follow each other in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// The player's own part.
    pub prefix: [u8; PREFIX_BYTES],
    /// The part shared with every player that has the same baseline.
    pub body: &'a [u8],
    /// Whether the body stands on its own.
    pub keyframe: bool,
}

/// What a room has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomStats {
    /// The inputs of players that have left; see [`Room::stats`].
    pub inputs: InputCounts,
    /// Messages that were no valid inputs.
    pub malformed_inputs: u64,
    /// Bodies encoded: one for each baseline in use at a tick.
    pub bodies_encoded: u64,
    /// Snapshots taken that were keyframes.
    pub keyframes: u64,
    /// Mirrors reported to differ from the world.
    pub mismatches_reported: u64,
    /// Events dropped because a tick had too many or too long ones.
    pub events_dropped: u64,
}

/// A deterministic, sans-IO room.
///
/// It reads no clock and owns no socket: its driver decides when a tick happens and carries the bytes. In the
/// order of the calls:
///
/// 1. between ticks, for what has arrived: [`join`](Self::join) (then send [`welcome`](Self::welcome)),
///    [`leave`](Self::leave), [`handle_input`](Self::handle_input), [`handle_ack`](Self::handle_ack),
///    [`handle_resync`](Self::handle_resync);
/// 2. at the tick's deadline, once: [`tick`](Self::tick);
/// 3. after it, for each player whose connection can take more: [`poll_event`](Self::poll_event) until there is
///    none, then [`poll_frame`](Self::poll_frame). A player who is passed over loses nothing: the next snapshot
///    starts from the last one taken.
///
/// The same config and the same calls give the same bytes.
pub struct Room {
    spec: Arc<GameSpec>,
    config: RoomConfig,
    game: Box<dyn AnyGame>,
    tick: u32,
    seats: Vec<Option<Player>>,
    ring: FrameRing,
    /// Bodies of the current tick, and their bytes.
    bodies: Vec<Body>,
    body_bytes: Vec<u8>,
    /// The current frame's hash, once something asked for it.
    hash: Option<u32>,
    writer: BodyWriter,
    learner: Learner,
    events: EventSink,
    neutral_input: Vec<u32>,
    input_row: Vec<u32>,
    stats: RoomStats,
}

struct Player {
    inputs: InputBuffer,
    /// The ticks of the last three snapshots given to the player, the newest first.
    given: [Option<u32>; 3],
    /// The tick of the newest snapshot that the player is known to have received, and the tick on which that
    /// became known.
    acked_tick: u32,
    acked_at: u32,
    /// Whether the player has asked for a keyframe, and when they were last given one for asking.
    resync_asked: bool,
    resynced_at: Option<u32>,
    events: VecDeque<Bytes>,
    events_overflowed: bool,
}

/// What a delta is encoded against. Players with the same one share the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Against {
    baseline: u32,
    older: Option<u32>,
    oldest: Option<u32>,
}

/// An encoded body.
struct Body {
    against: Option<Against>,
    head: Head,
    /// Where its bytes are.
    bytes: Range<usize>,
}

impl Room {
    /// A room at tick 0, with no players.
    ///
    /// # Panics
    /// If the tick rate is zero.
    #[must_use]
    pub fn new(spec: Arc<GameSpec>, config: RoomConfig) -> Self {
        assert!(config.tick_rate_hz > 0, "a room ticks");
        let game = (spec.make)(config.seed);
        let mut neutral_input = vec![0; spec.input_layout.columns.len()];
        game.neutral_input(&mut neutral_input);
        let mut ring = FrameRing::new(&spec.layout);
        game.capture(ring.start(0));
        Self {
            game,
            tick: 0,
            seats: (0..config.max_players).map(|_| None).collect(),
            ring,
            bodies: Vec::new(),
            body_bytes: Vec::new(),
            hash: None,
            writer: BodyWriter::new(&spec.layout),
            learner: Learner::new(&spec.layout.default_priors),
            events: EventSink::default(),
            input_row: neutral_input.clone(),
            neutral_input,
            stats: RoomStats::default(),
            spec,
            config,
        }
    }

    /// Gives a new player the lowest free seat.
    ///
    /// # Errors
    /// [`JoinError`] if there is none, or the name is not allowed.
    pub fn join(&mut self, name: &str) -> Result<PlayerId, JoinError> {
        check_name(name)?;
        let seat = self.seats.iter().position(Option::is_none).ok_or(JoinError::Full)?;
        self.seats[seat] = Some(Player {
            inputs: InputBuffer::new(self.neutral_input.clone()),
            given: [None; 3],
            acked_tick: self.tick,
            acked_at: self.tick,
            resync_asked: false,
            resynced_at: None,
            events: VecDeque::new(),
            events_overflowed: false,
        });
        let player = PlayerId(seat as u16);
        self.game.join(player, name);
        Ok(player)
    }

    /// The first message for a player.
    #[must_use]
    pub fn welcome(&self, player: PlayerId) -> Vec<u8> {
        write_control(&ServerMessage::Welcome(Welcome {
            protocol: PROTOCOL_VERSION,
            game: self.spec.name.to_owned(),
            room: self.config.id.clone(),
            player: player.0,
            max_players: self.config.max_players,
            tick_rate_hz: self.config.tick_rate_hz,
            tick: self.tick,
            schema_hash: self.spec.schema_hash,
            schema: self.spec.schema.clone(),
        }))
    }

    /// Frees a player's seat. A seat that is free stays so.
    pub fn leave(&mut self, player: PlayerId) {
        if let Some(left) = self.seats.get_mut(usize::from(player.0)).and_then(Option::take) {
            self.stats.inputs.add(left.inputs.counts());
            self.game.leave(player);
        }
    }

    /// Takes an input message (see [`drumline_shared::input`]) that has arrived from a player.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are no input of this game; the connection should be closed.
    ///
    /// # Panics
    /// If the seat is free.
    pub fn handle_input(&mut self, player: PlayerId, message: &[u8]) -> Result<InputVerdict, DecodeError> {
        let tick = self.tick;
        let row = &mut self.input_row;
        let seat = self.seats[usize::from(player.0)].as_mut().expect("inputs come from seated players");
        let last_number = seat.inputs.last_number();
        match read_input(&self.spec.input_layout, message, last_number, tick, row) {
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
        let news = !std::mem::replace(&mut self.player_mut(player).resync_asked, true);
        self.stats.mismatches_reported += u64::from(news);
        news
    }

    /// Advances the room by one tick: inputs, game, frame, events.
    pub fn tick(&mut self) {
        self.tick += 1;
        self.bodies.clear();
        self.body_bytes.clear();
        self.hash = None;
        for (seat, player) in self.seats.iter_mut().enumerate() {
            if let Some(player) = player {
                self.game.push_input(PlayerId(seat as u16), player.inputs.consume(self.tick));
            }
        }
        self.game.tick(self.tick, 1.0 / self.config.tick_rate_hz as f32, &mut self.events);
        self.game.capture(self.ring.start(self.tick));
        if self.tick.is_multiple_of(self.config.tick_rate_hz) {
            self.learner.learn(self.writer.tallies(), self.tick);
        }
        self.spread_events();
    }

    fn spread_events(&mut self) {
        self.stats.events_dropped += std::mem::take(&mut self.events.dropped);
        for (name, text) in self.events.events.drain(..) {
            let message =
                Bytes::from(write_control(&ServerMessage::Event(Event { tick: self.tick, name, text })));
            for player in self.seats.iter_mut().flatten() {
                if player.events.len() < MAX_PENDING_EVENTS {
                    player.events.push_back(message.clone());
                } else {
                    player.events_overflowed = true;
                }
            }
        }
    }

    /// The next event message for a player, if one waits.
    pub fn poll_event(&mut self, player: PlayerId) -> Option<Bytes> {
        self.player_mut(player).events.pop_front()
    }

    /// The current tick's snapshot for a player, once; none either while more than [`MAX_UNACKED_SECONDS`] of
    /// snapshots are not acknowledged. What is returned counts as received: the transport is ordered and
    /// reliable, so it becomes the baseline of the player's next one.
    pub fn poll_frame(&mut self, player: PlayerId) -> Option<Snapshot<'_>> {
        let tick = self.tick;
        let second = self.config.tick_rate_hz;
        let seat = self.player_mut(player);
        if seat.resync_asked && seat.resynced_at.is_none_or(|last| tick >= last + second) {
            seat.resync_asked = false;
            seat.resynced_at = Some(tick);
            seat.given = [None; 3];
        }
        if seat.given[0] == Some(tick) || seat.unacked_ticks() >= MAX_UNACKED_SECONDS * second {
            return None;
        }
        let given = seat.given;
        let ack = seat.inputs.ack();
        let against = self.against(given);
        // A keyframe is the start of a new line: nothing before it can serve as a baseline.
        let before = if against.is_some() { [given[0], given[1]] } else { [None; 2] };
        self.player_mut(player).given = [Some(tick), before[0], before[1]];
        self.stats.keyframes += u64::from(against.is_none());
        let Body { head, bytes, .. } = self.body(against);
        let (prefix, keyframe) = (write_prefix(*head, ack), head.keyframe);
        let bytes = bytes.clone();
        Some(Snapshot { prefix, body: &self.body_bytes[bytes], keyframe })
    }

    /// What a player's next snapshot is encoded against, from the ticks they were given: nothing (a keyframe)
    /// if their baseline has left the ring.
    fn against(&self, given: [Option<u32>; 3]) -> Option<Against> {
        let baseline = given[0].filter(|&tick| self.ring.get(tick).is_some())?;
        // Motion shows in frames that lie as far apart as the new frame is from the baseline, not in others.
        let step = self.tick - baseline;
        let before = |tick: u32| move |other: &u32| tick - other == step && self.ring.get(*other).is_some();
        let older = given[1].filter(before(baseline));
        let oldest = older.and_then(|older| given[2].filter(before(older)));
        Some(Against { baseline, older, oldest })
    }

    /// The current frame's body against something, encoded when first asked for.
    fn body(&mut self, against: Option<Against>) -> &Body {
        if let Some(index) = self.bodies.iter().position(|body| body.against == against) {
            return &self.bodies[index];
        }
        let frame = self.ring.get(self.tick).expect("the current tick is in the ring");
        let baseline = against.map(|against| Baseline {
            frame: self.ring.get(against.baseline).expect("it was there when the group was chosen"),
            older: against.older.and_then(|tick| self.ring.get(tick)),
            oldest: against.oldest.and_then(|tick| self.ring.get(tick)),
        });
        // Steady snapshots carry the hash once a second; keyframes and catch-ups always: they are rare and
        // worth the check.
        let steady = against.is_some_and(|against| self.tick - against.baseline == 1);
        let wants_hash = !steady || self.tick.is_multiple_of(self.config.tick_rate_hz);
        let hash = wants_hash.then(|| *self.hash.get_or_insert_with(|| frame_hash(frame)));
        let (head, bytes) = self.writer.write(&self.spec.layout, baseline, frame, hash, &self.learner);
        let start = self.body_bytes.len();
        self.body_bytes.extend_from_slice(bytes);
        self.stats.bodies_encoded += 1;
        self.bodies.push(Body { against, head, bytes: start..self.body_bytes.len() });
        self.bodies.last().expect("it was just pushed")
    }

    /// The current tick.
    #[must_use]
    pub fn current_tick(&self) -> u32 {
        self.tick
    }

    /// The frame of a tick, while the ring has it.
    #[must_use]
    pub fn frame(&self, tick: u32) -> Option<&drumline_shared::frame::Frame> {
        self.ring.get(tick)
    }

    /// Whether a player should go, and why.
    #[must_use]
    pub fn verdict(&self, player: PlayerId) -> Option<Expulsion> {
        let player = self.player(player);
        let mute_ticks = if player.unacked_ticks() > 0 { self.tick - player.acked_at } else { 0 };
        if player.events_overflowed || mute_ticks > ACK_TIMEOUT_SECONDS * self.config.tick_rate_hz {
            Some(Expulsion::TooSlow)
        } else if player.inputs.is_hopeless() {
            Some(Expulsion::InputFlood)
        } else {
            None
        }
    }

    /// What the room has done so far, the inputs of its present players included.
    #[must_use]
    pub fn stats(&self) -> RoomStats {
        let mut stats = self.stats;
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

impl Player {
    /// Notes that a snapshot has been received. A tick that was never given proves nothing.
    fn ack(&mut self, acked_tick: u32, now: u32) {
        if acked_tick > self.acked_tick && Some(acked_tick) <= self.given[0] {
            self.acked_tick = acked_tick;
            self.acked_at = now;
        }
    }

    /// Ticks from the newest snapshot that is known to have been received to the newest one given.
    fn unacked_ticks(&self) -> u32 {
        self.given[0].map_or(0, |given| given.saturating_sub(self.acked_tick))
    }
}

/// Why a player should be told to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expulsion {
    /// Events wait beyond the limit, or nothing has been acknowledged for [`ACK_TIMEOUT_SECONDS`].
    TooSlow,
    /// Inputs were dropped for too long.
    InputFlood,
}
