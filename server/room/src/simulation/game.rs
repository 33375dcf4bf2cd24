//! The trait that a game author implements.

use drumline_shared::schema::message::Message;
use drumline_shared::wire::control::Channel;
use drumline_shared::{Replicate, World};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::interest::{Interest, Sight};
use super::setup::{Options, RoomRules, Setup, SetupError};
use super::tick::Tick;
use crate::joiner::Joiner;
use crate::player_id::PlayerId;
use crate::record::EndReason;

/// A game: plain state, advanced by [`tick`](Self::tick).
///
/// A game must be deterministic: the same seed and the same calls give the same state, bit for bit. Take randomness from the
/// seed alone, never read a clock, never iterate over a `HashMap`, and take sines and powers from `drumline::math`.
///
/// On each tick the room calls it in this order: [`leave`](Self::leave) and [`join`](Self::join) for players that have left and
/// joined since the last tick, [`moderate`](Self::moderate) for their chat messages, [`tick`](Self::tick), and then, to read the
/// result, [`world`](Self::world) and [`sight`](Self::sight).
pub trait Game: Sized + 'static {
    /// The game's name, a path segment of the address that clients connect to.
    const NAME: &'static str;
    /// Ticks a second. The operator can set another rate.
    const TICK_RATE_HZ: u32 = 30;
    /// Seats in a room. The operator and [`rules`](Self::rules) can set another number.
    const MAX_PLAYERS: u16 = 16;
    /// How the world's positions are divided into places. Tables say which of them have positions, and for which audience they
    /// are; see [`derive@World`].
    const INTEREST: Interest = Interest::Whole;
    /// How far back [`Tick::rewound`] may go, in milliseconds; at most 31 ticks, which are 1033 ms at 30 ticks a second. With 0
    /// no past frames are kept, and a rewound world is the present one. If the operator sets a higher tick rate, the limit of 31
    /// ticks stays, and so it is less time.
    const REWIND_MS: u32 = 0;
    /// The synchronised state.
    type World: World;
    /// A player's input for one tick. Its default is the neutral input, which stands in when none has come for a while.
    type Input: Replicate + Default;
    /// An event: see [`Tick::broadcast`]. [`Nothing`](crate::Nothing) for a game without events.
    type Event: Serialize + Message;
    /// A command of a player: see [`Tick::commands`]. [`Nothing`](crate::Nothing) for a game without commands.
    type Command: DeserializeOwned + Message;
    /// The reply to a command: see [`Tick::reply`]. [`Nothing`](crate::Nothing) for a game without replies.
    type Reply: Serialize + Message;

    /// Returns the rules of a room that is opened with a mode and options, or refuses them. Modes and options come from clients;
    /// those that are refused here never reach [`new`](Self::new). By default a game has neither.
    ///
    /// # Errors
    /// [`SetupError`] if the game has no such mode or option. The client gets its text.
    fn rules(mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        RoomRules::plain(mode, options)
    }

    /// A new game, with a mode and options that [`rules`](Self::rules) allows.
    fn new(setup: &Setup) -> Self;

    /// The synchronised state. It is captured after each tick.
    fn world(&self) -> &Self::World;

    /// A player has taken a seat. It is called at the start of the next tick.
    fn join(&mut self, player: PlayerId, joiner: &Joiner);

    /// A player has left. It is called at the start of the next tick, before any [`join`](Self::join).
    fn leave(&mut self, player: PlayerId);

    /// Advances the state by one tick.
    fn tick(&mut self, tick: &mut Tick<Self>);

    /// Fills in what a player sees beside what every player sees and what is the player's own: the center of the view, the team,
    /// numbered places. It is called for each player after each tick, if the world has places or hidden fields. It must depend on
    /// nothing but the state; debug builds call it twice and compare.
    fn sight(&self, _player: PlayerId, _sight: &mut Sight) {}

    /// Allows, changes or refuses a chat message that keeps the operator's rules. By default every message is allowed.
    fn moderate(&mut self, _player: PlayerId, _channel: Channel, _text: &mut String) -> ChatVerdict {
        ChatVerdict::Allow
    }

    /// The room ends. This is the last call, made once for any reason. Players that are still seated do not
    /// [`leave`](Self::leave) first, so that their state can still be saved. Do not wait for a disk or a database in here, since
    /// other rooms tick on the same thread: hand the data to a thread of your own.
    ///
    /// It is also called after a panic in any other method, with [`EndReason::Panic`]. The state may then be half changed; a
    /// panic in here is caught as well. It is not called if [`new`](Self::new) panicked.
    fn close(&mut self, _reason: EndReason) {}
}

/// A game's decision about a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatVerdict {
    /// The message is sent.
    Allow,
    /// The message is not sent, and its author's client gets a refusal.
    Refuse,
}
