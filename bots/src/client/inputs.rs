//! A bot's inputs: for which tick each is meant, and its message.

use std::time::Duration;

use drumline_shared::layout::InputLayout;
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::wire::snapshot::InputAck;
use tokio::time::Instant;

use crate::client::lead::Lead;
use crate::measure::input_latency::{InputOutcome, InputTracker};

/// The most inputs in flight that acknowledgements can tell apart: they carry the low 8 bits of the numbers.
const MOST_IN_FLIGHT: u32 = 240;

/// A bot's inputs.
#[derive(Debug)]
pub struct Inputs {
    layout: InputLayout,
    /// The counts of presses so far, in the order of the input's fields.
    presses: Vec<u32>,
    message: Vec<u8>,
    lead: Lead,
    /// The tick that the newest input is meant for.
    newest_tick: u32,
    tracker: InputTracker,
}

impl Inputs {
    /// Inputs with this layout and initial lead.
    #[must_use]
    pub fn new(layout: InputLayout, lead: Lead) -> Self {
        let presses = vec![0; layout.presses.len()];
        Self { layout, presses, message: Vec::new(), lead, newest_tick: 0, tracker: InputTracker::default() }
    }

    /// How far ahead of the newest snapshot the next input is meant for.
    #[cfg(test)]
    pub fn lead_ticks(&self) -> u32 {
        self.lead.ticks()
    }

    /// Adds the presses of a new row to those before it: a row on the wire counts them all.
    pub fn count_presses(&mut self, row: &mut [u32]) {
        for (count, &column) in self.presses.iter_mut().zip(&self.layout.presses) {
            *count = count.wrapping_add(row[column]) & self.layout.row.columns[column].max;
            row[column] = *count;
        }
    }

    /// The message of the next input, sent after the snapshot of tick `acked_tick`. `None` if its tick already has an input, as
    /// after the lead has shrunk: then the snapshot has to be acknowledged without one.
    pub fn write_next(&mut self, acked_tick: u32, row: &[u32], now: Instant) -> Option<&[u8]> {
        let tick = acked_tick + self.lead.ticks();
        if tick <= self.newest_tick {
            return None;
        }
        Some(self.write(acked_tick, tick, row, now))
    }

    /// The message of one more input for the tick of the newest one.
    pub fn write_extra(&mut self, acked_tick: u32, row: &[u32], now: Instant) -> &[u8] {
        let tick = self.newest_tick.max(acked_tick + 1);
        self.write(acked_tick, tick, row, now)
    }

    /// Returns true if one more input in flight could still be told apart by its acknowledgement.
    #[must_use]
    pub fn can_tell_one_more(&self) -> bool {
        self.tracker.in_flight() < MOST_IN_FLIGHT
    }

    fn write(&mut self, acked_tick: u32, tick: u32, row: &[u32], now: Instant) -> &[u8] {
        self.newest_tick = tick;
        let number = self.tracker.send(tick, tick - acked_tick, now);
        // Bots show the newest snapshot, without interpolation: their view is of exactly its tick.
        let header = InputHeader { number, acked_tick, tick, view_eighths: 0 };
        write_input(&self.layout, header, row, &mut self.message);
        &self.message
    }

    /// Processes a snapshot's acknowledgement: see [`InputTracker::acknowledge`]. The lead learns from it.
    pub fn acknowledge(
        &mut self,
        ack: InputAck,
        shown_before: u32,
        shown: u32,
        now: Instant,
    ) -> Option<InputOutcome> {
        let Self { tracker, lead, .. } = self;
        tracker.acknowledge(ack, shown_before, shown, now, |need_ticks| lead.learn(need_ticks))
    }

    /// Number of inputs that have newly missed their tick: see [`InputTracker::overdue`].
    pub fn overdue(&mut self, shown: u32) -> u32 {
        self.tracker.overdue(shown)
    }

    /// How long the oldest input without an acknowledgement has waited.
    #[must_use]
    pub fn waiting(&self, now: Instant) -> Option<Duration> {
        self.tracker.waiting(now)
    }

    /// The connection was lost: see [`InputTracker::connection_lost`].
    pub fn connection_lost(&mut self, provoked: bool) {
        self.tracker.connection_lost(provoked);
    }

    /// Returns true if a server that sends this acknowledgement knows the bot's inputs.
    #[must_use]
    pub fn matches(&self, ack: Option<InputAck>) -> bool {
        self.tracker.matches(ack)
    }
}

#[cfg(test)]
pub mod tests {
    use drumline_shared::schema::{Field, FieldKind, InputSchema, Predict};

    use super::*;

    /// The layout of an input of one flag.
    pub fn fire_layout() -> InputLayout {
        let fields = vec![Field::new("fire", FieldKind::Bool, Predict::Last)];
        InputLayout::new(&InputSchema { fields: fields.into(), neutral: vec![0] }).unwrap()
    }

    struct Bot {
        inputs: Inputs,
        now: Instant,
    }

    impl Bot {
        fn new() -> Self {
            let layout = fire_layout();
            Self { inputs: Inputs::new(layout, Lead::new(Duration::ZERO, 30)), now: Instant::now() }
        }

        /// Sends an input after each of these snapshots.
        fn send(&mut self, ticks: std::ops::RangeInclusive<u32>) {
            for tick in ticks {
                self.inputs.write_next(tick, &[1], self.now).unwrap();
            }
        }

        /// The inputs that met their tick and those that missed it, by snapshot `shown` after `before`.
        fn acknowledge(
            &mut self,
            number: u32,
            slack_ticks: i8,
            before: u32,
            shown: u32,
        ) -> Option<(u32, u32)> {
            let ack = InputAck { number: number & 0xff, slack_ticks };
            let outcome = self.inputs.acknowledge(ack, before, shown, self.now);
            outcome.map(|outcome| (outcome.met, outcome.missed))
        }
    }

    #[test]
    fn inputs_lost_with_the_connection_miss_their_ticks_but_do_not_change_the_lead() {
        let mut bot = Bot::new();
        bot.send(1..=40);
        bot.acknowledge(10, 1, 11, 12);
        let lead = bot.inputs.lead_ticks();
        bot.inputs.connection_lost(false);
        bot.send(100..=100);
        // The lost ones were for ticks 13 to 42; the first snapshot afterwards was that of tick 100.
        assert_eq!(bot.acknowledge(41, 1, 101, 102), Some((1, 30)));
        assert_eq!(bot.inputs.lead_ticks(), lead);
    }

    #[test]
    fn a_tick_that_has_an_input_gets_no_second_one() {
        let mut bot = Bot::new();
        bot.send(1..=1);
        assert!(bot.inputs.write_next(1, &[1], bot.now).is_none());
        assert!(bot.inputs.write_next(2, &[1], bot.now).is_some());
    }

    #[test]
    fn extra_inputs_for_a_tick_are_limited_to_those_that_can_be_told_apart() {
        let mut bot = Bot::new();
        bot.send(1..=1);
        assert_eq!(bot.inputs.waiting(bot.now + Duration::from_secs(1)), Some(Duration::from_secs(1)));
        let mut extra = 0;
        while bot.inputs.can_tell_one_more() {
            bot.inputs.write_extra(1, &[1], bot.now);
            extra += 1;
        }
        assert_eq!(extra, MOST_IN_FLIGHT - 1);
        bot.inputs.write_extra(1, &[1], bot.now);
        assert_eq!(bot.acknowledge(241, 0, 3, 4).map(|(met, _)| met), Some(1));
        assert!(bot.inputs.write_next(2, &[1], bot.now).is_some(), "the next tick has none yet");
        assert_eq!(bot.inputs.waiting(bot.now), Some(Duration::ZERO));
    }
}
