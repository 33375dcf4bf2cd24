//! The trait that a game author implements.

use drumline_shared::schema::message::Message;
use drumline_shared::wire::control::Channel;
use drumline_shared::{Replicate, World};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bots::view::View;
use super::interest::{Interest, Sight};
use super::setup::{Options, RoomRules, Setup, SetupError};
use super::tick::Tick;
use crate::job::{Job, JobError, JobId};
use crate::joiner::JoinRefused;
use crate::player_id::PlayerId;
use crate::record::EndReason;

/// A game: plain state, advanced by [`tick`](Self::tick).
///
/// A game must be deterministic: the same seed and the same calls give the same state, bit for bit. Take randomness from
/// [`Tick::rng`] or the seed, never read a clock, never iterate over a `HashMap`, and take sines and powers from
/// `drumline::math`. Work that is not deterministic, such as a database's query, is a [`Job`].
///
/// On each tick the room calls, in this order, [`leave`](Self::leave) for the players who have left since the last tick,
/// [`join`](Self::join) for those who have joined, [`away`](Self::away) and [`back`](Self::back) for those whose connection was
/// lost or came back, [`moderate`](Self::moderate) for each chat message, [`outcome`](Self::outcome) for each job that is done,
/// [`bot_input`](Self::bot_input) for each bot, [`timer`](Self::timer) for each timer, [`tick`](Self::tick), and then, to read
/// the result, [`world`](Self::world) and [`sight`](Self::sight).
///
/// Write `#[game]` above the implementation: it adds the types that a game does not need (see [`game`](macro@crate::game)).
/// A game with all hooks is [below](Game#hooks).
///
/// # Examples
/// ```
/// use drumline_room::prelude::*;
///
/// #[derive(Replicate)]
/// struct Ball {
///     player: PlayerId,
///     #[sync(range = 0.0..=100.0, step = 0.1)]
///     position: Vec2,
/// }
///
/// #[derive(Default, Replicate)]
/// struct Push {
///     #[sync(range = -1.0..=1.0, step = 0.1)]
///     direction: Vec2,
/// }
///
/// #[derive(Default, World)]
/// struct Pushing {
///     balls: Players<Ball>,
/// }
///
/// #[game]
/// impl Game for Pushing {
///     const NAME: &'static str = "pushing";
///     type Input = Push;
///
///     fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
///         self.balls.insert(player, Ball { player, position: Vec2::splat(50.0) });
///         Ok(())
///     }
///
///     fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
///         self.balls.remove(player);
///     }
///
///     fn tick(&mut self, tick: &mut Tick<Self>) {
///         for (player, push) in tick.inputs() {
///             let moved = self.balls[player].position + push.direction * 30.0 * tick.dt;
///             self.balls[player].position = moved.clamp(Vec2::ZERO, Vec2::splat(100.0));
///         }
///     }
/// }
/// ```
#[doc = include_str!("hooks.md")]
pub trait Game: Sized + Send + 'static {
    /// The game's name, a path segment of the address that clients connect to.
    const NAME: &'static str;
    /// Ticks per second, 1 to 240. The operator can set another rate.
    const TICK_RATE_HZ: u32 = 30;
    /// Seats in a room, 1 to 1024. The operator's `max_players` replaces this number. [`rules`](Self::rules) can set another one
    /// for a room, but never more than the operator's.
    const MAX_PLAYERS: u16 = 16;
    /// How the world's positions are divided into places. The options of a table say whether its entities have positions, and who
    /// may see them; see [`derive@World`].
    const INTEREST: Interest = Interest::Whole;
    /// How far back [`Tick::rewound`] may go, in milliseconds. With 0 no past frames are kept, and a rewound world is the present
    /// one.
    ///
    /// The limit is about a second: 1033 ms at 30 ticks per second, 31 ticks at lower rates. With a higher value the server
    /// panics when it starts. If the operator sets a higher tick rate, the rewind is as long.
    const REWIND_MS: u32 = 0;
    /// When a room sleeps. A room that sleeps does not tick while no player is connected, and ticks twice a second while players
    /// are; a slept tick is no tick, so the state stands still. It wakes on the tick after a join, a resume, an order, or a sign
    /// of a player: nobody waits for it.
    const SLEEP: Sleep = Sleep::Unwatched;
    /// The players who may watch without a seat, by `join(url, { spectate: true })`. Viewers see everything, hidden parts too: a
    /// delay keeps them from telling players what they see.
    const SPECTATORS: Spectators = Spectators::None;
    /// The replicated state.
    type World: World;
    /// A player's input for one tick. Its default is the neutral input, which a player has while no input arrives for a while;
    /// see [`Tick::inputs`].
    type Input: Replicate + Default + Send;
    /// An event: see [`Tick::send`]. [`Nothing`](crate::Nothing) for a game without events.
    type Event: Serialize + Message;
    /// A command of a player: see [`Tick::commands`]. [`Nothing`](crate::Nothing) for a game without commands.
    type Command: DeserializeOwned + Message;
    /// The reply to a command: see [`Tick::reply`]. [`Nothing`](crate::Nothing) for a game without replies.
    type Reply: Serialize + Message;
    /// The options that a client sends with its join, such as a colour or a team: `join(url, { joinOptions: { … } })` in a page.
    /// A client that sends others is refused, with the field's name. They are `()` for a game without. A client that sends none
    /// sends those of an empty object: give each field `#[serde(default)]` if it may be left out. A bot has the default ones.
    type JoinOptions: Serialize + DeserializeOwned + Default + Clone + Message + Send;
    /// Facts about the room that lists and lobbies show: see [`Tick::set_metadata`]. [`Nothing`](crate::Nothing) for a game
    /// without.
    type Metadata: Serialize + Message;
    /// The content of a timer: see [`Tick::timers`]. [`Nothing`](crate::Nothing) for a game without timers.
    type Timer: Serialize + DeserializeOwned + Clone + Send;
    /// Work outside of the room: see [`Tick::start`]. [`Nothing`](crate::Nothing) for a game without.
    type Job: Job;

    /// Returns the rules of a room that is opened with a mode and options, or refuses them. Modes and options come from clients;
    /// refused ones never reach [`new`](Self::new). By default a game accepts neither.
    ///
    /// # Errors
    /// [`SetupError`] if the game has no such mode or option. Its text is sent to the client.
    fn rules(mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        RoomRules::plain(mode, options)
    }

    /// Creates the game of a new room, with a mode and options that [`rules`](Self::rules) has allowed. It runs on a thread of
    /// its own, so it may take its time: only the players of this room wait for it.
    fn new(setup: &Setup) -> Self;

    /// The replicated state. Drumline reads it after each tick.
    fn world(&self) -> &Self::World;

    /// Called at the start of a tick for each player who has joined. `tick.players()[player]` has the name, the account and the
    /// options.
    ///
    /// # Errors
    /// [`JoinRefused`] to keep the player out, with the words that the client gets: `Err("the round has begun".into())`. Leave
    /// the state as it was then. A player who is refused does not [`leave`](Self::leave).
    fn join(&mut self, _player: PlayerId, _tick: &mut Tick<Self>) -> Result<(), JoinRefused> {
        Ok(())
    }

    /// Called when a player's seat is freed: the player left, was kicked, or did not resume in time. A lost connection alone does
    /// not call it; see [`away`](Self::away). The calls come at the start of a tick, before any [`join`](Self::join).
    fn leave(&mut self, _player: PlayerId, _tick: &mut Tick<Self>) {}

    /// Called when a player's connection is lost. The seat is held, and the player is [`back`](Self::back) or
    /// [leaves](Self::leave) later.
    fn away(&mut self, _player: PlayerId, _tick: &mut Tick<Self>) {}

    /// Called when a player who was [`away`](Self::away) is connected again.
    fn back(&mut self, _player: PlayerId, _tick: &mut Tick<Self>) {}

    /// Allows or refuses a chat message. To change a message, edit `text` and allow it. The text has already passed the
    /// operator's rules for length and characters. A changed text must pass them too, or else the message is refused. By default
    /// every message is allowed.
    fn moderate(&mut self, _player: PlayerId, _channel: Channel, _text: &mut String) -> ChatVerdict {
        ChatVerdict::Allow
    }

    /// Called with the outcome of a job, or with the reason why there is none.
    fn outcome(
        &mut self,
        _job: JobId,
        _outcome: Result<<Self::Job as Job>::Outcome, JobError>,
        _tick: &mut Tick<Self>,
    ) {
    }

    /// Returns the input of a bot for this tick, by what it sees: the world after the last tick. By default it is the neutral
    /// one. Keep a [`Mind`](crate::Mind) for each bot in the game's state, and ask it.
    fn bot_input(&mut self, _bot: PlayerId, _view: &View<'_>) -> Self::Input {
        Self::Input::default()
    }

    /// Called when a timer fires, before [`tick`](Self::tick): see [`Tick::timers`].
    fn timer(&mut self, _timer: Self::Timer, _tick: &mut Tick<Self>) {}

    /// Advances the state by one tick.
    fn tick(&mut self, tick: &mut Tick<Self>);

    /// Fills in the center of the player's view, the team and the zones. A player sees public entities and fields, and their own,
    /// in any case.
    ///
    /// The room calls it for each player after each tick if the world has places or hidden fields, or if the tick sent an event
    /// to a team or to those who see a place. The room also calls it before it sends a team's chat message. The result must
    /// depend on nothing but the state: debug builds call it twice and compare.
    fn sight(&self, _player: PlayerId, _sight: &mut Sight) {}

    /// The last call to the game, made once when the room ends, for any reason. Players who still have a seat do not
    /// [`leave`](Self::leave) before it. Return a job to save the state: the server waits for it, also when it stops, for up to
    /// `drain.save_seconds`. Do not wait for a disk or a database here: other rooms tick on the same thread.
    ///
    /// After a panic in another method it is called with [`EndReason::Panic`]; the state may then be half changed. A panic in
    /// `close` itself is caught too. It is not called if [`new`](Self::new) panicked.
    fn close(&mut self, _reason: EndReason) -> Option<Self::Job> {
        None
    }
}

/// When a room sleeps: see [`Game::SLEEP`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sleep {
    /// Never: the world lives on by itself.
    Never,
    /// After five seconds in which no client has sent anything. A client acknowledges each snapshot that it displays.
    Unwatched,
    /// After five seconds in which no player has sent an input, a command or a chat message. It is for games whose pages send an
    /// input on every tick, as the client library does by itself.
    Unplayed,
}

/// The players who may watch a room without a seat: see [`Game::SPECTATORS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spectators {
    /// None. Operators may always watch.
    None,
    /// As many as the operator's `rooms.spectators` allows. They see the room as it was some seconds ago, 0 to 300.
    Allowed {
        /// The delay.
        delay_seconds: u16,
    },
}

/// A game's decision about a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatVerdict {
    /// The message is sent, with the text as [`Game::moderate`] left it.
    Allow,
    /// The message is not sent, and the sender is told.
    Refuse,
}
