//! An overloaded server admits no more players until it keeps its deadlines again.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::common::{http, join, soon};
use drumline::{Config, OverloadConfig, RoomsConfig, Running, Server};
use drumline_room::{Game, Setup, Tick, game};
use drumline_shared::{Replicate, Table, World};

/// True while rooms that were opened slow exceed their tick period.
static SLOW: AtomicBool = AtomicBool::new(false);

#[derive(Default, Replicate)]
struct Nothing {
    nothing: bool,
}

#[derive(Default, World)]
struct Void {
    nothings: Table<Nothing>,
}

/// A game that can be slow.
struct Sloth {
    is_slow: bool,
    void: Void,
}

#[game]
impl Game for Sloth {
    const NAME: &'static str = "sloth";
    const TICK_RATE_HZ: u32 = 10;
    type World = Void;
    type Input = Nothing;
    type Event = drumline_room::Nothing;
    type Command = drumline_room::Nothing;
    type Reply = drumline_room::Nothing;

    fn new(_setup: &Setup) -> Self {
        Self { is_slow: SLOW.load(Relaxed), void: Void::default() }
    }

    fn world(&self) -> &Void {
        &self.void
    }

    fn tick(&mut self, _tick: &mut Tick<Self>) {
        if self.is_slow && SLOW.load(Relaxed) {
            std::thread::sleep(Duration::from_millis(250));
        }
    }
}

/// Repeats a request until its answer has this status.
async fn until(server: &Running, path: &str, status: u16) -> String {
    soon(async {
        loop {
            let (got, body) = http(server, "GET", path, "").await;
            if got == status {
                return body;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

#[tokio::test]
async fn joins_are_refused_while_ticks_are_late_and_admitted_afterwards() {
    let _alone = crate::ONE_AT_A_TIME.lock().await;
    SLOW.store(true, Relaxed);
    let rooms = RoomsConfig { shards: Some(2), ..RoomsConfig::default() };
    let overload = OverloadConfig { late_percent: 50, seconds: 1 };
    let server =
        Server::new().game::<Sloth>().start(&Config { rooms, overload, ..Config::on_free_port() }).unwrap();
    assert!(until(&server, "/readyz", 200).await.contains("\"overloaded_shards\":0"));

    // One of two shards is overloaded: its rooms admit nobody, and new rooms open on the other one.
    let _first = join(&server, "sloth", "").await;
    let first = server.listing().rooms[0].id.clone();
    let body = until(&server, &format!("/play/sloth?room={first}"), 503).await;
    assert!(body.contains("\"overloaded\""), "{body}");
    let body = until(&server, "/readyz", 200).await;
    assert!(body.contains("\"overloaded_shards\":1"), "{body}");
    let mut second = join(&server, "sloth", "").await;
    assert_eq!(server.listing().rooms.len(), 2, "not in the room that is there");

    // Both are overloaded.
    for path in ["/play/sloth", "/play/sloth?room=new"] {
        let body = until(&server, path, 503).await;
        assert!(body.contains("\"overloaded\""), "{body}");
    }
    let body = until(&server, "/readyz", 503).await;
    assert!(body.contains("\"state\":\"overloaded\""), "{body}");
    assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200, "busy, but alive");
    assert!(soon(futures_util::StreamExt::next(&mut second)).await.is_some(), "who is there stays");

    SLOW.store(false, Relaxed);
    let body = until(&server, "/readyz", 200).await;
    assert!(body.contains("\"state\":\"ready\""), "{body}");
    until(&server, &format!("/play/sloth?room={first}"), 426).await;
    let _third = join(&server, "sloth", &format!("room={first}")).await;
    server.stop();
}
