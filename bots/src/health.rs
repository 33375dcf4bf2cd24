//! How the swarm itself does: whether its threads get to what has arrived as soon as a player would.
//!
//! Three things are measured on every thread. How *late* it is woken by a timer: everything on it waits as long. For how long a
//! *stretch* it works before it looks again for what has arrived: no message waits longer to be taken, so a thread that never
//! gets to rest has stretches of seconds. And what *share* of a core it used, and of the time was ready to run but given none.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::report::Generator;
use crate::stats::Times;

/// How often a thread looks at the clock.
const BEAT: Duration = Duration::from_millis(10);
/// The share of a core, used and waited for, beyond which a thread cannot keep up, …
const BUSY: f64 = 0.9;
/// … if it has used as much as this: one that works little and waits often is only woken late.
const WORKS: f64 = 0.45;
/// The part of a tick that a thread may be late without the figures showing it for the server's.
const LATE_TICKS: f64 = 0.5;
/// The share of the seconds in which the swarm may have been overloaded, …
const OVERLOADED_SHARE: f64 = 0.1;
/// … and how many may be anyway: a machine has a hiccup now and then.
const OVERLOADED_SECONDS: usize = 1;

thread_local! {
    static WOKEN: Cell<Option<Instant>> = const { Cell::new(None) };
    static STRETCHES: RefCell<Times> = RefCell::default();
}

/// To be called when a thread of bots goes to rest.
pub fn rests() {
    if let Some(woken) = WOKEN.take() {
        STRETCHES.with_borrow_mut(|stretches| stretches.record(woken.elapsed()));
    }
}

/// To be called when it is woken.
pub fn wakes() {
    WOKEN.set(Some(Instant::now()));
}

/// How a thread did in a second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HealthSecond {
    /// How late it was woken by timers.
    pub lateness: Times,
    /// How long it worked without looking for what had arrived.
    pub stretches: Times,
    /// How long the second was: a thread that is late has long ones and short ones.
    pub seconds: f64,
    /// The share of a core that it used.
    pub cpu: f64,
    /// The share of the time that it was ready to run, but given no core.
    pub starved: f64,
}

/// What a thread knows of itself.
#[derive(Debug)]
pub struct Pulse {
    lateness: RefCell<Times>,
    /// When the second began, and what had been used and waited for then.
    began: Cell<(Instant, Duration, Duration)>,
}

impl Pulse {
    /// To be made on the thread that it is of.
    #[must_use]
    pub fn new() -> Self {
        let began = Cell::new((Instant::now(), cpu_time(), waiting_time()));
        Self { lateness: RefCell::default(), began }
    }

    /// Looks at the clock, for ever.
    pub async fn beat(&self) {
        loop {
            let due = Instant::now() + BEAT;
            tokio::time::sleep_until(due).await;
            // Being late once is being late for all the beats that were due meanwhile.
            self.lateness.borrow_mut().record_felt(due.elapsed(), BEAT);
        }
    }

    /// How the thread did since this was asked last.
    pub fn second(&self) -> HealthSecond {
        let now = (Instant::now(), cpu_time(), waiting_time());
        let (began, cpu, waiting) = self.began.replace(now);
        let wall = now.0.duration_since(began).as_secs_f64().max(1e-6);
        let stretches = STRETCHES.with_borrow_mut(|stretches| {
            // The one that is going on counts as far as it has come.
            if let Some(woken) = WOKEN.get() {
                stretches.record(woken.elapsed());
            }
            std::mem::take(stretches)
        });
        HealthSecond {
            lateness: self.lateness.take(),
            stretches,
            seconds: wall,
            cpu: now.1.saturating_sub(cpu).as_secs_f64() / wall,
            starved: now.2.saturating_sub(waiting).as_secs_f64() / wall,
        }
    }
}

/// The time on a processor that this thread has used.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The time for which this thread was ready to run, but given no core; zero where the kernel does not tell.
fn waiting_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').nth(1).and_then(|ns| ns.parse().ok()).unwrap_or_default())
}

/// How all threads did in a run.
#[derive(Debug, Default)]
pub struct Record {
    lateness: Times,
    stretches: Times,
    /// Each thread's seconds, and what it used and waited for in them, added up.
    threads: Vec<(f64, f64, f64)>,
    /// The second looked at, and whether it is known to have been overloaded.
    seconds: Vec<bool>,
}

impl Record {
    /// Notes how a thread did in a second, in which a tick was so long.
    pub fn note(&mut self, thread: usize, second: usize, health: &HealthSecond, tick: Duration) {
        self.lateness.merge(&health.lateness);
        self.stretches.merge(&health.stretches);
        self.threads.resize(self.threads.len().max(thread + 1), (0.0, 0.0, 0.0));
        let (seconds, cpu, starved) = &mut self.threads[thread];
        *seconds += health.seconds;
        *cpu += health.cpu * health.seconds;
        *starved += health.starved * health.seconds;
        self.seconds.resize(self.seconds.len().max(second + 1), false);
        let late = health.lateness.ms(0.99) > tick.as_secs_f64() * 1000.0 * LATE_TICKS;
        self.seconds[second] |= late || (health.cpu + health.starved > BUSY && health.cpu > WORKS);
    }

    /// How the swarm did.
    #[must_use]
    pub fn generator(&self) -> Generator {
        let share = |sum: f64, seconds: f64| sum / seconds.max(1e-6);
        let cpu = self.threads.iter().map(|(seconds, cpu, _)| share(*cpu, *seconds));
        let starved = self.threads.iter().map(|(seconds, _, starved)| share(*starved, *seconds));
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

    /// Why the figures do not speak of the server, and what to do; empty if they do.
    #[must_use]
    pub fn objections(&self, generator: &Generator) -> Vec<String> {
        let (overloaded, seconds) = (self.overloaded(), self.seconds.len());
        let allowed = OVERLOADED_SECONDS.min(seconds.saturating_sub(1));
        if overloaded <= allowed.max((seconds as f64 * OVERLOADED_SHARE) as usize) {
            return Vec::new();
        }
        let Generator { cpu_share_max, starved_share_max, lateness_ms_p99, stretch_ms_p99, .. } = *generator;
        let mut why = vec![format!(
            "the swarm itself could not keep up in {overloaded} of {seconds} s: its busiest thread used {:.0} % of a core, it \
             was woken {lateness_ms_p99:.1} ms late and worked {stretch_ms_p99:.1} ms at a stretch (p99)",
            cpu_share_max * 100.0,
        )];
        why.push(if starved_share_max > 0.1 {
            format!(
                "its threads waited for a core {:.0} % of the time: run it on a machine, or on cores, of its own, and without a \
                 quota on its CPU time",
                starved_share_max * 100.0
            )
        } else if cpu_share_max < WORKS {
            "it was held up though it used little of a core: if a quota limits its CPU time (a container's, a virtual \
             machine's), raise that or run it elsewhere; else give it more --threads, or fewer bots"
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

    /// The verdict on seconds of so much CPU, waiting and lateness.
    fn verdict(seconds: &[(f64, f64, u64)]) -> Vec<String> {
        let mut record = Record::default();
        for (second, &(cpu, starved, late_ms)) in seconds.iter().enumerate() {
            let mut health = HealthSecond { seconds: 1.0, cpu, starved, ..HealthSecond::default() };
            health.lateness.record(Duration::from_millis(late_ms));
            record.note(0, second, &health, TICK);
        }
        record.objections(&record.generator())
    }

    #[test]
    fn a_thread_that_has_time_left_is_believed() {
        assert!(verdict(&[(0.5, 0.1, 2); 10]).is_empty());
        assert!(verdict(&[(0.0, 0.0, 24); 10]).is_empty());
        assert!(verdict(&[(0.02, 0.95, 10); 10]).is_empty(), "it is woken late, but not too late");
        let mut hiccup = [(0.3, 0.0, 1); 10];
        hiccup[4] = (0.95, 0.0, 400);
        assert!(verdict(&hiccup).is_empty(), "one second in ten may go wrong");
        assert!(verdict(&hiccup[3..5]).is_empty(), "and one in two");
    }

    #[test]
    fn a_thread_without_time_or_without_a_core_or_woken_late_is_not() {
        assert!(verdict(&[(0.95, 0.0, 1); 10])[1].contains("--threads"));
        assert!(verdict(&[(0.5, 0.45, 1); 10])[1].contains("a machine"));
        assert!(verdict(&[(0.3, 0.0, 26); 10])[0].contains("10 of 10 s"));
        assert!(verdict(&[(0.1, 0.0, 80); 10])[1].contains("quota"));
        assert!(!verdict(&[(0.95, 0.0, 1)]).is_empty(), "in the only second");
        let half = [[(0.3, 0.0, 1); 5], [(0.95, 0.0, 1); 5]].concat();
        assert!(!verdict(&half).is_empty(), "a ramp that ends beyond what can be done");
    }

    #[test]
    fn shares_are_of_the_time_however_it_was_cut_into_seconds() {
        let mut record = Record::default();
        for (second, (seconds, cpu)) in [(1.9, 0.5), (0.1, 1.0)].into_iter().enumerate() {
            record.note(0, second, &HealthSecond { seconds, cpu, ..HealthSecond::default() }, TICK);
        }
        assert!((record.generator().cpu_share_max - 0.525).abs() < 1e-9);
    }

    #[test]
    fn a_second_knows_what_the_thread_has_used() {
        let pulse = Pulse::new();
        let began = cpu_time();
        let mut sum = 0_u64;
        while cpu_time() < began + Duration::from_millis(20) {
            sum = std::hint::black_box(sum + 1);
        }
        wakes();
        rests();
        let second = pulse.second();
        assert!(second.cpu > 0.0 && second.stretches.count() == 1, "{second:?}");
        assert_eq!(pulse.second().stretches.count(), 0);
    }
}
