//! The classes of areas.
//!
//! An area holds the rows of one class, in one place, for one team or owner. Everything else follows from that: an area's frames
//! are its own baselines, its block is the same for all clients that see it, and a client that may not see it is never sent
//! anything that depends on it. The codec knows nothing of secrecy, so no per-client mask can be forgotten. The price is an area
//! for each owner and each team in a cell, most of them with a row or two.

use crate::schema::Audience;

/// The common facts of an area's rows: they have places or not, and their audience. The rows of a part are all of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaClass(u8);

impl AreaClass {
    /// The number of classes.
    pub const COUNT: usize = 6;
    /// The class of rows that all players see everywhere. There is one area of it, and it is in every view.
    pub const PUBLIC: Self = Self(0);

    /// The class of rows for an audience, in places or everywhere.
    #[must_use]
    pub const fn new(placed: bool, audience: Audience) -> Self {
        Self(audience as u8 + 3 * placed as u8)
    }

    /// The class of a number on the wire; `None` if there is none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < Self::COUNT).then_some(Self(number))
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// Returns true if its areas are in places.
    #[must_use]
    pub fn placed(self) -> bool {
        self.0 >= 3
    }

    /// The audience of its areas.
    #[must_use]
    pub fn audience(self) -> Audience {
        Audience::EACH[usize::from(self.0 % 3)]
    }
}
