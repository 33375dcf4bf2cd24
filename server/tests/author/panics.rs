//! A game that panics in one of its hooks loses its room alone.

use std::sync::Arc;

use crate::common::{Client, closed, http, join};
use crate::probe::{Command, Event, Hook, Player, Probe, Shelf, Work, config};
use drumline::{Running, Server};
use drumline_shared::wire::control::SUBPROTOCOL;

/// A player whose room breaks by what happens to a guest or to the game.
async fn break_room(server: &Running, hook: Hook) {
    let mut host = Player::join(server, "name=host&room=new").await;
    let query = format!("name=guest&room={}", host.room());
    let arm = Command::Arm(hook);
    match hook {
        Hook::Join => {
            host.order(arm).await;
            host.settle().await;
            assert_eq!(closed(&mut join(server, "probe", &query).await).await.0, 4009);
        }
        Hook::Away => {
            let mut guest = Player::join(server, &query).await;
            guest.settle().await;
            host.order(arm).await;
            host.settle().await;
            guest.kill();
        }
        Hook::Back => {
            let mut guest = Player::join(server, &query).await;
            guest.settle().await;
            let token = guest.client.welcome.session.clone();
            host.order(arm).await;
            guest.kill();
            host.event(|event| matches!(event, Event::Away(_)).then_some(())).await;
            let offers = format!("{SUBPROTOCOL}, drumline.session.{token}");
            let back = Client::offering(server, "/play/probe", &offers).await;
            assert_eq!(back.expect("the seat is held").closed().await.0, 4009);
        }
        Hook::Outcome => {
            host.order(arm).await;
            host.order(Command::Start(Work::Echo(String::new()))).await;
        }
        Hook::Timer => {
            host.order(arm).await;
            host.order(Command::Timer).await;
        }
        Hook::BotInput => {
            host.order(arm).await;
            host.order(Command::SeatBot { name: "rob".into(), yields: true }).await;
        }
    }
    assert_eq!(host.client.closed().await.0, 4009, "{hook:?}");
}

#[tokio::test]
async fn other_rooms_of_the_shard_continue() {
    let server = Server::new().game::<Probe>().context(Arc::new(Shelf::new())).start(&config()).unwrap();
    let mut bystander = Player::join(&server, "name=bystander").await;
    for hook in [Hook::Join, Hook::Away, Hook::Back, Hook::Outcome, Hook::Timer, Hook::BotInput] {
        break_room(&server, hook).await;
        for _ in 0..3 {
            bystander.client.update().await;
        }
        let rooms: Vec<_> = server.listing().rooms.iter().map(|room| room.id.clone()).collect();
        assert_eq!(rooms, [bystander.room()], "after {hook:?}");
    }
    assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200);
    server.stop();
}
