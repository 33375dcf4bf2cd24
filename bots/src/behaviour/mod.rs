//! What a bot does with what it sees: a pilot for each game.

mod arena;
mod frontier;

use drumline_arena::Arena;
use drumline_frontier::Frontier;
use drumline_room::{Game, GameSpec};
use drumline_shared::Mirror;

/// A player's mind.
pub trait Behaviour {
    /// Decides the input after a snapshot and writes its columns.
    fn act(&mut self, mirror: &Mirror, player: u16, row: &mut [u32]);
}

/// Makes a behaviour of a seed.
pub type MakeBehaviour = fn(u64) -> Box<dyn Behaviour>;

/// The games that bots know.
pub const KNOWN_GAMES: [&str; 2] = [Arena::NAME, Frontier::NAME];

/// The behaviour for a game, and the game's facts; none if bots do not know it.
#[must_use]
pub fn known_game(name: &str) -> Option<(GameSpec, MakeBehaviour)> {
    match name {
        Arena::NAME => Some((GameSpec::of::<Arena>(), |seed| Box::new(arena::ArenaPilot::new(seed)))),
        Frontier::NAME => {
            Some((GameSpec::of::<Frontier>(), |seed| Box::new(frontier::FrontierPilot::new(seed))))
        }
        _ => None,
    }
}
