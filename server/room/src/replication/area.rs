//! Areas: the parts of a frame that are encoded on their own.
//!
//! An area holds the rows of one class, in one place and for one team or owner. Everything else follows from rows being in areas:
//! an area's earlier frames are its baselines, its block is the same for every client that sees it, and a client that may not see
//! it is never sent anything that depends on it. One thing is not hidden: an entity's slot and generation, which are the same
//! in all of its areas, disclose how many entities its table has had. The price is an area for each owner and each team in a
//! cell, most of them of a row or two.

use std::collections::VecDeque;

use drumline_shared::frame::EntityId;
use drumline_shared::layout::AreaClass;
use drumline_shared::schema::Audience;
use drumline_shared::world::Home;

use super::grid::{EVERYWHERE, PlaceKey};

/// The team or owner of an area that nobody sees: no player and no team has this number.
const NOBODY: u32 = u32::MAX;

/// An area's number within its room. Numbers are used again, so one identifies an area only together with the tick on which the
/// area was [opened](Area::opened).
pub type AreaIndex = u32;

/// The public area's number.
pub const PUBLIC: AreaIndex = 0;

/// The identity of an area. The order of keys depends on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaKey {
    /// The class of its rows.
    pub class: AreaClass,
    /// The number of the team or the owner that it is for; zero if it is for all.
    pub member: u32,
    /// The place.
    pub place: PlaceKey,
}

impl AreaKey {
    /// The area that every client sees.
    pub const PUBLIC: Self = Self { class: AreaClass::PUBLIC, member: 0, place: EVERYWHERE };

    /// The area of a row of a class, by the home and place of its entity.
    #[must_use]
    pub fn of(class: AreaClass, home: Home, place: PlaceKey) -> Self {
        let member = match class.audience() {
            Audience::All => 0,
            Audience::Team => home.team.unwrap_or(NOBODY),
            Audience::Owner => home.owner.unwrap_or(NOBODY),
        };
        Self { class, member, place: if class.placed() { place } else { EVERYWHERE } }
    }
}

/// One area.
#[derive(Debug)]
pub struct Area {
    /// Its identity.
    pub key: AreaKey,
    /// The tick on which it was opened.
    pub opened: u32,
    /// Rows in it now.
    pub rows: u32,
    /// The area exists; else its number is free.
    pub is_open: bool,
    /// The tick of its last change.
    pub changed: u32,
    /// The tick on which it last had rows.
    pub(super) occupied: u32,
    /// Rows that have moved to another area, in the order of ticks.
    pub(super) departures: VecDeque<Departure>,
}

impl Area {
    /// An area that is not open yet.
    pub(super) fn closed(key: AreaKey, tick: u32) -> Self {
        Self {
            key,
            opened: tick,
            rows: 0,
            is_open: false,
            changed: tick,
            occupied: tick,
            departures: VecDeque::new(),
        }
    }

    /// Opens the area, or another one under its number.
    pub(super) fn open(&mut self, key: AreaKey, tick: u32) {
        (self.key, self.opened, self.occupied, self.changed) = (key, tick, tick, tick);
        (self.rows, self.is_open) = (0, true);
        self.departures.clear();
    }
}

/// A row that has moved to another area.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departure {
    pub(super) tick: u32,
    pub(super) part: u16,
    pub(super) entity: EntityId,
}
