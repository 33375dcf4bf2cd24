//! Worlds to measure. The benches themselves are in `benches/`: `cargo bench -p drumline-benches`.

use std::sync::Arc;

use drumline_arena::Arena;
use drumline_room::{GameSpec, PlayerId, Room, RoomConfig};

/// An arena room in play: so many players, each given every snapshot so far.
///
/// # Panics
/// If there are more players than an arena holds.
#[must_use]
pub fn arena_room(players: u16) -> (Room, Vec<PlayerId>) {
    let config = RoomConfig { id: "bench".into(), max_players: players, tick_rate_hz: 30, seed: 1 };
    let mut room = Room::new(Arc::new(GameSpec::of::<Arena>()), config);
    let names = (0..players).map(|number| format!("player {number}"));
    let seats: Vec<PlayerId> = names.map(|name| room.join(&name).expect("a seat for each")).collect();
    for _ in 0..30 {
        room.tick();
        fan_out(&mut room, &seats);
    }
    (room, seats)
}

/// Takes each player's snapshot of the current tick, as a driver does, and returns the bytes of all of them.
pub fn fan_out(room: &mut Room, seats: &[PlayerId]) -> usize {
    let mut bytes = 0;
    for &player in seats {
        while room.poll_event(player).is_some() {}
        if let Some(snapshot) = room.poll_frame(player) {
            bytes += snapshot.prefix.len() + snapshot.body.len();
        }
        room.handle_ack(player, room.current_tick());
    }
    bytes
}
