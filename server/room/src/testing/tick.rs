//! A tick by itself.

use drumline_shared::Replicate;
use drumline_shared::encoding::decode;
use drumline_shared::wire::control::{ServerMessage, read_control};
use rand::SeedableRng;
use serde::de::DeserializeOwned;

use crate::player_id::PlayerId;
use crate::players::Players;
use crate::record::{InputRecord, InputRecords, Presence, RequestId, RewindPoint};
use crate::rng::Rng;
use crate::simulation::Control;
use crate::simulation::action::Action;
use crate::simulation::game::Game;
use crate::simulation::outgoing::{Outgoing, To};
use crate::simulation::player_info::{Connection, PlayerInfo};
use crate::simulation::request::Request;
use crate::simulation::rewind::{Past, RecentFrames};
use crate::simulation::tick::Tick;
use crate::simulation::timers::Timers;

/// A tick for a rule that is tested by itself: who is here, their inputs and commands. Then [`run`](Self::run) lends the tick to
/// the rule, and the test looks at what the rule has sent and asked for.
///
/// ```
/// # use drumline_room::prelude::*;
/// # use drumline_room::testing::TestTick;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Default, Replicate)]
/// # struct Push {
/// #     go: bool,
/// # }
/// # #[derive(Debug, PartialEq, Serialize, Deserialize, Message)]
/// # enum Event {
/// #     Won { player: PlayerId },
/// # }
/// # #[derive(Default, World)]
/// # struct Race {}
/// # #[game]
/// # impl Game for Race {
/// #     const NAME: &'static str = "race";
/// #     type Input = Push;
/// #     type Event = Event;
/// #     type Command = u8;
/// #     type Timer = String;
/// #     fn tick(&mut self, tick: &mut Tick<Self>) {
/// #         for (player, push) in tick.inputs() {
/// #             if push.go {
/// #                 tick.broadcast(&Event::Won { player });
/// #             }
/// #         }
/// #     }
/// # }
/// let (ada, mut race) = (PlayerId::first(0), Race::default());
/// let mut tick = TestTick::<Race>::new(71);
/// tick.player(ada, "Ada");
/// tick.input(ada, Push { go: true });
/// tick.run(|tick| race.tick(tick));
/// assert_eq!(tick.events(), [Event::Won { player: ada }]);
/// assert_eq!(tick.events_with_recipients()[0].0, To::All);
/// assert!(tick.actions().is_empty() && !tick.has_ended());
///
/// // The players may be others, with commands and timers.
/// tick.players()[ada].is_bot = true;
/// tick.command(ada, 7);
/// let sent: Vec<u8> = tick.run(|tick| tick.commands().map(|(_, command, _)| command).collect());
/// assert_eq!(sent, [7]);
/// let gong = tick.timers().after(1.0, "gong".to_owned());
/// assert_eq!(tick.timers().seconds_left(gong), Some(1.0));
/// ```
pub struct TestTick<G: Game> {
    number: u32,
    players: Players<PlayerInfo<G::JoinOptions>>,
    inputs: Vec<(PlayerId, G::Input)>,
    commands: Vec<(PlayerId, G::Command, Request)>,
    timers: Timers<G::Timer>,
    rng: Rng,
    outgoing: Outgoing,
    control: Control,
    frames: RecentFrames,
}

impl<G: Game> TestTick<G> {
    /// A tick with a number, at the game's own rate, with nobody here.
    #[must_use]
    pub fn new(number: u32) -> Self {
        let mut timers = Timers::new(G::TICK_RATE_HZ);
        timers.begin(number);
        let mut frames = RecentFrames::new(<G::World as drumline_shared::World>::TABLES, 0);
        frames.start(number.saturating_sub(1));
        Self {
            number,
            players: Players::default(),
            inputs: Vec::new(),
            commands: Vec::new(),
            timers,
            rng: Rng::seed_from_u64(number.into()),
            outgoing: Outgoing::default(),
            control: Control::default(),
            frames,
        }
    }

    /// Adds a player with a name, the default options and the default input.
    pub fn player(&mut self, player: PlayerId, name: &str) {
        let connection = Connection { presence: Presence::Connected, since_tick: 0 };
        let options = G::JoinOptions::default();
        let info = PlayerInfo { name: name.to_owned(), identity: None, options, is_bot: false, connection };
        self.players.insert(player, info);
        self.input(player, G::Input::default());
    }

    /// The players, to be changed.
    pub fn players(&mut self) -> &mut Players<PlayerInfo<G::JoinOptions>> {
        &mut self.players
    }

    /// Sets a player's input.
    pub fn input(&mut self, player: PlayerId, input: G::Input) {
        match self.inputs.binary_search_by_key(&player, |(player, _)| *player) {
            Ok(index) => self.inputs[index].1 = input,
            Err(index) => self.inputs.insert(index, (player, input)),
        }
    }

    /// Adds a command that wants a reply.
    pub fn command(&mut self, player: PlayerId, command: G::Command) {
        let number = self.commands.len() as u32 + 1;
        self.commands.push((player, command, Request::new(RequestId { player, number, reply: true })));
    }

    /// Lends the tick.
    pub fn run<R>(&mut self, rule: impl FnOnce(&mut Tick<'_, G>) -> R) -> R {
        let mut records = InputRecords::default();
        let mut row = vec![0; drumline_shared::schema::width(G::Input::FIELDS)];
        for (player, input) in &self.inputs {
            input.quantize(&mut row);
            let rewind = RewindPoint::end_of(self.number.saturating_sub(1));
            records.push(InputRecord { player: *player, number: self.number, rewind }, &row);
        }
        let present = self.number.saturating_sub(1);
        let tables = <G::World as drumline_shared::World>::TABLES;
        rule(&mut Tick {
            number: self.number,
            dt: 1.0 / G::TICK_RATE_HZ as f32,
            players: &self.players,
            inputs: &self.inputs,
            commands: std::mem::take(&mut self.commands),
            timers: &mut self.timers,
            rng: &mut self.rng,
            outgoing: &mut self.outgoing,
            control: &mut self.control,
            past: Past { present, tables, frames: &self.frames, inputs: &records },
        })
    }

    /// The events that were sent to anybody since the test began.
    ///
    /// # Panics
    /// If an event cannot be read as what it was written as.
    #[must_use]
    pub fn events(&self) -> Vec<G::Event>
    where
        G::Event: DeserializeOwned,
    {
        self.events_with_recipients().into_iter().map(|(_, event)| event).collect()
    }

    /// The events that were sent, each with its recipients.
    ///
    /// # Panics
    /// If an event cannot be read as what it was written as.
    #[must_use]
    pub fn events_with_recipients(&self) -> Vec<(To, G::Event)>
    where
        G::Event: DeserializeOwned,
    {
        let read = |bytes: &[u8]| match read_control(bytes).expect("a message of the room") {
            ServerMessage::Event(event) | ServerMessage::Latest(event) => {
                Some(decode(&event.body).expect("an event that was serialized"))
            }
            _ => None,
        };
        let messages = self.outgoing.messages().iter();
        messages.filter_map(|message| Some((message.to.clone(), read(&message.bytes)?))).collect()
    }

    /// The actions that the rule has asked for: kicks, bots, jobs, metadata.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.control.actions
    }

    /// The timers that the rule has set.
    #[must_use]
    pub fn timers(&mut self) -> &mut Timers<G::Timer> {
        &mut self.timers
    }

    /// Returns true if the rule has ended the room.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.control.ended
    }
}
