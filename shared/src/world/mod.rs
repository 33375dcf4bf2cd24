//! The types that a game author declares: replicated structs, kept in tables, in a world; and where the entities are.

use glam::{Vec2, Vec3};

use crate::frame::Frame;
use crate::schema::TableSchema;

mod clamped;
mod entity;
mod member;
mod press;
mod replicate;
mod table;

pub use clamped::{Clamped, ClampedField, ClampedValues};
pub use entity::Entity;
pub use member::{Level, Member};
pub use press::Press;
pub use replicate::{FieldType, Replicate};
pub use table::{Single, Table, TableFull};

/// A struct of [`Table`]s and [`Single`]s: a game's whole replicated state. Derive it; see [`derive@crate::World`].
pub trait World: 'static {
    /// The tables, in order.
    const TABLES: &'static [TableSchema];

    /// Fills a frame of whole tables with the quantized state of every table, and counts the values that had to be clamped.
    #[doc(hidden)]
    fn capture(&self, frame: &mut Frame, clamped: &mut ClampedValues);

    /// Appends the place, owner and team of each entity of a table, by ascending slot. Appends nothing if the whole table is
    /// public.
    #[doc(hidden)]
    fn locate(&self, table: usize, homes: &mut Vec<Home>);
}

/// The place of an entity, for the option `place = function` of [`derive@crate::World`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Place {
    /// In every view: all players see it.
    #[default]
    Everywhere,
    /// At a point of the ground level, on the game's grid.
    At(Vec2),
    /// At a point of a level (a floor, a deck, a layer of caves). Each level has a grid of its own.
    OnLevel {
        /// The level; the ground level is 0.
        level: u16,
        /// The point.
        point: Vec2,
    },
    /// In a zone that the game numbers: a building, a dungeon, a menu.
    Numbered(u32),
}

/// A position that the grid can place: the field that `at = …` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no position",
    label = "not a position",
    note = "`at = …` names a field that is a Vec2 or a Vec3; `place = …` names a function that makes a place of a row"
)]
pub trait GridPoint: Copy {
    /// The point on the grid's plane.
    fn point(self) -> Vec2;
}

impl GridPoint for Vec2 {
    fn point(self) -> Vec2 {
        self
    }
}

impl GridPoint for Vec3 {
    /// x and z: height is y, as in most 3D engines for browsers.
    fn point(self) -> Vec2 {
        Vec2::new(self.x, self.z)
    }
}

/// The place, owner and team of an entity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Home {
    /// Where it is.
    pub place: Place,
    /// The number of the owner, who sees fields and entities with `audience = owner`.
    pub owner: Option<u32>,
    /// The team, which sees fields and entities with `audience = team`.
    pub team: Option<u32>,
}
