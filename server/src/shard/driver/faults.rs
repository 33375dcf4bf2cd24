//! Injecting the [faults](crate::rooms::fault) that tests ask for.

use std::time::Instant;

use drumline_room::PlayerId;

use crate::rooms::fault::{Fault, FaultKind};

use super::Driver;

/// The outcome of [`Driver::inject_faults`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Injected {
    /// The tick goes ahead.
    Proceed,
    /// The tick has to wait.
    Delay,
}

/// Injects one fault into a room.
#[derive(Debug)]
pub(super) struct FaultInjector {
    fault: Fault,
    /// The fault's player, once they have joined.
    joined: Option<Joined>,
    /// The tick that is delayed.
    delayed: Option<DelayedTick>,
}

#[derive(Debug, Clone, Copy)]
struct Joined {
    player: PlayerId,
    tick: u32,
}

#[derive(Debug, Clone, Copy)]
struct DelayedTick {
    tick: u32,
    until: Instant,
}

impl FaultInjector {
    /// Waits for the fault's player.
    pub(super) fn new(fault: &Fault) -> Self {
        Self { fault: fault.clone(), joined: None, delayed: None }
    }

    /// Delays a tick until `until`, or as long as it has been delayed for already.
    fn delay(&mut self, tick: u32, until: Instant, now: Instant) -> Injected {
        let delayed =
            self.delayed.filter(|delayed| delayed.tick == tick).unwrap_or(DelayedTick { tick, until });
        self.delayed = Some(delayed);
        if now < delayed.until { Injected::Delay } else { Injected::Proceed }
    }
}

impl Driver {
    /// Notes a player who has joined.
    pub(super) fn expect_fault(&mut self, name: &str, player: PlayerId) {
        let tick = self.room.current_tick();
        if let Some(injector) = self.injector.as_mut().filter(|injector| injector.fault.player == name) {
            injector.joined = Some(Joined { player, tick });
        }
    }

    /// Injects the fault that is due now.
    pub(super) fn inject_faults(&mut self, now: Instant) -> Injected {
        let Some(injector) = &mut self.injector else { return Injected::Proceed };
        let Some(joined) = injector.joined else { return Injected::Proceed };
        let tick = self.room.current_tick();
        match injector.fault.kind {
            FaultKind::WrongField { after_ticks } if tick == joined.tick + after_ticks => {
                self.room.corrupt_next_block();
            }
            FaultKind::LateTicks { one_in, wait } if tick.is_multiple_of(one_in) => {
                return injector.delay(tick, now + wait, now);
            }
            // On other ticks these faults do nothing.
            FaultKind::WrongField { .. } | FaultKind::LateTicks { .. } => {}
            FaultKind::Deafness => {
                let of_player =
                    self.connections.iter_mut().filter(|connection| connection.player() == joined.player);
                of_player.for_each(|connection| connection.discards_messages = true);
            }
        }
        Injected::Proceed
    }
}
