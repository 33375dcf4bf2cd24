//! Joins: options, refusals, and what a refused player has sent.

use drumline_room::testing::{Removed, TestRoom};
use drumline_room::{GameSpec, Identity, Joiner, Removal};
use serde_json::json;

use super::party::{Colour, Command, Dress, Party, Walk, dressed, log, party};

#[test]
fn a_game_knows_a_players_name_account_and_options() {
    let mut room = TestRoom::<Party>::new();
    room.join_as(dressed("Ada", Colour::Red));
    room.join("Ben");
    room.tick();
    assert_eq!(log(&mut room), ["join Ada Red", "join Ben Plain"]);
    // Without options of any kind they are the default ones.
    room.join_as(Joiner::named("Cy"));
    room.tick();
    assert_eq!(log(&mut room), ["join Cy Plain"]);
}

#[test]
fn options_that_are_none_of_the_game_name_the_field() {
    let spec = GameSpec::of::<Party>();
    let parse = |options| spec.read_join_options(&options);
    let red = drumline_shared::encoding::encode(&Dress { colour: Colour::Red });
    assert_eq!(parse(json!({ "colour": "red" })).unwrap(), red);
    assert_eq!(parse(json!(null)), parse(json!({})));
    let error = parse(json!({ "colour": "pink" })).unwrap_err();
    assert_eq!(error.field, "colour");
    assert!(error.message.contains("unknown variant `pink`"), "{error}");
    assert!(error.to_string().starts_with("join options, `colour`: "), "{error}");
    assert_eq!(parse(json!("red")).unwrap_err().field, "");
}

#[test]
fn a_refused_player_was_never_here() {
    let mut room = TestRoom::<Party>::new();
    let red = room.join_as(dressed("Ada", Colour::Red));
    room.tick();
    log(&mut room);
    let refused = room.join_as(Joiner {
        identity: Some(Identity { subject: "ben".to_owned(), ..Identity::default() }),
        ..dressed("Ben", Colour::Red)
    });
    // They may have sent all this with the join.
    room.input(refused, &Walk { steps: 9 });
    room.command(refused, &Command::Kick(red));
    room.say(refused, "hello");
    room.tick();
    assert_eq!(log(&mut room), [""; 0], "no hook but `join` is called");
    let reason = "somebody wears Red already".to_owned();
    assert_eq!(room.removed(), [Removed { player: refused, removal: Removal::Refused, reason }]);
    assert_eq!(room.heard(red), []);
    assert!(room.is_here(red) && !room.is_here(refused));

    room.tick();
    assert_eq!(log(&mut room), [""; 0], "who was not here does not leave");
    let next = room.join_as(dressed("Ben", Colour::Green));
    assert_eq!((next.seat(), next.generation()), (refused.seat(), 1));
    room.tick();
    assert_eq!(log(&mut room), ["join Ben Green"]);
    assert_eq!(room.game().floor.guests.len(), 2);
}

#[test]
fn a_seat_of_one_who_leaves_may_be_taken_on_the_same_tick() {
    let (mut room, [ada]) = party(["Ada"]);
    log(&mut room);
    room.leave(ada);
    let ben = room.join("Ben");
    assert_eq!((ben.seat(), ben.generation()), (ada.seat(), 1));
    room.tick();
    assert_eq!(log(&mut room), ["leave Ada", "join Ben Plain"]);
    assert_eq!(room.game().floor.guests.ids().collect::<Vec<_>>(), [ben]);
}
