//! The lead: how far ahead of its newest snapshot a bot's inputs are meant for.
//!
//! Every acknowledged input shows which lead it would have *needed* to be just in time: its own lead, less its slack.
//! Too short a lead makes inputs miss their ticks; too long a lead makes them wait for nothing. So the lead is the
//! smallest one that would have been enough for nearly all of the last inputs, plus one tick. It begins with the
//! handshake's round trip.
//!
//! One input in twenty may have needed more: a lead long enough for what a stall delays would make all other inputs
//! wait ten ticks. With a delay of 100 ± 30 ms each way, at 30 Hz, the lead is nine ticks, and of 28,700 inputs 15
//! miss their ticks, all of them among the first.

use std::time::Duration;

/// Number of inputs that are remembered: about four seconds.
const WINDOW: usize = 128;
/// How many of these may have needed a longer lead: one in twenty.
const LATE_ALLOWED: u32 = WINDOW as u32 / 20;
/// An extra tick for the next hiccup.
const MARGIN_TICKS: u32 = 1;
/// The longest initial lead, without the margin: a handshake may also take long because either side was busy.
const MOST_FIRST_TICKS: u32 = 16;
/// The longest lead. A room refuses inputs for later ticks as mistaken.
const MAX_TICKS: u32 = 32;

/// A bot's lead, learned from its inputs.
#[derive(Debug)]
pub struct Lead {
    /// The leads that the last inputs needed, in ticks; the oldest is at `next`.
    needs: [u8; WINDOW],
    next: usize,
    noted: usize,
    /// How many of them needed each lead.
    counts: [u8; MAX_TICKS as usize + 1],
    ticks: u32,
}

impl Lead {
    /// The initial lead, for a connection with this round trip.
    #[must_use]
    pub fn new(round_trip: Duration, tick_rate_hz: u32) -> Self {
        let need = (round_trip.as_secs_f64() * f64::from(tick_rate_hz)).ceil() as u32;
        Self {
            needs: [0; WINDOW],
            next: 0,
            noted: 0,
            counts: [0; MAX_TICKS as usize + 1],
            ticks: need.clamp(1, MOST_FIRST_TICKS) + MARGIN_TICKS,
        }
    }

    /// The number of ticks from the newest snapshot to the tick of the next input.
    #[must_use]
    pub fn ticks(&self) -> u32 {
        self.ticks
    }

    /// Learns which lead an input needed.
    pub fn learn(&mut self, need_ticks: i64) {
        let need = need_ticks.clamp(1, i64::from(MAX_TICKS)) as u8;
        if self.noted == WINDOW {
            self.counts[usize::from(self.needs[self.next])] -= 1;
        } else {
            self.noted += 1;
        }
        self.counts[usize::from(need)] += 1;
        self.needs[self.next] = need;
        self.next = (self.next + 1) % WINDOW;
        // While there are few inputs, proportionally fewer may be late.
        let allowed = LATE_ALLOWED * self.noted as u32 / WINDOW as u32;
        let enough = self.enough(allowed) + MARGIN_TICKS;
        if enough > self.ticks {
            self.ticks = enough.min(MAX_TICKS);
        } else if enough < self.ticks {
            // It shrinks only if it will not soon have to grow again.
            self.ticks = self.ticks.min(self.enough(allowed / 2) + MARGIN_TICKS);
        }
    }

    /// The smallest lead with which at most `late_allowed` of the last inputs would have been late.
    fn enough(&self, late_allowed: u32) -> u32 {
        let mut late = 0;
        let mut ticks = MAX_TICKS;
        while ticks > 1 {
            late += u32::from(self.counts[ticks as usize]);
            if late > late_allowed {
                break;
            }
            ticks -= 1;
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use drumline_room::intake::input_buffer::InputBuffer;
    use drumline_shared::wire::input::read_input;
    use drumline_shared::wire::snapshot::InputAck;
    use tokio::time::Instant;

    use super::*;
    use crate::client::inputs::Inputs;
    use crate::client::inputs::tests::fire_layout;
    use crate::net::link::Link;
    use crate::net::profile::NetProfile;

    #[test]
    fn the_lead_is_enough_for_nearly_all_inputs_plus_a_tick() {
        let mut lead = Lead::new(Duration::ZERO, 30);
        for index in 0..WINDOW as i64 * 2 {
            lead.learn(if index % 50 == 0 { 9 } else { 3 });
        }
        assert_eq!(lead.ticks(), 4, "one in fifty is rare");
        for index in 0..WINDOW as i64 {
            lead.learn(if index % 10 == 0 { 9 } else { 3 });
        }
        assert_eq!(lead.ticks(), 10, "one in ten is not");
        for _ in 0..WINDOW {
            lead.learn(1);
        }
        assert_eq!(lead.ticks(), 2, "it shrinks again");
        for _ in 0..WINDOW {
            lead.learn(1000);
        }
        assert_eq!(lead.ticks(), MAX_TICKS);
    }

    #[test]
    fn the_lead_does_not_swing_when_late_inputs_are_about_as_rare_as_allowed() {
        let mut lead = Lead::new(Duration::ZERO, 30);
        let mut changes = 0;
        for index in 0..WINDOW as i64 * 40 {
            let before = lead.ticks();
            lead.learn(if index % 20 == 0 { 5 } else { 3 });
            changes += u32::from(lead.ticks() != before && index > 100);
        }
        assert!(changes <= 1, "{changes} changes");
    }

    /// The outcome of a bot's inputs on a network.
    #[derive(Debug, Default)]
    struct Outcome {
        met: u32,
        missed: u32,
        /// Ticks from a snapshot to the tick that its input is meant for, added up over all inputs.
        lead_ticks: u32,
        inputs: u32,
    }

    impl Outcome {
        fn missed_percent(&self) -> f64 {
            f64::from(self.missed) * 100.0 / f64::from(self.met + self.missed)
        }

        fn mean_lead_ticks(&self) -> f64 {
            f64::from(self.lead_ticks) / f64::from(self.inputs)
        }
    }

    /// The next item that has arrived by now.
    fn due<T>(queue: &mut VecDeque<(Duration, T)>, now: Duration) -> Option<(Duration, T)> {
        queue.front().is_some_and(|(at, _)| *at <= now).then(|| queue.pop_front())?
    }

    /// Plays two minutes of ticks at 30 Hz.
    fn play(words: &str, seed: u64) -> Outcome {
        let profile: NetProfile = words.parse().unwrap();
        let (mut up, mut down) = (Link::new(&profile, seed), Link::new(&profile, seed + 1000));
        let (period, began) = (Duration::from_secs(1) / 30, Instant::now());
        let round_trip = up.arrival(Duration::ZERO, 40);
        let round_trip = down.arrival(round_trip, 40);
        let layout = fire_layout;
        let (mut bot, mut buffer) = (
            Inputs::new(layout(), Lead::new(round_trip, 30)),
            InputBuffer::new(layout().into(), drumline_shared::limits::TickLimits::LEAST),
        );
        let mut to_bot: VecDeque<(Duration, (u32, Option<InputAck>))> = VecDeque::new();
        let mut to_server: VecDeque<(Duration, Vec<u8>)> = VecDeque::new();
        let mut outcome = Outcome::default();
        for tick in 1..30 * 120 {
            let now = period * tick;
            while let Some((at, (shown, ack))) = due(&mut to_bot, now) {
                let acknowledged = ack.and_then(|ack| bot.acknowledge(ack, shown - 1, shown, began + at));
                if let Some(inputs) = acknowledged {
                    outcome.met += inputs.met;
                    outcome.missed += inputs.missed;
                }
                outcome.lead_ticks += bot.lead_ticks();
                outcome.inputs += 1;
                if let Some(message) = bot.write_next(shown, &[1], began + at) {
                    to_server.push_back((up.arrival(at, message.len()), message.to_vec()));
                }
            }
            while let Some((_, message)) = due(&mut to_server, now) {
                let header =
                    read_input(&layout(), &message, buffer.last_number(), tick - 1, &mut [0]).unwrap();
                buffer.receive(header, &[1], tick);
            }
            buffer.consume(tick);
            to_bot.push_back((down.arrival(now, 60), (tick, buffer.ack())));
        }
        outcome
    }

    #[test]
    fn inputs_on_a_jittery_path_rarely_miss_their_ticks() {
        for seed in 0..8 {
            // The round trip takes 140 to 260 ms, and a tick 33 ms: no input needs a lead of more than 8.
            let outcome = play("delay=100ms,jitter=30ms", seed);
            assert!(outcome.missed_percent() < 0.2, "{outcome:?}");
            assert!((8.0..=9.1).contains(&outcome.mean_lead_ticks()), "{outcome:?}");
            let outcome = play("delay=30ms,jitter=60ms", seed);
            assert!(outcome.missed_percent() < 0.2, "{outcome:?}");
            assert!(outcome.mean_lead_ticks() <= 6.0, "{outcome:?}");
            // A stall of 300 ms makes the inputs sent during it late; waiting for them would cost more.
            let outcome = play("delay=60ms,jitter=20ms,stall=1%:300ms", seed);
            assert!(outcome.missed_percent() < 3.0 && outcome.mean_lead_ticks() <= 7.5, "{outcome:?}");
        }
    }

    #[test]
    fn on_a_perfect_network_an_input_has_a_tick_to_spare() {
        let outcome = play("", 1);
        assert!(outcome.missed == 0 && outcome.mean_lead_ticks() == 2.0, "{outcome:?}");
    }
}
