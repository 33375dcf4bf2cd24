//! A small game that exercises deltas: entities appear, disappear, move, and depend on players' inputs.

use drumline_room::{
    Channel, ChatVerdict, Game, JoinRefused, PlayerId, Request, Rng, RngExt, SeedableRng, Setup, Sight, Tick,
    To, game,
};
use drumline_shared::{Entity, Message, Replicate, Single, Table, World};
use glam::Vec2;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Replicate)]
pub struct Sheep {
    #[sync(range = 0.0..=500.0, step = 0.1, predict = linear)]
    pub position: Vec2,
    #[sync(skip)]
    pub velocity: Vec2,
    #[sync(range = 0..=1000)]
    pub wool: u16,
}

#[derive(Debug, Clone, Default, Replicate)]
pub struct Shepherd {
    pub player: u16,
    #[sync(max_bytes = 24)]
    pub name: String,
    #[sync(range = 0..=1_000_000)]
    pub strength: u32,
}

#[derive(Debug, Clone, Default, Replicate)]
pub struct Meadow {
    pub sheep_born: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Poke {
    #[sync(range = 0..=10)]
    pub strength: u8,
}

#[derive(Default, World)]
pub struct HerdWorld {
    pub sheep: Table<Sheep>,
    pub shepherds: Table<Shepherd>,
    pub meadow: Single<Meadow>,
}

/// An event of the herd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Some sheep are lost.
    Lost { sheep: u32 },
    /// A shepherd has called.
    Call { by: PlayerId },
    /// A long story.
    Story(String),
}

/// A command of a shepherd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Calls to all players. The reply is the number of sheep.
    Call,
    /// Calls to one player.
    Whisper(PlayerId),
    /// Calls to a team.
    Team(u16),
    /// Broadcasts a story of so many bytes.
    Story(u32),
    /// Asks for a reply on the tick with this number or later.
    Later(u32),
}

pub struct Herd {
    rng: Rng,
    world: HerdWorld,
    seats: Vec<(PlayerId, Entity)>,
    later: Vec<(u32, Request)>,
}

impl Herd {
    fn answer(&mut self, tick: &mut Tick<Self>) {
        for (by, command, request) in tick.commands() {
            match command {
                Command::Call => tick.broadcast(&Event::Call { by }),
                Command::Whisper(player) => tick.send(player, &Event::Call { by }),
                Command::Team(team) => tick.send(To::Team(team.into()), &Event::Call { by }),
                Command::Story(bytes) => tick.broadcast(&Event::Story("x".repeat(bytes as usize))),
                Command::Later(number) => {
                    self.later.push((number, request));
                    continue;
                }
            };
            tick.reply(request, &(self.world.sheep.len() as u32));
        }
        let now = tick.number;
        for (_, request) in self.later.extract_if(.., |(number, _)| *number <= now) {
            tick.reply(request, &0);
        }
    }
}

#[game]
impl Game for Herd {
    const NAME: &'static str = "herd";
    type World = HerdWorld;
    type Input = Poke;
    type Event = Event;
    type Command = Command;
    type Reply = u32;

    fn new(setup: &Setup) -> Self {
        Self {
            rng: Rng::seed_from_u64(setup.seed),
            world: HerdWorld::default(),
            seats: Vec::new(),
            later: Vec::new(),
        }
    }

    fn world(&self) -> &HerdWorld {
        &self.world
    }

    fn join(&mut self, player: PlayerId, tick: &mut Tick<Self>) -> Result<(), JoinRefused> {
        let shepherd =
            Shepherd { player: player.seat(), name: tick.players()[player].name.clone(), strength: 0 };
        self.seats.push((player, self.world.shepherds.insert(shepherd)));
        Ok(())
    }

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        // The first four seats form two teams; the others have none.
        sight.team = (player.seat() < 4).then_some(u32::from(player.seat()) % 2);
    }

    fn moderate(&mut self, player: PlayerId, channel: Channel, text: &mut String) -> ChatVerdict {
        *text = text.replace("wolf", "sheep");
        let shouts = player.seat() == 0 && channel == Channel::Room && text.contains('!');
        if shouts { ChatVerdict::Refuse } else { ChatVerdict::Allow }
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        let seat = self.seats.iter().position(|(other, _)| *other == player).expect("they joined");
        let (_, entity) = self.seats.swap_remove(seat);
        self.world.shepherds.remove(entity);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (player, input) in tick.inputs() {
            let (_, entity) = self.seats.iter().find(|(other, _)| *other == player).expect("they joined");
            let shepherd = self.world.shepherds.get_mut(*entity).expect("they are in the world");
            shepherd.strength += u32::from(input.strength);
        }
        self.answer(tick);
        let before = self.world.sheep.len();
        let rng = &mut self.rng;
        self.world.sheep.retain(|_, _| !rng.random_bool(0.01));
        if self.world.sheep.len() < before {
            tick.broadcast(&Event::Lost { sheep: (before - self.world.sheep.len()) as u32 });
        }
        for sheep in self.world.sheep.values_mut() {
            sheep.position += sheep.velocity * tick.dt;
            if self.rng.random_bool(0.05) {
                sheep.velocity =
                    Vec2::new(self.rng.random_range(-40.0..40.0), self.rng.random_range(-40.0..40.0));
                sheep.wool += 1;
            }
        }
        if self.world.sheep.len() < 30 || self.rng.random_bool(0.2) {
            let position = Vec2::new(self.rng.random_range(0.0..500.0), self.rng.random_range(0.0..500.0));
            self.world.sheep.insert(Sheep { position, ..Sheep::default() });
            self.world.meadow.sheep_born += 1;
        }
    }
}
