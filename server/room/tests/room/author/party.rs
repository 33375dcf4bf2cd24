//! A party: its guests' commands make the game use each call of a tick, and it writes down each call of a hook.

use drumline_room::prelude::*;
use drumline_room::testing::TestRoom;
use drumline_room::{Joiner, MetadataError};
use serde::{Deserialize, Serialize};

/// A guest.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Guest {
    pub player: PlayerId,
    #[sync(range = 0.0..=1000.0, step = 0.5)]
    pub position: Vec2,
    #[sync(range = 0..=1_000_000)]
    pub steps: u32,
    pub drawn: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Walk {
    #[sync(range = 0..=100)]
    pub steps: u8,
}

/// The join option. No two guests have the same colour, but any number is plain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    #[default]
    Plain,
    Red,
    Green,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Dress {
    #[serde(default)]
    pub colour: Colour,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Theme {
    pub theme: String,
}

/// The recipients of a shout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
pub enum Whom {
    All,
    Except(PlayerId),
    One(PlayerId),
    Each(Vec<PlayerId>),
    Team(u32),
    SeeingPoint { x: f32, y: f32 },
    SeeingZone(u32),
}

/// The call of a tick that the game is to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
pub enum Command {
    Kick(PlayerId),
    Ban(PlayerId),
    Hold {
        player: PlayerId,
        seconds: u32,
    },
    SeatBot {
        name: String,
        yields: bool,
    },
    Lock(bool),
    MaxPlayers(u16),
    Theme(String),
    After {
        seconds: f32,
        name: String,
    },
    Every {
        seconds: f32,
        name: String,
    },
    /// Cancels the timer that was set so many timers after the first.
    Cancel(u32),
    Work {
        times: u32,
        text: String,
    },
    Shout(Whom),
    Latest(Whom),
    Move {
        x: f32,
        y: f32,
    },
    End,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
pub enum Reply {
    Done,
    No(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
pub enum Event {
    Shout,
    Score,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Work(pub String);

impl Job for Work {
    type Outcome = String;
    type Context = ();

    async fn run(self, _key: JobKey, (): &()) -> String {
        self.0
    }
}

#[derive(Default, World)]
pub struct Floor {
    #[sync(at = position, owner = player)]
    pub guests: Players<Guest>,
}

/// The game.
#[derive(Default)]
pub struct Party {
    pub floor: Floor,
    /// The calls of hooks, in their order.
    pub log: Vec<String>,
    /// The seconds of the newest tick.
    pub seconds: f64,
    timers: Vec<TimerId>,
    outcomes: u32,
}

#[game]
impl Game for Party {
    const NAME: &'static str = "party";
    const TICK_RATE_HZ: u32 = 10;
    const MAX_PLAYERS: u16 = 4;
    const INTEREST: Interest = Interest::Grid { cell: 100.0, view: 150.0 };
    type World = Floor;
    type Input = Walk;
    type Event = Event;
    type Command = Command;
    type Reply = Reply;
    type JoinOptions = Dress;
    type Metadata = Theme;
    type Timer = String;
    type Job = Work;

    fn new(_setup: &Setup) -> Self {
        Self::default()
    }

    fn world(&self) -> &Floor {
        &self.floor
    }

    fn join(&mut self, player: PlayerId, tick: &mut Tick<Self>) -> Result<(), JoinRefused> {
        let info = &tick.players()[player];
        let colour = info.options.colour;
        let same = |other: &PlayerInfo<Dress>| other.options.colour == colour;
        if colour != Colour::Plain && tick.players().values().filter(|other| same(other)).count() > 1 {
            return Err(format!("somebody wears {colour:?} already").into());
        }
        self.log.push(format!("join {} {colour:?}{}", info.name, if info.is_bot { " bot" } else { "" }));
        self.floor.guests.insert(player, Guest { player, ..Guest::default() });
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, tick: &mut Tick<Self>) {
        self.log.push(format!("leave {}", tick.players()[player].name));
        self.floor.guests.remove(player);
    }

    fn away(&mut self, player: PlayerId, tick: &mut Tick<Self>) {
        assert!(tick.players()[player].is_away());
        self.log.push(format!("away {}", tick.players()[player].name));
    }

    fn back(&mut self, player: PlayerId, tick: &mut Tick<Self>) {
        assert!(!tick.players()[player].is_away());
        self.log.push(format!("back {}", tick.players()[player].name));
    }

    fn moderate(&mut self, player: PlayerId, _: Channel, text: &mut String) -> ChatVerdict {
        self.log.push(format!("say {player} {text}"));
        *text = text.replace("beer", "tea");
        if text.contains("wine") { ChatVerdict::Refuse } else { ChatVerdict::Allow }
    }

    fn outcome(&mut self, job: JobId, outcome: Result<String, JobError>, _: &mut Tick<Self>) {
        self.outcomes += 1;
        self.log.push(format!("outcome {}.{} {outcome:?}", job.tick, job.index));
    }

    fn bot_input(&mut self, bot: PlayerId, view: &View<'_>) -> Walk {
        let guests: Vec<Guest> = view.rows::<Guest>(0).map(|(_, guest)| guest).collect();
        let others = guests.iter().filter(|guest| guest.player != bot).count();
        self.log.push(format!("bot sees {others} at {}", view.tick()));
        // A step for each other guest, whom a bot sees at any distance.
        Walk { steps: others as u8 }
    }

    fn timer(&mut self, name: String, tick: &mut Tick<Self>) {
        self.log.push(format!("timer {name}"));
        if name == "again" {
            let id = tick.timers().after(0.0, "once more".to_owned());
            self.timers.push(id);
        }
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.log.push(format!("tick {}", tick.number));
        self.seconds = tick.seconds();
        for (player, guest) in self.floor.guests.iter_mut() {
            let walk = tick.input(player).expect("a guest has an input");
            guest.steps += u32::from(walk.steps) + self.outcomes;
            guest.drawn = tick.rng().random();
        }
        for (player, command, request) in tick.commands() {
            self.log.push(format!("command {player}"));
            let reply = self.carry_out(player, command, tick).map_or_else(Reply::No, |()| Reply::Done);
            tick.reply(request, &reply);
        }
    }

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        let Some(guest) = self.floor.guests.get(player) else { return };
        sight.point = Some(guest.position);
        sight.team = Some(u32::from(player.seat()) % 2);
        sight.places.push(player.seat().into());
    }

    fn close(&mut self, reason: EndReason) -> Option<Work> {
        (!self.floor.guests.is_empty()).then(|| Work(format!("over: {}", reason.name())))
    }
}

impl Party {
    fn carry_out(&mut self, by: PlayerId, command: Command, tick: &mut Tick<Self>) -> Result<(), String> {
        match command {
            Command::Kick(player) => tick.kick(player, "you are loud"),
            Command::Ban(player) => tick.ban(player, "you broke a vase"),
            Command::Hold { player, seconds } => tick.hold_seat(player, seconds),
            Command::SeatBot { name, yields } => tick.seat_bot(&name, yields),
            Command::Lock(locked) => tick.lock(locked),
            Command::MaxPlayers(players) => tick.set_max_players(players),
            Command::Theme(theme) => {
                let set = tick.set_metadata(&Theme { theme });
                return set.map_err(|error: MetadataError| error.to_string());
            }
            Command::After { seconds, name } => self.timers.push(tick.timers().after(seconds, name)),
            Command::Every { seconds, name } => self.timers.push(tick.timers().every(seconds, name)),
            Command::Cancel(index) => {
                let found = tick.timers().cancel(self.timers[index as usize]);
                return found.then_some(()).ok_or_else(|| "it has fired".to_owned());
            }
            Command::Work { times, text } => {
                for _ in 0..times {
                    tick.start(&Work(text.clone())).map_err(|error| error.to_string())?;
                }
            }
            Command::Shout(whom) => drop(tick.send(whom.recipients(), &Event::Shout)),
            Command::Latest(whom) => drop(tick.send_latest(whom.recipients(), &Event::Score)),
            Command::Move { x, y } => self.floor.guests[by].position = Vec2::new(x, y),
            Command::End => tick.end_room(),
        }
        Ok(())
    }
}

impl Whom {
    fn recipients(self) -> To {
        match self {
            Self::All => To::All,
            Self::Except(player) => To::Except(player),
            Self::One(player) => player.into(),
            Self::Each(players) => players.as_slice().into(),
            Self::Team(team) => To::Team(team),
            Self::SeeingPoint { x, y } => To::Seeing(Place::At(Vec2::new(x, y))),
            Self::SeeingZone(zone) => To::Seeing(Place::Numbered(zone)),
        }
    }
}

/// A party with guests of these names, after its first tick.
pub fn party<const GUESTS: usize>(names: [&str; GUESTS]) -> (TestRoom<Party>, [PlayerId; GUESTS]) {
    let mut room = TestRoom::new();
    let guests = names.map(|name| room.join(name));
    room.tick();
    (room, guests)
}

/// A guest in a colour.
pub fn dressed(name: &str, colour: Colour) -> Joiner {
    Joiner::named(name).with_options(&Dress { colour })
}

/// Has a guest's command carried out on the next tick, and returns the reply.
pub fn ask(room: &mut TestRoom<Party>, player: PlayerId, command: &Command) -> Reply {
    let number = room.command(player, command);
    room.tick();
    let mut replies = room.replies(player);
    let index = replies.iter().position(|(request, _)| *request == number).unwrap();
    replies.swap_remove(index).1.unwrap()
}

/// Has a guest's command carried out, which the game can do.
pub fn order(room: &mut TestRoom<Party>, player: PlayerId, command: &Command) {
    assert_eq!(ask(room, player, command), Reply::Done, "{command:?}");
}

/// The hooks that were called since the last look, without the calls for each tick.
pub fn log(room: &mut TestRoom<Party>) -> Vec<String> {
    let log = std::mem::take(&mut room.game_mut().log);
    let of_each_tick = |line: &String| line.starts_with("tick") || line.starts_with("bot sees");
    log.into_iter().filter(|line| !of_each_tick(line)).collect()
}
