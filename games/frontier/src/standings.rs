//! Banked crystal: the factions' standings and the leading pilots.

use drumline::prelude::*;

use crate::game::Frontier;
use crate::pilots::Pilot;
use crate::world::{Event, Faction, Leader, Stack, Standings};

/// Pilots on the leader board.
const LEADERS: usize = 5;
/// Points between two milestones of a faction. Each is broadcast.
const MILESTONE: u32 = 1000;
/// The largest total that can be sent.
const MOST: u32 = 16_777_215;

impl Standings {
    fn total(&mut self, faction: Faction) -> &mut u32 {
        match faction {
            Faction::Ember => &mut self.ember,
            Faction::Tide => &mut self.tide,
            Faction::Bloom => &mut self.bloom,
        }
    }
}

impl Frontier {
    /// Adds the worth of some cargo to the totals of a pilot and their faction.
    pub(crate) fn bank(&mut self, player: PlayerId, cargo: &[Stack], tick: &mut Tick<Self>) {
        let points: u32 = cargo.iter().map(|stack| u32::from(stack.amount) * stack.mineral.worth()).sum();
        let Some(pilot) = self.pilot_mut(player) else { return };
        let faction = pilot.faction;
        pilot.banked = (pilot.banked + points).min(MOST);
        let total = &mut self.totals[faction as usize];
        let before = *total;
        *total = (before + points).min(MOST);
        if *total / MILESTONE > before / MILESTONE {
            let reached = *total / MILESTONE * MILESTONE;
            tick.broadcast(&Event::Milestone { faction, banked: reached });
        }
    }

    /// Updates the standings that clients see, once a second.
    pub(crate) fn update_standings(&mut self, tick: u32) {
        if !tick.is_multiple_of(Self::TICK_RATE_HZ) {
            return;
        }
        for faction in Faction::ALL {
            *self.world.standings.total(faction) = self.totals[faction as usize];
        }
        self.world.standings.pilots = self.pilots.iter().flatten().count() as u16;
        self.name_leaders();
    }

    fn name_leaders(&mut self) {
        let Self { pilots, world, .. } = self;
        let mut best: [Option<&Pilot>; LEADERS] = [None; LEADERS];
        for pilot in pilots.iter().flatten().filter(|pilot| pilot.banked > 0) {
            // Seats are visited in order, so of equal pilots the lower seat stays ahead.
            let is_behind = |other: &Pilot| other.banked < pilot.banked;
            if let Some(rank) = best.iter().position(|other| other.is_none_or(is_behind)) {
                best[rank..].rotate_right(1);
                best[rank] = Some(pilot);
            }
        }
        let mut named = (1..).zip(best.into_iter().flatten()).map(|(rank, pilot)| Leader {
            rank,
            player: pilot.player,
            faction: pilot.faction,
            name: pilot.name.clone(),
            banked: pilot.banked,
        });
        // Rows are overwritten in place, so that only changed fields are sent.
        world.leaders.retain(|_, row| named.next().map(|leader| *row = leader).is_some());
        for leader in named {
            world.leaders.insert(leader);
        }
    }
}
