//! The state that a bot sees.

use drumline_shared::frame::{EntityId, Frame, Rows};
use drumline_shared::{Mirror, Replicate};

use crate::player_id::PlayerId;

/// The state that a bot sees. A swarm's bot sees what a player sees, through the mirror of a real client; a bot that the game has
/// seated sees the whole world of the last tick, hidden parts too.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    source: Source<'a>,
    player: PlayerId,
}

#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Mirror(&'a Mirror),
    World(&'a Frame),
}

impl<'a> View<'a> {
    /// The state in a client's mirror, for its player.
    #[must_use]
    pub fn of_mirror(mirror: &'a Mirror, player: PlayerId) -> Self {
        Self { source: Source::Mirror(mirror), player }
    }

    /// A whole world, for a player.
    #[must_use]
    pub(crate) fn of_world(frame: &'a Frame, player: PlayerId) -> Self {
        Self { source: Source::World(frame), player }
    }

    /// The bot's player.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        self.player
    }

    /// The tick of the state.
    #[must_use]
    pub fn tick(&self) -> u32 {
        match self.source {
            Source::Mirror(mirror) => mirror.tick(),
            Source::World(frame) => frame.tick,
        }
    }

    /// The visible entities of a table, as the game's own struct; `table` is the table's index in the world.
    ///
    /// # Panics
    /// If there is no such table, or `T` is not its struct.
    pub fn rows<T: Replicate>(&self, table: usize) -> impl Iterator<Item = (EntityId, T)> + use<'a, T> {
        // A table without hidden parts is read in place; others need memory to put their rows together.
        let (whole, in_parts) = match self.source {
            Source::World(frame) => (Some(frame.rows(table)), None),
            Source::Mirror(mirror) => {
                let parts = &mirror.layout().tables[table].parts;
                let whole = (parts.len() == 1).then(|| mirror.part_rows(parts.start));
                (None, Some((whole, mirror)))
            }
        };
        let of_world = whole.into_iter().flat_map(Rows::iter);
        let (of_mirror, split) = match in_parts {
            Some((Some(rows), _)) => (Some(rows), None),
            Some((None, mirror)) => (None, Some(mirror.rows::<T>(table))),
            None => (None, None),
        };
        of_world
            .chain(of_mirror.into_iter().flatten())
            .map(|(entity, row)| (entity, T::dequantize(row)))
            .chain(split.into_iter().flatten())
    }

    /// An entity of a table; `None` if it is not visible.
    ///
    /// # Panics
    /// As [`rows`](Self::rows).
    #[must_use]
    pub fn get<T: Replicate>(&self, table: usize, entity: EntityId) -> Option<T> {
        match self.source {
            Source::Mirror(mirror) => mirror.get(table, entity),
            Source::World(frame) => frame.rows(table).get(entity).map(T::dequantize),
        }
    }
}
