//! A room's registration, held by its driver. However the driver ends, the room leaves the registry with it.

use std::sync::Arc;

use drumline_room::EndReason;

use crate::measure::metrics::GameMetrics;

use super::entry::RoomEntry;
use super::entry::events::{Events, RoomEvent, RoomLabel};
use super::entry::state::RoomState;
use super::handle::RoomHandle;
use super::registry::RoomRegistry;

/// A room's registration.
#[derive(Debug)]
pub struct Registration {
    registry: Arc<RoomRegistry>,
    room: Arc<RoomHandle>,
    metrics: Arc<GameMetrics>,
    events: Events,
}

/// The outcome of [`Registration::retire`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The room has ended.
    Removed,
    /// A seat is taken; the room stays.
    InUse,
}

impl Registration {
    /// The registration of a room that is in the registry, or is about to be. `metrics` are those of its game.
    #[must_use]
    pub fn new(
        registry: Arc<RoomRegistry>,
        room: Arc<RoomHandle>,
        metrics: Arc<GameMetrics>,
        events: Events,
    ) -> Self {
        Self { registry, room, metrics, events }
    }

    /// The room's handle.
    #[must_use]
    pub fn room(&self) -> &Arc<RoomHandle> {
        &self.room
    }

    /// The room's entry.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        &self.room.entry
    }

    /// The metrics of the room's game.
    #[must_use]
    pub fn metrics(&self) -> &Arc<GameMetrics> {
        &self.metrics
    }

    /// Counts and logs a panic of the game.
    pub fn report_panic(&self, message: &str) {
        self.metrics.panics.inc();
        tracing::error!(
            room = self.entry().id,
            game = self.entry().game,
            panic = message,
            "the game panicked"
        );
    }

    /// Ends the room if no seat is taken. A client may just have reserved one.
    #[must_use]
    pub fn retire(&self) -> Removal {
        if !self.entry().seats.close() {
            return Removal::InUse;
        }
        self.end(EndReason::Empty);
        Removal::Removed
    }

    /// Takes the room out of the registry because it ends, even if seats are taken.
    pub fn end(&self, reason: EndReason) {
        if self.entry().ended.set(reason).is_ok() {
            self.metrics.rooms_closed.count(reason.name());
            tracing::info!(room = self.entry().id, reason = reason.name(), "room ends");
            self.events.put(|| RoomEvent::RoomEnded { room: RoomLabel::of(self.entry()), reason });
        }
        self.entry().set_state(RoomState::Closed);
        self.registry.note_end();
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // A driver ends its room before it is dropped. A room that was never opened has no driver yet.
        let reason = EndReason::ServerStopping;
        if self.entry().ended.set(reason).is_ok() {
            self.events.put(|| RoomEvent::RoomEnded { room: RoomLabel::of(self.entry()), reason });
        }
        self.entry().set_state(RoomState::Closed);
        self.registry.note_end();
        tracing::info!(room = self.entry().id, "room closed");
    }
}
