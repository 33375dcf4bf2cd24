//! A connection without IO: messages arrive later, in order.

use std::collections::VecDeque;

use drumline_room::{ChatRules, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::Replicate;
use drumline_shared::layout::InputLayout;
use drumline_shared::wire::input::{InputHeader, write_input};

/// Ticks a second of all rooms here.
pub const TICK_RATE_HZ: u32 = 30;

/// The configuration of a room.
pub fn config(seed: u64) -> RoomConfig {
    RoomConfig {
        max_players: 8,
        tick_rate_hz: TICK_RATE_HZ,
        setup: Setup::new(seed),
        budget_bytes: 1 << 20,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    }
}

/// One direction of a connection; times are in ticks.
#[derive(Debug, Default)]
pub struct Link {
    in_flight: VecDeque<(f64, Vec<u8>)>,
}

impl Link {
    /// Sends a message that arrives at a time, but not before those sent earlier.
    pub fn send(&mut self, arrival: f64, message: Vec<u8>) {
        let last = self.in_flight.back().map_or(0.0, |(arrival, _)| *arrival);
        self.in_flight.push_back((arrival.max(last), message));
    }

    /// Takes the next message that has arrived by a time, with its arrival.
    pub fn next(&mut self, now: f64) -> Option<(f64, Vec<u8>)> {
        self.in_flight.front().filter(|(arrival, _)| *arrival <= now)?;
        self.in_flight.pop_front()
    }

    /// Delivers to a room all inputs that have arrived by a time.
    pub fn deliver_inputs(&mut self, now: f64, room: &mut Room, player: PlayerId) {
        while let Some((_, message)) = self.next(now) {
            room.handle_input(player, &message).unwrap();
        }
    }
}

/// Encodes an input message.
pub fn input<T: Replicate + Default>(header: InputHeader, value: &T) -> Vec<u8> {
    let layout = InputLayout::of::<T>();
    let mut row = vec![0; layout.neutral.len()];
    value.quantize(&mut row);
    let mut message = Vec::new();
    write_input(&layout, header, &row, &mut message);
    message
}
