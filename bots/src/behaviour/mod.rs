//! The decisions of bots, made from what they see. Each game has the [`Mind`]s of its own bots.

pub mod connection_habit;
pub mod registry;
pub mod roles;

use std::marker::PhantomData;

use drumline_room::{Game, Mind, View};
use drumline_shared::Replicate;

/// A behaviour of any game. It writes the columns of its input.
pub trait DynBehaviour {
    /// Decides the input after a snapshot.
    fn act(&mut self, view: &View<'_>, row: &mut [u32]);
}

/// Turns the mind of a game's bot into a behaviour of any game.
pub struct Typed<G, M> {
    mind: M,
    game: PhantomData<fn() -> G>,
}

impl<G, M> Typed<G, M> {
    /// Wraps a mind.
    pub fn new(mind: M) -> Self {
        Self { mind, game: PhantomData }
    }
}

impl<G: Game, M: Mind<G>> DynBehaviour for Typed<G, M> {
    fn act(&mut self, view: &View<'_>, row: &mut [u32]) {
        self.mind.act(view).quantize(row);
    }
}

/// Does nothing, in any game: sends the game's neutral input.
#[derive(Debug, Clone, Copy, Default)]
pub struct Idle;

impl<G: Game> Mind<G> for Idle {
    fn act(&mut self, _view: &View<'_>) -> G::Input {
        G::Input::default()
    }
}
