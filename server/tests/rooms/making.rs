//! Rooms whose games take long to be made, or cannot be made, cost no other room anything.

use std::sync::{Condvar, Mutex};

use crate::common::{Client, closed, http, join, soon};
use drumline::{Config, RoomsConfig, Running, Server};
use drumline_arena::Arena;
use drumline_room::{Game, Setup, Tick, game};
use drumline_shared::wire::control::KIND_CONTROL;
use drumline_shared::{Replicate, Table, World};
use futures_util::StreamExt;

/// True once games may be made.
static MAY_BE_MADE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

#[derive(Default, Replicate)]
struct Nothing {
    nothing: bool,
}

#[derive(Default, World)]
struct Void {
    nothings: Table<Nothing>,
}

/// A game that is made only when the test allows it; the modes say what happens then.
struct Slow {
    void: Void,
}

#[game]
impl Game for Slow {
    const NAME: &'static str = "slow";
    type World = Void;
    type Input = Nothing;
    type Event = drumline_room::Nothing;
    type Command = drumline_room::Nothing;
    type Reply = drumline_room::Nothing;

    fn new(setup: &Setup) -> Self {
        let (may, changed) = &MAY_BE_MADE;
        drop(changed.wait_while(may.lock().unwrap(), |may| !*may).unwrap());
        assert!(setup.seed.is_multiple_of(2), "half of them cannot be made");
        Self { void: Void::default() }
    }

    fn world(&self) -> &Void {
        &self.void
    }

    fn tick(&mut self, _tick: &mut Tick<Self>) {}
}

async fn plays(server: &Running) {
    let mut player = Client::join(server, "room=new").await;
    player.update().await;
    assert_eq!(player.update().await.ticks, 1);
}

#[tokio::test]
async fn games_that_take_long_delay_their_own_rooms_alone() {
    let rooms = RoomsConfig { shards: Some(1), ..RoomsConfig::default() };
    let server = Server::new()
        .game::<Arena>()
        .game::<Slow>()
        .start(&Config { rooms, ..Config::on_free_port() })
        .unwrap();
    let mut bystander = Client::join(&server, "").await;
    bystander.update().await;
    let mut waiting = Vec::new();
    for _ in 0..12 {
        waiting.push(join(&server, "slow", "room=new").await);
    }
    for _ in 0..10 {
        assert_eq!(bystander.update().await.ticks, 1);
    }
    plays(&server).await;
    assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200, "no thread of rooms is stuck");

    *MAY_BE_MADE.0.lock().unwrap() = true;
    MAY_BE_MADE.1.notify_all();
    let (mut welcome, mut failed) = (0, 0);
    for mut player in waiting {
        match soon(player.next()).await.unwrap().unwrap() {
            message if message.is_close() => failed += 1,
            message => {
                assert_eq!(message.into_data()[0], KIND_CONTROL);
                welcome += 1;
            }
        }
    }
    assert_eq!(welcome + failed, 12, "each gets its answer");
    assert_eq!(server.listing().rooms.iter().filter(|room| room.game == "slow").count(), welcome);
    assert_eq!(server.listing().closes.get("room_failed").copied().unwrap_or_default(), failed as u64);
    plays(&server).await;
    server.stop();
}

#[tokio::test]
async fn a_server_that_stops_answers_players_whose_rooms_are_not_made_yet() {
    /// A game that is never made in time.
    struct Later {
        void: Void,
    }

    #[game]
    impl Game for Later {
        const NAME: &'static str = "later";
        type World = Void;
        type Input = Nothing;
        type Event = drumline_room::Nothing;
        type Command = drumline_room::Nothing;
        type Reply = drumline_room::Nothing;

        fn new(_setup: &Setup) -> Self {
            std::thread::park();
            Self { void: Void::default() }
        }

        fn world(&self) -> &Void {
            &self.void
        }

        fn tick(&mut self, _tick: &mut Tick<Self>) {}
    }

    let server = Server::new().game::<Later>().start(&Config::on_free_port()).unwrap();
    // More than are made at once: the last waits for its turn.
    let mut players = Vec::new();
    for _ in 0..40 {
        players.push(join(&server, "later", "room=new").await);
    }
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap();
    assert_eq!(closed(&mut players[39]).await.0, 1001);
}
