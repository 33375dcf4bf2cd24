//! A game that panics, in any hook, ends its own room and nothing else.

use std::sync::{Mutex, PoisonError};

use crate::common::{Client, goodbye, http, join, soon};
use drumline::{Config, RoomsConfig, Running, Server};
use drumline_arena::Arena;
use drumline_room::{EndReason, Game, JoinRefused, PlayerId, Setup, Sight, Tick, game};
use drumline_shared::wire::control::KIND_CONTROL;
use drumline_shared::{Replicate, Table, World};
use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::Message;

/// The hooks of a game that panic, and the game's name.
const NEW: usize = 0;
const JOIN: usize = 1;
const LEAVE: usize = 2;
const TICK: usize = 3;
const WORLD: usize = 4;
const SIGHT: usize = 5;
const CLOSE: usize = 6;
const DROP: usize = 7;
const NAMES: [&str; 8] = ["new", "join", "leave", "tick", "world", "sight", "close", "drop"];

/// The games that were closed, and the reasons.
static CLOSED: Mutex<Vec<(&str, EndReason)>> = Mutex::new(Vec::new());

#[derive(Default, Replicate)]
struct Fuse {
    player: u16,
    #[sync(audience = owner)]
    lit: bool,
}

#[derive(Default, Replicate)]
struct Match {
    lit: bool,
}

#[derive(Default, World)]
struct Cellar {
    #[sync(owner = player)]
    fuses: Table<Fuse>,
}

/// A game that panics in one of its hooks.
struct Bomb<const AT: usize> {
    cellar: Cellar,
    tick: u32,
}

impl<const AT: usize> Bomb<AT> {
    fn at(hook: usize) {
        assert!(hook != AT, "boom, says the test");
    }
}

#[game]
impl<const AT: usize> Game for Bomb<AT> {
    const NAME: &'static str = NAMES[AT];
    type World = Cellar;
    type Input = Match;

    fn new(_setup: &Setup) -> Self {
        Self::at(NEW);
        Self { cellar: Cellar::default(), tick: 0 }
    }

    fn world(&self) -> &Cellar {
        if self.tick >= 3 {
            Self::at(WORLD);
        }
        &self.cellar
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        Self::at(JOIN);
        self.cellar.fuses.insert(Fuse { player: player.seat(), lit: true });
        Ok(())
    }

    fn leave(&mut self, _player: PlayerId, _: &mut Tick<Self>) {
        Self::at(LEAVE);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.tick = tick.number;
        if tick.number >= 3 {
            Self::at(TICK);
        }
        if AT >= CLOSE && tick.number == 10 {
            tick.end_room();
        }
    }

    fn sight(&self, _player: PlayerId, _sight: &mut Sight) {
        if self.tick >= 3 {
            Self::at(SIGHT);
        }
    }

    fn close(&mut self, reason: EndReason) -> Option<Self::Job> {
        CLOSED.lock().unwrap_or_else(PoisonError::into_inner).push((NAMES[AT], reason));
        Self::at(CLOSE);
        None
    }
}

impl<const AT: usize> Drop for Bomb<AT> {
    fn drop(&mut self) {
        Self::at(DROP);
    }
}

fn is_snapshot(message: &Message) -> bool {
    matches!(message, Message::Binary(bytes) if bytes[0] != KIND_CONTROL)
}

/// Two players join a game, and one leaves. Returns the other one's close code.
async fn play(server: &Running, game: &str) -> u16 {
    let mut first = join(server, game, "").await;
    if game == NAMES[LEAVE] {
        let mut second = join(server, game, "").await;
        // A player who leaves before the first tick never joins the game, so wait for a snapshot.
        while !is_snapshot(&soon(second.next()).await.unwrap().unwrap()) {}
        soon(second.close(Some(goodbye()))).await.unwrap();
    }
    crate::common::closed(&mut first).await.0
}

#[tokio::test]
async fn other_rooms_of_the_shard_continue_and_the_broken_one_is_closed() {
    let rooms = RoomsConfig { shards: Some(1), ..RoomsConfig::default() };
    let config = Config { rooms, ..Config::on_free_port() };
    let server = Server::new()
        .game::<Arena>()
        .game::<Bomb<NEW>>()
        .game::<Bomb<JOIN>>()
        .game::<Bomb<LEAVE>>()
        .game::<Bomb<TICK>>()
        .game::<Bomb<WORLD>>()
        .game::<Bomb<SIGHT>>()
        .game::<Bomb<CLOSE>>()
        .game::<Bomb<DROP>>()
        .start(&config)
        .unwrap();
    let mut bystander = Client::join(&server, "name=bystander").await;
    bystander.update().await;
    for round in 1..=2 {
        for (hook, game) in NAMES.into_iter().enumerate() {
            let ended_by_game = hook >= CLOSE;
            assert_eq!(play(&server, game).await, if ended_by_game { 4008 } else { 4009 }, "{game}");
            for _ in 0..5 {
                assert_eq!(bystander.update().await.ticks, 1);
            }
            let games: Vec<_> = server.listing().rooms.iter().map(|room| room.game).collect();
            assert_eq!(games, ["arena"], "after {game}");
            let expected = if ended_by_game { EndReason::Game } else { EndReason::Panic };
            let calls = if hook == NEW { 0 } else { round };
            let closed =
                CLOSED.lock().unwrap().iter().filter(|(name, _)| *name == game).copied().collect::<Vec<_>>();
            assert_eq!(closed, vec![(game, expected); calls], "the game is told to close, and once");
        }
    }
    let closes = server.listing().closes;
    assert_eq!((closes["room_failed"], closes["room_closed"]), (12, 4));
    assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200);
    server.stop();
}
