//! What a game says of who sees what: how its world is divided into places, and what a player sees of it.

use glam::Vec2;

/// How a world's positions become places.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Interest {
    /// Not at all: everybody sees all positions.
    #[default]
    Whole,
    /// By a square grid. A player sees all that is within `view` of the point they look at, and some of what is a little
    /// farther away: whole cells.
    Grid {
        /// A cell's side, in the world's units. Smaller cells follow the view more closely and cost more to send; a
        /// third to a whole of `view` is usual.
        cell: f32,
        /// How far a player sees at least, in the world's units; at most 15 cells.
        view: f32,
    },
}

/// What a player sees beside what everybody sees and what is their own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sight {
    /// The point that they look at; they see none of the grid without it.
    pub point: Option<Vec2>,
    /// Their team: they see what is for it.
    pub team: Option<u16>,
    /// The numbered places that they see.
    pub places: Vec<u32>,
}

impl Sight {
    /// Sees nothing, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.point = None;
        self.team = None;
        self.places.clear();
    }
}
