//! What a game tells at a tick, on its way to those whom it concerns.

use bytes::Bytes;
use drumline_shared::limits::{MAX_MESSAGE_BYTES, MAX_TOLD_BYTES_PER_TICK, MAX_TOLD_PER_TICK};
use drumline_shared::messages::{Event, Outcome, ServerMessage, encode_within, write_control};
use serde::Serialize;

use crate::commands::Request;
use crate::game::PlayerId;

/// Bytes of a message around a game's own value: kind, variant, tick or request, length.
const HEAD_BYTES: usize = 16;

/// Whom a message concerns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum To {
    All,
    Player(PlayerId),
    Team(u16),
    Request(Request),
}

/// The messages of one tick, each serialized once, in their order.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) messages: Vec<(To, Bytes)>,
    bytes: usize,
    pub(crate) dropped: u64,
}

impl Told {
    pub(crate) fn event<T: Serialize>(&mut self, to: To, tick: u32, event: &T) {
        let body = encode_within(event, MAX_MESSAGE_BYTES - HEAD_BYTES);
        self.push(to, body.map(|body| ServerMessage::Event(Event { tick, body })));
    }

    pub(crate) fn reply<T: Serialize>(&mut self, request: Request, reply: &T) {
        if request.wants_reply() {
            let number = request.number;
            let body = encode_within(reply, MAX_MESSAGE_BYTES - HEAD_BYTES);
            let reply = |body| ServerMessage::Reply { request: number, outcome: Outcome::Done(body) };
            self.push(To::Request(request), body.map(reply));
        }
    }

    fn push(&mut self, to: To, message: Option<ServerMessage>) {
        let message = message.map(|message| Bytes::from(write_control(&message)));
        let fits = |message: &Bytes| {
            self.messages.len() < MAX_TOLD_PER_TICK && self.bytes + message.len() <= MAX_TOLD_BYTES_PER_TICK
        };
        match message.filter(fits) {
            Some(message) => {
                self.bytes += message.len();
                self.messages.push((to, message));
            }
            None => self.dropped += 1,
        }
    }

    /// Begins another tick.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        (self.bytes, self.dropped) = (0, 0);
    }
}
