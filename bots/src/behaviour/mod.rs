//! The decisions of bots, made from what they see. Authors write the behaviours of their games; those of the games that ship are
//! here.

pub mod arena;
pub mod connection_habit;
pub mod frontier;
pub mod registry;
pub mod roles;

#[cfg(test)]
#[path = "../../../games/kit/testing/watched.rs"]
mod watched;

use std::marker::PhantomData;

use drumline_room::{Game, PlayerId};
use drumline_shared::frame::EntityId;
use drumline_shared::{Mirror, Replicate};

/// Decides the inputs of a bot of a game. It sees what a player sees, through the mirror of a real client.
///
/// Draw everything random from the seed that it is made with: then a bot that sees the same does the same.
///
/// # Examples
/// A bot of the arena that flies in circles, in a swarm of its own:
/// ```
/// use drumline_arena::world::Controls;
/// use drumline_arena::Arena;
/// use drumline_bots::{Behaviour, Swarm, View};
/// use glam::Vec2;
///
/// struct Circles(f32);
///
/// impl Behaviour<Arena> for Circles {
///     fn act(&mut self, _view: &View<'_>) -> Controls {
///         self.0 += 0.1;
///         Controls { thrust: Vec2::from_angle(self.0), ..Controls::default() }
///     }
/// }
///
/// fn swarm() -> Swarm {
///     Swarm::new().game::<Arena>().behaviour("circles", |seed| Circles(seed as f32)).into()
/// }
///
/// fn main() -> std::process::ExitCode {
/// #   if true { return std::process::ExitCode::SUCCESS }
///     swarm().main()
/// }
/// ```
pub trait Behaviour<G: Game> {
    /// Decides the input after a snapshot.
    fn act(&mut self, view: &View<'_>) -> G::Input;
}

/// The state that a bot sees.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    mirror: &'a Mirror,
    player: PlayerId,
}

impl<'a> View<'a> {
    /// The state in a mirror, for a player.
    #[must_use]
    pub fn new(mirror: &'a Mirror, player: PlayerId) -> Self {
        Self { mirror, player }
    }

    /// The bot's player.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        self.player
    }

    /// The tick of the newest snapshot.
    #[must_use]
    pub fn tick(&self) -> u32 {
        self.mirror.tick()
    }

    /// The mirror itself.
    #[must_use]
    pub fn mirror(&self) -> &'a Mirror {
        self.mirror
    }

    /// The visible entities of one table, as the game's own struct, like [`Mirror::rows`]; `table` is the table's
    /// index in the world.
    ///
    /// # Panics
    /// If there is no such table, or `T` is not its struct.
    pub fn rows<T: Replicate>(&self, table: usize) -> impl Iterator<Item = (EntityId, T)> + use<'a, T> {
        let parts = &self.mirror.layout().tables[table].parts;
        // A table without hidden parts is read in place; others need memory to put their rows together.
        let whole = (parts.len() == 1).then(|| self.mirror.part_rows(parts.start));
        let in_parts = whole.is_none().then(|| self.mirror.rows(table));
        let whole = whole.into_iter().flatten().map(|(entity, row)| (entity, T::dequantize(row)));
        whole.chain(in_parts.into_iter().flatten())
    }

    /// An entity of a table; `None` if it is not visible.
    ///
    /// # Panics
    /// As [`rows`](Self::rows).
    #[must_use]
    pub fn get<T: Replicate>(&self, table: usize, entity: EntityId) -> Option<T> {
        self.mirror.get(table, entity)
    }
}

/// A behaviour of any game. It writes the columns of its input.
pub trait DynBehaviour {
    /// Decides the input after a snapshot.
    fn act(&mut self, view: &View<'_>, row: &mut [u32]);
}

/// Turns the behaviour of a game into one of any game.
pub struct Typed<G, B> {
    behaviour: B,
    game: PhantomData<fn() -> G>,
}

impl<G, B> Typed<G, B> {
    /// Wraps a behaviour.
    pub fn new(behaviour: B) -> Self {
        Self { behaviour, game: PhantomData }
    }
}

impl<G: Game, B: Behaviour<G>> DynBehaviour for Typed<G, B> {
    fn act(&mut self, view: &View<'_>, row: &mut [u32]) {
        self.behaviour.act(view).quantize(row);
    }
}

/// Does nothing, in any game: sends the game's neutral input.
#[derive(Debug, Clone, Copy, Default)]
pub struct Idle;

impl<G: Game> Behaviour<G> for Idle {
    fn act(&mut self, _view: &View<'_>) -> G::Input {
        G::Input::default()
    }
}
