//! A match to measure. The benches themselves are in `benches/`: `cargo bench -p drumline-benches`.

use std::sync::Arc;

use drumline_arena::Arena;
use drumline_arena::world::Controls;
use drumline_room::{GameSpec, PlayerId, Rng, RngExt, Room, RoomConfig, SeedableRng};
use drumline_shared::Replicate;
use drumline_shared::input::{InputHeader, write_input};
use drumline_shared::schema::RowLayout;
use glam::Vec2;

/// An arena room in play, without sockets: everyone flies, turns and fires.
pub struct Match {
    /// The room.
    pub room: Room,
    /// Its players.
    pub seats: Vec<PlayerId>,
    rng: Rng,
    controls: Vec<Controls>,
    layout: RowLayout,
    message: Vec<u8>,
}

impl Match {
    /// A match of so many players that has been going on for ten seconds.
    ///
    /// # Panics
    /// If there are more players than a room can have.
    #[must_use]
    pub fn new(players: u16) -> Self {
        let config = RoomConfig { id: "bench".into(), max_players: players, tick_rate_hz: 30, seed: 1 };
        let mut room = Room::new(Arc::new(GameSpec::of::<Arena>()), config);
        let names = (0..players).map(|number| format!("player {number}"));
        let seats = names.map(|name| room.join(&name).expect("a seat for each")).collect();
        let mut arena = Self {
            room,
            seats,
            rng: Rng::seed_from_u64(1),
            controls: vec![Controls::default(); usize::from(players)],
            layout: RowLayout::new(Controls::FIELDS).expect("the arena is within the limits"),
            message: Vec::new(),
        };
        for _ in 0..300 {
            arena.tick();
        }
        arena
    }

    /// One tick as a driver runs it: every player's input, the tick, every player's snapshot. Returns the snapshots' bytes.
    pub fn tick(&mut self) -> usize {
        self.steer();
        self.room.tick();
        let mut bytes = 0;
        for &player in &self.seats {
            while self.room.poll_event(player).is_some() {}
            if let Some(snapshot) = self.room.poll_frame(player) {
                bytes += snapshot.prefix.len() + snapshot.body.len();
            }
        }
        bytes
    }

    /// The aim wanders every tick, the course changes on one in ten, and one in five fires.
    fn steer(&mut self) {
        let now = self.room.current_tick();
        let mut row = vec![0; self.layout.columns.len()];
        for (controls, &player) in self.controls.iter_mut().zip(&self.seats) {
            controls.aim += self.rng.random_range(-0.2..0.2);
            controls.fire = self.rng.random_bool(0.2);
            if self.rng.random_bool(0.1) {
                controls.thrust = Vec2::from_angle(self.rng.random_range(0.0..std::f32::consts::TAU));
            }
            controls.quantize(&mut row);
            let header = InputHeader { number: now + 1, acked_tick: now, tick: now + 1 };
            write_input(&self.layout, header, &row, &mut self.message);
            self.room.handle_input(player, &self.message).expect("an input of the arena");
        }
    }
}
