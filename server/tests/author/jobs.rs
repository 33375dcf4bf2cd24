//! Work outside the room, and what games are made with.

use std::sync::Arc;

use crate::probe::{Command, Event, Player, Probe, Shelf, Work, config};
use drumline::{Server, StartError};

fn outcome(event: Event) -> Option<String> {
    if let Event::Outcome(text) = event { Some(text) } else { None }
}

#[tokio::test]
async fn an_outcome_arrives_and_a_job_that_panics_is_an_error_of_its_own() {
    let server = Server::new().game::<Probe>().context(Arc::new(Shelf::new())).start(&config()).unwrap();
    let mut player = Player::join(&server, "").await;
    player.order(Command::Start(Work::Echo("hello".into()))).await;
    let text = player.event(outcome).await;
    let (key, echo) = text.split_once(": ").unwrap();
    assert!(echo == "hello" && key.starts_with(player.room()), "{text}");
    player.order(Command::Start(Work::Panic)).await;
    assert_eq!(player.event(outcome).await, "panicked: a job panics, says the test");
    player.order(Command::Start(Work::Echo("still here".into()))).await;
    assert!(player.event(outcome).await.ends_with(": still here"));
    server.stop();
}

#[tokio::test]
async fn a_server_that_stops_waits_for_the_jobs_that_games_leave() {
    let shelf = Arc::new(Shelf::new());
    let server = Server::new().game::<Probe>().context(Arc::clone(&shelf)).start(&config()).unwrap();
    let mut player = Player::join(&server, "").await;
    let room = player.room().to_owned();
    player.order(Command::SaveAtEnd).await;
    player.settle().await;
    let stopping = tokio::task::spawn_blocking(|| server.stop());
    assert_eq!(player.client.closed().await.0, 1001);
    shelf.gate.add_permits(1);
    stopping.await.unwrap();
    let saved: Vec<_> = shelf.saved.lock().await.iter().map(|key| key.room.clone()).collect();
    assert_eq!(saved, [room]);
}

#[test]
fn jobs_without_their_context_are_an_error_at_the_start() {
    match Server::new().game::<Probe>().start(&config()) {
        Err(StartError::NoJobContext { game: "probe", context }) => assert!(context.contains("Shelf")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_game_is_made_with_what_the_author_hands_it() {
    let label: Arc<str> = "made by the closure".into();
    let server = Server::new()
        .game_with(move |setup| Probe { label: format!("{label} for {}", setup.id), ..Probe::default() })
        .context(Arc::new(Shelf::new()))
        .start(&config())
        .unwrap();
    let [first, second] = [Player::join(&server, "").await, Player::join(&server, "room=new").await];
    assert_eq!(first.label, format!("made by the closure for {}", first.room()));
    assert_eq!(second.label, format!("made by the closure for {}", second.room()));
    server.stop();
}
