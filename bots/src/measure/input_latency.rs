//! Input latency: the time from sending an input to the first snapshot that acknowledges its consumption.
//!
//! [`InputTracker`] remembers when each input was sent, and for which tick. [`acknowledge`](InputTracker::acknowledge) measures,
//! from a snapshot's acknowledgement, the latency of the consumed input, and counts inputs that met or missed their tick. A
//! server that never acknowledges an input would never show up there, so inputs whose tick has passed without an acknowledgement
//! are counted by [`overdue`](InputTracker::overdue), and the time that the oldest of them has waited is [`waiting`].
//!
//! [`waiting`]: InputTracker::waiting

use std::time::Duration;

use drumline_shared::wire::snapshot::InputAck;
use tokio::time::Instant;

/// An input that the server has not acknowledged yet.
#[derive(Debug, Clone, Copy)]
struct SentInput {
    at: Instant,
    tick: u32,
    lead_ticks: u32,
    /// The time since the previous input; zero for the first.
    gap: Duration,
}

/// The inputs that a bot has sent, numbered from 1, and their outcomes.
#[derive(Debug)]
pub struct InputTracker {
    newest: u32,
    newest_sent_at: Option<Instant>,
    /// The last consumed input that the server has acknowledged.
    acknowledged: u32,
    /// The last input that missed its tick without an acknowledgement.
    overdue: u32,
    /// When the oldest input was sent that is not acknowledged.
    waiting_since: Option<Instant>,
    /// The newest input when the connection was last lost.
    lost: u32,
    /// The last 256 inputs, by the low bits of their numbers: acknowledgements carry no more.
    sent: Box<[Option<SentInput>; 256]>,
}

/// The outcome of inputs, by one acknowledgement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputOutcome {
    /// The latency of the consumed input.
    pub latency: Duration,
    /// The time between the consumed input and the one before it.
    pub gap: Duration,
    /// Inputs that met their tick.
    pub met: u32,
    /// Inputs that missed their tick, except for those that were [overdue](InputTracker::overdue) before.
    pub missed: u32,
}

impl Default for InputTracker {
    fn default() -> Self {
        Self {
            newest: 0,
            newest_sent_at: None,
            acknowledged: 0,
            overdue: 0,
            waiting_since: None,
            lost: 0,
            sent: Box::new([None; 256]),
        }
    }
}

impl InputTracker {
    /// Records that an input for `tick` is sent now, `lead_ticks` ahead of the newest snapshot. Returns its number.
    pub fn send(&mut self, tick: u32, lead_ticks: u32, now: Instant) -> u32 {
        self.newest += 1;
        self.waiting_since.get_or_insert(now);
        let gap = now.duration_since(self.newest_sent_at.replace(now).unwrap_or(now));
        self.sent[self.newest as usize % 256] = Some(SentInput { at: now, tick, lead_ticks, gap });
        self.newest
    }

    /// Number of inputs that are not acknowledged.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.newest - self.acknowledged
    }

    /// How long the oldest input without an acknowledgement has waited, over any number of connections; `None` if all are
    /// acknowledged.
    #[must_use]
    pub fn waiting(&self, now: Instant) -> Option<Duration> {
        Some(now.duration_since(self.waiting_since?))
    }

    /// Number of inputs that turn out to have missed their tick by a snapshot of tick `shown`: those for that tick or earlier
    /// that it does not acknowledge. Call it after [`acknowledge`](Self::acknowledge). Each input counts once, whatever
    /// happens to it later.
    pub fn overdue(&mut self, shown: u32) -> u32 {
        let before = self.overdue.max(self.acknowledged);
        let is_due =
            |number: &u32| self.sent[*number as usize % 256].is_some_and(|input| input.tick <= shown);
        let overdue = (before + 1..=self.newest).take_while(is_due).count() as u32;
        self.overdue = before + overdue;
        overdue
    }

    /// Measures the outcome of inputs from a snapshot of tick `shown` that follows one of tick `shown_before`; `None` if it
    /// acknowledges no other input than that. `learn` receives the lead, in ticks, that each input would have needed to be just
    /// in time.
    ///
    /// The consumed input met its tick if its slack is not negative. Those between it and the one acknowledged before were
    /// passed over, and missed theirs, unless this snapshot covers several ticks and theirs was among them: then their outcome
    /// is unknown, and they are not counted.
    pub fn acknowledge(
        &mut self,
        ack: InputAck,
        shown_before: u32,
        shown: u32,
        now: Instant,
        mut learn: impl FnMut(i64),
    ) -> Option<InputOutcome> {
        let number = self.full_number(ack).filter(|number| *number > self.acknowledged)?;
        let before = std::mem::replace(&mut self.acknowledged, number);
        let next = self.sent[(number + 1) as usize % 256].filter(|_| number < self.newest);
        self.waiting_since = next.map(|next| next.at);
        let consumed = self.sent[number as usize % 256].take()?;
        let slack = i64::from(ack.slack_ticks);
        // The tick that was about to run when it arrived. Inputs that it overtook arrived with it.
        let arrived = i64::from(consumed.tick) - slack;
        let latency = now.duration_since(consumed.at);
        let mut outcome = InputOutcome { latency, gap: consumed.gap, ..InputOutcome::default() };
        for passed in before + 1..number {
            let Some(input) = self.sent[passed as usize % 256].take() else { continue };
            if input.tick > shown_before && input.tick < shown {
                continue;
            }
            outcome.missed += u32::from(passed > self.overdue);
            // Inputs lost with a connection say nothing about the lead.
            if passed > self.lost {
                learn(i64::from(input.lead_ticks) + arrived - i64::from(input.tick));
            }
        }
        if slack >= 0 {
            outcome.met += 1;
        } else if number > self.overdue {
            outcome.missed += 1;
        }
        if number > self.lost {
            learn(i64::from(consumed.lead_ticks) - slack);
        }
        Some(outcome)
    }

    /// The connection was lost, and inputs with it. If the bot provoked that itself, it does not wait for them.
    pub fn connection_lost(&mut self, provoked: bool) {
        self.lost = self.newest;
        self.waiting_since = self.waiting_since.filter(|_| !provoked);
    }

    /// Returns true if a server that sends this acknowledgement has received the inputs acknowledged before.
    #[must_use]
    pub fn matches(&self, ack: Option<InputAck>) -> bool {
        match ack {
            None => self.acknowledged == 0,
            Some(ack) => self.full_number(ack).is_some_and(|number| number >= self.acknowledged),
        }
    }

    /// The newest sent input with the low bits that an acknowledgement carries; `None` if there is none.
    fn full_number(&self, ack: InputAck) -> Option<u32> {
        let back = (self.newest as u8).wrapping_sub(ack.number as u8);
        self.newest.checked_sub(u32::from(back)).filter(|number| *number > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs that are sent two ticks ahead of the newest snapshot.
    struct Bot {
        inputs: InputTracker,
        now: Instant,
    }

    impl Bot {
        fn new() -> Self {
            Self { inputs: InputTracker::default(), now: Instant::now() }
        }

        /// Sends an input after each of these snapshots.
        fn send(&mut self, ticks: std::ops::RangeInclusive<u32>) {
            for tick in ticks {
                self.inputs.send(tick + 2, 2, self.now);
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
            let outcome = self.inputs.acknowledge(ack, before, shown, self.now, |_| {});
            outcome.map(|outcome| (outcome.met, outcome.missed))
        }
    }

    #[test]
    fn the_latency_is_the_time_from_sending_an_input_to_its_acknowledgement() {
        let mut bot = Bot::new();
        bot.send(1..=1);
        bot.now += Duration::from_millis(50);
        bot.send(2..=2);
        bot.now += Duration::from_millis(70);
        let ack = InputAck { number: 2, slack_ticks: 0 };
        let outcome = bot.inputs.acknowledge(ack, 3, 4, bot.now, |_| {}).unwrap();
        assert_eq!(outcome.latency, Duration::from_millis(70));
        assert_eq!(outcome.gap, Duration::from_millis(50));
    }

    #[test]
    fn an_input_that_is_consumed_in_time_has_met_its_tick() {
        let mut bot = Bot::new();
        bot.send(1..=3);
        assert_eq!(bot.acknowledge(1, 1, 2, 3), Some((1, 0)));
        assert_eq!(bot.acknowledge(1, 1, 3, 4), None, "it was acknowledged before");
        assert_eq!(bot.acknowledge(2, 0, 4, 5), Some((1, 0)));
        assert_eq!(bot.acknowledge(3, -1, 5, 6), Some((0, 1)), "late");
    }

    #[test]
    fn an_input_that_is_passed_over_has_missed_its_tick_unless_that_tick_was_not_shown() {
        let mut bot = Bot::new();
        // For ticks 3 to 8.
        bot.send(1..=6);
        assert_eq!(bot.acknowledge(3, -2, 6, 7), Some((0, 3)), "three arrived at once, too late for tick 6");
        assert_eq!(
            bot.acknowledge(6, 0, 6, 9),
            Some((1, 1)),
            "ticks 7 and 8 were not shown; number 4 was too late already"
        );
    }

    #[test]
    fn an_input_that_is_not_acknowledged_when_its_tick_is_shown_has_missed_it_once() {
        let mut bot = Bot::new();
        // For ticks 3 to 8.
        bot.send(1..=6);
        assert_eq!((bot.inputs.overdue(2), bot.inputs.overdue(4), bot.inputs.overdue(4)), (0, 2, 0));
        assert_eq!(bot.acknowledge(1, -2, 4, 5), Some((0, 0)), "late, as is known");
        assert_eq!(bot.inputs.overdue(5), 1, "number 3");
        assert_eq!(bot.acknowledge(5, 0, 6, 7), Some((1, 1)), "number 4 was passed over; 2 and 3 are known");
        assert_eq!((bot.inputs.overdue(7), bot.inputs.overdue(1000)), (0, 1));
    }

    #[test]
    fn inputs_that_are_never_acknowledged_are_waited_for_however_many_they_are() {
        let mut bot = Bot::new();
        let second = Duration::from_secs(1);
        let began = bot.now;
        bot.send(1..=1);
        for tick in 2..=600 {
            bot.now = began + second * tick;
            bot.send(tick..=tick);
            assert_eq!(bot.inputs.overdue(tick), u32::from(tick >= 3));
        }
        bot.inputs.connection_lost(false);
        assert_eq!(bot.inputs.waiting(bot.now), Some(second * 600));
        bot.inputs.connection_lost(true);
        assert_eq!(bot.inputs.waiting(bot.now), None, "the bot provoked that itself");
        bot.send(601..=601);
        assert_eq!(bot.inputs.waiting(bot.now + second), Some(second));
    }

    #[test]
    fn a_server_that_has_not_received_the_inputs_is_detected() {
        let mut bot = Bot::new();
        let ack = |number: u32| Some(InputAck { number: number & 0xff, slack_ticks: 0 });
        assert!(bot.inputs.matches(None), "none was sent");
        bot.send(1..=300);
        assert!(bot.inputs.matches(None), "none was acknowledged");
        bot.acknowledge(290, 0, 291, 292);
        assert!(bot.inputs.matches(ack(290)) && bot.inputs.matches(ack(300)));
        assert!(!bot.inputs.matches(None) && !bot.inputs.matches(ack(289)) && !bot.inputs.matches(ack(301)));
    }
}
