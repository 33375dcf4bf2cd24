//! Chance and time.

use drumline_room::Setup;
use drumline_room::testing::TestRoom;

use super::party::{Party, party};

/// The numbers that a guest draws on each of some ticks.
fn drawn(seed: u64, ticks: u32) -> Vec<u32> {
    let mut room = TestRoom::<Party>::with(Setup::new(seed));
    let ada = room.join("Ada");
    let draw = |_| {
        room.tick();
        room.game().floor.guests[ada].drawn
    };
    (0..ticks).map(draw).collect()
}

#[test]
fn the_same_seed_gives_the_same_numbers_and_each_tick_others() {
    let numbers = drawn(1, 50);
    assert_eq!(numbers, drawn(1, 50));
    let mut different = numbers.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), numbers.len(), "no tick repeats another");
    // Not even seeds that differ by a little share numbers.
    let others: Vec<u32> = (2..20).flat_map(|seed| drawn(seed, 50)).collect();
    assert!(numbers.iter().all(|number| !others.contains(number)));
}

#[test]
fn what_one_guest_draws_does_not_depend_on_earlier_ticks() {
    // Another guest draws from the same generator, but for this tick alone.
    let (mut room, [ada, ben]) = party(["Ada", "Ben"]);
    room.tick();
    room.leave(ben);
    room.ticks(2);
    assert_eq!(room.game().floor.guests[ada].drawn, drawn(1, 4)[3]);
}

#[test]
fn the_rooms_time_is_that_of_its_ticks() {
    let (mut room, _) = party(["Ada"]);
    assert!((room.game().seconds - 0.1).abs() < 1e-6);
    room.seconds(2.0);
    assert!((room.game().seconds - 2.1).abs() < 1e-6);
    assert_eq!(room.current_tick(), 21);
}
