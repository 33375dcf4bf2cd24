//! A seeded simulation of a room whose clients lag, stall, join, leave, lose their mirrors and their connections, and resume.
//!
//! At every delivered tick a client's mirror equals the server's frame of that tick. A failure names its seed:
//! `DRUMLINE_SEED=… cargo test -p drumline-room --test room simulation` replays it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use crate::herd::{Command, Herd, Poke};
use crate::replay::Replay;
use drumline_room::{
    Channel, ChatRules, GameSpec, PlayerId, RequestId, Rng, RngExt, Room, RoomConfig, SeedableRng,
    SessionTerms, Setup,
};
use drumline_shared::encoding::encode;
use drumline_shared::error::DecodeError;
use drumline_shared::frame::Frame;
use drumline_shared::layout::{InputLayout, Layout};
use drumline_shared::limits::TickLimits;
use drumline_shared::mirror::MirrorError;
use drumline_shared::wire::control::{ListedPlayer, PlayerList, PlayerStatus, ServerMessage, read_control};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::wire::snapshot::KIND_KEYFRAME;
use drumline_shared::{Mirror, Replicate};

const TICKS: u32 = 400;
const CLIENTS: usize = 12;

/// One client and its link: messages in flight with the tick on which each is due, in order both ways.
struct Client {
    player: PlayerId,
    mirror: Mirror,
    down: VecDeque<(u32, Vec<u8>)>,
    up: VecDeque<(u32, Vec<u8>)>,
    delay: u32,
    stalled_until: u32,
    input_number: u32,
    requests: u32,
    /// True after the mirror was discarded on purpose: deltas cannot be applied until a keyframe arrives.
    resync_asked: bool,
    acked_number: u8,
    /// True while the connection is lost and the seat held.
    away: bool,
    /// The tick of the last snapshot taken from the room.
    taken_tick: u32,
    /// After a resume, until the next snapshot: true if that may be a delta against the mirror.
    resumed: Option<bool>,
    /// True while the room may still hold back a keyframe that was asked for.
    may_wait: bool,
    /// By seat: the names of the players that the client knows of.
    players: BTreeMap<u32, String>,
}

impl Client {
    fn note_players(&mut self, list: PlayerList) {
        if list.complete {
            self.players.clear();
        }
        for ListedPlayer { player, name, status, .. } in list.players {
            match status {
                PlayerStatus::Left => self.players.remove(&player),
                PlayerStatus::Connected | PlayerStatus::Away => self.players.insert(player, name),
            };
        }
    }
}

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    /// Every byte sent, in order.
    sent: Vec<u8>,
    delivered: u64,
    hashes_checked: u64,
    keyframes: u64,
    catch_ups: u64,
    inputs_acked: u64,
    events: u64,
    resumed_with_delta: u64,
    resumed_with_keyframe: u64,
    chats: u64,
    replies: u64,
    replayed: u64,
}

struct Simulation {
    rng: Rng,
    room: Room,
    clients: Vec<Option<Client>>,
    frames: HashMap<u32, Frame>,
    replay: Replay,
    outcome: Outcome,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let config = RoomConfig {
            max_players: CLIENTS as u16,
            tick_rate_hz: 20,
            setup: Setup::new(seed.wrapping_mul(31)),
            budget_bytes: 4096,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let spec = Arc::new(GameSpec::of::<Herd>());
        Self {
            rng: Rng::seed_from_u64(seed),
            replay: Replay::new(&spec, &config),
            room: Room::new(spec, config),
            clients: (0..CLIENTS).map(|_| None).collect(),
            frames: HashMap::new(),
            outcome: Outcome::default(),
        }
    }

    fn run(mut self) -> Outcome {
        for now in 1..=TICKS {
            for index in 0..CLIENTS {
                self.live(index, now);
            }
            self.room.tick();
            self.replay.keep(&self.room);
            let frame = self.room.frame(now).expect("the newest frame is in the ring").clone();
            self.frames.insert(now, frame);
            for index in 0..CLIENTS {
                self.send(index, now);
                self.deliver(index, now);
            }
        }
        self.outcome.replayed = self.replay.check() as u64;
        self.outcome
    }

    /// Lets a client join, leave, stall, send inputs or lose its connection.
    fn live(&mut self, index: usize, now: u32) {
        let Some(client) = &mut self.clients[index] else {
            if self.rng.random_bool(0.1) {
                let player = self.room.join(&format!("client {index}")).expect("a seat for each client");
                let welcome = self.room.welcome(player, SessionTerms::default());
                let Ok(ServerMessage::Welcome(welcome)) = read_control(&welcome) else {
                    panic!("the first message is a welcome");
                };
                self.clients[index] = Some(Client {
                    player,
                    mirror: Mirror::new(Layout::new(&welcome.schema).unwrap(), 30),
                    down: VecDeque::new(),
                    up: VecDeque::new(),
                    delay: self.rng.random_range(0..8),
                    stalled_until: 0,
                    input_number: 0,
                    requests: 0,
                    resync_asked: false,
                    acked_number: 0,
                    away: false,
                    taken_tick: 0,
                    resumed: None,
                    may_wait: false,
                    players: BTreeMap::new(),
                });
            }
            return;
        };
        if self.rng.random_bool(0.01) {
            self.room.leave(client.player);
            self.clients[index] = None;
            return;
        }
        if client.away || self.rng.random_bool(0.02) {
            self.lose_or_resume(index);
            return;
        }
        if self.rng.random_bool(0.01) {
            // Sometimes for longer than the frame ring lasts.
            client.stalled_until = now + self.rng.random_range(1..100);
        }
        if now >= client.stalled_until && self.rng.random_bool(0.9) {
            client.input_number += 1;
            let tick = now + self.rng.random_range(0..6);
            let header = InputHeader {
                number: client.input_number,
                acked_tick: client.mirror.tick(),
                tick: tick.max(1),
                view_eighths: self.rng.random(),
            };
            let mut row = [0];
            Poke { strength: self.rng.random_range(0..=10) }.quantize(&mut row);
            let mut message = Vec::new();
            let layout = InputLayout::of::<Poke>();
            write_input(&layout, header, &row, &mut message);
            client.up.push_back((now + client.delay, message));
        }
        self.send_messages(index);
        let client = self.clients[index].as_mut().expect("it is still there");
        while client.up.front().is_some_and(|(due, _)| *due <= now) {
            let (_, message) = client.up.pop_front().unwrap();
            self.room.handle_input(client.player, &message).expect("a well-formed input");
        }
    }

    fn next_request(&mut self, index: usize) -> RequestId {
        let client = self.clients[index].as_mut().expect("it is there");
        client.requests += 1;
        RequestId { player: client.player, number: client.requests, reply: self.rng.random() }
    }

    /// Sends a command or a chat message now and then.
    fn send_messages(&mut self, index: usize) {
        if self.rng.random_bool(0.05) {
            let other = PlayerId::first(self.rng.random_range(0..CLIENTS as u16));
            let command = match self.rng.random_range(0..5) {
                0 => Command::Call,
                1 => Command::Whisper(other),
                2 => Command::Team(self.rng.random_range(0..3)),
                3 => Command::Story(self.rng.random_range(0..3000)),
                _ => Command::Later(self.room.current_tick() + self.rng.random_range(0..20)),
            };
            let body = encode(&command);
            let request = self.next_request(index);
            self.room.handle_command(request, &body).expect("a well-formed command");
        }
        if self.rng.random_bool(0.05) {
            let channel = if self.rng.random() { Channel::Room } else { Channel::Team };
            let request = self.next_request(index);
            self.room.handle_chat(request, channel, "wolf!").expect("numbered in order");
        }
    }

    /// Loses a connection, or lets its client resume; sometimes the client resumes before the loss is noticed.
    fn lose_or_resume(&mut self, index: usize) {
        let client = self.clients[index].as_mut().expect("it is there");
        if !client.away {
            // Messages in flight may still arrive; the client then has every snapshot that was taken.
            if self.rng.random_bool(0.5) {
                self.deliver(index, u32::MAX);
            }
            let client = self.clients[index].as_mut().expect("it is still there");
            client.down.clear();
            client.up.clear();
            client.away = self.rng.random_bool(0.7);
            if client.away {
                return self.room.hold(client.player);
            }
        } else if self.rng.random_bool(0.9) {
            return;
        }
        let client = self.clients[index].as_mut().expect("it is still there");
        let has_mirror = client.mirror.tick() > 0 && !client.resync_asked && self.rng.random_bool(0.9);
        let mirror_tick = has_mirror.then(|| client.mirror.tick());
        self.room.resume(client.player, mirror_tick);
        assert_eq!(self.room.kick_reason(client.player), None, "a player is not kicked for having been away");
        let continues = mirror_tick == Some(client.taken_tick);
        (client.away, client.resumed) = (false, Some(continues));
        client.may_wait &= continues;
    }

    /// Takes the client's snapshot and events, unless its link is stalled.
    fn send(&mut self, index: usize, now: u32) {
        let Some(client) = &mut self.clients[index] else { return };
        if client.away {
            assert_eq!(self.room.poll_message(client.player), None);
            assert_eq!(self.room.poll_snapshot(client.player), None);
        }
        if client.away || now < client.stalled_until {
            return;
        }
        while let Some(message) = self.room.poll_message(client.player) {
            match read_control(&message).expect("a message of the room is well-formed") {
                ServerMessage::Event(_) => self.outcome.events += 1,
                ServerMessage::Chat(_) => self.outcome.chats += 1,
                ServerMessage::Reply { .. } => self.outcome.replies += 1,
                ServerMessage::Players(list) => client.note_players(list),
                ServerMessage::Received { command } => {
                    assert_eq!(command, client.requests, "confirmed at once");
                }
                other => panic!("unexpected: {other:?}"),
            }
        }
        while self.room.poll_fragment(client.player).is_some() {}
        if self.room.messages_waiting() == 0 {
            let names = self.room.output().players.iter().flatten();
            let names = names.map(|player| (player.id.number(), player.name.clone()));
            assert_eq!(client.players, names.collect(), "every client knows the players of the room");
        }
        // No snapshot while too many are unacknowledged.
        let Some(message) = self.room.poll_snapshot(client.player).map(<[u8]>::to_vec) else { return };
        assert_eq!(self.room.poll_snapshot(client.player), None, "and only one");
        if let Some(continues) = client.resumed.take() {
            let is_delta = message[0] & 0b11 != KIND_KEYFRAME;
            let may_be_delta = continues && now - client.taken_tick < TickLimits::LEAST.frame_ring;
            assert!(is_delta == may_be_delta || may_be_delta && client.may_wait);
            self.outcome.resumed_with_delta += u64::from(is_delta);
            self.outcome.resumed_with_keyframe += u64::from(!is_delta);
        }
        client.taken_tick = now;
        self.outcome.sent.extend(&message);
        client.down.push_back((now + client.delay, message));
    }

    /// Applies the messages that are due and compares the mirror with the frame.
    fn deliver(&mut self, index: usize, now: u32) {
        let Some(client) = &mut self.clients[index] else { return };
        while client.down.front().is_some_and(|(due, _)| *due <= now) {
            let (_, message) = client.down.pop_front().unwrap();
            if self.rng.random_bool(0.002) {
                // The client loses its mirror; it cannot apply the deltas in flight.
                client.mirror = Mirror::new(GameSpec::of::<Herd>().layout, 30);
                (client.resync_asked, client.may_wait) = (true, true);
                self.room.handle_resync(client.player);
            }
            match client.mirror.apply(&message) {
                Ok(applied) => {
                    client.resync_asked = false;
                    assert_eq!(
                        Some(client.mirror.public()),
                        self.frames.get(&applied.tick),
                        "mirror == world"
                    );
                    self.outcome.delivered += 1;
                    self.outcome.hashes_checked += u64::from(applied.hashes_checked);
                    self.outcome.keyframes += u64::from(applied.keyframe);
                    self.outcome.catch_ups += u64::from(applied.ticks > 1);
                    if let Some(ack) = applied.ack {
                        self.outcome.inputs_acked += u64::from(ack.number as u8 != client.acked_number);
                        client.acked_number = ack.number as u8;
                    }
                }
                // One request is enough, even soon after another.
                Err(MirrorError::Decode(DecodeError::NoBaseline)) if client.resync_asked => {}
                Err(error) => panic!("client {index} at tick {now}: {error}"),
            }
        }
    }
}

fn run(seed: u64) -> Outcome {
    println!("DRUMLINE_SEED={seed}");
    Simulation::new(seed).run()
}

#[test]
fn every_mirror_equals_the_world_at_every_delivered_tick() {
    let seeds = match std::env::var("DRUMLINE_SEED") {
        Ok(seed) => vec![seed.parse().expect("DRUMLINE_SEED is a number")],
        Err(_) => (0..50).collect(),
    };
    let mut total = Outcome::default();
    for seed in seeds {
        let outcome = run(seed);
        assert!(outcome.delivered > 500, "the clients were there");
        assert_eq!(outcome.replayed, u64::from(TICKS), "every tick was replayed from its record");
        total.hashes_checked += outcome.hashes_checked;
        total.keyframes += outcome.keyframes;
        total.catch_ups += outcome.catch_ups;
        total.inputs_acked += outcome.inputs_acked;
        total.events += outcome.events;
        total.chats += outcome.chats;
        total.replies += outcome.replies;
        total.resumed_with_delta += outcome.resumed_with_delta;
        total.resumed_with_keyframe += outcome.resumed_with_keyframe;
    }
    assert!(total.hashes_checked > 100 && total.keyframes > 20 && total.catch_ups > 20);
    assert!(total.inputs_acked > 500 && total.events > 10);
    assert!(total.chats > 1000 && total.replies > 1000, "{total:?}");
    assert!(total.resumed_with_delta > 200 && total.resumed_with_keyframe > 200, "{total:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let first = run(7);
    assert_eq!(first, run(7));
    assert_ne!(first.sent, run(8).sent);
}
