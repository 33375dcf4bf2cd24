//! One direction of a simulated network, as a pure function: the times and sizes of messages in, their times of
//! arrival out.
//!
//! A message first waits until those before it have left the sender ([bandwidth](NetProfile::bandwidth_bits_per_s)).
//! It then travels for its own time ([delay](NetProfile::delay) and [jitter](NetProfile::jitter)), and never
//! overtakes the one sent before it, as over TCP. A message that would arrive during a [stall](NetProfile::stall)
//! arrives at its end.
//!
//! All times count from one common moment. The same seed and the same times of sending give the same times of
//! arrival, and stalls do not depend on what is sent. Being a function, the network can be tested in microseconds:
//! `client/lead.rs` plays two minutes over it in milliseconds.

use std::time::Duration;

use drumline_room::{Rng, RngExt, SeedableRng};

use crate::net::profile::{NetProfile, Stall};

/// How a cut looks to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutKind {
    /// The connection ends in order.
    End,
    /// The connection is reset.
    Reset,
}

/// Separates the seed of a link's stalls from that of its jitter.
const STALLS: u64 = 0x9c61_5374_616c_6c73;

/// One direction of a path. It outlives connections: a client that reconnects during a stall has to wait for its end.
#[derive(Debug)]
pub struct Link {
    delay: Duration,
    jitter: Duration,
    bandwidth_bits_per_s: Option<f64>,
    rng: Rng,
    stalls: Option<Stalls>,
    /// When the last message has left the sender.
    left: Duration,
    /// When the last message arrives.
    arrived: Duration,
}

impl Link {
    /// A link with a profile's properties.
    #[must_use]
    pub fn new(profile: &NetProfile, seed: u64) -> Self {
        Self {
            delay: profile.delay,
            jitter: profile.jitter,
            bandwidth_bits_per_s: profile.bandwidth_bits_per_s,
            rng: Rng::seed_from_u64(seed),
            stalls: profile.stall.map(|stall| Stalls::new(stall, seed ^ STALLS)),
            left: Duration::ZERO,
            arrived: Duration::ZERO,
        }
    }

    /// The time of arrival of a message of `bytes` bytes, sent at `sent`. Messages leave in the order of the calls.
    pub fn arrival(&mut self, sent: Duration, bytes: usize) -> Duration {
        let leaving = self
            .bandwidth_bits_per_s
            .map_or(Duration::ZERO, |bits_per_s| Duration::from_secs_f64(bytes as f64 * 8.0 / bits_per_s));
        self.left = self.left.max(sent) + leaving;
        // The delay lies between `delay - jitter` and `delay + jitter`, and is never negative.
        let slower_by = Duration::from_nanos(self.rng.random_range(0..=2 * self.jitter.as_nanos() as u64));
        let under_way = (self.delay + slower_by).saturating_sub(self.jitter);
        self.arrived = self.arrived.max(self.left + under_way);
        if let Some(stalls) = &mut self.stalls {
            self.arrived = stalls.end(self.arrived);
        }
        self.arrived
    }
}

/// When a path stalls.
#[derive(Debug)]
struct Stalls {
    rng: Rng,
    length: Duration,
    mean_gap: Duration,
    /// The first stall that is not over yet.
    begins: Duration,
}

impl Stalls {
    fn new(stall: Stall, seed: u64) -> Self {
        // With gaps of this mean, stalls take up their share of all time.
        let mean_gap = stall.length.mul_f64((1.0 - stall.share) / stall.share);
        let mut rng = Rng::seed_from_u64(seed);
        let begins = exponential(&mut rng, mean_gap);
        Self { rng, length: stall.length, mean_gap, begins }
    }

    /// The time at which a message that reaches the path at `at` gets through. Calls must not go back in time.
    fn end(&mut self, at: Duration) -> Duration {
        while self.begins + self.length <= at {
            self.begins += self.length + exponential(&mut self.rng, self.mean_gap);
        }
        if at < self.begins { at } else { self.begins + self.length }
    }
}

/// The times at which a connection is cut, over and over.
#[derive(Debug)]
pub struct Cuts {
    rng: Rng,
    mean_gap: Option<Duration>,
    at: Duration,
}

impl Cuts {
    /// Cuts at the profile's average rate.
    #[must_use]
    pub fn new(profile: &NetProfile, seed: u64) -> Self {
        let mean_gap = (profile.cuts_per_s > 0.0).then(|| Duration::from_secs(1).div_f64(profile.cuts_per_s));
        Self { rng: Rng::seed_from_u64(seed), mean_gap, at: Duration::ZERO }
    }

    /// The first cut after `now`; `None` if the profile has no cuts. Calls must not go back in time.
    pub fn next(&mut self, now: Duration) -> Option<Duration> {
        let mean_gap = self.mean_gap?;
        while self.at <= now {
            self.at += exponential(&mut self.rng, mean_gap);
        }
        Some(self.at)
    }

    /// Draws how the server sees a cut: half of them are resets.
    pub fn kind(&mut self) -> CutKind {
        if self.rng.random_bool(0.5) { CutKind::Reset } else { CutKind::End }
    }
}

/// A random time with this mean, exponentially distributed, as between independent events; at least a microsecond, so
/// that time moves on.
fn exponential(rng: &mut Rng, mean: Duration) -> Duration {
    let uniform: f64 = rng.random_range(0.0..1.0);
    mean.mul_f64(-(1.0 - uniform).ln()).max(Duration::from_micros(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    fn link(text: &str, seed: u64) -> Link {
        Link::new(&text.parse().unwrap(), seed)
    }

    proptest! {
        #[test]
        fn messages_arrive_in_order_and_the_same_seed_gives_the_same_times(
            messages in prop::collection::vec((0u64..50_000, 1usize..2000), 1..100),
            seed in any::<u64>(), delay in 0u32..100, jitter in 0u32..100,
        ) {
            let text = format!("delay={delay}ms,jitter={jitter}ms,stall=10%:50ms,bandwidth=1mbit");
            let (mut first, mut second) = (link(&text, seed), link(&text, seed));
            let (mut sent, mut last) = (Duration::ZERO, Duration::ZERO);
            for (gap_us, bytes) in messages {
                sent += Duration::from_micros(gap_us);
                let arrival = first.arrival(sent, bytes);
                prop_assert!(arrival >= last && arrival >= sent + MS * delay.saturating_sub(jitter));
                prop_assert_eq!(second.arrival(sent, bytes), arrival);
                last = arrival;
            }
        }

        #[test]
        fn far_apart_messages_are_under_way_for_delay_and_jitter(
            seed in any::<u64>(), delay in 0u32..100, jitter in 0u32..100,
        ) {
            let mut link = link(&format!("delay={delay}ms,jitter={jitter}ms"), seed);
            let mut shortest_and_longest = (Duration::MAX, Duration::ZERO);
            for index in 0..200 {
                let sent = Duration::from_secs(index);
                let under_way = link.arrival(sent, 100).saturating_sub(sent);
                prop_assert!(under_way >= MS * delay.saturating_sub(jitter) && under_way <= MS * (delay + jitter));
                let (shortest, longest) = shortest_and_longest;
                shortest_and_longest = (under_way.min(shortest), under_way.max(longest));
            }
            let (shortest, longest) = shortest_and_longest;
            let spread = MS * (delay + jitter - delay.saturating_sub(jitter));
            let seen = longest.saturating_sub(shortest);
            prop_assert!(seen >= spread.mul_f64(0.9), "{seen:?} of {spread:?}");
        }
    }

    #[test]
    fn a_path_stands_still_for_its_share_of_the_time() {
        let (step, hour) = (Duration::from_millis(5), Duration::from_secs(3600));
        let mut link = link("stall=2%:100ms", 7);
        let (mut sent, mut held, mut longest) = (Duration::ZERO, 0, Duration::ZERO);
        while sent < hour {
            let wait = link.arrival(sent, 1).saturating_sub(sent);
            held += u32::from(!wait.is_zero());
            longest = longest.max(wait);
            sent += step;
        }
        let share = f64::from(held) / (hour.as_secs_f64() / step.as_secs_f64());
        assert!((share - 0.02).abs() < 0.002, "{share}");
        assert!(longest <= MS * 100 && longest > MS * 90, "{longest:?}");
    }

    #[test]
    fn stalls_are_the_same_whatever_is_sent() {
        let (mut busy, mut idle) = (link("stall=20%:100ms", 3), link("stall=20%:100ms", 3));
        for index in 0..10_000 {
            let sent = MS * index;
            let arrival = busy.arrival(sent, 1);
            if index % 1000 == 0 {
                assert_eq!(idle.arrival(sent, 1), arrival);
            }
        }
    }

    #[test]
    fn messages_leave_one_after_another() {
        let mut link = link("delay=10ms,bandwidth=256kbit", 1);
        // 320 bytes take 10 ms.
        let mut arrival = |sent: u32| link.arrival(MS * sent, 320);
        assert_eq!([arrival(0), arrival(0), arrival(5)], [MS * 20, MS * 30, MS * 40]);
        assert_eq!(arrival(100), MS * 120, "a path at rest owes nothing");
    }

    #[test]
    fn connections_are_cut_at_the_rate_asked_for() {
        let mut cuts = Cuts::new(&"drop=conn:0.1/s".parse().unwrap(), 5);
        let (mut now, mut count) = (Duration::ZERO, 0);
        while now < Duration::from_secs(100_000) {
            let next = cuts.next(now).unwrap();
            assert!(next > now);
            assert_eq!(cuts.next(now), Some(next), "asking changes nothing");
            (now, count) = (next, count + 1);
        }
        assert!((9_700..10_300).contains(&count), "{count}");
        assert_eq!(Cuts::new(&NetProfile::default(), 5).next(now), None);
    }
}
