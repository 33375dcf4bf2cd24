//! What a game author writes, and how the room sees it.

use std::fmt;
use std::sync::Arc;

use drumline_shared::frame::Frame;
use drumline_shared::layout::{Layout, RowLayout};
use drumline_shared::limits::{MAX_EVENT_BYTES, MAX_EVENTS_PER_TICK, MAX_PLAYERS, MAX_TICK_RATE_HZ};
use drumline_shared::schema::{Audience, Schema};
use drumline_shared::world::Home;
use drumline_shared::{Replicate, World};

use crate::grid::Grid;
use crate::interest::{Interest, Sight};

/// A player's seat in a room, from 0. Seats are used again after a player has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlayerId(pub u16);

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A game: plain state, advanced by [`tick`](Self::tick).
///
/// It must be deterministic: the same seed and the same calls give the same state. Take randomness from the
/// seed alone, never read a clock, and do not iterate over a `HashMap`.
pub trait Game: Sized + 'static {
    /// The game's name: a path segment of the address that clients connect to.
    const NAME: &'static str;
    /// Ticks a second, unless the server is told otherwise.
    const TICK_RATE_HZ: u32 = 30;
    /// Seats in a room, unless the server is told otherwise.
    const MAX_PLAYERS: u16 = 16;
    /// How the world's positions are divided into places. Tables say which of them have positions, and what is for whom; see
    /// [`derive@World`].
    const INTEREST: Interest = Interest::Whole;
    /// The synchronised state.
    type World: World;
    /// What a player sends each tick. Its default is the neutral input, used when nothing comes.
    type Input: Replicate + Default;

    /// A new game.
    fn new(seed: u64) -> Self;

    /// The state to be sent. It is captured after each tick.
    fn world(&self) -> &Self::World;

    /// A player has taken a seat.
    fn join(&mut self, player: PlayerId, name: &str);

    /// A player has left their seat.
    fn leave(&mut self, player: PlayerId);

    /// Advances the state by one tick.
    fn tick(&mut self, tick: &mut Tick<Self::Input>);

    /// Says what a player sees beside what all see and what is their own: the point that they look at, their team, numbered
    /// places. Asked for each player after each tick, if the world has places or anything is hidden.
    fn sight(&self, _player: PlayerId, _sight: &mut Sight) {}
}

/// One tick, as a game sees it.
#[derive(Debug)]
pub struct Tick<'a, I> {
    /// The tick's number, from 1.
    pub number: u32,
    /// Seconds that a tick lasts.
    pub dt: f32,
    inputs: &'a [(PlayerId, I)],
    events: &'a mut EventSink,
}

impl<I> Tick<'_, I> {
    /// Every player's input for this tick, by ascending seat.
    pub fn inputs(&self) -> impl Iterator<Item = (PlayerId, &I)> {
        self.inputs.iter().map(|(player, input)| (*player, input))
    }

    /// Tells all clients in the room that something happened: a name by which clients know what it is, and the
    /// particulars as text. Events beyond the limits of a tick are dropped and counted.
    pub fn emit(&mut self, name: &str, text: impl Into<String>) {
        self.events.push(name, text.into());
    }
}

/// The events of one tick, not yet serialized.
#[derive(Debug, Default)]
pub(crate) struct EventSink {
    pub(crate) events: Vec<(String, String)>,
    pub(crate) dropped: u64,
}

impl EventSink {
    fn push(&mut self, name: &str, text: String) {
        let bytes = name.len() + text.len();
        if self.events.len() < MAX_EVENTS_PER_TICK && bytes <= MAX_EVENT_BYTES {
            self.events.push((name.to_owned(), text));
        } else {
            self.dropped += 1;
        }
    }
}

/// A game's facts, and how to make one: what the room and the server know of a [`Game`] without its type.
#[derive(Debug, Clone)]
pub struct GameSpec {
    /// [`Game::NAME`].
    pub name: &'static str,
    /// [`Game::TICK_RATE_HZ`].
    pub tick_rate_hz: u32,
    /// [`Game::MAX_PLAYERS`].
    pub max_players: u16,
    /// The game's tables and input, as clients get them.
    pub schema: Schema,
    /// The schema's hash.
    pub schema_hash: u64,
    /// [`Game::INTEREST`].
    pub interest: Interest,
    /// The schema's layout.
    pub layout: Arc<Layout>,
    pub(crate) input_layout: RowLayout,
    pub(crate) make: fn(u64) -> Box<dyn AnyGame>,
}

impl GameSpec {
    /// The facts of a game.
    ///
    /// # Panics
    /// If its world, input, seats or tick rate is beyond the limits of [`drumline_shared::limits`], or its input has
    /// hidden fields, or its
    /// interest is impossible.
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
        // A bad interest is found when the server starts, not when somebody joins.
        let _ = Grid::of(G::INTEREST);
        let schema = Schema { tables: G::World::TABLES.into(), input: G::Input::FIELDS.into() };
        Self {
            name: G::NAME,
            tick_rate_hz: G::TICK_RATE_HZ,
            max_players: G::MAX_PLAYERS,
            schema_hash: schema.hash(),
            interest: G::INTEREST,
            layout: Layout::new(&schema).expect("a derived world is within the limits").into(),
            input_layout: RowLayout::new(G::Input::FIELDS).expect("a derived input is within the limits"),
            schema,
            make: |seed| Box::new(Hosted::<G> { game: G::new(seed), inputs: Vec::new() }),
        }
    }
}

/// A [`Game`] behind quantized rows, so that the room is one plain type.
pub(crate) trait AnyGame {
    fn join(&mut self, player: PlayerId, name: &str);
    fn leave(&mut self, player: PlayerId);
    /// Adds a player's input for the coming tick.
    fn push_input(&mut self, player: PlayerId, row: &[u32]);
    fn tick(&mut self, number: u32, dt: f32, events: &mut EventSink);
    fn capture(&self, frame: &mut Frame);
    fn locate(&self, table: usize, homes: &mut Vec<Home>);
    fn sight(&self, player: PlayerId, sight: &mut Sight);
    fn neutral_input(&self, row: &mut [u32]);
}

struct Hosted<G: Game> {
    game: G,
    inputs: Vec<(PlayerId, G::Input)>,
}

impl<G: Game> AnyGame for Hosted<G> {
    fn join(&mut self, player: PlayerId, name: &str) {
        self.game.join(player, name);
    }

    fn leave(&mut self, player: PlayerId) {
        self.game.leave(player);
    }

    fn push_input(&mut self, player: PlayerId, row: &[u32]) {
        self.inputs.push((player, G::Input::dequantize(row)));
    }

    fn tick(&mut self, number: u32, dt: f32, events: &mut EventSink) {
        self.game.tick(&mut Tick { number, dt, inputs: &self.inputs, events });
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
}
