//! What a game author writes, and how the room sees it.

use std::fmt;
use std::sync::Arc;

use drumline_shared::frame::Frame;
use drumline_shared::layout::{Layout, RowLayout};
use drumline_shared::limits::{
    FRAME_RING, MAX_EVENT_BYTES, MAX_EVENTS_PER_TICK, MAX_PLAYERS, MAX_TICK_RATE_HZ,
};
use drumline_shared::schema::{Audience, Schema};
use drumline_shared::shape::{Messages, Named, Shape};
use drumline_shared::world::Home;
use drumline_shared::{Replicate, World};

use crate::control::{Control, EndReason};
use crate::grid::Grid;
use crate::interest::{Interest, Sight};
use crate::rewind::{Past, Rewound};
use crate::setup::{Joiner, Options, RoomRules, Setup, SetupError};

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
    /// How far back a player's shots may reach into the past, in milliseconds: see [`Tick::rewound`]. With 0 nothing of the
    /// past is kept, and all there is to see is the present. At most 31 ticks, which are 1033 ms at 30 ticks a second: as many
    /// frames as a room remembers. If the server is told to tick faster than
    /// [`TICK_RATE_HZ`](Self::TICK_RATE_HZ), it is no more ticks than that, and so less time.
    const REWIND_MS: u32 = 0;
    /// The synchronised state.
    type World: World;
    /// What a player sends each tick. Its default is the neutral input, used when nothing comes.
    type Input: Replicate + Default;

    /// Says whether there is such a mode with such options, and what follows from them for a room. Whoever opens a room may ask
    /// for any; what is refused here never gets to [`new`](Self::new). Unless a game says otherwise, it has neither modes nor
    /// options.
    ///
    /// # Errors
    /// [`SetupError`] says what cannot be had.
    fn rules(mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        RoomRules::plain(mode, options)
    }

    /// A new game, of a mode and options that [`rules`](Self::rules) allows.
    fn new(setup: &Setup) -> Self;

    /// The state to be sent. It is captured after each tick.
    fn world(&self) -> &Self::World;

    /// A player has taken a seat.
    fn join(&mut self, player: PlayerId, joiner: &Joiner);

    /// A player has left their seat.
    fn leave(&mut self, player: PlayerId);

    /// Advances the state by one tick.
    fn tick(&mut self, tick: &mut Tick<Self::Input>);

    /// Says what a player sees beside what all see and what is their own: the point that they look at, their team, numbered
    /// places. Asked for each player after each tick, if the world has places or anything is hidden.
    fn sight(&self, _player: PlayerId, _sight: &mut Sight) {}

    /// The room ends: the last call, made once whatever the reason is. Who is still seated is not told to
    /// [`leave`](Self::leave) before, so all that is worth keeping is still there. Between two ticks of other rooms there is no
    /// time to wait for a disk or a database: hand what is to be kept to a thread of your own.
    ///
    /// After a panic in any of the other methods it is called as well, with [`EndReason::Panic`]: what the panic left
    /// half-done is then in the state, and a panic in here is caught too. Only a room whose [`new`](Self::new) panicked has
    /// nothing to close.
    fn close(&mut self, _reason: EndReason) {}
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
    control: &'a mut Control,
    past: Past<'a>,
}

impl<'a, I> Tick<'a, I> {
    /// Every player's input for this tick, by ascending seat.
    pub fn inputs(&self) -> impl Iterator<Item = (PlayerId, &I)> {
        self.inputs.iter().map(|(player, input)| (*player, input))
    }

    /// Tells all clients in the room that something happened: a name by which clients know what it is, and the
    /// particulars as text. Events beyond the limits of a tick are dropped and counted.
    pub fn emit(&mut self, name: &str, text: impl Into<String>) {
        self.events.push(name, text.into());
    }

    /// Keeps new players out, or lets them in again. Who has a seat may still come back to it.
    pub fn lock(&mut self, locked: bool) {
        self.control.locked = locked;
    }

    /// Ends the room after this tick: all players get its events and its snapshot, and are then told that the room is closed.
    pub fn end_room(&mut self) {
        self.control.ended = true;
    }

    /// For how many seconds the room may go on, if the server drains: then it is closed. A game may bring its round to an end
    /// sooner, and [end the room](Self::end_room). None if the server does not drain.
    #[must_use]
    pub fn draining(&self) -> Option<f32> {
        self.control.draining
    }

    /// The world as a player saw it when they made the input that this tick has of them: whom they aimed at was there, and is
    /// elsewhere by now. Look for what is hit in it, and strike it in the world of today.
    ///
    /// The moment is that of the newest snapshot that the player had, less the delay with which their client shows things (see
    /// `docs/PROTOCOL.md`, section 10). On a tick without an input of theirs it is as long ago as it was with their last one. It
    /// is never later than the end of the tick before, and never earlier than [`Game::REWIND_MS`] before that; for who is not
    /// seated, or has seen nothing yet, it is the end of the tick before.
    ///
    /// This is for weapons that hit at once. What flies is seen by all while it does, and may be dodged: let that fly in the
    /// present.
    ///
    /// Choose [`Game::REWIND_MS`] as long as the delay that you want to make up for: a player's round trip, the two or three
    /// ticks by which clients show things late, and as many for which inputs wait for their turn; 300 to 500 do for most. For so
    /// long a target may have been behind cover when it is hit all the same. It is also all that a player can gain who lies about
    /// their delay: they hit what was somewhere at most so long ago.
    ///
    /// All that was there is there, whoever could see it: a game that hides things checks for itself what the player knew.
    ///
    /// # Examples
    /// ```
    /// use drumline_room::{Game, Joiner, PlayerId, Setup, Tick};
    /// use drumline_shared::{Replicate, Table, World};
    /// use glam::Vec2;
    ///
    /// #[derive(Replicate)]
    /// struct Ship {
    ///     player: u16,
    ///     #[sync(range = 0.0..=2000.0, step = 0.05, predict = linear)]
    ///     position: Vec2,
    ///     #[sync(range = 0..=100)]
    ///     health: u8,
    /// }
    ///
    /// #[derive(Default, Replicate)]
    /// struct Controls {
    ///     laser: bool,
    ///     #[sync(angle, bits = 12)]
    ///     aim: f32,
    /// }
    ///
    /// #[derive(Default, World)]
    /// struct Space {
    ///     ships: Table<Ship>,
    /// }
    ///
    /// #[derive(Default)]
    /// struct Duel {
    ///     world: Space,
    /// }
    ///
    /// /// Whether a beam passes a point so near that it hits.
    /// fn hits(from: Vec2, aim: f32, point: Vec2) -> bool {
    ///     let (beam, to) = (Vec2::from_angle(aim), point - from);
    ///     beam.dot(to) > 0.0 && beam.perp_dot(to).abs() < 18.0
    /// }
    ///
    /// impl Game for Duel {
    ///     const NAME: &'static str = "duel";
    ///     const REWIND_MS: u32 = 400;
    ///     type World = Space;
    ///     type Input = Controls;
    ///
    ///     fn tick(&mut self, tick: &mut Tick<Controls>) {
    ///         // Each ship moves …
    ///         for (player, controls) in tick.inputs().filter(|(_, controls)| controls.laser) {
    ///             let ships = &mut self.world.ships;
    ///             let Some(own) = ships.values().find(|ship| ship.player == player.0) else { continue };
    ///             let from = own.position;
    ///             for (entity, seen) in tick.rewound(player).rows::<Ship>("ships") {
    ///                 // What was seen may be gone by now.
    ///                 let Some(ship) = ships.get_mut(entity) else { continue };
    ///                 if ship.player != player.0 && hits(from, controls.aim, seen.position) {
    ///                     ship.health = ship.health.saturating_sub(20);
    ///                 }
    ///             }
    ///         }
    ///     }
    ///     // …
    /// #   fn new(_setup: &Setup) -> Self {
    /// #       Self::default()
    /// #   }
    /// #   fn world(&self) -> &Space {
    /// #       &self.world
    /// #   }
    /// #   fn join(&mut self, player: PlayerId, _joiner: &Joiner) {
    /// #       let position = Vec2::new(1000.0 * f32::from(player.0), 0.0);
    /// #       self.world.ships.insert(Ship { player: player.0, position, health: 100 });
    /// #   }
    /// #   fn leave(&mut self, player: PlayerId) {
    /// #       self.world.ships.retain(|_, ship| ship.player != player.0);
    /// #   }
    /// }
    /// #
    /// # use drumline_room::{GameSpec, Room, RoomConfig};
    /// # use drumline_shared::input::{InputHeader, write_input};
    /// # use drumline_shared::layout::RowLayout;
    /// # let config = RoomConfig {
    /// #     id: "r".into(),
    /// #     max_players: 2,
    /// #     tick_rate_hz: 30,
    /// #     setup: Setup::new(1),
    /// #     budget_bytes: 4096,
    /// # };
    /// # let mut room = Room::new(GameSpec::of::<Duel>().into(), config);
    /// # let players = [room.join("ada"), room.join("ben")].map(Result::unwrap);
    /// # room.tick();
    /// # room.poll_snapshot(players[0]).unwrap();
    /// # let mut row = [0; 2];
    /// # Controls { laser: true, aim: 0.0 }.quantize(&mut row);
    /// # let mut message = Vec::new();
    /// # let header = InputHeader { number: 1, acked_tick: 1, tick: 2, view_eighths: 0 };
    /// # write_input(&RowLayout::new(Controls::FIELDS).unwrap(), header, &row, &mut message);
    /// # room.handle_input(players[0], &message).unwrap();
    /// # room.tick();
    /// # let healths: Vec<u8> = room.frame(2).unwrap().rows(0).iter().map(|(_, row)| Ship::dequantize(row).health).collect();
    /// # assert_eq!(healths, [100, 80]);
    /// ```
    #[must_use]
    pub fn rewound(&self, player: PlayerId) -> Rewound<'a> {
        self.past.rewound(player, self.dt)
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
    /// If its world, input, seats or tick rate is beyond the limits of [`drumline_shared::limits`], or its input has
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
        let messages = texts();
        let schema = Schema { tables: G::World::TABLES.into(), input: G::Input::FIELDS.into(), messages };
        Self {
            name: G::NAME,
            tick_rate_hz: G::TICK_RATE_HZ,
            max_players: G::MAX_PLAYERS,
            schema_hash: schema.hash(),
            interest: G::INTEREST,
            rewind_ms: G::REWIND_MS,
            layout: Layout::new(&schema).expect("a derived world is within the limits").into(),
            input_layout: RowLayout::new(G::Input::FIELDS).expect("a derived input is within the limits"),
            schema,
            rules: G::rules,
            make: |setup| Box::new(Hosted::<G> { game: G::new(setup), inputs: Vec::new() }),
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

/// The shapes of events that are a name and a text, and of no commands.
fn texts() -> Messages {
    let named = |name: &str| Named { name: name.to_owned(), shape: 1 };
    let event = Shape::Struct(vec![named("name"), named("text")]);
    Messages { shapes: vec![Shape::Enum(Vec::new()), Shape::Text, event], event: 2, command: 0, reply: 0 }
}

/// A [`Game`] behind quantized rows, so that the room is one plain type.
pub(crate) trait AnyGame {
    fn join(&mut self, player: PlayerId, joiner: &Joiner);
    fn leave(&mut self, player: PlayerId);
    /// Adds a player's input for the coming tick.
    fn push_input(&mut self, player: PlayerId, row: &[u32]);
    fn tick(&mut self, time: TickTime, events: &mut EventSink, control: &mut Control, past: Past);
    fn capture(&self, frame: &mut Frame);
    fn locate(&self, table: usize, homes: &mut Vec<Home>);
    fn sight(&self, player: PlayerId, sight: &mut Sight);
    fn neutral_input(&self, row: &mut [u32]);
    fn close(&mut self, reason: EndReason);
}

struct Hosted<G: Game> {
    game: G,
    inputs: Vec<(PlayerId, G::Input)>,
}

impl<G: Game> AnyGame for Hosted<G> {
    fn join(&mut self, player: PlayerId, joiner: &Joiner) {
        self.game.join(player, joiner);
    }

    fn leave(&mut self, player: PlayerId) {
        self.game.leave(player);
    }

    fn push_input(&mut self, player: PlayerId, row: &[u32]) {
        self.inputs.push((player, G::Input::dequantize(row)));
    }

    fn tick(&mut self, (number, dt): TickTime, events: &mut EventSink, control: &mut Control, past: Past) {
        self.game.tick(&mut Tick { number, dt, inputs: &self.inputs, events, control, past });
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
