//! What tests have a server do wrong, to see whether a swarm of bots notices, and by which of its figures.
//!
//! No configuration can ask for it: all of it, and each line elsewhere that leads here, is behind the feature `faults`, which
//! the bots' tests alone turn on.

use std::time::{Duration, Instant};

use drumline_room::PlayerId;

use super::Driver;

/// Something that goes wrong once a player of some name has joined: in their room and in no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The player's name.
    pub player: String,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Once, one field of one entity is told wrong.
    WrongField {
        /// How many ticks after the player has joined.
        after_ticks: u32,
    },
    /// The room's ticks are held up now and then; other rooms of the shard are not.
    LateTicks {
        /// One tick in so many is.
        one_in: u32,
        /// For how long.
        wait: Duration,
    },
    /// All that the player says is thrown away.
    Deafness,
}

/// A room in which something is to go wrong.
#[derive(Debug)]
pub struct Faulty {
    fault: Fault,
    /// The player whom it is about, and the tick on which they joined.
    joined: Option<(PlayerId, u32)>,
    /// The tick that is held up, and until when.
    held_up: Option<(u32, Instant)>,
}

impl Faulty {
    /// It waits for the fault's player.
    #[must_use]
    pub fn new(fault: &Fault) -> Self {
        Self { fault: fault.clone(), joined: None, held_up: None }
    }

    /// Whether a tick still has to wait.
    fn is_held_up(&mut self, tick: u32, wait: Duration, now: Instant) -> bool {
        let (_, until) = self.held_up.filter(|(other, _)| *other == tick).unwrap_or((tick, now + wait));
        self.held_up = Some((tick, until));
        now < until
    }
}

impl Driver {
    /// Notes who has joined.
    pub(super) fn expect(&mut self, name: &str, player: PlayerId) {
        let tick = self.room.current_tick();
        if let Some(faulty) = self.faulty.as_mut().filter(|faulty| faulty.fault.player == name) {
            faulty.joined = Some((player, tick));
        }
    }

    /// Does wrong what is to go wrong now; whether the tick has to wait.
    pub(super) fn go_wrong(&mut self, now: Instant) -> bool {
        let Some(faulty) = &mut self.faulty else { return false };
        let Some((player, joined)) = faulty.joined else { return false };
        let tick = self.room.current_tick();
        match faulty.fault.kind {
            FaultKind::WrongField { after_ticks } if tick == joined + after_ticks => {
                self.room.corrupt_next_block();
            }
            FaultKind::WrongField { .. } => {}
            FaultKind::LateTicks { one_in, wait } => {
                return tick.is_multiple_of(one_in) && faulty.is_held_up(tick, wait, now);
            }
            FaultKind::Deafness => {
                let theirs = self.connections.iter_mut().filter(|connection| connection.player() == player);
                theirs.for_each(|connection| connection.is_unheard = true);
            }
        }
        false
    }
}
