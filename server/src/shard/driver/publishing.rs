//! The figures of a room that other threads read.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use drumline_room::PlayerId;
use drumline_room::simulation::outgoing::RefusedSends;

use crate::rooms::entry::events::{PlayerLabel, RoomEvent, RoomLabel};
use crate::rooms::entry::players::{Occupant, PlayerListing, Published, PublishedPlayer};
use crate::rooms::entry::state::RoomState;
use crate::rooms::entry::weight::Weight;

use super::Driver;

/// The period at which the players' figures are published.
const PLAYERS_PERIOD: Duration = Duration::from_secs(1);

/// A driver's counts for the room's entry.
pub(super) struct Counts {
    /// Snapshots not sent because the player had not read earlier ones.
    pub(super) snapshots_coalesced: u64,
    /// Players who have resumed.
    pub(super) resumes: u64,
    /// Areas in view that lists had no room for, as far as the log has told.
    areas_left_out: u64,
    /// The last time at which the players' figures were published.
    players_published_at: Instant,
    /// The time that steps took since the room was weighed last.
    busy: Duration,
    weighed_at: Instant,
}

impl Counts {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            snapshots_coalesced: 0,
            resumes: 0,
            areas_left_out: 0,
            players_published_at: now,
            busy: Duration::ZERO,
            weighed_at: now,
        }
    }
}

impl Driver {
    /// Tells that the game has let the newcomers in.
    pub(super) fn announce_newcomers(&mut self) {
        for player in self.newcomers.drain(..) {
            let Some(occupant) = self.occupants.get(&player) else { continue };
            let entry = self.registration.entry();
            self.context.events.put(|| {
                let (room, player) = (RoomLabel::of(entry), PlayerLabel::of(player, occupant));
                RoomEvent::PlayerJoined { room, player }
            });
        }
    }

    /// Tells that a player has left, unless nobody has been told of their join.
    pub(super) fn announce_leave(&self, player: PlayerId, occupant: &Occupant) {
        if self.newcomers.contains(&player) {
            return;
        }
        let entry = self.registration.entry();
        self.context.events.put(|| {
            let (room, player) = (RoomLabel::of(entry), PlayerLabel::of(player, occupant));
            RoomEvent::PlayerLeft { room, player }
        });
    }

    /// Tells the game's author, in the log, of messages that the game sent on the newest tick and that did not go.
    pub(super) fn log_refused_sends(&self) {
        let RefusedSends { too_large, over_tick_limit } = self.room.output().refused;
        if too_large + over_tick_limit > 0 {
            let (room, tick) = (self.id(), self.room.current_tick());
            tracing::debug!(room, tick, too_large, over_tick_limit, "messages of the game were not sent");
        }
    }

    /// Adds the time that a step took.
    pub fn add_busy(&mut self, time: Duration) {
        self.counts.busy += time;
    }

    /// Publishes what the room has cost since the last time.
    fn weigh(&mut self, now: Instant) {
        let time = now.duration_since(self.counts.weighed_at).as_secs_f64().max(f64::EPSILON);
        let busy_us = (self.counts.busy.as_micros() as f64 / time) as u64;
        (self.counts.busy, self.counts.weighed_at) = (Duration::ZERO, now);
        let entry = self.registration.entry();
        let weight = Weight { busy_us, memory_bytes: self.room.memory_bytes() as u64 };
        entry.measured_weight.publish(weight, entry.seats_taken());
    }

    /// Publishes the room's figures: by atomics at every tick, and the players' about once a second.
    pub(super) fn publish(&mut self, now: Instant) {
        let stats = self.room.stats();
        let entry = self.registration.entry();
        entry.tick.store(self.room.current_tick(), Relaxed);
        if self.deadline.is_some() {
            entry.set_state(RoomState::Draining);
        } else if self.room.is_locked() {
            entry.set_state(RoomState::Locked);
        } else {
            entry.change_state(RoomState::Locked, RoomState::Open);
        }
        entry.held_seats.store(self.held.len() as u16, Relaxed);
        entry.resumes.store(self.counts.resumes, Relaxed);
        entry.snapshots_coalesced.store(self.counts.snapshots_coalesced, Relaxed);
        entry.inputs_dropped.store(stats.inputs.dropped() + stats.malformed_inputs, Relaxed);
        entry.mismatches_reported.store(stats.mismatches_reported, Relaxed);
        if self.meter.is_due(now) {
            entry.events_waiting.store(self.room.messages_waiting() as u32, Relaxed);
            self.meter.flush(&stats, now);
            if stats.areas_left_out > self.counts.areas_left_out {
                self.counts.areas_left_out = stats.areas_left_out;
                tracing::warn!(
                    room = entry.id,
                    "a client sees more areas than its list may have, so it does not get all"
                );
            }
            let clamped = self.clamped.take(&entry.id, self.room.clamped(), &self.meter, now);
            entry.clamped_values.store(clamped, Relaxed);
            self.weigh(now);
        }
        let entry = self.registration.entry();
        if now.duration_since(self.counts.players_published_at) >= PLAYERS_PERIOD {
            let players = self.room.players().map(|(player, stats)| PublishedPlayer {
                occupant: self.occupants[&player].clone(),
                listing: PlayerListing::new((player, stats)),
            });
            if entry.players.publish(players) == Published::Done {
                self.counts.players_published_at = now;
            }
        }
    }
}
