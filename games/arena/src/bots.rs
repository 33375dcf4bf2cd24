//! The bots that the arena seats itself.

use drumline::prelude::*;
use serde::{Deserialize, Serialize};

use crate::minds::Chase;
use crate::world::Controls;

/// Seconds from one look for seats to the next.
const REFILL_SECONDS: f32 = 5.0;
const NAMES: [&str; 8] = ["Rook", "Comet", "Bramble", "Halley", "Onyx", "Juniper", "Vesper", "Tinder"];

/// A timer: bots take the seats that have become free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refill;

/// The bots of a room.
pub(crate) struct Bots {
    wanted: u8,
    minds: Players<Chase>,
}

impl Bots {
    pub(crate) fn new(wanted: u8) -> Self {
        Self { wanted, minds: Players::default() }
    }

    /// Seats the first bots, and sees to it that there are enough from now on.
    pub(crate) fn start<G: Game<Timer = Refill>>(&self, tick: &mut Tick<G>) {
        if self.wanted > 0 {
            tick.timers().every(REFILL_SECONDS, Refill);
            self.refill(tick);
        }
    }

    /// Seats the bots that are missing. They give way to players, so there is not always a seat.
    pub(crate) fn refill<G: Game>(&self, tick: &mut Tick<G>) {
        let players = tick.players();
        let is_free = |name: &&&str| players.values().all(|info| info.name != **name);
        let missing = usize::from(self.wanted).saturating_sub(self.minds.len());
        for name in NAMES.iter().filter(is_free).take(missing) {
            tick.seat_bot(name, true);
        }
    }

    pub(crate) fn join<G: Game>(&mut self, bot: PlayerId, tick: &mut Tick<G>) {
        self.minds.insert(bot, Chase::new(tick.rng().random()));
    }

    pub(crate) fn leave(&mut self, player: PlayerId) {
        self.minds.remove(player);
    }

    pub(crate) fn act<G: Game<Input = Controls>>(&mut self, bot: PlayerId, view: &View<'_>) -> Controls {
        self.minds.get_mut(bot).map_or_else(Controls::default, |mind| Mind::<G>::act(mind, view))
    }
}
