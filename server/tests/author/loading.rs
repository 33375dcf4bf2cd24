//! Games that are loaded before the first tick of their rooms.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::common::{closed, http, join};
use crate::probe::{Player, Probe, Shelf, config};
use drumline::Server;
use drumline::prelude::*;
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_game_that_cannot_be_loaded_ends_its_room_alone() {
    let (rooms, gate) = (AtomicUsize::new(0), Arc::new(Semaphore::new(0)));
    let opened = Arc::clone(&gate);
    let load = move |setup: Setup| {
        let (room, gate) = (rooms.fetch_add(1, SeqCst), Arc::clone(&opened));
        async move {
            match room {
                0 | 4 => Ok(Probe { label: format!("loaded for {}", setup.id), ..Probe::default() }),
                1 => Err("there is no such level"),
                2 => panic!("loading panics, says the test"),
                _ => {
                    gate.acquire().await.unwrap().forget();
                    Ok(Probe { label: "late".to_owned(), ..Probe::default() })
                }
            }
        }
    };
    let server = Server::new().game_loaded(load).context(Arc::new(Shelf::new())).start(&config()).unwrap();
    let mut bystander = Player::join(&server, "").await;
    assert_eq!(bystander.label, format!("loaded for {}", bystander.room()));
    for _ in ["an error", "a panic"] {
        let mut player = join(&server, "probe", "room=new").await;
        assert_eq!(closed(&mut player).await.0, 4009);
    }
    let waiting = join(&server, "probe", "room=new").await;
    // The room that waits holds up no other.
    Player::join(&server, "room=new").await;
    bystander.client.update().await;
    assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200);
    gate.add_permits(1);
    let late = Player::begin(waiting).await;
    assert_eq!(late.label, "late");
    server.stop();
}
