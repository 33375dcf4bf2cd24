//! The rules: what a tick does, in the order in which it does it.

use std::cmp::Reverse;
use std::ops::RangeInclusive;

use drumline::prelude::*;
use drumline_kit::motion::{bounce_apart, drift, sweeps, turn_towards};
use glam::Vec2;

use crate::bots::{Bots, Refill};
use crate::messages::{Command, Event, Reply, Summary, Winner};
use crate::world::{
    ArenaWorld, Controls, Hull, Phase, Pilot, Rock, RockSize, SHOT_SPEED, Ship, Shot, WORLD_SIZE,
};

/// A ship's radius, in units.
pub const SHIP_RADIUS: f32 = 18.0;

const THRUST: f32 = 720.0;
/// The share of its speed that a ship loses in a second, roughly.
const DRAG: f32 = 1.5;
const TURN_RATE: f32 = 9.0;
const RELOAD_SECONDS: f32 = 0.2;
const SHOT_SECONDS: f32 = 1.1;
const FULL_HEALTH: u8 = 100;
const SHOT_DAMAGE: u8 = 20;
const ROCK_DAMAGE: u8 = 25;
const RESPAWN_SECONDS: f32 = 2.0;
const SHIELD_SECONDS: f32 = 2.5;
const ROUND_SECONDS: u16 = 180;
const PAUSE_SECONDS: f32 = 8.0;
const EMOTE_SECONDS: f32 = 1.0;
const LARGE_ROCKS: usize = 10;
const KILL_POINTS: u32 = 10;
const ROCK_POINTS: u32 = 1;

/// The mode for two players.
const DUEL: &str = "duel";
/// The option that sets a round's length, and its range in seconds.
const ROUND_OPTION: &str = "round_seconds";
const ROUND_RANGE: RangeInclusive<u64> = 60..=600;
/// The option that sets the number of bots, and its range.
const BOTS_OPTION: &str = "bots";
const BOTS_RANGE: RangeInclusive<u64> = 0..=8;

/// The arena.
///
/// It has two modes: the default one, whose name is empty, and `duel`, for two players. In both, the option `round_seconds` sets
/// the length of a round, and `bots` the number of bots that play along while there are seats for them.
pub struct Arena {
    rng: Rng,
    world: ArenaWorld,
    round_seconds: u16,
    bots: Bots,
    /// The metadata that lists of rooms show.
    summary: Option<Summary>,
    /// Scratch lists of the entities that a rule visits while it changes their tables. They are kept so that a tick does not
    /// allocate.
    ships: Vec<Entity>,
    shots: Vec<(Entity, Shot)>,
}

#[game]
impl Game for Arena {
    const NAME: &'static str = "arena";
    const TICK_RATE_HZ: u32 = 30;
    const MAX_PLAYERS: u16 = 32;
    const SLEEP: Sleep = Sleep::Unplayed;
    const SPECTATORS: Spectators = Spectators::Allowed { delay_seconds: 0 };
    type World = ArenaWorld;
    type Input = Controls;
    type Event = Event;
    type Command = Command;
    type Reply = Reply;
    type Metadata = Summary;
    type Timer = Refill;

    fn rules(mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        let max_players = match mode {
            "" => None,
            DUEL => Some(2),
            _ => return Err(SetupError::UnknownMode(mode.to_owned())),
        };
        if let Some(name) = options.keys().find(|name| ![ROUND_OPTION, BOTS_OPTION].contains(&name.as_str()))
        {
            return Err(SetupError::UnknownOption(name.clone()));
        }
        // Players who ask for what is usual and those who ask for nothing meet in one room.
        let mut options = options.clone();
        if round_seconds(&options)? == ROUND_SECONDS {
            options.remove(ROUND_OPTION);
        }
        if bots(&options)? == 0 {
            options.remove(BOTS_OPTION);
        }
        Ok(RoomRules { max_players, options: Some(options) })
    }

    fn new(setup: &Setup) -> Self {
        let mut arena = Self {
            rng: Rng::seed_from_u64(setup.seed),
            world: ArenaWorld::default(),
            round_seconds: round_seconds(&setup.options).unwrap_or(ROUND_SECONDS),
            bots: Bots::new(bots(&setup.options).unwrap_or(0)),
            summary: None,
            ships: Vec::new(),
            shots: Vec::new(),
        };
        for _ in 0..LARGE_ROCKS {
            arena.add_rock();
        }
        arena.start_round();
        arena
    }

    fn world(&self) -> &ArenaWorld {
        &self.world
    }

    fn join(&mut self, player: PlayerId, tick: &mut Tick<Self>) -> Result<(), JoinRefused> {
        let info = &tick.players()[player];
        self.world.pilots.insert(Pilot { player, name: info.name.clone(), ..Pilot::default() });
        if info.is_bot {
            self.bots.join(player, tick);
        }
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.bots.leave(player);
        self.world.ships.retain(|_, ship| ship.player != player);
        // Otherwise their shots would fly on, and score for nobody.
        self.world.shots.retain(|_, shot| shot.player != player);
        self.world.pilots.retain(|_, pilot| pilot.player != player);
    }

    fn bot_input(&mut self, bot: PlayerId, view: &View<'_>) -> Controls {
        self.bots.act::<Self>(bot, view)
    }

    fn timer(&mut self, Refill: Refill, tick: &mut Tick<Self>) {
        self.bots.refill(tick);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        if tick.number == 1 {
            self.bots.start(tick);
        }
        self.show_emotes(tick);
        self.launch_ships(tick.dt);
        self.steer_ships(tick);
        self.move_everything(tick.dt);
        self.collide_ships(tick);
        self.hit_with_shots(tick);
        self.keep_rocks_coming();
        self.advance_round(tick);
        self.show_summary(tick);
    }
}

/// Returns true if a pilot's connection is lost. Their ship drifts until they are back, and nothing can hit it.
fn is_away(player: PlayerId, tick: &Tick<Arena>) -> bool {
    tick.players().get(player).is_some_and(PlayerInfo::is_away)
}

impl Arena {
    /// Broadcasts the pilots' emotes, at most one a second from each.
    fn show_emotes(&mut self, tick: &mut Tick<Self>) {
        for pilot in self.world.pilots.values_mut() {
            pilot.emote_wait = (pilot.emote_wait - tick.dt).max(0.0);
        }
        for (player, Command::Emote { emote }, request) in tick.commands() {
            let of_player = |pilot: &&mut Pilot| pilot.player == player;
            let Some(pilot) = self.world.pilots.values_mut().find(of_player) else { continue };
            if pilot.emote_wait > 0.0 {
                tick.reply(request, &Reply::TooSoon { seconds: pilot.emote_wait });
                continue;
            }
            pilot.emote_wait = EMOTE_SECONDS;
            tick.broadcast(&Event::Emote { player, name: pilot.name.clone(), emote });
            tick.reply(request, &Reply::Done);
        }
    }

    /// Launches a new ship for each pilot whose respawn time is over.
    fn launch_ships(&mut self, dt: f32) {
        for pilot in self.world.pilots.values_mut().filter(|pilot| pilot.ship.is_none()) {
            pilot.respawn -= dt;
            if pilot.respawn <= 0.0 {
                let margin = 200.0;
                let mut along = || self.rng.random_range(margin..WORLD_SIZE - margin);
                pilot.ship = Some(self.world.ships.insert(Ship {
                    player: pilot.player,
                    position: Vec2::new(along(), along()),
                    hull: Hull::Shielded,
                    shield: SHIELD_SECONDS,
                    ..Ship::default()
                }));
            }
        }
    }

    /// Applies the pilots' inputs: turns, thrusts and fires.
    fn steer_ships(&mut self, tick: &Tick<Self>) {
        for (player, controls) in tick.inputs() {
            let flies = |ship: &&mut Ship| ship.player == player;
            let Some(ship) = self.world.ships.values_mut().find(flies) else { continue };
            let adrift = Controls { aim: ship.heading, ..Controls::default() };
            let controls = if is_away(player, tick) { &adrift } else { controls };
            ship.heading = turn_towards(ship.heading, controls.aim, TURN_RATE * tick.dt);
            let thrust = controls.thrust.clamp_length_max(1.0);
            ship.thrusting = thrust.length_squared() > 0.01;
            ship.velocity += thrust * THRUST * tick.dt;
            ship.velocity *= 1.0 - DRAG * tick.dt;
            ship.reload -= tick.dt;
            ship.shield = (ship.shield - tick.dt).max(0.0);
            if controls.fire && ship.reload <= 0.0 {
                ship.reload = RELOAD_SECONDS;
                // A ship that fires gives up the protection that it has after a launch.
                ship.shield = 0.0;
                let nose = Vec2::from_angle(ship.heading);
                self.world.shots.insert(Shot {
                    player: ship.player,
                    position: ship.position + nose * SHIP_RADIUS,
                    velocity: ship.velocity + nose * SHOT_SPEED,
                    life: SHOT_SECONDS,
                });
            }
            if ship.shield <= 0.0 && ship.hull == Hull::Shielded {
                ship.hull = Hull::Bare { health: FULL_HEALTH };
            }
        }
    }

    fn move_everything(&mut self, dt: f32) {
        for ship in self.world.ships.values_mut() {
            drift(&mut ship.position, &mut ship.velocity, SHIP_RADIUS, WORLD_SIZE, 0.5, dt);
        }
        for rock in self.world.rocks.values_mut() {
            drift(&mut rock.position, &mut rock.velocity, rock.size.radius(), WORLD_SIZE, 1.0, dt);
        }
        self.world.shots.retain(|_, shot| {
            shot.position += shot.velocity * dt;
            shot.life -= dt;
            let inside = shot.position.min_element() >= 0.0 && shot.position.max_element() <= WORLD_SIZE;
            inside && shot.life > 0.0
        });
    }

    /// Ships bounce off each other and off rocks; rocks hurt.
    fn collide_ships(&mut self, tick: &mut Tick<Self>) {
        let mut ships = std::mem::take(&mut self.ships);
        ships.extend(self.world.ships.iter().map(|(entity, _)| entity));
        for (index, &first) in ships.iter().enumerate() {
            for &second in &ships[index + 1..] {
                self.collide_two_ships(first, second);
            }
        }
        for entity in ships.drain(..) {
            self.collide_with_rocks(entity, tick);
        }
        self.ships = ships;
    }

    fn collide_two_ships(&mut self, first: Entity, second: Entity) {
        let ships = &mut self.world.ships;
        let (Some(a), Some(b)) = (ships.get(first), ships.get(second)) else { return };
        let towards = b.position - a.position;
        if towards.length_squared() > 4.0 * SHIP_RADIUS * SHIP_RADIUS {
            return;
        }
        let Some((velocity_a, velocity_b)) = bounce_apart(towards, a.velocity, b.velocity, (1.0, 1.0)) else {
            return;
        };
        for (entity, velocity) in [(first, velocity_a), (second, velocity_b)] {
            if let Some(ship) = ships.get_mut(entity) {
                ship.velocity = velocity;
            }
        }
    }

    fn collide_with_rocks(&mut self, entity: Entity, tick: &mut Tick<Self>) {
        let Some(ship) = self.world.ships.get_mut(entity) else { return };
        if is_away(ship.player, tick) {
            return;
        }
        let mut bumps = 0;
        for rock in self.world.rocks.values_mut() {
            let towards = rock.position - ship.position;
            let reach = SHIP_RADIUS + rock.size.radius();
            if towards.length_squared() > reach * reach {
                continue;
            }
            let ratio = rock.size.radius() / SHIP_RADIUS;
            let masses = (1.0, ratio * ratio);
            if let Some((of_ship, of_rock)) = bounce_apart(towards, ship.velocity, rock.velocity, masses) {
                ship.velocity = of_ship;
                rock.velocity = of_rock;
                bumps += 1;
            }
        }
        for _ in 0..bumps {
            self.hurt(entity, ROCK_DAMAGE, None, tick);
        }
    }

    /// Each shot hits the first ship or rock on its path.
    ///
    /// Shots are not rewound to their shooter's view. A hitscan weapon hits on the tick on which it is fired, so the shooter's
    /// view alone can be right. A shot in flight is visible to everybody and can be dodged: rewound, it would appear in the
    /// middle of its path, or hit a ship whose pilot never saw it. The arena's shots live in the present, and pilots aim ahead.
    fn hit_with_shots(&mut self, tick: &mut Tick<Self>) {
        let mut shots = std::mem::take(&mut self.shots);
        shots.extend(self.world.shots.iter().map(|(entity, shot)| (entity, shot.clone())));
        for (entity, shot) in shots.drain(..) {
            let from = shot.position - shot.velocity * tick.dt;
            let hits = |centre: Vec2, radius: f32| sweeps(from, shot.position, centre, radius);
            let can_be_hit = |ship: &Ship| ship.player != shot.player && !is_away(ship.player, tick);
            let is_hit = |(_, ship): &(Entity, &Ship)| can_be_hit(ship) && hits(ship.position, SHIP_RADIUS);
            let ship = self.world.ships.iter().find(is_hit);
            if let Some((ship, _)) = ship {
                self.world.shots.remove(entity);
                self.hurt(ship, SHOT_DAMAGE, Some(shot.player), tick);
                continue;
            }
            let rock = self.world.rocks.iter().find(|(_, rock)| hits(rock.position, rock.size.radius()));
            if let Some((rock, _)) = rock {
                self.world.shots.remove(entity);
                self.split_rock(rock, shot.velocity);
                self.award(shot.player, ROCK_POINTS);
            }
        }
        self.shots = shots;
    }

    /// Damages a ship, and destroys it if no hit points are left.
    fn hurt(&mut self, entity: Entity, damage: u8, by: Option<PlayerId>, tick: &mut Tick<Self>) {
        let Some(ship) = self.world.ships.get_mut(entity) else { return };
        let Hull::Bare { health } = &mut ship.hull else { return };
        *health = health.saturating_sub(damage);
        if *health > 0 {
            return;
        }
        let player = ship.player;
        self.world.ships.remove(entity);
        self.with_pilot(player, |pilot| {
            pilot.ship = None;
            pilot.respawn = RESPAWN_SECONDS;
            pilot.deaths += 1;
        });
        if let Some(by) = by {
            self.with_pilot(by, |pilot| pilot.kills += 1);
            self.award(by, KILL_POINTS);
        }
        let victim = self.name_of(player).unwrap_or_default();
        match by.and_then(|by| self.name_of(by)) {
            Some(killer) => tick.broadcast(&Event::Kill { killer, victim }),
            None => tick.broadcast(&Event::Crash { victim }),
        };
    }

    fn split_rock(&mut self, entity: Entity, push: Vec2) {
        let Some(rock) = self.world.rocks.remove(entity) else { return };
        let Some(size) = rock.size.smaller() else { return };
        let aside = push.perp().normalize_or(Vec2::X);
        for side in [-1.0, 1.0] {
            let speed = self.rng.random_range(30.0..90.0);
            self.world.rocks.insert(Rock {
                position: rock.position + aside * (side * size.radius()),
                size,
                velocity: rock.velocity + aside * (side * speed) + push * 0.05,
            });
        }
    }

    fn award(&mut self, player: PlayerId, points: u32) {
        if matches!(self.world.round.phase, Phase::Playing { .. }) {
            self.with_pilot(player, |pilot| pilot.score += points);
        }
    }

    /// Changes a pilot, if they are still in the room.
    fn with_pilot(&mut self, player: PlayerId, change: impl FnOnce(&mut Pilot)) {
        if let Some(pilot) = self.world.pilots.values_mut().find(|pilot| pilot.player == player) {
            change(pilot);
        }
    }

    /// A pilot's name; `None` if they have left.
    fn name_of(&self, player: PlayerId) -> Option<String> {
        self.world.pilots.values().find(|pilot| pilot.player == player).map(|pilot| pilot.name.clone())
    }

    fn keep_rocks_coming(&mut self) {
        let large = self.world.rocks.values().filter(|rock| rock.size == RockSize::Large).count();
        // Splitting multiplies rocks: without a limit on their number they would fill the world.
        if large < LARGE_ROCKS && self.world.rocks.len() < LARGE_ROCKS * 3 && self.rng.random_bool(0.02) {
            self.add_rock();
        }
    }

    /// Adds a large rock at an edge of the world.
    fn add_rock(&mut self) {
        let along = self.rng.random_range(0.0..WORLD_SIZE);
        let edge = if self.rng.random() { 0.0 } else { WORLD_SIZE };
        let position = if self.rng.random() { Vec2::new(along, edge) } else { Vec2::new(edge, along) };
        let middle = Vec2::splat(WORLD_SIZE / 2.0);
        let course = (middle - position).to_angle() + self.rng.random_range(-0.9..0.9);
        let velocity = Vec2::from_angle(course) * self.rng.random_range(25.0..85.0);
        self.world.rocks.insert(Rock { position, size: RockSize::Large, velocity });
    }

    fn start_round(&mut self) {
        let round = &mut self.world.round;
        round.number += 1;
        round.phase = Phase::Playing { seconds_left: self.round_seconds };
        round.time_left = self.round_seconds.into();
        for pilot in self.world.pilots.values_mut() {
            (pilot.score, pilot.kills, pilot.deaths) = (0, 0, 0);
        }
    }

    fn advance_round(&mut self, tick: &mut Tick<Self>) {
        self.world.round.time_left -= tick.dt;
        if self.world.round.time_left <= 0.0 {
            match self.world.round.phase {
                Phase::Playing { .. } => self.finish_round(tick),
                // The server drains: the room ends once the players have seen the winner.
                Phase::Finished { .. } if tick.draining().is_some() => tick.end_room(),
                Phase::Finished { .. } => self.start_round(),
            }
        }
        let left = self.world.round.time_left.ceil() as u16;
        let phase = &mut self.world.round.phase;
        let (Phase::Playing { seconds_left } | Phase::Finished { seconds_left, .. }) = phase;
        *seconds_left = left;
    }

    fn finish_round(&mut self, tick: &mut Tick<Self>) {
        let winner = self.leader();
        let announced = winner.map(|pilot| Winner { name: pilot.name.clone(), points: pilot.score });
        tick.broadcast(&Event::Round { winner: announced });
        let winner = winner.map(|pilot| pilot.player);
        self.world.round.phase = Phase::Finished { winner, seconds_left: 0 };
        self.world.round.time_left = PAUSE_SECONDS;
    }

    /// The pilot with the highest score; `None` if nobody has scored.
    fn leader(&self) -> Option<&Pilot> {
        // Of equal scores the lower seat wins. Any rule will do that a replay repeats.
        let best = self.world.pilots.values().max_by_key(|pilot| (pilot.score, Reverse(pilot.player)));
        best.filter(|pilot| pilot.score > 0)
    }

    /// Shows the phase and the leader in lists of rooms, when they change.
    fn show_summary(&mut self, tick: &mut Tick<Self>) {
        let (phase, leader) = (&self.world.round.phase, self.leader());
        if !self.summary.as_ref().is_some_and(|summary| summary.is_of(phase, leader)) {
            let summary = Summary::of(phase, leader);
            if tick.set_metadata(&summary).is_ok() {
                self.summary = Some(summary);
            }
        }
    }
}

/// The length of a round, in seconds.
fn round_seconds(options: &Options) -> Result<u16, SetupError> {
    let Some(value) = options.get(ROUND_OPTION) else { return Ok(ROUND_SECONDS) };
    let seconds = value.as_u64().filter(|seconds| ROUND_RANGE.contains(seconds));
    let expected = "a whole number of seconds from 60 to 600";
    seconds.map(|seconds| seconds as u16).ok_or(SetupError::BadOption { name: ROUND_OPTION, expected })
}

/// The number of bots.
fn bots(options: &Options) -> Result<u8, SetupError> {
    let Some(value) = options.get(BOTS_OPTION) else { return Ok(0) };
    let bots = value.as_u64().filter(|bots| BOTS_RANGE.contains(bots));
    let expected = "a whole number from 0 to 8";
    bots.map(|bots| bots as u8).ok_or(SetupError::BadOption { name: BOTS_OPTION, expected })
}
