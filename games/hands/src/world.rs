//! The state that clients receive, and the input that they send.

use drumline::prelude::*;

use crate::cards::{Card, Suit};

/// Seats at the table.
pub const SEATS: u16 = 6;
/// Cards of the discard pile that players see.
pub const SHOWN: usize = 3;

/// A sign that a player makes across the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum Emote {
    /// A greeting.
    #[default]
    Hello,
    /// Praise.
    Nice,
    /// Regret.
    Oops,
    /// A plea to go on.
    Hurry,
}

/// An emote on display.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub struct Shown {
    /// The emote.
    pub emote: Emote,
    /// The number of times that it was pressed since it came.
    pub times: u8,
    /// The tick on which it goes.
    pub ends_tick: u32,
}

/// A player at the table. Clients have the names from the room's list of players.
#[derive(Debug, Clone, Replicate)]
pub struct Seat {
    /// The player.
    pub player: PlayerId,
    /// Their cards, in the order in which they came.
    #[sync(max_len = 52, audience = owner)]
    pub hand: Vec<Card>,
    /// The number of their cards.
    #[sync(range = 0..=52)]
    pub cards: u8,
    /// True if they play in this hand. A player who comes later waits for the next one.
    pub plays: bool,
    /// The points of all hands that they have won.
    pub points: u16,
    /// Their emote, while it is shown.
    pub emote: Option<Shown>,
}

/// A card that was laid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub struct Laid {
    /// The card.
    pub card: Card,
    /// The seat of the player who laid it; none if the dealer turned it up.
    #[sync(table = seats)]
    pub by: Option<Entity>,
}

/// The state of play.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum Phase {
    /// There are too few players.
    #[default]
    Waiting,
    /// The next hand is dealt soon.
    Starting {
        /// The tick on which it is dealt.
        deals_tick: u32,
    },
    /// A player is to lay a card.
    Turn {
        /// The player.
        player: PlayerId,
        /// True if they have drawn a card, and may pass.
        drew: bool,
        /// The tick on which their time is over.
        ends_tick: u32,
    },
    /// A player has laid a card, and can take it back.
    Laid {
        /// The player.
        player: PlayerId,
        /// The tick on which it is final.
        ends_tick: u32,
    },
    /// A hand is over.
    Over {
        /// The winner's seat. It stays theirs: when they leave, it names nobody, and not the next player who sits there.
        #[sync(table = seats)]
        winner: Entity,
        /// The points that the hand brought.
        points: u16,
        /// The tick on which the next one may begin.
        ends_tick: u32,
    },
}

/// The middle of the table.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Middle {
    /// Counts hands, from 1.
    pub hand: u16,
    /// The state of play.
    pub phase: Phase,
    /// The seat of the player who was dealt to first, and began.
    #[sync(table = seats)]
    pub first: Option<Entity>,
    /// The number of cards in the pile.
    #[sync(range = 0..=52)]
    pub pile: u8,
    /// The number of cards that were laid.
    #[sync(range = 0..=52)]
    pub discarded: u8,
    /// The last of them, the top one at the end.
    #[sync(max_len = SHOWN)]
    pub top: Vec<Laid>,
    /// The suit that the next card needs; none between two hands.
    pub suit: Option<Suit>,
    /// The length of a turn.
    pub turn_ticks: u16,
}

/// All state that is sent to clients.
#[derive(Debug, Clone, Default, World)]
pub struct HandsWorld {
    /// The players.
    #[sync(owner = player)]
    pub seats: Table<Seat>,
    /// The middle of the table.
    pub middle: Single<Middle>,
}

/// The place of each table in the schema, for clients written in Rust.
pub mod tables {
    /// [`super::HandsWorld::seats`].
    pub const SEATS: usize = 0;
    /// [`super::HandsWorld::middle`].
    pub const MIDDLE: usize = 1;
}

/// A player's input for one tick.
#[derive(Debug, Clone, Default, PartialEq, Eq, Replicate)]
pub struct Presses {
    /// Draws a card.
    pub draw: Press,
    /// Takes back the card that was laid on this turn.
    pub undo: Press,
    /// Ends the turn.
    pub end_turn: Press,
    /// Shows [`Emote::Hello`].
    pub hello: Press,
    /// Shows [`Emote::Nice`].
    pub nice: Press,
    /// Shows [`Emote::Oops`].
    pub oops: Press,
    /// Shows [`Emote::Hurry`].
    pub hurry: Press,
}
