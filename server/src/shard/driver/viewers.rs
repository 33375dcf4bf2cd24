//! Viewers: players who watch without a seat.

use std::time::Instant;

use drumline_room::Spectators;

use crate::net::close_reason::CloseReason;
use crate::net::websocket::READ_BUFFER_BYTES;
use crate::rooms::handle::NewSpectator;
use crate::shard::audience::AudienceStream;
use crate::shard::viewer::Viewer;

use super::Driver;

/// The viewers of a room, and the stream that they share while there are any.
#[derive(Debug, Default)]
pub(super) struct Viewers {
    stream: Option<AudienceStream>,
    viewers: Vec<Viewer>,
}

impl Driver {
    /// Gives a viewer their place.
    pub(super) fn add_viewer(&mut self, NewSpectator { connection, place }: NewSpectator, now: Instant) {
        self.audience.viewers.push(Viewer::new(connection, place, self.context.limits, now));
    }

    /// Reads what viewers have sent.
    pub(super) fn receive_from_viewers(&mut self, now: Instant) {
        // Few rooms have viewers: the others need no buffer.
        if self.audience.viewers.is_empty() {
            return;
        }
        let (mut buffer, mut index) = ([0; READ_BUFFER_BYTES], 0);
        let tick = self.room.current_tick();
        while let Some(viewer) = self.audience.viewers.get_mut(index) {
            match viewer.receive(tick, &mut buffer, now) {
                Ok(()) => index += 1,
                // The last viewer moves to this index.
                Err(reason) => self.remove_viewer(index, reason, now),
            }
        }
    }

    /// Takes the newest tick into the stream, and sends each viewer what is due.
    pub(super) fn send_to_viewers(&mut self, now: Instant) {
        if self.audience.viewers.is_empty() {
            if let Some(stream) = self.audience.stream.take() {
                stream.end(&mut self.room);
            }
            return;
        }
        if self.audience.stream.is_none() {
            let delay_seconds = match self.room.spectators_allowed() {
                Spectators::Allowed { delay_seconds } => delay_seconds,
                Spectators::None => 0,
            };
            let tick_rate_hz = self.tick_rate_hz();
            self.audience.stream = AudienceStream::start(&mut self.room, tick_rate_hz, delay_seconds);
        }
        let Viewers { stream: Some(stream), viewers } = &mut self.audience else { return };
        stream.take_tick(&mut self.room, &mut self.frames);
        let due_tick = stream.due_tick(self.room.current_tick());
        let mut lost = Vec::new();
        for (index, viewer) in viewers.iter_mut().enumerate() {
            let sent = viewer.send(stream, due_tick, &mut self.frames, now);
            self.meter.traffic += viewer.take_traffic();
            if let Err(reason) = sent {
                lost.push((index, reason));
            }
        }
        // From the last, so that the others keep their places.
        for (index, reason) in lost.into_iter().rev() {
            self.remove_viewer(index, reason, now);
        }
    }

    fn remove_viewer(&mut self, index: usize, reason: CloseReason, now: Instant) {
        let viewer = self.audience.viewers.swap_remove(index);
        self.context.metrics.count_close(reason);
        let closing = viewer.part(reason, now);
        // There is nobody to send a close frame to over a lost connection.
        if reason != CloseReason::Lost {
            self.closing.push(closing);
        }
    }

    /// Closes the connections of all viewers.
    pub(super) fn close_viewers(&mut self, reason: CloseReason, now: Instant) {
        while !self.audience.viewers.is_empty() {
            self.remove_viewer(0, reason, now);
        }
    }
}
