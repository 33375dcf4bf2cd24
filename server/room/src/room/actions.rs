//! The wishes of a game, for the driver.

use super::Room;
use crate::simulation::action::Action;

impl Room {
    /// The actions that the game has asked for on the newest tick, in its order, which are taken out. The driver carries it out:
    ///
    /// - [`Action::Remove`]: close the connection and [`leave`](Self::leave);
    /// - [`Action::Hold`]: hold the seat for another time;
    /// - [`Action::SeatBot`]: [`join`](Self::join) with [`Joiner::is_bot`](crate::Joiner::is_bot), if a seat is free;
    /// - [`Action::SetMaxPlayers`]: admit no more, of those who have no seat yet;
    /// - [`Action::SetMetadata`]: show them;
    /// - [`Action::Start`]: run the job, and pass its result to [`handle_outcome`](Self::handle_outcome).
    pub fn take_actions(&mut self) -> Vec<Action> {
        self.simulation.take_actions()
    }
}
