//! Players who are away and come back.

use drumline_room::testing::{TestRoom, TestTick};
use drumline_room::{Connection, PlayerId, Presence};

use super::party::{Party, log, party};

/// The players as a tick shows them.
fn connection(room: &mut TestRoom<Party>, player: PlayerId) -> Presence {
    room.room().output().players[player.index()].as_ref().unwrap().presence
}

#[test]
fn the_game_hears_of_a_lost_connection_and_of_its_return() {
    let (mut room, [ada, _]) = party(["Ada", "Ben"]);
    log(&mut room);
    room.away(ada);
    room.tick();
    assert_eq!(log(&mut room), ["away Ada"]);
    assert_eq!(connection(&mut room, ada), Presence::Away);
    room.ticks(3);
    assert_eq!(log(&mut room), [""; 0]);
    assert!(room.is_here(ada) && room.game().floor.guests.contains(ada));
    room.back(ada);
    room.tick();
    assert_eq!(log(&mut room), ["back Ada"]);
    assert_eq!(connection(&mut room, ada), Presence::Connected);
    // Gone and back between two ticks: nothing has happened.
    room.away(ada);
    room.back(ada);
    room.tick();
    assert_eq!(log(&mut room), [""; 0]);
    // One who was away leaves without coming back.
    room.away(ada);
    room.tick();
    room.leave(ada);
    room.tick();
    assert_eq!(log(&mut room), ["away Ada", "leave Ada"]);
}

#[test]
fn a_connection_says_since_when_it_is_so() {
    let ada = PlayerId::first(0);
    let mut tick = TestTick::<Party>::new(71);
    tick.player(ada, "Ada");
    tick.players()[ada].connection = Connection { presence: Presence::Away, since_tick: 60 };
    let away_ticks = tick.run(|tick| {
        let info = &tick.players()[ada];
        info.is_away().then(|| tick.number - info.connection.since_tick)
    });
    assert_eq!(away_ticks, Some(11));
}
