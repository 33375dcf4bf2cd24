//! Interest management: how a world is divided into places, and which of them a player sees.

use glam::Vec2;

/// The farthest view, in cells. Each cell may hold an area for each audience, and all of them must fit a client's list.
pub const MAX_VIEW_CELLS: f32 = 15.0;

/// How a world's positions are divided into places.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Interest {
    /// The world is not divided: every player sees all positions.
    #[default]
    Whole,
    /// A square grid. A player sees each cell that is at least partly within `view` of [`Sight::point`], and so a little farther
    /// than `view`.
    Grid {
        /// The side of a cell, in world units, above 0. Smaller cells follow the view more closely and cost more to send. Usual
        /// values are between a third of `view` and `view`.
        cell: f32,
        /// How far a player sees, in world units; 0 to 15 cells.
        view: f32,
    },
}

impl Interest {
    /// Checks the ranges.
    ///
    /// # Panics
    /// If the cell is not above zero, or the view is below zero or more than [`MAX_VIEW_CELLS`].
    pub(crate) fn check(self) {
        if let Self::Grid { cell, view } = self {
            assert!(cell > 0.0, "a cell of the grid has a size");
            assert!((0.0..=MAX_VIEW_CELLS * cell).contains(&view), "a view is 0 to {MAX_VIEW_CELLS} cells");
        }
    }
}

/// The part of the world that a player sees in addition to the public part and the player's own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sight {
    /// The center of the player's view. With `None` the player sees no entities on the grid.
    pub point: Option<Vec2>,
    /// The level of `point`. The player sees no cells of other levels.
    pub level: u16,
    /// The player's team. The player sees the entities and fields with `audience = team` of that team.
    pub team: Option<u32>,
    /// The numbered zones ([`Place::Numbered`](drumline_shared::Place::Numbered)) that the player sees.
    pub places: Vec<u32>,
}

impl Sight {
    /// Sees nothing, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.point = None;
        self.level = 0;
        self.team = None;
        self.places.clear();
    }
}
