//! How many clients a server sustains: the largest load whose runs meet some conditions.
//!
//! First the load is doubled until a run fails, then the gap is halved until it is small. A single run near the limit is a toss
//! of a coin, so then the load goes up a small step after each run that holds and down one after each that fails (an up-and-down
//! staircase: Dixon and Mood, 1948). It hovers about the load that holds half of the time; the mean of its turning points is the
//! answer, and their spread says how sure that is.
//!
//! A run with which the swarm itself could not keep up says nothing of the server. It may have been a hiccup, so it is made
//! again; in the end the search goes down from it as from one that failed. If most were of that kind, the answer is what the
//! swarm can tell: the server sustains at least so many.

use crate::condition::{Condition, ConditionError, figures};
use crate::report::Report;

/// A server whose shards are so busy, on average, gives way for lack of CPU time.
const SHARDS_ARE_BUSY: f64 = 0.85;

/// How often a run is made at most, if the swarm itself cannot keep up with it.
const ATTEMPTS: usize = 3;

/// How to search. Loads are counted in steps of `unit` bots: a room's, or one.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What each run is to meet.
    pub limits: Vec<Condition>,
    /// The first load, in units.
    pub first: u32,
    /// The largest load to try, in units.
    pub most: u32,
    /// Bots in a unit.
    pub unit: u32,
    /// The staircase's steps, as a share of the load.
    pub step: f64,
    /// How often the staircase is to turn.
    pub turns: usize,
}

/// A run of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Bots.
    pub bots: u32,
    /// The limits that it missed, with the values; empty if it held.
    pub missed: Vec<String>,
    /// Whether the swarm itself could keep up.
    pub valid: bool,
    /// What seems to have given way, if it did not hold.
    pub gave_way: Option<GaveWay>,
}

/// What gives way under a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaveWay {
    /// The server's CPU: its shards had no time to spare.
    ServerCpu,
    /// The swarm.
    Generator,
    /// Neither was busy: what lies between them, or the server waits for something else.
    Network,
    /// The server let not all of the bots in.
    Refused,
    /// The server says nothing of itself.
    Unknown,
}

impl GaveWay {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ServerCpu => "the server's CPU: its shards had no time to spare",
            Self::Generator => {
                "the swarm itself: use more threads, processes or machines to load the server further"
            }
            Self::Network => {
                "neither the server's shards nor the swarm were busy: look at what lies between them"
            }
            Self::Refused => "the server, which did not let all of the bots in",
            Self::Unknown => "the server did not say how busy it was",
        }
    }
}

/// What a search has found.
#[derive(Debug, Clone, PartialEq)]
pub enum Capacity {
    /// The server sustains so many; at least so many, if it is the swarm that gave way.
    Found {
        /// The load that holds half of the time.
        bots: f64,
        /// The standard deviation of the turning points: how far off a single search's turning points lie.
        deviation: f64,
        /// 95 times of 100 the true mean is within this of `bots`.
        error: f64,
        /// What gave way, of most of the runs that failed.
        gave_way: GaveWay,
    },
    /// The largest load allowed held: the server sustains at least so many.
    AtLeast {
        /// That load.
        bots: u32,
    },
    /// Not even the first load held.
    LessThan {
        /// The first load.
        bots: u32,
        /// What gave way.
        gave_way: GaveWay,
    },
}

/// Judges a run.
///
/// # Errors
/// [`ConditionError`] if a limit is about a figure that there is not.
pub fn judge(report: &Report, limits: &[Condition]) -> Result<Probe, ConditionError> {
    let values = figures(report);
    let mut missed = Vec::new();
    for limit in limits {
        let value = limit.value(&values)?;
        if !limit.is_met_by(value) {
            missed.push(format!("{} is {value:.2}, not {limit}", limit.figure));
        }
    }
    if !report.is_clean() {
        missed.push("the run was not clean".to_owned());
    }
    let gave_way = (!missed.is_empty() || !report.valid).then(|| gave_way(report));
    Ok(Probe { bots: report.bots_connected as u32, missed, valid: report.valid, gave_way })
}

fn gave_way(report: &Report) -> GaveWay {
    if !report.valid {
        return GaveWay::Generator;
    }
    if !report.join_failures.is_empty() {
        return GaveWay::Refused;
    }
    let busy = report.series.iter().filter_map(|second| second.server.as_ref()?.busy);
    match busy.reduce(f64::max) {
        None => GaveWay::Unknown,
        Some(busy) if busy >= SHARDS_ARE_BUSY => GaveWay::ServerCpu,
        Some(_) => GaveWay::Network,
    }
}

/// Searches. `run` makes a run of so many units and judges it.
///
/// # Errors
/// As `run` does.
pub fn search<E>(plan: &Search, run: impl FnMut(u32) -> Result<Probe, E>) -> Result<Capacity, E> {
    let mut searching = Searching { plan, run, good: 0, failures: Vec::new() };
    Ok(match searching.climb()? {
        Ok(found) => found,
        Err(end) => end,
    })
}

/// A search under way.
struct Searching<'a, Run> {
    plan: &'a Search,
    run: Run,
    /// The largest load that held, of those tried last.
    good: u32,
    failures: Vec<GaveWay>,
}

/// Comes to a value, or the search is over before that.
type Step<T, E> = Result<Result<T, Capacity>, E>;

impl<E, Run: FnMut(u32) -> Result<Probe, E>> Searching<'_, Run> {
    /// Whether a load holds. The search is over if there is no larger load to try, or no smaller one.
    fn holds(&mut self, load: u32) -> Step<bool, E> {
        let mut probe = (self.run)(load)?;
        for _ in 1..ATTEMPTS {
            if !probe.valid {
                probe = (self.run)(load)?;
            }
        }
        self.failures.extend(probe.gave_way);
        let holds = probe.valid && probe.missed.is_empty();
        if holds {
            self.good = load;
            if load == self.plan.most {
                return Ok(Err(Capacity::AtLeast { bots: load * self.plan.unit }));
            }
        } else if load == 1 {
            let gave_way = most_common(&self.failures);
            return Ok(Err(Capacity::LessThan { bots: self.plan.unit, gave_way }));
        }
        Ok(Ok(holds))
    }

    fn climb(&mut self) -> Step<Capacity, E> {
        let mut bad = self.plan.first.clamp(1, self.plan.most);
        loop {
            match self.holds(bad)? {
                Ok(true) => bad = bad.saturating_mul(2).min(self.plan.most),
                Ok(false) => break,
                Err(end) => return Ok(Err(end)),
            }
        }
        let mut good = self.good;
        while bad - good > 2 * self.step(bad) {
            let middle = good + (bad - good) / 2;
            match self.holds(middle)? {
                Ok(true) => good = middle,
                Ok(false) => bad = middle,
                Err(end) => return Ok(Err(end)),
            }
        }
        self.hover(good + (bad - good) / 2)
    }

    /// The staircase, from a load that may hold or not.
    fn hover(&mut self, mut load: u32) -> Step<Capacity, E> {
        let step = self.step(load);
        let mut turning_points = Vec::new();
        let mut before = None;
        load = load.max(1);
        while turning_points.len() < self.plan.turns {
            let holds = match self.holds(load)? {
                Ok(holds) => holds,
                Err(end) => return Ok(Err(end)),
            };
            if before.replace(holds).is_some_and(|before| before != holds) {
                turning_points.push(f64::from(load * self.plan.unit));
            }
            load = if holds { (load + step).min(self.plan.most) } else { load.saturating_sub(step).max(1) };
        }
        let count = turning_points.len() as f64;
        let mean = turning_points.iter().sum::<f64>() / count;
        let squares: f64 = turning_points.iter().map(|point| (point - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0).max(1.0)).sqrt();
        let (error, gave_way) = (1.96 * deviation / count.sqrt(), most_common(&self.failures));
        Ok(Ok(Capacity::Found { bots: mean, deviation, error, gave_way }))
    }

    fn step(&self, load: u32) -> u32 {
        ((f64::from(load) * self.plan.step).round() as u32).max(1)
    }
}

fn most_common(failures: &[GaveWay]) -> GaveWay {
    let count = |way: &GaveWay| failures.iter().filter(|other| *other == way).count();
    failures.iter().copied().max_by_key(count).unwrap_or(GaveWay::Unknown)
}

#[cfg(test)]
mod tests {
    use drumline_room::{Rng, RngExt, SeedableRng};

    use super::*;

    fn plan() -> Search {
        let limits = vec!["interval_ms_p99<60".parse().unwrap()];
        Search { limits, first: 4, most: 4096, unit: 16, step: 0.04, turns: 6 }
    }

    /// A server that holds up to about so many units, more or less by so much, for a swarm that keeps up with so many.
    fn server(capacity: f64, noise: f64, generator: u32, seed: u64) -> impl FnMut(u32) -> Result<Probe, ()> {
        let mut rng = Rng::seed_from_u64(seed);
        move |load| {
            let today = capacity * (1.0 + noise * rng.random_range(-1.0..=1.0));
            let holds = f64::from(load) <= today;
            let valid = load <= generator;
            let missed = if holds { Vec::new() } else { vec!["slow".to_owned()] };
            let gave_way = match (valid, holds) {
                (false, _) => Some(GaveWay::Generator),
                (true, true) => None,
                (true, false) => Some(GaveWay::ServerCpu),
            };
            Ok(Probe { bots: load * 16, missed, valid, gave_way })
        }
    }

    #[test]
    fn three_searches_of_a_noisy_server_agree() {
        for capacity in [3.0, 17.0, 100.0, 777.0] {
            let found: Vec<f64> = (0..30)
                .map(|seed| match search(&plan(), server(capacity, 0.1, u32::MAX, seed)).unwrap() {
                    Capacity::Found { bots, gave_way: GaveWay::ServerCpu, .. } => bots / 16.0,
                    other => panic!("{other:?}"),
                })
                .collect();
            for bots in &found {
                // A unit more or less is all that the smallest ones can tell.
                assert!((bots - capacity).abs() <= (capacity * 0.1).max(1.0), "{bots} of {capacity}");
            }
        }
    }

    #[test]
    fn the_error_that_it_states_grows_with_the_noise() {
        let error = |noise| match search(&plan(), server(500.0, noise, u32::MAX, 3)).unwrap() {
            Capacity::Found { error, .. } => error,
            other => panic!("{other:?}"),
        };
        assert!(error(0.3) > error(0.0), "{} and {}", error(0.3), error(0.0));
    }

    #[test]
    fn a_swarm_that_gives_way_first_is_not_taken_for_the_server() {
        match search(&plan(), server(500.0, 0.0, 200, 1)).unwrap() {
            Capacity::Found { bots, gave_way: GaveWay::Generator, .. } => {
                assert!((bots / 16.0 - 200.0).abs() < 10.0, "{bots}");
            }
            other => panic!("{other:?}"),
        }
        let found = search(&plan(), server(500.0, 0.0, 0, 1)).unwrap();
        assert_eq!(found, Capacity::LessThan { bots: 16, gave_way: GaveWay::Generator });
    }

    #[test]
    fn a_swarm_that_cannot_keep_up_now_and_then_finds_the_server_all_the_same() {
        for seed in 0..30 {
            let mut server = server(500.0, 0.05, u32::MAX, seed);
            let mut hiccups = Rng::seed_from_u64(seed);
            let run = |load| {
                let probe: Probe = server(load)?;
                let hiccup = hiccups.random_bool(0.1);
                let gave_way = if hiccup { Some(GaveWay::Generator) } else { probe.gave_way };
                Ok::<_, ()>(Probe { valid: !hiccup, gave_way, ..probe })
            };
            match search(&plan(), run).unwrap() {
                Capacity::Found { bots, .. } => assert!((bots / 8000.0 - 1.0).abs() < 0.1, "{bots}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_search_ends_where_there_is_nothing_more_to_try() {
        let found = search(&plan(), server(1e9, 0.0, u32::MAX, 1)).unwrap();
        assert_eq!(found, Capacity::AtLeast { bots: 4096 * 16 });
        let found = search(&plan(), server(0.0, 0.0, u32::MAX, 1)).unwrap();
        assert_eq!(found, Capacity::LessThan { bots: 16, gave_way: GaveWay::ServerCpu });
    }

    #[test]
    fn runs_are_judged_by_the_limits_and_by_who_was_busy() {
        use crate::series::{Second, ServerSecond};
        let limits = plan().limits;
        let busy = |busy| Second {
            server: Some(ServerSecond { busy: Some(busy), ..ServerSecond::default() }),
            ..Second::default()
        };
        let mut report =
            Report { valid: true, interval_ms_p99: 59.0, bots_connected: 64, ..Report::default() };
        assert_eq!(judge(&report, &limits).unwrap().gave_way, None);
        report.interval_ms_p99 = 61.0;
        let probe = judge(&report, &limits).unwrap();
        assert_eq!(probe.missed, ["interval_ms_p99 is 61.00, not interval_ms_p99<60"]);
        assert_eq!(probe.gave_way, Some(GaveWay::Unknown));
        report.series = vec![busy(0.3)];
        assert_eq!(judge(&report, &limits).unwrap().gave_way, Some(GaveWay::Network));
        report.series.push(busy(0.99));
        assert_eq!(judge(&report, &limits).unwrap().gave_way, Some(GaveWay::ServerCpu));
        report.valid = false;
        assert_eq!(judge(&report, &limits).unwrap().gave_way, Some(GaveWay::Generator));
    }
}
