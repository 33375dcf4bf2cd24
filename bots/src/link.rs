//! One direction of a bad network, as a function: times of sending and sizes in, times of arrival out.
//!
//! A message first waits for those before it to have left ([bandwidth](NetProfile::bandwidth_bits_per_s)), is then under
//! way for its own time ([delay](NetProfile::delay) and [jitter](NetProfile::jitter)), and does not arrive before the one
//! sent before it, as over TCP. If the path stands still then, it arrives at the end of that [stall](NetProfile::stall).
//!
//! All times count from one moment. The same seed and the same times of sending give the same times of arrival, and the
//! stalls are the same whatever is sent.

use std::time::Duration;

use drumline_room::{Rng, RngExt, SeedableRng};

use crate::net::{NetProfile, Stall};

/// What parts the seed of a link's stalls from that of its jitter.
const STALLS: u64 = 0x9c61_5374_616c_6c73;

/// One direction of a path. It outlives connections: who comes back finds the path as it is.
#[derive(Debug)]
pub struct Link {
    delay: Duration,
    jitter: Duration,
    bandwidth_bits_per_s: Option<f64>,
    rng: Rng,
    stalls: Option<Stalls>,
    /// When the last message had left.
    left: Duration,
    /// When the last message arrives.
    arrived: Duration,
}

impl Link {
    /// A path as the profile says.
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

    /// When a message of so many bytes that is sent at this time arrives. What is told of later leaves later.
    pub fn arrival(&mut self, sent: Duration, bytes: usize) -> Duration {
        let leaving = self
            .bandwidth_bits_per_s
            .map_or(Duration::ZERO, |bits_per_s| Duration::from_secs_f64(bytes as f64 * 8.0 / bits_per_s));
        self.left = self.left.max(sent) + leaving;
        let slower_by = Duration::from_nanos(self.rng.random_range(0..=2 * self.jitter.as_nanos() as u64));
        let under_way = (self.delay + slower_by).saturating_sub(self.jitter);
        self.arrived = self.arrived.max(self.left + under_way);
        if let Some(stalls) = &mut self.stalls {
            self.arrived = stalls.end(self.arrived);
        }
        self.arrived
    }
}

/// When a path stands still.
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
        let mean_gap = stall.length.mul_f64((1.0 - stall.share) / stall.share);
        let mut rng = Rng::seed_from_u64(seed);
        let begins = exponential(&mut rng, mean_gap);
        Self { rng, length: stall.length, mean_gap, begins }
    }

    /// When what comes at this time gets through. The times given never go back.
    fn end(&mut self, at: Duration) -> Duration {
        while self.begins + self.length <= at {
            self.begins += self.length + exponential(&mut self.rng, self.mean_gap);
        }
        if at < self.begins { at } else { self.begins + self.length }
    }
}

/// When a connection is cut, over and over.
#[derive(Debug)]
pub struct Cuts {
    rng: Rng,
    mean_gap: Option<Duration>,
    at: Duration,
}

impl Cuts {
    /// Cuts as often as the profile says.
    #[must_use]
    pub fn new(profile: &NetProfile, seed: u64) -> Self {
        let mean_gap = (profile.cuts_per_s > 0.0).then(|| Duration::from_secs(1).div_f64(profile.cuts_per_s));
        Self { rng: Rng::seed_from_u64(seed), mean_gap, at: Duration::ZERO }
    }

    /// The first cut after this time; none if there are no cuts. The times given never go back.
    pub fn next(&mut self, now: Duration) -> Option<Duration> {
        let mean_gap = self.mean_gap?;
        while self.at <= now {
            self.at += exponential(&mut self.rng, mean_gap);
        }
        Some(self.at)
    }

    /// Whether a cut shows the other side an error rather than an end: half of them do.
    pub fn is_rude(&mut self) -> bool {
        self.rng.random_bool(0.5)
    }
}

/// A random time with this mean, as between things that happen independently of each other; at least a microsecond, so that time
/// goes on.
fn exponential(rng: &mut Rng, mean: Duration) -> Duration {
    let uniform: f64 = rng.random_range(0.0..1.0);
    mean.mul_f64(-(1.0 - uniform).ln()).max(Duration::from_micros(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    fn link(words: &str, seed: u64) -> Link {
        Link::new(&words.parse().unwrap(), seed)
    }

    proptest! {
        #[test]
        fn messages_arrive_in_order_and_the_same_seed_gives_the_same_times(
            messages in prop::collection::vec((0u64..50_000, 1usize..2000), 1..100),
            seed in any::<u64>(), delay in 0u32..100, jitter in 0u32..100,
        ) {
            let words = format!("delay={delay}ms,jitter={jitter}ms,stall=10%:50ms,bandwidth=1mbit");
            let (mut first, mut second) = (link(&words, seed), link(&words, seed));
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
