//! A world with every kind of field, and seeded changes to it.

use drumline_shared::frame::Frame;
use drumline_shared::layout::Layout;
use drumline_shared::schema::shape::{MessageSchema, Named, Shape};
use drumline_shared::schema::{InputSchema, Schema};
use drumline_shared::world::ClampedValues;
use drumline_shared::{Entity, Replicate, Single, Table, World};
use glam::{Quat, Vec2, Vec3};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

/// A field-less enum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
pub enum Mood {
    #[default]
    Calm,
    Alert,
    Angry,
}

/// One field of every kind.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Thing {
    #[sync(range = -100.0..=100.0, step = 0.01)]
    pub level: f32,
    #[sync(angle, bits = 10, predict = linear, interpolate = step)]
    pub heading: f32,
    #[sync(range = 0.0..=2000.0, step = 0.0625, predict = linear)]
    pub position: Vec2,
    #[sync(x(range = -50.0..=50.0, step = 0.1), y(range = 0.0..=10.0, step = 0.5), z(range = -1.0..=1.0, step = 0.01))]
    pub place: Vec3,
    #[sync(bits = 9, predict = linear)]
    pub rotation: Quat,
    #[sync(bits = 7)]
    pub tilt: Quat,
    #[sync(range = 0..=100, interpolate = none)]
    pub health: u8,
    pub score: i32,
    pub seen: u64,
    pub alive: bool,
    pub mood: Mood,
    #[sync(max_bytes = 10)]
    pub name: String,
    #[sync(skip)]
    pub secret: u32,
}

/// A second, smaller table.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Spark {
    #[sync(range = 0.0..=2000.0, step = 0.5, velocity = speed)]
    pub x: f64,
    #[sync(range = -64.0..=64.0, step = 0.25)]
    pub speed: f32,
}

/// A single.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Weather {
    pub storm: bool,
    pub wind: i8,
}

/// The world: all kinds of fields and tables.
#[derive(Debug, Clone, Default, World)]
pub struct Kitchen {
    pub things: Table<Thing>,
    pub weather: Single<Weather>,
    pub sparks: Table<Spark>,
    #[sync(skip)]
    pub steps: u32,
}

/// The kitchen's messages: an event for each kill, a command that orders a dish, and a reply that says how long it takes.
fn messages() -> MessageSchema {
    let named = |name: &str, shape| Named { name: name.to_owned(), shape };
    let shapes = vec![
        Shape::U16,
        Shape::Text,
        Shape::Struct(vec![named("by", 0), named("whom", 1)]),
        Shape::Enum(vec![named("kill", 2)]),
        Shape::Struct(vec![named("dish", 1)]),
        Shape::Enum(vec![named("order", 4)]),
        Shape::Struct(vec![named("minutes", 0)]),
    ];
    MessageSchema { shapes, event: 3, command: 5, reply: 6, ..MessageSchema::default() }
}

/// The kitchen's schema; its input is a `Thing` too, so that inputs have every kind of field.
pub fn schema() -> Schema {
    Schema { tables: Kitchen::TABLES.into(), input: InputSchema::of::<Thing>(), messages: messages() }
}

/// The kitchen's layout.
pub fn layout() -> Layout {
    Layout::new(&schema()).expect("the kitchen is within the limits")
}

/// The frame of a world at a tick.
pub fn capture(world: &Kitchen, tick: u32) -> Frame {
    let mut frame = Frame::empty(&layout());
    world.capture(&mut frame, &mut ClampedValues::default());
    frame.tick = tick;
    frame
}

/// A seeded source of change.
pub struct Chaos {
    pub rng: Pcg32,
}

impl Chaos {
    pub fn new(seed: u64) -> Self {
        Self { rng: Pcg32::seed_from_u64(seed) }
    }

    pub fn thing(&mut self) -> Thing {
        let rng = &mut self.rng;
        Thing {
            // Sometimes beyond the range: every implementation must clamp it to the same column.
            level: rng.random_range(-120.0..120.0),
            heading: rng.random_range(-10.0..10.0),
            position: Vec2::new(rng.random_range(0.0..2000.0), rng.random_range(0.0..2000.0)),
            place: Vec3::new(
                rng.random_range(-50.0..50.0),
                rng.random_range(0.0..10.0),
                rng.random_range(-1.0..1.0),
            ),
            rotation: Quat::from_array([(); 4].map(|()| rng.random_range(-1.0..1.0))),
            tilt: Quat::from_array([(); 4].map(|()| rng.random_range(-1.0..1.0))),
            health: rng.random_range(0..=110),
            score: rng.random(),
            seen: rng.random::<u64>() >> rng.random_range(0..64),
            alive: rng.random(),
            mood: [Mood::Calm, Mood::Alert, Mood::Angry][rng.random_range(0..3)],
            name: ["", "Ada", "Zoë", "日本語テスト", "exactly 10"][rng.random_range(0..5)].into(),
            secret: 7,
        }
    }

    /// One tick: some entities move steadily, some change, some come and go.
    pub fn step(&mut self, world: &mut Kitchen) {
        world.steps += 1;
        for thing in world.things.values_mut() {
            thing.position += Vec2::new(1.3, -0.7);
            thing.heading += 0.11;
            thing.rotation = (thing.rotation.normalize() * Quat::from_rotation_y(0.07)).normalize();
            if self.rng.random_bool(0.5) {
                thing.tilt = (thing.tilt.normalize() * Quat::from_rotation_z(0.2)).normalize();
            }
        }
        let entities: Vec<Entity> = world.things.iter().map(|(entity, _)| entity).collect();
        for entity in entities {
            match self.rng.random_range(0..20) {
                0 => drop(world.things.remove(entity)),
                1 => world.things.get_mut(entity).expect("it lives").health = self.rng.random_range(0..=100),
                2 => *world.things.get_mut(entity).expect("it lives") = self.thing(),
                _ => {}
            }
        }
        while world.things.len() < 3 || self.rng.random_bool(0.3) {
            let thing = self.thing();
            world.things.insert(thing);
        }
        if self.rng.random_bool(0.1) {
            world.sparks.clear();
        }
        let (x, speed) = (self.rng.random_range(0.0..2000.0), self.rng.random_range(-64.0..64.0));
        world.sparks.insert(Spark { x, speed });
        world.weather.wind = world.weather.wind.wrapping_add(1);
        world.weather.storm = self.rng.random();
    }
}
