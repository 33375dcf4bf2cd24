//! A game that panics takes its own room with it, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod common;

use common::{Client, http, soon};
use drumline_arena::Arena;
use drumline_room::{Game, Joiner, PlayerId, Setup, Tick};
use drumline_server::{Options, Running, Server};
use drumline_shared::{Replicate, Table, World};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

#[derive(Default, Replicate)]
struct Fuse {
    lit: bool,
}

#[derive(Default, World)]
struct Cellar {
    fuses: Table<Fuse>,
}

/// A game that panics on its third tick, or at once.
struct Bomb<const AT_ONCE: bool> {
    cellar: Cellar,
}

impl<const AT_ONCE: bool> Game for Bomb<AT_ONCE> {
    const NAME: &'static str = if AT_ONCE { "dud" } else { "bomb" };
    type World = Cellar;
    type Input = Fuse;

    fn new(_setup: &Setup) -> Self {
        assert!(!AT_ONCE, "boom, says the test");
        Self { cellar: Cellar::default() }
    }

    fn world(&self) -> &Cellar {
        &self.cellar
    }

    fn join(&mut self, _player: PlayerId, _joiner: &Joiner) {}

    fn leave(&mut self, _player: PlayerId) {}

    fn tick(&mut self, tick: &mut Tick<Fuse>) {
        assert!(tick.number < 3, "boom, says the test");
    }
}

/// Joins a game, and waits until the connection is gone.
async fn join_and_lose(server: &Running, game: &str) {
    use futures_util::StreamExt;
    let mut request = format!("ws://{}/play/{game}", server.address()).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "drumline.1".parse().unwrap());
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    while let Some(Ok(_)) = soon(socket.next()).await {}
}

#[tokio::test]
async fn other_rooms_of_the_shard_go_on_and_the_broken_one_is_gone() {
    let options = Options { shards: Some(1), ..Options::default() };
    let server =
        Server::new().game::<Arena>().game::<Bomb<false>>().game::<Bomb<true>>().start(&options).unwrap();
    let mut bystander = Client::join(&server, "name=bystander").await;
    bystander.update().await;
    for game in ["bomb", "dud", "bomb", "dud"] {
        join_and_lose(&server, game).await;
        for _ in 0..5 {
            assert_eq!(bystander.update().await.ticks, 1);
        }
        let games: Vec<_> = server.listing().rooms.iter().map(|room| room.game).collect();
        assert_eq!(games, ["arena"], "after {game}");
    }
    assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200);
    server.stop();
}
