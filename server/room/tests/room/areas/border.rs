//! A game that crosses area borders: scouts of two sides walk, leap, die and change sides on a grid.

use drumline_room::{
    Game, Interest, JoinRefused, PlayerId, Rng, RngExt, SeedableRng, Setup, Sight, Tick, game,
};
use drumline_shared::Entity;
use glam::Vec2;

use crate::areas::world::{BorderWorld, CELL, Card, FLOORS, Nudge, Plan, Rat, Rock, SIZE, Scout, Side, VIEW};

/// From this tick on nothing changes.
pub const FROZEN_TICK: u32 = 300;

pub struct Border {
    rng: Rng,
    /// The generator for state that may be hidden.
    secret_rng: Rng,
    pub world: BorderWorld,
    /// Each seated player's view point and side, by seat.
    seats: Vec<Option<(PlayerId, Vec2, Side)>>,
}

fn anywhere(rng: &mut Rng) -> Vec2 {
    Vec2::new(rng.random_range(0.0..SIZE), rng.random_range(0.0..SIZE))
}

#[game]
impl Game for Border {
    const NAME: &'static str = "border";
    const TICK_RATE_HZ: u32 = 20;
    const MAX_PLAYERS: u16 = 32;
    const INTEREST: Interest = Interest::Grid { cell: CELL, view: VIEW };
    type World = BorderWorld;
    type Input = Nudge;

    fn new(setup: &Setup) -> Self {
        let mut rng = Rng::seed_from_u64(setup.seed);
        let mut world = BorderWorld::default();
        for _ in 0..150 {
            world.rocks.insert(Rock { position: anywhere(&mut rng), ore: rng.random() });
        }
        for _ in 0..12 {
            world.rats.insert(Rat { floor: rng.random_range(0..FLOORS), squeaks: 0 });
        }
        let secret_rng = Rng::seed_from_u64(setup.seed ^ 1);
        Self { rng, secret_rng, world, seats: vec![None; 32] }
    }

    fn world(&self) -> &BorderWorld {
        &self.world
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        let side = if player.seat().is_multiple_of(2) { Side::North } else { Side::South };
        let position = anywhere(&mut self.rng);
        self.seats[player.index()] = Some((player, position, side));
        for index in 0..3 {
            let position = if index == 0 { position } else { anywhere(&mut self.rng) };
            self.world.scouts.insert(Scout { player, side, position, ..Scout::default() });
        }
        self.world.cards.insert(Card { player, face: self.rng.random() });
        self.world.plans.insert(Plan { side, author: player, ..Plan::default() });
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.seats[player.index()] = None;
        self.world.scouts.retain(|_, scout| scout.player != player);
        self.world.cards.retain(|_, card| card.player != player);
        self.world.plans.retain(|_, plan| plan.author != player);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        if tick.number < FROZEN_TICK {
            self.move_scouts(tick.dt);
            self.change_owners();
            self.change_the_rest();
        }
        for scout in self.world.scouts.values() {
            if let Some(Some((_, point, _))) = self.seats.get_mut(scout.player.index()) {
                // The last of the player's scouts sets the view point, so it leaps when scouts die or change owners.
                *point = scout.position;
            }
        }
    }

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        if let Some((_, point, side)) = self.seats[player.index()] {
            sight.point = Some(point);
            sight.team = Some(side as u32);
            sight.places.push(u32::from(player.seat()) % FLOORS);
        }
    }
}

impl Border {
    fn move_scouts(&mut self, dt: f32) {
        let rng = &mut self.rng;
        let mut fallen = Vec::new();
        for (entity, scout) in self.world.scouts.iter_mut() {
            scout.position = (scout.position + scout.velocity * dt).clamp(Vec2::ZERO, Vec2::splat(SIZE));
            match rng.random_range(0..200) {
                0 => scout.position = anywhere(rng),
                1 => fallen.push(entity),
                // Across the nearest border.
                2..=6 => scout.position = (scout.position / CELL).round() * CELL + scout.velocity * dt,
                7..=30 => {
                    scout.velocity =
                        Vec2::new(rng.random_range(-400.0..400.0), rng.random_range(-400.0..400.0));
                }
                31..=60 => scout.velocity = Vec2::ZERO,
                _ => {}
            }
            if rng.random_bool(0.1) {
                scout.health = rng.random_range(0..=100);
                scout.ammo = rng.random();
            }
        }
        for entity in fallen {
            let scout = self.world.scouts.remove(entity).expect("it was in the table");
            // A new entity at the same position, perhaps in the same slot.
            self.world.scouts.insert(Scout { velocity: -scout.velocity, ..scout });
        }
    }

    fn change_owners(&mut self) {
        if !self.rng.random_bool(0.2) {
            return;
        }
        let seated: Vec<_> = self.seats.iter().flatten().collect();
        if seated.is_empty() {
            return;
        }
        let &(new, _, side) = seated[self.rng.random_range(0..seated.len())];
        let scouts: Vec<Entity> = self.world.scouts.iter().map(|(entity, _)| entity).collect();
        let scout = scouts[self.rng.random_range(0..scouts.len())];
        let scout = self.world.scouts.get_mut(scout).expect("it lives");
        (scout.player, scout.side) = (new, side);
    }

    fn change_the_rest(&mut self) {
        let rng = &mut self.secret_rng;
        for plan in self.world.plans.values_mut() {
            if rng.random_bool(0.1) {
                plan.text = rng.random();
                plan.signature = rng.random();
            }
        }
        for card in self.world.cards.values_mut() {
            if rng.random_bool(0.1) {
                card.face = rng.random();
            }
        }
        for rat in self.world.rats.values_mut() {
            rat.squeaks = rat.squeaks.wrapping_add(u16::from(rng.random_bool(0.3)));
            if rng.random_bool(0.02) {
                rat.floor = rng.random_range(0..FLOORS);
            }
        }
        if rng.random_bool(0.3) {
            self.world.weather.wind = rng.random();
        }
        let mut mined = Vec::new();
        for (entity, rock) in self.world.rocks.iter_mut() {
            if self.rng.random_bool(0.02) {
                rock.ore = rock.ore.wrapping_sub(1);
            }
            if self.rng.random_bool(0.002) {
                mined.push(entity);
            }
        }
        for entity in mined {
            self.world.rocks.remove(entity);
            self.world.rocks.insert(Rock { position: anywhere(&mut self.rng), ore: 100 });
        }
    }
}
