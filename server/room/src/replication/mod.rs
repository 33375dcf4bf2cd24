//! Replication: the state of the world, on its way to clients.
//!
//! It divides each frame into [areas](area), encodes each area once for each baseline in use ([`blocks`]), and puts together
//! each client's snapshot from the areas in its [`view`], as far as its [`budget`] allows. It can be rebuilt from the
//! simulation's output at any time: no state of the game is in here.

pub mod area;
pub mod blocks;
pub mod budget;
pub mod choices;
mod client;
pub mod division;
#[cfg(feature = "faults")]
pub mod faults;
pub mod frame_ring;
pub mod grid;
pub mod outbox;
pub mod view;

use std::sync::Arc;

use bytes::Bytes;
use drumline_shared::frame::Frame;
use drumline_shared::layout::Layout;
use drumline_shared::limits::TickLimits;
use drumline_shared::wire::control::{PlayerList, ServerMessage, write_control};
use drumline_shared::wire::fragment::write_fragment;
use drumline_shared::wire::snapshot::{InputAck, Snapshot};

use self::blocks::{Blocks, Source};
use self::budget::Budget;
use self::client::Client;
use self::division::Division;
use self::frame_ring::FrameRing;
use self::grid::{Grid, sees};
use self::view::{Scratch, View, Viewer};
use crate::intake::DueSnapshot;
use crate::player_id::PlayerId;
use crate::simulation::interest::{Interest, Sight};
use crate::simulation::outgoing::{MessageKind, OutgoingMessage, To};
use crate::simulation::{Output, Player};

/// The least budget of a spectator's snapshot, in bytes: a spectator sees all of the world.
const SPECTATOR_BUDGET_BYTES: u32 = 16 * 1024;

/// Counts of what was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplicationStats {
    /// Blocks encoded: on each tick, one for each area and each baseline of it in use.
    pub blocks_encoded: u64,
    /// Snapshots that were keyframes.
    pub keyframes: u64,
    /// Messages dropped for newer ones, and reliable ones beyond the limit of a client that was away.
    pub messages_dropped: u64,
    /// Areas in view that a client's list had no room for, each once a snapshot.
    pub areas_left_out: u64,
}

/// A client that begins to follow the room.
#[derive(Debug, Clone, Copy)]
pub struct NewClient {
    /// The client's seat or place.
    pub player: PlayerId,
    /// The client sees everything and is no player.
    pub is_spectator: bool,
}

/// The limits of a replication.
#[derive(Debug, Clone, Copy)]
pub struct ReplicationConfig {
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// Bytes that a player's snapshot may have.
    pub budget_bytes: u32,
    /// Bytes of events and replies that may be kept for one client.
    pub outbox_bytes: u32,
}

/// A snapshot that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotRequest {
    /// The recipient.
    pub player: PlayerId,
    /// Its kind, and how the client is doing.
    pub due: DueSnapshot,
    /// The last consumed input of the player.
    pub ack: Option<InputAck>,
}

/// The frames, areas, views and outboxes of a room.
#[derive(Debug)]
pub struct Replication {
    layout: Arc<Layout>,
    config: ReplicationConfig,
    tick: u32,
    ring: FrameRing,
    division: Division,
    blocks: Blocks,
    /// By seat, and after the seats the spectators' places.
    clients: Vec<Option<Client>>,
    scratch: Scratch,
    snapshot: Snapshot,
    message: Vec<u8>,
    stats: ReplicationStats,
}

impl Replication {
    /// No frames and no clients.
    #[must_use]
    pub fn new(layout: Arc<Layout>, interest: Interest, config: ReplicationConfig) -> Self {
        let ring = TickLimits::of(config.tick_rate_hz).frame_ring;
        Self {
            ring: FrameRing::new(&layout, ring),
            division: Division::new(&layout, Grid::of(interest), ring),
            blocks: Blocks::new(&layout),
            layout,
            config,
            tick: 0,
            clients: Vec::new(),
            scratch: Scratch::default(),
            snapshot: Snapshot::default(),
            message: Vec::new(),
            stats: ReplicationStats::default(),
        }
    }

    /// Bytes of memory that the frames take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.ring.memory_bytes()
    }

    /// Adds a client, which has nothing yet.
    pub fn add(&mut self, NewClient { player, is_spectator }: NewClient) {
        let least = if is_spectator { SPECTATOR_BUDGET_BYTES } else { 0 };
        let budget = Budget::new(self.config.budget_bytes.max(least));
        let client = Client::new(player, View::new(&self.division), budget, is_spectator);
        if self.clients.len() <= player.index() {
            self.clients.resize_with(player.index() + 1, || None);
        }
        self.clients[player.index()] = Some(client);
    }

    /// Removes a client and all that waits for it.
    pub fn remove(&mut self, player: PlayerId) {
        if let Some(place) = self.clients.get_mut(player.index()) {
            place.take_if(|client| client.player == player);
        }
    }

    /// Keeps a client's messages until it resumes.
    ///
    /// # Panics
    /// If there is no such client.
    pub fn hold(&mut self, player: PlayerId) {
        self.client_mut(player).hold();
    }

    /// Goes on with a client on another connection. Its mirror proves that all up to a snapshot has arrived.
    ///
    /// # Panics
    /// If there is no such client.
    pub fn resume(&mut self, player: PlayerId, proved_tick: Option<u32>) {
        let tick = self.tick;
        self.client_mut(player).resume(proved_tick, tick);
    }

    /// The number of the first event or reply that a new connection of a client gets.
    ///
    /// # Panics
    /// If there is no such client.
    #[must_use]
    pub fn next_message(&self, player: PlayerId) -> u32 {
        self.client(player).outbox.reliable.first_number()
    }

    /// Returns true if messages wait for a client, or to be acknowledged by it.
    ///
    /// # Panics
    /// If there is no such client.
    #[must_use]
    pub fn has_messages(&self, player: PlayerId) -> bool {
        self.client(player).outbox.waiting() > 0
    }

    /// Takes in a tick: its frame becomes the newest of the ring, its messages go to the outboxes.
    pub fn replicate(&mut self, output: &Output) {
        self.tick = output.at.tick;
        let (divided, before) = self.ring.start(self.tick);
        if self.layout.is_public() {
            divided.frame.copy_rows(output.frame);
            self.division.note_change(self.tick);
        } else {
            self.division.divide(&self.layout, output.frame, output.homes, before, divided);
        }
        self.blocks.start(self.tick, self.config.tick_rate_hz, self.division.numbers());
        self.send_players(output.players);
        for message in output.messages.iter().filter(|message| message.kind == MessageKind::Players) {
            self.queue(message, output.sights);
        }
        for client in self.clients.iter_mut().flatten().filter(|client| !client.is_away()) {
            client.needs_players = false;
        }
        for message in output.messages.iter().filter(|message| message.kind != MessageKind::Players) {
            self.queue(message, output.sights);
        }
    }

    /// Sends the whole list of players to the clients that need it, before anything that refers to a player. The changes of this
    /// tick are in it, so [`replicate`](Self::replicate) notes only after them that the clients have it.
    fn send_players(&mut self, players: &[Option<Player>]) {
        let mut list = None;
        let clients = self.clients.iter_mut().flatten();
        for client in clients.filter(|client| client.needs_players && !client.is_away()) {
            let bytes: &Bytes = list.get_or_insert_with(|| write_players(players));
            self.stats.messages_dropped += u64::from(client.queue_players(bytes.clone()));
        }
    }

    /// Queues a message for its recipients.
    fn queue(&mut self, OutgoingMessage { to, kind, bytes }: &OutgoingMessage, sights: &[Sight]) {
        let sight = |seat: usize| sights.get(seat);
        match to {
            To::Player(player) => self.queue_one(*player, bytes, *kind),
            To::Each(players) => players.iter().for_each(|player| self.queue_one(*player, bytes, *kind)),
            To::All => self.queue_each(|_| true, bytes, *kind),
            To::Except(player) => self.queue_each(|client| client.player != *player, bytes, *kind),
            To::Team(team) => {
                let is_member = |client: &Client| {
                    sight(client.player.index()).is_some_and(|sight| sight.team == Some(*team))
                };
                self.queue_each(is_member, bytes, *kind);
            }
            To::Seeing(place) => {
                let grid = self.division.grid().copied();
                let is_viewer = |client: &Client| {
                    let sight = sight(client.player.index());
                    client.is_spectator || sight.is_some_and(|sight| sees(grid.as_ref(), sight, *place))
                };
                self.queue_each(is_viewer, bytes, *kind);
            }
        }
    }

    /// Queues the reply to a request of a player, between two ticks.
    pub fn queue_reply(&mut self, player: PlayerId, reply: &Bytes) {
        self.queue_one(player, reply, MessageKind::Reply);
    }

    fn queue_one(&mut self, player: PlayerId, message: &Bytes, kind: MessageKind) {
        let (tick, limit_bytes) = (self.tick, self.config.outbox_bytes as usize);
        let client = self.clients.get_mut(player.index()).and_then(Option::as_mut);
        if let Some(client) = client.filter(|client| client.player == player) {
            let dropped = client.queue(message.clone(), kind, tick, limit_bytes);
            self.stats.messages_dropped += u64::from(dropped);
        }
    }

    /// Queues a message for some clients.
    fn queue_each(&mut self, is_recipient: impl Fn(&Client) -> bool, message: &Bytes, kind: MessageKind) {
        let (tick, limit_bytes) = (self.tick, self.config.outbox_bytes as usize);
        for client in self.clients.iter_mut().flatten() {
            if is_recipient(client) {
                let dropped = client.queue(message.clone(), kind, tick, limit_bytes);
                self.stats.messages_dropped += u64::from(dropped);
            }
        }
    }

    /// Returns true if a client's snapshot has to wait a tick: too many clients need other baselines.
    ///
    /// # Panics
    /// If there is no such client.
    #[must_use]
    pub fn must_wait(&self, player: PlayerId) -> bool {
        self.client(player).view.must_wait(&self.blocks, self.tick, self.ring.length())
    }

    /// Writes the snapshot of the newest tick for a client. It counts as received: the transport is ordered and reliable, so the
    /// next one is a delta to it.
    ///
    /// # Panics
    /// If there is no such client.
    pub fn write_snapshot(&mut self, request: SnapshotRequest, sights: &[Sight]) -> &[u8] {
        let Self { layout, ring, division, blocks, scratch, snapshot, message, .. } = self;
        let (tick, tick_rate_hz) = (self.tick, self.config.tick_rate_hz);
        let SnapshotRequest { player, due, ack } = request;
        let DueSnapshot { baseline, lags, unacked_ticks, proved_tick } = due;
        let client = self.clients[player.index()].as_mut().expect("snapshots go to clients of the room");
        let is_lowered = client.budget.follow(tick, tick_rate_hz, lags);
        if let Some(proved_tick) = proved_tick {
            client.outbox.acknowledge(proved_tick);
        }
        client.outbox.pace.follow(unacked_ticks, is_lowered);
        snapshot.clear();
        snapshot.ack = ack;
        snapshot.keyframe = baseline.is_none();
        snapshot.ticks = tick - baseline.unwrap_or(0);
        if snapshot.keyframe {
            client.view.restart();
            self.stats.keyframes += 1;
        }
        snapshot.priors = blocks.priors(baseline);
        let viewer = if client.is_spectator {
            Viewer::Spectator
        } else {
            Viewer::Player { player, sight: &sights[player.index()] }
        };
        if !layout.is_public() {
            client.view.update(layout, division, viewer, scratch);
            self.stats.areas_left_out += u64::from(client.view.left_out());
        }
        // Players get the same bytes with spectators and without, so nothing is learned from what spectators are sent.
        let learns = !client.is_spectator;
        let source = Source { layout, ring, division, tick, tick_rate_hz, learns };
        let budget_bytes = client.budget.bytes();
        client.view.fill(blocks, source, viewer, budget_bytes, scratch, snapshot);
        message.clear();
        snapshot.write(blocks.bytes(), message);
        message
    }

    /// The next message for a client that goes before the snapshot; `None` if there is none, or its seat is held.
    ///
    /// # Panics
    /// If there is no such client.
    pub fn poll_message(&mut self, player: PlayerId) -> Option<Bytes> {
        let tick = self.tick;
        self.client_mut(player).pop_message(tick)
    }

    /// The next fragment of a large message for a client that goes after the snapshot; `None` if there is none, or no room for
    /// it.
    ///
    /// # Panics
    /// If there is no such client.
    pub fn poll_fragment(&mut self, player: PlayerId) -> Option<&[u8]> {
        let tick = self.tick;
        let fragment = self.client_mut(player).pop_fragment(tick)?;
        self.message.clear();
        write_fragment(fragment.lane, &fragment.message, fragment.range, &mut self.message);
        Some(&self.message)
    }

    /// Returns true if a client should be kicked: it leaves more bytes of messages unacknowledged than the limit allows, for
    /// seconds.
    ///
    /// # Panics
    /// If there is no such client.
    #[must_use]
    pub fn is_overdue(&self, player: PlayerId) -> bool {
        let ReplicationConfig { tick_rate_hz, outbox_bytes, .. } = self.config;
        let client = self.client(player);
        !client.is_away() && client.outbox.reliable.is_overdue(outbox_bytes as usize, self.tick, tick_rate_hz)
    }

    /// Bytes that the next snapshot of a client may have.
    ///
    /// # Panics
    /// If there is no such client.
    #[must_use]
    pub fn budget_bytes(&self, player: PlayerId) -> usize {
        self.client(player).budget.bytes()
    }

    /// Messages that wait, of all clients together.
    #[must_use]
    pub fn messages_waiting(&self) -> usize {
        self.clients.iter().flatten().map(|client| client.outbox.waiting()).sum()
    }

    /// The frame of a tick; `None` if the ring no longer has it. Its tables are the layout's parts; in a divided world each
    /// area's rows stand together, and only they are sorted.
    #[must_use]
    pub fn frame(&self, tick: u32) -> Option<&Frame> {
        self.ring.get(tick).map(|divided| &divided.frame)
    }

    /// The counts so far.
    #[must_use]
    pub fn stats(&self) -> ReplicationStats {
        ReplicationStats { blocks_encoded: self.blocks.encoded, ..self.stats }
    }

    fn client(&self, player: PlayerId) -> &Client {
        self.clients[player.index()].as_ref().expect("the driver names clients of the room")
    }

    fn client_mut(&mut self, player: PlayerId) -> &mut Client {
        self.clients[player.index()].as_mut().expect("the driver names clients of the room")
    }
}

/// The message that lists all players.
fn write_players(players: &[Option<Player>]) -> Bytes {
    let listed = players.iter().flatten().map(Player::listed).collect();
    write_control(&ServerMessage::Players(PlayerList { complete: true, players: listed })).into()
}
