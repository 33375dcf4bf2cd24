//! The health of the load generator: do its threads react to received messages as fast as a player would?
//!
//! A busy load generator sees late what arrived in time, and would blame the server. So every thread measures three
//! things: how *late* timers wake it, since everything else on the thread waits as long; for how long a *stretch* it
//! works before it checks for received messages, since no message waits longer than that, and a thread that never
//! rests has stretches of seconds; and its *CPU share*, used and waited for. A run in which this may have shaped the
//! figures is marked as not valid, with an exit code of its own: it is neither a success nor the server's failure.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::measure::times::Times;
use crate::report::figures::Generator;

/// How often a thread checks its timers.
const BEAT: Duration = Duration::from_millis(10);
/// The share of a core, used and waited for, beyond which a thread cannot keep up, …
const BUSY: f64 = 0.9;
/// … provided it uses this much: a thread that uses little and waits often is only woken late.
const WORKS: f64 = 0.45;
/// The part of a tick by which a thread may be late before its figures could be mistaken for the server's.
const LATE_TICKS: f64 = 0.5;
/// The share of the seconds in which the swarm may be overloaded, …
const OVERLOADED_SHARE: f64 = 0.1;
/// … and how many may be in any case: any machine has a hiccup now and then.
const OVERLOADED_SECONDS: usize = 1;

thread_local! {
    static WOKEN: Cell<Option<Instant>> = const { Cell::new(None) };
    static STRETCHES: RefCell<Times> = RefCell::default();
}

/// The runtime calls this when a thread of bots goes to sleep.
pub fn thread_sleeps() {
    if let Some(woken) = WOKEN.take() {
        STRETCHES.with_borrow_mut(|stretches| stretches.record(woken.elapsed()));
    }
}

/// The runtime calls this when a thread of bots wakes.
pub fn thread_wakes() {
    WOKEN.set(Some(Instant::now()));
}

/// The health of a thread in one second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HealthSecond {
    /// How late timers woke it.
    pub lateness: Times,
    /// How long it worked without checking for received messages.
    pub stretches: Times,
    /// The length of the second: an overloaded thread has long ones and short ones.
    pub seconds: f64,
    /// The share of a core that it used.
    pub cpu: f64,
    /// The share of the time that it was ready to run, but had no core.
    pub starved: f64,
}

/// Measures the health of the current thread.
#[derive(Debug)]
pub struct HealthProbe {
    lateness: RefCell<Times>,
    /// The readings at the beginning of the second.
    began: Cell<Readings>,
}

impl HealthProbe {
    /// Must be called on the thread to be measured.
    #[must_use]
    pub fn new() -> Self {
        Self { lateness: RefCell::default(), began: Cell::new(Readings::now()) }
    }

    /// Checks its timers, for ever.
    pub async fn run(&self) {
        loop {
            let due = Instant::now() + BEAT;
            tokio::time::sleep_until(due).await;
            // A late beat stands for all beats that were due meanwhile.
            self.lateness.borrow_mut().record_felt(due.elapsed(), BEAT);
        }
    }

    /// The health since the previous call.
    pub fn second(&self) -> HealthSecond {
        let now = Readings::now();
        let began = self.began.replace(now);
        let seconds = now.at.duration_since(began.at).as_secs_f64().max(1e-6);
        let stretches = STRETCHES.with_borrow_mut(|stretches| {
            // A stretch that is not over yet counts up to now.
            if let Some(woken) = WOKEN.get() {
                stretches.record(woken.elapsed());
            }
            std::mem::take(stretches)
        });
        HealthSecond {
            lateness: self.lateness.take(),
            stretches,
            seconds,
            cpu: now.cpu.saturating_sub(began.cpu).as_secs_f64() / seconds,
            starved: now.waiting.saturating_sub(began.waiting).as_secs_f64() / seconds,
        }
    }
}

/// The clocks of the current thread at one moment.
#[derive(Debug, Clone, Copy)]
struct Readings {
    at: Instant,
    /// CPU time used.
    cpu: Duration,
    /// Time that it was ready to run, but had no core.
    waiting: Duration,
}

impl Readings {
    fn now() -> Self {
        Self { at: Instant::now(), cpu: cpu_time(), waiting: waiting_time() }
    }
}

/// The CPU time of the current thread.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The time that the current thread was ready to run, but had no core; zero if the kernel does not report it.
fn waiting_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').nth(1).and_then(|ns| ns.parse().ok()).unwrap_or_default())
}

/// A thread's seconds, and how much of them it used or waited for a core.
#[derive(Debug, Clone, Copy, Default)]
struct ThreadTotals {
    seconds: f64,
    cpu_seconds: f64,
    starved_seconds: f64,
}

/// The health of all threads over a run.
#[derive(Debug, Default)]
pub struct HealthRecord {
    lateness: Times,
    stretches: Times,
    /// Totals of each thread.
    threads: Vec<ThreadTotals>,
    /// For each second, whether some thread was overloaded.
    seconds: Vec<bool>,
}

impl HealthRecord {
    /// Adds a thread's health in a second. `tick` is the length of a tick.
    pub fn add(&mut self, thread: usize, second: usize, health: &HealthSecond, tick: Duration) {
        self.lateness.merge(&health.lateness);
        self.stretches.merge(&health.stretches);
        self.threads.resize(self.threads.len().max(thread + 1), ThreadTotals::default());
        let totals = &mut self.threads[thread];
        totals.seconds += health.seconds;
        totals.cpu_seconds += health.cpu * health.seconds;
        totals.starved_seconds += health.starved * health.seconds;
        self.seconds.resize(self.seconds.len().max(second + 1), false);
        let late = health.lateness.ms(0.99) > tick.as_secs_f64() * 1000.0 * LATE_TICKS;
        self.seconds[second] |= late || (health.cpu + health.starved > BUSY && health.cpu > WORKS);
    }

    /// The swarm's health over the run.
    #[must_use]
    pub fn generator(&self) -> Generator {
        let share = |sum: f64, seconds: f64| sum / seconds.max(1e-6);
        let cpu = self.threads.iter().map(|totals| share(totals.cpu_seconds, totals.seconds));
        let starved = self.threads.iter().map(|totals| share(totals.starved_seconds, totals.seconds));
        Generator {
            threads: self.threads.len() as u32,
            cpu_share_max: cpu.clone().fold(0.0, f64::max),
            cpu_share_mean: cpu.sum::<f64>() / self.threads.len().max(1) as f64,
            starved_share_max: starved.fold(0.0, f64::max),
            lateness_ms_p50: self.lateness.ms(0.5),
            lateness_ms_p99: self.lateness.ms(0.99),
            lateness_ms_max: self.lateness.ms(1.0),
            stretch_ms_p99: self.stretches.ms(0.99),
            stretch_ms_max: self.stretches.ms(1.0),
            seconds_overloaded: self.overloaded() as u32,
            ..Generator::default()
        }
    }

    fn overloaded(&self) -> usize {
        self.seconds.iter().filter(|overloaded| **overloaded).count()
    }

    /// Why the figures say nothing about the server, and what to do; empty if they are valid.
    #[must_use]
    pub fn objections(&self, generator: &Generator) -> Vec<String> {
        let (overloaded, seconds) = (self.overloaded(), self.seconds.len());
        let allowed = OVERLOADED_SECONDS.min(seconds.saturating_sub(1));
        if overloaded <= allowed.max((seconds as f64 * OVERLOADED_SHARE) as usize) {
            return Vec::new();
        }
        let Generator { cpu_share_max, starved_share_max, lateness_ms_p99, stretch_ms_p99, .. } = *generator;
        let mut why = vec![format!(
            "the swarm itself could not keep up in {overloaded} of {seconds} s: its busiest thread used {:.0} % of a core; \
             timers woke it {lateness_ms_p99:.1} ms late, and it worked for {stretch_ms_p99:.1} ms at a stretch (p99)",
            cpu_share_max * 100.0,
        )];
        why.push(if starved_share_max > 0.1 {
            format!(
                "its threads waited for a core {:.0} % of the time: run it on a machine of its own, or on its own cores, and \
                 without a quota on its CPU time",
                starved_share_max * 100.0
            )
        } else if cpu_share_max < WORKS {
            "it was late although it used little of a core: if a quota limits its CPU time (a container's, a virtual \
             machine's), raise it or run the swarm elsewhere; otherwise give it more --threads, or fewer bots"
                .to_owned()
        } else {
            "give it more --threads (and cores), or fewer bots".to_owned()
        });
        why
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(50);

    /// The objections to seconds with these values: CPU, starvation, lateness.
    fn objections(seconds: &[(f64, f64, u64)]) -> Vec<String> {
        let mut record = HealthRecord::default();
        for (second, &(cpu, starved, late_ms)) in seconds.iter().enumerate() {
            let mut health = HealthSecond { seconds: 1.0, cpu, starved, ..HealthSecond::default() };
            health.lateness.record(Duration::from_millis(late_ms));
            record.add(0, second, &health, TICK);
        }
        record.objections(&record.generator())
    }

    #[test]
    fn a_thread_with_time_to_spare_is_valid() {
        assert!(objections(&[(0.5, 0.1, 2); 10]).is_empty());
        assert!(objections(&[(0.0, 0.0, 24); 10]).is_empty());
        assert!(objections(&[(0.02, 0.95, 10); 10]).is_empty(), "it is woken late, but not too late");
        let mut hiccup = [(0.3, 0.0, 1); 10];
        hiccup[4] = (0.95, 0.0, 400);
        assert!(objections(&hiccup).is_empty(), "one second in ten may go wrong");
        assert!(objections(&hiccup[3..5]).is_empty(), "and one in two");
    }

    #[test]
    fn a_thread_without_time_or_core_or_woken_late_is_not_valid() {
        assert!(objections(&[(0.95, 0.0, 1); 10])[1].contains("--threads"));
        assert!(objections(&[(0.5, 0.45, 1); 10])[1].contains("a machine"));
        assert!(objections(&[(0.3, 0.0, 26); 10])[0].contains("10 of 10 s"));
        assert!(objections(&[(0.1, 0.0, 80); 10])[1].contains("quota"));
        assert!(!objections(&[(0.95, 0.0, 1)]).is_empty(), "in the only second");
        let half = [[(0.3, 0.0, 1); 5], [(0.95, 0.0, 1); 5]].concat();
        assert!(!objections(&half).is_empty(), "a ramp that ends beyond what can be done");
    }

    #[test]
    fn shares_do_not_depend_on_how_time_was_cut_into_seconds() {
        let mut record = HealthRecord::default();
        for (second, (seconds, cpu)) in [(1.9, 0.5), (0.1, 1.0)].into_iter().enumerate() {
            record.add(0, second, &HealthSecond { seconds, cpu, ..HealthSecond::default() }, TICK);
        }
        assert!((record.generator().cpu_share_max - 0.525).abs() < 1e-9);
    }

    #[test]
    fn a_second_holds_the_cpu_time_of_its_thread() {
        let probe = HealthProbe::new();
        let began = cpu_time();
        let mut sum = 0_u64;
        while cpu_time() < began + Duration::from_millis(20) {
            sum = std::hint::black_box(sum + 1);
        }
        thread_wakes();
        thread_sleeps();
        let second = probe.second();
        assert!(second.cpu > 0.0 && second.stretches.count() == 1, "{second:?}");
        assert_eq!(probe.second().stretches.count(), 0);
    }
}
