//! Verbs that control the room: kick, ban, hold, lock, seats, metadata.

use drumline_room::testing::{Removed, TestTick};
use drumline_room::{Action, MAX_METADATA_BYTES, PlayerId, Removal};
use serde_json::json;

use super::party::{Command, Party, Reply, ask, log, order, party};

#[test]
fn a_game_kicks_and_bans() {
    let (mut room, [ada, ben, cy]) = party(["Ada", "Ben", "Cy"]);
    log(&mut room);
    order(&mut room, ada, &Command::Kick(ben));
    let removed = |player, removal, reason: &str| Removed { player, removal, reason: reason.to_owned() };
    assert_eq!(room.removed(), [removed(ben, Removal::Kicked, "you are loud")]);
    assert_eq!(log(&mut room), ["command 0"], "they leave with the next tick");
    order(&mut room, ada, &Command::Ban(cy));
    assert_eq!(room.removed(), [removed(cy, Removal::Banned, "you broke a vase")]);
    room.tick();
    assert_eq!(log(&mut room), ["leave Ben", "command 0", "leave Cy"]);
    assert!(room.is_here(ada) && !room.is_here(ben) && !room.is_here(cy));
}

#[test]
fn a_game_sets_how_long_a_seat_is_held() {
    let ada = PlayerId::first(0);
    let mut tick = TestTick::<Party>::new(5);
    tick.player(ada, "Ada");
    tick.run(|tick| tick.hold_seat(ada, 600));
    assert_eq!(tick.actions(), [Action::Hold { player: ada, seconds: 600 }]);
}

#[test]
fn a_game_locks_its_room_and_opens_it_again() {
    let (mut room, [ada]) = party(["Ada"]);
    assert!(!room.is_locked());
    order(&mut room, ada, &Command::Lock(true));
    assert!(room.is_locked());
    // The game does not open what an operator has locked.
    room.room().lock(true);
    order(&mut room, ada, &Command::Lock(false));
    assert!(room.is_locked());
    room.room().lock(false);
    room.tick();
    assert!(!room.is_locked());
}

#[test]
fn a_game_admits_fewer_players() {
    let (mut room, [ada, _]) = party(["Ada", "Ben"]);
    for (asked, admitted) in [(3, 3), (0, 1), (100, 4)] {
        order(&mut room, ada, &Command::MaxPlayers(asked));
        assert_eq!(room.max_players(), admitted);
    }
}

#[test]
fn metadata_are_shown_up_to_a_size() {
    let (mut room, [ada]) = party(["Ada"]);
    assert_eq!(room.metadata(), None);
    order(&mut room, ada, &Command::Theme("space".to_owned()));
    assert_eq!(room.metadata(), Some(&json!({ "theme": "space" })));
    let around = r#"{"theme":""}"#.len();
    order(&mut room, ada, &Command::Theme("x".repeat(MAX_METADATA_BYTES - around)));
    let kept = room.metadata().unwrap().clone();
    let reply = ask(&mut room, ada, &Command::Theme("x".repeat(MAX_METADATA_BYTES - around + 1)));
    let text = "the metadata take 1025 bytes as JSON; at most 1024 are allowed";
    assert_eq!(reply, Reply::No(text.to_owned()));
    assert_eq!(room.metadata(), Some(&kept), "the old ones stay");
}
