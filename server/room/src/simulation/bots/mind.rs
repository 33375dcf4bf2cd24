//! Bots: the decisions of a player who is no person.

use crate::simulation::bots::view::View;
use crate::simulation::game::Game;

/// Decides the inputs of a bot of a game, from what it sees.
///
/// A swarm's bots and the bots that a game [seats itself](crate::Tick::seat_bot) share this trait. Draw everything random from
/// the seed that a bot is made with: then a bot that sees the same does the same.
///
/// # Examples
/// ```
/// # use drumline_room::prelude::*;
/// # #[derive(Default, Replicate)]
/// # struct Push {
/// #     #[sync(range = -1.0..=1.0, step = 0.1)]
/// #     direction: Vec2,
/// # }
/// # #[derive(Default, World)]
/// # struct Pushing {}
/// # #[game]
/// # impl Game for Pushing {
/// #     const NAME: &'static str = "pushing";
/// #     type Input = Push;
/// #     fn tick(&mut self, _: &mut Tick<Self>) {}
/// # }
/// /// Goes round in circles.
/// struct Circles(f32);
///
/// impl Mind<Pushing> for Circles {
///     fn act(&mut self, _view: &View<'_>) -> Push {
///         self.0 += 0.1;
///         Push { direction: Vec2::from_angle(self.0) }
///     }
/// }
/// ```
pub trait Mind<G: Game> {
    /// Decides the next input.
    fn act(&mut self, view: &View<'_>) -> G::Input;
}
