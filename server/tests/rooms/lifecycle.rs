//! Ends of rooms, as their games and their players see them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::common::{closed, goodbye, http, join, soon};
use drumline::{Config, OperatorCommand, Refusal, Server};
use drumline_room::{EndReason, Game, JoinRefused, PlayerId, Setup, Tick, game};
use drumline_shared::layout::Layout;
use drumline_shared::wire::control::{KIND_CONTROL, ServerMessage, read_control};
use drumline_shared::{Mirror, Replicate, Table, World};
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// The reasons for which rooms ended, and their players then.
static CLOSED: Mutex<Vec<(EndReason, usize)>> = Mutex::new(Vec::new());

#[derive(Default, Replicate)]
struct Nothing {
    nothing: bool,
}

#[derive(Default, World)]
struct Void {
    nothings: Table<Nothing>,
}

/// A game that ends its room on the tenth tick, once three have joined, or if the server drains and gives it less than an hour.
#[derive(Default)]
struct Round {
    players: usize,
    void: Void,
}

#[game]
impl Game for Round {
    const NAME: &'static str = "round";
    type World = Void;
    type Input = Nothing;
    type Event = drumline_room::Nothing;
    type Command = drumline_room::Nothing;
    type Reply = drumline_room::Nothing;

    fn new(_setup: &Setup) -> Self {
        Self::default()
    }

    fn world(&self) -> &Void {
        &self.void
    }

    fn join(&mut self, _player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.players += 1;
        Ok(())
    }

    fn leave(&mut self, _player: PlayerId, _: &mut Tick<Self>) {
        self.players -= 1;
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.void.nothings.insert(Nothing { nothing: true });
        let is_over = self.players == 3 && tick.number.is_multiple_of(10);
        let has_little_time = tick.draining().is_some_and(|seconds| seconds < 3600.0);
        if is_over || has_little_time {
            tick.end_room();
        }
    }

    fn close(&mut self, reason: EndReason) -> Option<Self::Job> {
        CLOSED.lock().unwrap_or_else(PoisonError::into_inner).push((reason, self.players));
        None
    }
}

/// Reads to the first snapshot: by then the game knows the player.
async fn snapshot(player: &mut WebSocketStream<TcpStream>) {
    while soon(player.next()).await.unwrap().unwrap().into_data()[0] == KIND_CONTROL {}
}

#[tokio::test]
async fn a_game_is_told_why_its_room_ends_and_its_players_receive_the_last_tick() {
    let server = Server::new().game::<Round>().start(&Config::on_free_port()).unwrap();
    let mut players = Vec::new();
    for _ in 0..3 {
        players.push(join(&server, "round", "").await);
    }
    for mut player in players {
        let first = soon(player.next()).await.unwrap().unwrap().into_data();
        let Ok(ServerMessage::Welcome(welcome)) = read_control(&first) else { panic!("a welcome first") };
        let mut mirror = Mirror::new(Layout::new(&welcome.schema).unwrap(), welcome.tick_rate_hz);
        let code = loop {
            match soon(player.next()).await.unwrap().unwrap() {
                Message::Binary(bytes) if bytes[0] != KIND_CONTROL => drop(mirror.apply(&bytes).unwrap()),
                Message::Close(Some(close)) => break u16::from(close.code),
                _ => {}
            }
        };
        assert_eq!((code, mirror.tick() % 10), (4008, 0), "the tick on which the game ended is seen");
    }

    let mut player = join(&server, "round", "").await;
    snapshot(&mut player).await;
    let room = server.listing().rooms[0].id.clone();
    server.command(&room, OperatorCommand::Close).unwrap();
    assert_eq!(closed(&mut player).await, (4008, "the room is closed".into()));
    assert_eq!(server.command(&room, OperatorCommand::Close), Err(Refusal::UnknownRoom(room)));

    let mut players = [join(&server, "round", "room=new").await, join(&server, "round", "room=new").await];
    for player in &mut players {
        snapshot(player).await;
    }
    let [mut player, mut leaver] = players;
    server.drain(Duration::from_secs(7200));
    leaver.close(Some(goodbye())).await.unwrap();
    assert_eq!(http(&server, "GET", "/readyz", "").await.0, 503);
    while server.listing().rooms.len() > 1 {
        soon(player.next()).await.unwrap().unwrap();
    }
    assert!(!server.is_empty(), "the other room has time");
    server.drain(Duration::from_secs(3599));
    assert_eq!(closed(&mut player).await, (4008, "the room is closed".into()));
    assert!(server.is_empty());
    server.stop();

    let server = Server::new().game::<Round>().start(&Config::on_free_port()).unwrap();
    let mut player = join(&server, "round", "").await;
    snapshot(&mut player).await;
    tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
    assert_eq!(closed(&mut player).await.0, 1001);
    assert_eq!(
        *CLOSED.lock().unwrap(),
        [
            (EndReason::Game, 3),
            (EndReason::Operator, 1),
            (EndReason::ServerStopping, 0),
            (EndReason::Game, 1),
            (EndReason::ServerStopping, 1)
        ]
    );
}
