//! Budgets: how many rooms there may be, how many of one opener, and which end where there are too many.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_room::EndReason;

use crate::rooms::entry::state::RoomState;
use crate::rooms::entry::weight::Weight;
use crate::rooms::handle::RoomHandle;
use crate::rooms::refusal::Refusal;
use crate::rooms::request::Opener;

use super::{OpenRoom, Rooms, charges};

/// The share of the shards' time that rooms may fill before openers are held to what is left: beyond it ticks begin to be late.
const BUSY_CAPACITY_PERCENT: u64 = 75;
/// Microseconds a second of a shard that end with the rooms of one relief.
const RELIEF_US: u64 = 100_000;
/// Between two reliefs of memory: ended rooms do not give theirs back at once.
const MEMORY_RELIEF_PERIOD: Duration = Duration::from_secs(15);
/// Microseconds of a second.
const SECOND_US: u64 = 1_000_000;

impl Rooms {
    /// Checks that another room may be opened for an opener. Returns the room that ends for it; `None` if there is a place.
    pub(super) fn check_new(&self, opener: Option<&Opener>) -> Result<Option<&OpenRoom>, Refusal> {
        if let Some(opener) = opener {
            self.check_budget(opener)?;
        }
        let empty = || self.open.values().filter(|room| room.entry().is_empty());
        // Players come back to a room that they have just left, so it gives up its place only if nothing else can.
        let unused = || empty().filter(|room| room.entry().state() == RoomState::Created);
        if self.is_short_of_memory() {
            let first = charges::first_to_end(unused()).or_else(|| charges::first_to_end(empty()));
            let cause =
                || charges::cause(self.open.values(), |weight| weight.memory_bytes).into_iter().next();
            return first.or_else(cause).map(Some).ok_or(Refusal::ServerFull);
        }
        if self.open.len() >= self.most_open {
            let first = charges::first_to_end(unused()).or_else(|| charges::first_to_end(empty()));
            return first.map(Some).ok_or(Refusal::ServerFull);
        }
        if unused().count() < self.most_empty { Ok(None) } else { Ok(charges::first_to_end(unused())) }
    }

    /// Checks that an opener may have another room: no more than the limit and, beyond a few, at no more cost than the server has
    /// left.
    fn check_budget(&self, opener: &Opener) -> Result<(), Refusal> {
        let (total, charge) = charges::total_and_charge(self.open.values(), opener);
        let capacity_us = self.shards as u64 * SECOND_US * BUSY_CAPACITY_PERCENT / 100;
        let is_busy = charge.weight.busy_us > capacity_us.saturating_sub(total.busy_us);
        let is_large = self
            .limits
            .memory_bytes
            .is_some_and(|capacity| charge.weight.memory_bytes > capacity.saturating_sub(total.memory_bytes));
        let is_costly = charge.share_permille >= charges::SPARED_PERMILLE && (is_busy || is_large);
        if is_costly || charge.rooms >= self.limits.rooms_per_opener {
            return Err(Refusal::TooManyRooms);
        }
        Ok(())
    }

    /// Makes place for another room. At a limit an empty room ends for it.
    ///
    /// # Errors
    /// [`Refusal::TooManyRooms`] if the opener may have no more, or [`Refusal::ServerFull`] if no room is empty.
    pub fn make_place(&mut self, opener: Option<&Opener>) -> Result<(), Refusal> {
        if let Some(room) = self.check_new(opener)? {
            let room = Arc::clone(&room.room);
            let is_empty = room.entry.is_empty();
            let reason = if is_empty { EndReason::Empty } else { EndReason::Overload };
            tracing::info!(room = room.entry.id, reason = reason.name(), "a room ends: its place is needed");
            self.dismiss(&room, reason);
        }
        Ok(())
    }

    /// Returns true if the process uses more memory than it may, or will once new rooms have taken theirs.
    fn is_short_of_memory(&self) -> bool {
        let Some(limit) = self.limits.memory_bytes else { return false };
        self.resident_bytes > limit || charges::expected_memory_bytes(self.open.values()) > limit
    }

    /// Ends rooms of the opener that costs the most on a shard. Returns their number: 0 if no opener is the cause.
    pub fn relieve_shard(&mut self, shard: usize) -> usize {
        let on_shard = self.open.values().filter(|room| room.entry().shard == shard);
        let cost = |weight: Weight| weight.busy_us;
        let rooms: Vec<_> =
            charges::cause(on_shard, cost).into_iter().map(|room| Arc::clone(&room.room)).collect();
        self.end_some(&rooms, cost, RELIEF_US)
    }

    /// Notes how much memory the process uses, and ends rooms of the opener with the most of it if that is too much.
    pub fn relieve_memory(&mut self, resident_bytes: u64, now: Instant) {
        self.resident_bytes = resident_bytes;
        let Some(limit) = self.limits.memory_bytes.filter(|limit| resident_bytes > *limit) else { return };
        if self.memory_relieved_at.is_some_and(|at| now.duration_since(at) < MEMORY_RELIEF_PERIOD) {
            return;
        }
        self.memory_relieved_at = Some(now);
        let cost = |weight: Weight| weight.memory_bytes;
        let mut rooms = charges::cause(self.open.values(), cost);
        if rooms.is_empty() {
            rooms = self.open.values().filter(|room| room.entry().is_empty()).collect();
        }
        let rooms: Vec<_> = rooms.into_iter().map(|room| Arc::clone(&room.room)).collect();
        let ended = self.end_some(&rooms, cost, resident_bytes - limit);
        tracing::warn!(ended, resident_mb = resident_bytes >> 20, "there is too little memory");
    }

    /// Ends rooms in their order until they cost `enough` together. Returns their number.
    fn end_some(&mut self, rooms: &[Arc<RoomHandle>], cost: impl Fn(Weight) -> u64, enough: u64) -> usize {
        let mut sum = 0;
        let mut ended = 0;
        for room in rooms {
            if sum >= enough {
                break;
            }
            sum += cost(room.entry.weight());
            ended += 1;
            tracing::warn!(room = room.entry.id, "a room ends: its opener's rooms cost too much");
            self.dismiss(room, EndReason::Overload);
        }
        ended
    }

    /// Ends a room from outside its thread, which follows at its next step.
    fn dismiss(&mut self, room: &RoomHandle, reason: EndReason) {
        room.entry.dismiss(reason);
        self.open.remove(&room.entry.id);
        self.note_closed(&room.entry, reason);
    }
}
