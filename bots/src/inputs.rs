//! The inputs that a bot has sent, and what became of them.

use std::time::Duration;

use drumline_shared::layout::RowLayout;
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::wire::snapshot::InputAck;
use tokio::time::Instant;

use crate::lead::Lead;

/// Inputs that may be under way: the server tells of them by the low 8 bits of their numbers.
const MOST_UNDER_WAY: u32 = 240;

/// An input that the server has not told of yet.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at: Instant,
    tick: u32,
    lead_ticks: u32,
    /// How long after the one before it; zero of the first.
    gap: Duration,
}

/// A bot's inputs.
#[derive(Debug)]
pub struct Inputs {
    layout: RowLayout,
    message: Vec<u8>,
    lead: Lead,
    /// The newest one's number and tick.
    newest: u32,
    newest_tick: u32,
    sent_last: Option<Instant>,
    /// The number of the last consumed one that the server has told of.
    told: u32,
    /// The number of the last one that was found to have missed its tick though the server had told of none so new.
    overdue: u32,
    /// Since when one has been under way that the server has not told of.
    waiting_since: Option<Instant>,
    /// The newest one's number when the connection was last lost.
    lost: u32,
    /// The last 256, by the low bits of their numbers.
    sent: Box<[Option<Sent>; 256]>,
}

/// What a snapshot told of inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// From the sending of the last consumed input until now.
    pub latency: Duration,
    /// For how long none had been sent before it.
    pub gap: Duration,
    /// Inputs that met their tick.
    pub met: u32,
    /// Inputs that missed it, but for those that were [overdue](Inputs::overdue) before.
    pub missed: u32,
}

impl Inputs {
    /// None yet.
    #[must_use]
    pub fn new(layout: RowLayout, lead: Lead) -> Self {
        Self {
            layout,
            message: Vec::new(),
            lead,
            newest: 0,
            newest_tick: 0,
            sent_last: None,
            told: 0,
            overdue: 0,
            waiting_since: None,
            lost: 0,
            sent: Box::new([None; 256]),
        }
    }

    /// How far ahead of the newest snapshot they are meant for now.
    #[cfg(test)]
    pub fn lead_ticks(&self) -> u32 {
        self.lead.ticks()
    }

    /// The message of the next input, sent after the snapshot of a tick; none if its tick already has one, as after the
    /// lead has shrunk: then the snapshot is to be acknowledged without one.
    pub fn write(&mut self, acked_tick: u32, row: &[u32], now: Instant) -> Option<&[u8]> {
        let tick = acked_tick + self.lead.ticks();
        if tick <= self.newest_tick {
            return None;
        }
        Some(self.put(acked_tick, tick, row, now))
    }

    /// The message of another input for the tick of the last one; none if so many are under way that the server's word on them
    /// could not be told apart, unless that does not matter.
    pub fn write_again(
        &mut self,
        acked_tick: u32,
        row: &[u32],
        now: Instant,
        however_many: bool,
    ) -> Option<&[u8]> {
        if self.newest - self.told >= MOST_UNDER_WAY && !however_many {
            return None;
        }
        let tick = self.newest_tick.max(acked_tick + 1);
        Some(self.put(acked_tick, tick, row, now))
    }

    fn put(&mut self, acked_tick: u32, tick: u32, row: &[u32], now: Instant) -> &[u8] {
        self.newest += 1;
        self.newest_tick = tick;
        self.waiting_since.get_or_insert(now);
        let lead_ticks = tick - acked_tick;
        let gap = now.duration_since(self.sent_last.replace(now).unwrap_or(now));
        self.sent[self.newest as usize % 256] = Some(Sent { at: now, tick, lead_ticks, gap });
        let header = InputHeader { number: self.newest, acked_tick, tick, view_eighths: 0 };
        write_input(&self.layout, header, row, &mut self.message);
        &self.message
    }

    /// For how long the oldest input that the server has not told of has been under way, over however many connections.
    #[must_use]
    pub fn waiting(&self, now: Instant) -> Option<Duration> {
        Some(now.duration_since(self.waiting_since?))
    }

    /// How many inputs are found to have missed their ticks by a snapshot of tick `shown`, after it was [heard](Self::hear):
    /// those meant for that tick, or before it, of which it does not tell. Each counts once, whatever becomes of it.
    pub fn overdue(&mut self, shown: u32) -> u32 {
        let before = self.overdue.max(self.told);
        let is_due =
            |number: &u32| self.sent[*number as usize % 256].is_some_and(|input| input.tick <= shown);
        let overdue = (before + 1..=self.newest).take_while(is_due).count() as u32;
        self.overdue = before + overdue;
        overdue
    }

    /// Learns from a snapshot of tick `shown` that follows one of tick `shown_before`; none if it tells of no other input
    /// than that.
    ///
    /// The input that was consumed last met its tick if its slack is not negative. Those between it and the one told of
    /// before have been passed over: they missed theirs, unless this snapshot stands for several ticks and theirs was among
    /// them; then nobody knows, and they are not counted.
    pub fn hear(&mut self, ack: InputAck, shown_before: u32, shown: u32, now: Instant) -> Option<Told> {
        let number = self.whole(ack).filter(|number| *number > self.told)?;
        let before = std::mem::replace(&mut self.told, number);
        let next = self.sent[(number + 1) as usize % 256].filter(|_| number < self.newest);
        self.waiting_since = next.map(|next| next.at);
        let consumed = self.sent[number as usize % 256].take()?;
        let slack = i64::from(ack.slack_ticks);
        // The tick that was about to run when it arrived; those that it overtook arrived then too.
        let arrived = i64::from(consumed.tick) - slack;
        let latency = now.duration_since(consumed.at);
        let mut told = Told { latency, gap: consumed.gap, ..Told::default() };
        for passed in before + 1..number {
            let Some(input) = self.sent[passed as usize % 256].take() else { continue };
            if input.tick > shown_before && input.tick < shown {
                continue;
            }
            told.missed += u32::from(passed > self.overdue);
            if passed > self.lost {
                self.lead.note(i64::from(input.lead_ticks) + arrived - i64::from(input.tick));
            }
        }
        if slack >= 0 {
            told.met += 1;
        } else if number > self.overdue {
            told.missed += 1;
        }
        if number > self.lost {
            self.lead.note(i64::from(consumed.lead_ticks) - slack);
        }
        Some(told)
    }

    /// The connection is lost, and inputs with it: their fate says nothing of the lead. Who brought that about does not wait for
    /// them.
    pub fn lose(&mut self, provoked: bool) {
        self.lost = self.newest;
        self.waiting_since = self.waiting_since.filter(|_| !provoked);
    }

    /// Whether a server that says this of the inputs is one that has had them.
    #[must_use]
    pub fn are_known(&self, ack: Option<InputAck>) -> bool {
        match ack {
            None => self.told == 0,
            Some(ack) => self.whole(ack).is_some_and(|number| number >= self.told),
        }
    }

    /// The number of which a snapshot gives the low bits: the newest possible. None if no such input has been sent.
    fn whole(&self, ack: InputAck) -> Option<u32> {
        let back = (self.newest as u8).wrapping_sub(ack.number as u8);
        self.newest.checked_sub(u32::from(back)).filter(|number| *number > 0)
    }
}

#[cfg(test)]
mod tests {
    use drumline_shared::schema::{Field, FieldKind, Predict};

    use super::*;

    struct Bot {
        inputs: Inputs,
        now: Instant,
    }

    impl Bot {
        fn new() -> Self {
            let layout = RowLayout::new(&[Field::new("fire", FieldKind::Bool, Predict::Last)]).unwrap();
            Self { inputs: Inputs::new(layout, Lead::new(Duration::ZERO, 30)), now: Instant::now() }
        }

        /// Sends an input after each of these snapshots.
        fn send(&mut self, ticks: std::ops::RangeInclusive<u32>) {
            for tick in ticks {
                self.inputs.write(tick, &[1], self.now).unwrap();
            }
        }

        /// The inputs that met their ticks and those that missed them, as snapshot `shown` tells after `before`.
        fn hear(&mut self, number: u32, slack_ticks: i8, before: u32, shown: u32) -> Option<(u32, u32)> {
            let told =
                self.inputs.hear(InputAck { number: number & 0xff, slack_ticks }, before, shown, self.now);
            told.map(|told| (told.met, told.missed))
        }
    }

    #[test]
    fn what_is_consumed_in_time_has_met_its_tick() {
        let mut bot = Bot::new();
        bot.send(1..=3);
        assert_eq!(bot.hear(1, 1, 2, 3), Some((1, 0)));
        assert_eq!(bot.hear(1, 1, 3, 4), None, "that is no news");
        assert_eq!(bot.hear(2, 0, 4, 5), Some((1, 0)));
        assert_eq!(bot.hear(3, -1, 5, 6), Some((0, 1)), "late");
    }

    #[test]
    fn what_is_passed_over_has_missed_its_tick_unless_nobody_knows() {
        let mut bot = Bot::new();
        // Meant for ticks 3 to 8.
        bot.send(1..=6);
        assert_eq!(bot.hear(3, -2, 6, 7), Some((0, 3)), "three came at once, too late for tick 6");
        assert_eq!(
            bot.hear(6, 0, 6, 9),
            Some((1, 1)),
            "ticks 7 and 8 were not shown; number 4 was too late already"
        );
    }

    #[test]
    fn what_is_lost_with_the_connection_misses_its_tick_but_teaches_nothing() {
        let mut bot = Bot::new();
        bot.send(1..=40);
        bot.hear(10, 1, 11, 12);
        let lead = bot.inputs.lead_ticks();
        bot.inputs.lose(false);
        bot.send(100..=100);
        // The lost ones were meant for ticks 13 to 42; the first snapshot afterwards was that of tick 100.
        assert_eq!(bot.hear(41, 1, 101, 102), Some((1, 30)));
        assert_eq!(bot.inputs.lead_ticks(), lead);
    }

    #[test]
    fn what_is_not_told_of_when_its_tick_is_shown_has_missed_it_once() {
        let mut bot = Bot::new();
        // Meant for ticks 3 to 8.
        bot.send(1..=6);
        assert_eq!((bot.inputs.overdue(2), bot.inputs.overdue(4), bot.inputs.overdue(4)), (0, 2, 0));
        assert_eq!(bot.hear(1, -2, 4, 5), Some((0, 0)), "late, as is known");
        assert_eq!(bot.inputs.overdue(5), 1, "number 3");
        assert_eq!(bot.hear(5, 0, 6, 7), Some((1, 1)), "number 4 was passed over; 2 and 3 are known");
        assert_eq!((bot.inputs.overdue(7), bot.inputs.overdue(1000)), (0, 1));
    }

    #[test]
    fn inputs_that_are_never_told_of_are_waited_for_however_many_they_are() {
        let mut bot = Bot::new();
        let second = Duration::from_secs(1);
        let began = bot.now;
        bot.send(1..=1);
        for tick in 2..=600 {
            bot.now = began + second * tick;
            bot.send(tick..=tick);
            assert_eq!(bot.inputs.overdue(tick), u32::from(tick >= 3));
        }
        bot.inputs.lose(false);
        assert_eq!(bot.inputs.waiting(bot.now), Some(second * 600));
        bot.inputs.lose(true);
        assert_eq!(bot.inputs.waiting(bot.now), None, "that was its own doing");
        bot.send(601..=601);
        assert_eq!(bot.inputs.waiting(bot.now + second), Some(second));
    }

    #[test]
    fn a_tick_that_has_an_input_gets_no_second_one() {
        let mut bot = Bot::new();
        bot.send(1..=1);
        assert!(bot.inputs.write(1, &[1], bot.now).is_none());
        assert!(bot.inputs.write(2, &[1], bot.now).is_some());
    }

    #[test]
    fn more_inputs_for_a_tick_are_no_more_than_can_be_told_apart() {
        let mut bot = Bot::new();
        bot.send(1..=1);
        assert_eq!(bot.inputs.waiting(bot.now + Duration::from_secs(1)), Some(Duration::from_secs(1)));
        let mut more = 0;
        while bot.inputs.write_again(1, &[1], bot.now, false).is_some() {
            more += 1;
        }
        assert_eq!(more, MOST_UNDER_WAY - 1);
        assert!(bot.inputs.write_again(1, &[1], bot.now, true).is_some());
        assert_eq!(bot.hear(241, 0, 3, 4).map(|(met, _)| met), Some(1));
        assert!(bot.inputs.write(2, &[1], bot.now).is_some(), "the next tick has none yet");
        assert_eq!(bot.inputs.waiting(bot.now), Some(Duration::ZERO));
    }

    #[test]
    fn a_server_that_has_never_had_the_inputs_is_found_out() {
        let mut bot = Bot::new();
        let ack = |number: u32| Some(InputAck { number: number & 0xff, slack_ticks: 0 });
        assert!(bot.inputs.are_known(None), "none was sent");
        bot.send(1..=300);
        assert!(bot.inputs.are_known(None), "none was told of");
        bot.hear(290, 0, 291, 292);
        assert!(bot.inputs.are_known(ack(290)) && bot.inputs.are_known(ack(300)));
        assert!(
            !bot.inputs.are_known(None) && !bot.inputs.are_known(ack(289)) && !bot.inputs.are_known(ack(301))
        );
    }
}
