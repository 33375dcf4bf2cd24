//! The names of a room's players.

use std::sync::Arc;

use crate::herd::Herd;
use drumline_room::{ChatRules, GameSpec, Room, RoomConfig, Sameness, Setup};

fn room() -> Room {
    let config = RoomConfig {
        max_players: 8,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: 4096,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    Room::new(Arc::new(GameSpec::of::<Herd>()), config)
}

/// The names of those who joined with the newest tick, as the record has them.
fn joined(room: &mut Room) -> Vec<String> {
    room.tick();
    room.record().public.joins.iter().map(|join| join.name.clone()).collect()
}

#[test]
fn of_players_with_one_name_the_later_ones_have_a_number() {
    let mut room = room();
    let [ada, second, _] = ["Ada", " aDa ", "Ada (2)"].map(|name| room.join(name).unwrap());
    assert_eq!(joined(&mut room), ["Ada", "aDa (2)", "Ada (2) (2)"]);
    assert_eq!(room.name(second), Some("aDa (2)"));
    room.hold(ada);
    room.join("Ada").unwrap();
    assert_eq!(joined(&mut room), ["Ada (3)"], "a seat that is held keeps its name");
    room.leave(ada);
    assert_eq!(room.name(ada), None);
    room.join("Ada").unwrap();
    assert_eq!(joined(&mut room), ["Ada"], "and one that is free does not");
}

#[test]
fn a_name_that_only_looks_the_same_has_a_number_if_it_shall() {
    for (sameness, second) in [(Sameness::Form, "Аda"), (Sameness::Looks, "Аda (2)")] {
        let mut room = room();
        room.compare_names(sameness);
        for name in ["Ada", "Аda"] {
            room.join(name).unwrap();
        }
        assert_eq!(joined(&mut room), ["Ada", second]);
    }
}

#[test]
fn a_player_who_leaves_before_the_tick_leaves_no_name() {
    let mut room = room();
    let ada = room.join("Ada").unwrap();
    room.leave(ada);
    assert_eq!(room.join("Ada").unwrap().seat(), ada.seat());
    assert_eq!(joined(&mut room), ["Ada"]);
}
