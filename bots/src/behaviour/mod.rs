//! What a bot does with what it sees. A game's behaviours are its author's to write; those for the games that ship are here.

pub mod arena;
pub mod frontier;
pub mod registry;

#[cfg(test)]
#[path = "../../../games/kit/testing/watched.rs"]
mod watched;

use std::marker::PhantomData;

use drumline_room::Game;
use drumline_shared::frame::EntityId;
use drumline_shared::{Mirror, Replicate};

/// A player's mind: what a bot of a game does. It is told nothing but what a player sees, through the eyes of a real client.
///
/// Take what is random from the seed that it is made with, and the bot does the same again on the same sights.
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

/// What a bot sees.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    mirror: &'a Mirror,
    player: u16,
}

impl<'a> View<'a> {
    /// What is in a mirror, for the player on this seat.
    #[must_use]
    pub fn new(mirror: &'a Mirror, player: u16) -> Self {
        Self { mirror, player }
    }

    /// The bot's seat: the game's structs name players by it.
    #[must_use]
    pub fn player(&self) -> u16 {
        self.player
    }

    /// The tick that is shown.
    #[must_use]
    pub fn tick(&self) -> u32 {
        self.mirror.tick()
    }

    /// The mirror, for what is not offered here.
    #[must_use]
    pub fn mirror(&self) -> &'a Mirror {
        self.mirror
    }

    /// The entities in view of one table as the game's own struct, as [`Mirror::rows`] gives them; `table` counts the world's
    /// tables in order.
    ///
    /// # Panics
    /// If there is no such table, or `T` is not its struct.
    pub fn rows<T: Replicate>(&self, table: usize) -> impl Iterator<Item = (EntityId, T)> + use<'a, T> {
        let parts = &self.mirror.layout().tables[table].parts;
        // Where nothing is hidden a row needs no memory to be put together in.
        let whole = (parts.len() == 1).then(|| self.mirror.part_rows(parts.start));
        let in_parts = whole.is_none().then(|| self.mirror.rows(table));
        let whole = whole.into_iter().flatten().map(|(entity, row)| (entity, T::dequantize(row)));
        whole.chain(in_parts.into_iter().flatten())
    }

    /// An entity of a table, if it is in view.
    ///
    /// # Panics
    /// As [`rows`](Self::rows).
    #[must_use]
    pub fn get<T: Replicate>(&self, table: usize, entity: EntityId) -> Option<T> {
        self.mirror.get(table, entity)
    }
}

/// A behaviour of whatever game: it writes its input's columns.
pub trait Mind {
    /// Decides the input after a snapshot.
    fn act(&mut self, view: &View<'_>, row: &mut [u32]);
}

/// A behaviour of a game as one of whatever game.
pub struct Typed<G, B> {
    behaviour: B,
    game: PhantomData<fn() -> G>,
}

impl<G, B> Typed<G, B> {
    /// Of this behaviour.
    pub fn new(behaviour: B) -> Self {
        Self { behaviour, game: PhantomData }
    }
}

impl<G: Game, B: Behaviour<G>> Mind for Typed<G, B> {
    fn act(&mut self, view: &View<'_>, row: &mut [u32]) {
        self.behaviour.act(view).quantize(row);
    }
}

/// Does nothing, in whatever game: sends its neutral input.
#[derive(Debug, Clone, Copy, Default)]
pub struct Idle;

impl<G: Game> Behaviour<G> for Idle {
    fn act(&mut self, _view: &View<'_>) -> G::Input {
        G::Input::default()
    }
}
