//! A game without its type: its facts, and how the room plays it.

use std::sync::Arc;

use drumline_shared::frame::Frame;
use drumline_shared::layout::{Layout, RowLayout};
use drumline_shared::limits::{FRAME_RING, MAX_PLAYERS, MAX_TICK_RATE_HZ};
use drumline_shared::messages::{Channel, MessageError, decode};
use drumline_shared::schema::{Audience, Schema};
use drumline_shared::shape::Messages;
use drumline_shared::world::Home;
use drumline_shared::{Replicate, World};

use crate::chat::Verdict;
use crate::commands::{Commands, Request};
use crate::control::{Control, EndReason};
use crate::game::{Game, PlayerId};
use crate::grid::Grid;
use crate::interest::{Interest, Sight};
use crate::rewind::Past;
use crate::setup::{Joiner, Options, RoomRules, Setup, SetupError};
use crate::tick::Tick;
use crate::told::Told;

/// A game's facts, and how to make one: what the room and the server know of a [`Game`] without its type.
#[derive(Debug, Clone)]
pub struct GameSpec {
    /// [`Game::NAME`].
    pub name: &'static str,
    /// [`Game::TICK_RATE_HZ`].
    pub tick_rate_hz: u32,
    /// [`Game::MAX_PLAYERS`].
    pub max_players: u16,
    /// The game's tables, input and messages, as clients get them.
    pub schema: Schema,
    /// The schema's hash.
    pub schema_hash: u64,
    /// [`Game::INTEREST`].
    pub interest: Interest,
    /// The schema's layout.
    pub layout: Arc<Layout>,
    /// [`Game::REWIND_MS`].
    pub rewind_ms: u32,
    pub(crate) input_layout: RowLayout,
    pub(crate) rules: fn(&str, &Options) -> Result<RoomRules, SetupError>,
    pub(crate) make: fn(&Setup) -> Box<dyn AnyGame>,
}

impl GameSpec {
    /// The facts of a game.
    ///
    /// # Panics
    /// If its world, input, messages, seats or tick rate is beyond the limits of [`drumline_shared::limits`], or its input has
    /// hidden fields, or its interest is impossible, or it looks back farther than frames are kept.
    #[must_use]
    pub fn of<G: Game>() -> Self {
        assert!(
            (1..=MAX_PLAYERS).contains(&G::MAX_PLAYERS),
            "{}: a room has 1 to {MAX_PLAYERS} seats",
            G::NAME
        );
        let rates = 1..=MAX_TICK_RATE_HZ;
        assert!(rates.contains(&G::TICK_RATE_HZ), "{}: a room ticks {rates:?} times a second", G::NAME);
        assert!(
            G::Input::FIELDS.iter().all(|field| field.audience == Audience::All),
            "{}: an input is its player's; nothing of it is for a smaller audience",
            G::NAME
        );
        let most_ms = (FRAME_RING as u32 - 1) * 1000 / G::TICK_RATE_HZ;
        assert!(
            G::REWIND_MS <= most_ms,
            "{}: at its tick rate a room looks back {most_ms} ms at most",
            G::NAME
        );
        // A bad interest is found when the server starts, not when somebody joins.
        let _ = Grid::of(G::INTEREST);
        let messages = Messages::of::<G::Event, G::Command, G::Reply>();
        let schema = Schema { tables: G::World::TABLES.into(), input: G::Input::FIELDS.into(), messages };
        let layout = Layout::new(&schema).unwrap_or_else(|error| panic!("{}: {error}", G::NAME));
        Self {
            name: G::NAME,
            tick_rate_hz: G::TICK_RATE_HZ,
            max_players: G::MAX_PLAYERS,
            schema_hash: schema.hash(),
            interest: G::INTEREST,
            rewind_ms: G::REWIND_MS,
            layout: layout.into(),
            input_layout: RowLayout::new(G::Input::FIELDS).expect("a derived input is within the limits"),
            schema,
            rules: G::rules,
            make: |setup| {
                Box::new(Hosted::<G> { game: G::new(setup), inputs: Vec::new(), commands: Commands::new() })
            },
        }
    }

    /// What follows from a mode and options for a room: see [`Game::rules`].
    ///
    /// # Errors
    /// [`SetupError`] if the game does not take them.
    pub fn rules(&self, mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        (self.rules)(mode, options)
    }
}

/// A tick's number, and the seconds that it lasts.
pub(crate) type TickTime = (u32, f32);

/// A [`Game`] behind quantized rows, so that the room is one plain type.
pub(crate) trait AnyGame {
    fn join(&mut self, player: PlayerId, joiner: &Joiner);
    fn leave(&mut self, player: PlayerId);
    /// Adds a player's input for the coming tick.
    fn push_input(&mut self, player: PlayerId, row: &[u32]);
    /// Adds a command; whether there is room for it.
    fn push_command(&mut self, request: Request, body: &[u8]) -> Result<bool, MessageError>;
    fn moderate(&mut self, player: PlayerId, channel: Channel, text: &mut String) -> Verdict;
    fn tick(&mut self, time: TickTime, told: &mut Told, control: &mut Control, past: Past);
    fn capture(&self, frame: &mut Frame);
    fn locate(&self, table: usize, homes: &mut Vec<Home>);
    fn sight(&self, player: PlayerId, sight: &mut Sight);
    fn neutral_input(&self, row: &mut [u32]);
    fn close(&mut self, reason: EndReason);
}

struct Hosted<G: Game> {
    game: G,
    inputs: Vec<(PlayerId, G::Input)>,
    commands: Commands<G::Command>,
}

impl<G: Game> AnyGame for Hosted<G> {
    fn join(&mut self, player: PlayerId, joiner: &Joiner) {
        self.game.join(player, joiner);
    }

    fn leave(&mut self, player: PlayerId) {
        self.commands.forget(player);
        self.game.leave(player);
    }

    fn push_input(&mut self, player: PlayerId, row: &[u32]) {
        self.inputs.push((player, G::Input::dequantize(row)));
    }

    fn push_command(&mut self, request: Request, body: &[u8]) -> Result<bool, MessageError> {
        Ok(self.commands.push(decode(body)?, request))
    }

    fn moderate(&mut self, player: PlayerId, channel: Channel, text: &mut String) -> Verdict {
        self.game.moderate(player, channel, text)
    }

    fn tick(&mut self, (number, dt): TickTime, told: &mut Told, control: &mut Control, past: Past) {
        let commands = self.commands.take();
        self.game.tick(&mut Tick { number, dt, inputs: &self.inputs, commands, told, control, past });
        self.inputs.clear();
    }

    fn capture(&self, frame: &mut Frame) {
        self.game.world().capture(frame);
    }

    fn locate(&self, table: usize, homes: &mut Vec<Home>) {
        self.game.world().locate(table, homes);
    }

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        self.game.sight(player, sight);
    }

    fn neutral_input(&self, row: &mut [u32]) {
        G::Input::default().quantize(row);
    }

    fn close(&mut self, reason: EndReason) {
        self.game.close(reason);
    }
}
