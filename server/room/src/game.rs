//! What a game author writes, and how the room sees it.

use std::fmt;

use drumline_shared::message::{Message, Shapes};
use drumline_shared::messages::Channel;
use drumline_shared::{Replicate, World};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::chat::Verdict;
use crate::control::EndReason;
use crate::interest::{Interest, Sight};
use crate::setup::{Joiner, Options, RoomRules, Setup, SetupError};
use crate::tick::Tick;

/// A player's seat in a room, from 0. Seats are used again after a player has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlayerId(pub u16);

impl Message for PlayerId {
    fn shape(shapes: &mut Shapes) -> u16 {
        shapes.of::<u16>()
    }
}

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
    /// What the game tells players beside its state: see [`Tick::tell_all`]. [`Nothing`](crate::Nothing) if there is none.
    type Event: Serialize + Message;
    /// What players ask of the game beside their input: see [`Tick::commands`]. [`Nothing`](crate::Nothing) if there is none.
    type Command: DeserializeOwned + Message;
    /// What the game answers to that: see [`Tick::reply`]. [`Nothing`](crate::Nothing) if there is none.
    type Reply: Serialize + Message;

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
    fn tick(&mut self, tick: &mut Tick<Self>);

    /// Says what a player sees beside what all see and what is their own: the point that they look at, their team, numbered
    /// places. Asked for each player after each tick, if the world has places or anything is hidden.
    fn sight(&self, _player: PlayerId, _sight: &mut Sight) {}

    /// A player wants to say something that keeps the rules of the chat. It may be changed, or refused; unless a game says
    /// otherwise it is told as it is.
    fn moderate(&mut self, _player: PlayerId, _channel: Channel, _text: &mut String) -> Verdict {
        Verdict::Pass
    }

    /// The room ends: the last call, made once whatever the reason is. Who is still seated is not told to
    /// [`leave`](Self::leave) before, so all that is worth keeping is still there. Between two ticks of other rooms there is no
    /// time to wait for a disk or a database: hand what is to be kept to a thread of your own.
    ///
    /// After a panic in any of the other methods it is called as well, with [`EndReason::Panic`]: what the panic left
    /// half-done is then in the state, and a panic in here is caught too. Only a room whose [`new`](Self::new) panicked has
    /// nothing to close.
    fn close(&mut self, _reason: EndReason) {}
}
