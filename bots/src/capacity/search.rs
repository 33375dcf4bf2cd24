//! The search: doubling, halving, and the staircase.

use crate::capacity::{Bottleneck, Capacity, Probe, Search};

/// How often a run is made at most, if the swarm itself cannot keep up with it.
const ATTEMPTS: usize = 3;

/// Searches for the capacity. `run` makes a run with this many units and judges it.
///
/// # Errors
/// The errors of `run`.
pub fn search<E>(plan: &Search, run: impl FnMut(u32) -> Result<Probe, E>) -> Result<Capacity, E> {
    let mut searching = Searching { plan, run, good: 0, failures: Vec::new() };
    match searching.climb() {
        Ok(capacity) | Err(Stop::Bound(capacity)) => Ok(capacity),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// A search in progress.
struct Searching<'a, Run> {
    plan: &'a Search,
    run: Run,
    /// The largest load that held, of those tried last.
    good: u32,
    failures: Vec<Bottleneck>,
}

/// The result of trying a load.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trial {
    Held,
    Failed,
}

/// Why a search stops before it has found the capacity.
enum Stop<E> {
    /// There is no larger load to try, or no smaller one.
    Bound(Capacity),
    /// A run could not be made.
    Error(E),
}

impl<E, Run: FnMut(u32) -> Result<Probe, E>> Searching<'_, Run> {
    /// Tries a load.
    fn try_load(&mut self, load: u32) -> Result<Trial, Stop<E>> {
        let mut probe = (self.run)(load).map_err(Stop::Error)?;
        for _ in 1..ATTEMPTS {
            if !probe.valid {
                probe = (self.run)(load).map_err(Stop::Error)?;
            }
        }
        self.failures.extend(probe.bottleneck);
        if probe.valid && probe.missed.is_empty() {
            self.good = load;
            if load == self.plan.most {
                return Err(Stop::Bound(Capacity::AtLeast { bots: load * self.plan.unit }));
            }
            return Ok(Trial::Held);
        }
        if load == 1 {
            let bottleneck = most_common(&self.failures);
            return Err(Stop::Bound(Capacity::LessThan { bots: self.plan.unit, bottleneck }));
        }
        Ok(Trial::Failed)
    }

    /// Doubles the load until it fails, halves the gap, and leaves the rest to the staircase.
    fn climb(&mut self) -> Result<Capacity, Stop<E>> {
        let mut bad = self.plan.first.clamp(1, self.plan.most);
        while self.try_load(bad)? == Trial::Held {
            bad = bad.saturating_mul(2).min(self.plan.most);
        }
        let mut good = self.good;
        while bad - good > 2 * self.step(bad) {
            let middle = good + (bad - good) / 2;
            match self.try_load(middle)? {
                Trial::Held => good = middle,
                Trial::Failed => bad = middle,
            }
        }
        self.hover(good + (bad - good) / 2)
    }

    /// The staircase, from a load near the limit.
    fn hover(&mut self, mut load: u32) -> Result<Capacity, Stop<E>> {
        let step = self.step(load);
        let mut turning_points = Vec::new();
        let mut before = None;
        load = load.max(1);
        while turning_points.len() < self.plan.turns {
            let trial = self.try_load(load)?;
            if before.replace(trial).is_some_and(|before| before != trial) {
                turning_points.push(f64::from(load * self.plan.unit));
            }
            load = match trial {
                Trial::Held => (load + step).min(self.plan.most),
                Trial::Failed => load.saturating_sub(step).max(1),
            };
        }
        let count = turning_points.len() as f64;
        let mean = turning_points.iter().sum::<f64>() / count;
        let squares: f64 = turning_points.iter().map(|point| (point - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0).max(1.0)).sqrt();
        let (error, bottleneck) = (1.96 * deviation / count.sqrt(), most_common(&self.failures));
        Ok(Capacity::Found { bots: mean, deviation, error, bottleneck })
    }

    fn step(&self, load: u32) -> u32 {
        ((f64::from(load) * self.plan.step).round() as u32).max(1)
    }
}

fn most_common(failures: &[Bottleneck]) -> Bottleneck {
    let count = |way: &Bottleneck| failures.iter().filter(|other| *other == way).count();
    failures.iter().copied().max_by_key(count).unwrap_or(Bottleneck::Unknown)
}

#[cfg(test)]
mod tests {
    use drumline_room::{Rng, RngExt, SeedableRng};

    use super::*;

    fn plan() -> Search {
        let limits = vec!["interval_ms_p99<60".parse().unwrap()];
        Search { limits, first: 4, most: 4096, unit: 16, step: 0.04, turns: 6 }
    }

    /// A server that holds up to about `capacity` units, give or take `noise`, for a swarm that keeps up with
    /// `generator` units.
    fn server(capacity: f64, noise: f64, generator: u32, seed: u64) -> impl FnMut(u32) -> Result<Probe, ()> {
        let mut rng = Rng::seed_from_u64(seed);
        move |load| {
            let today = capacity * (1.0 + noise * rng.random_range(-1.0..=1.0));
            let holds = f64::from(load) <= today;
            let valid = load <= generator;
            let missed = if holds { Vec::new() } else { vec!["slow".to_owned()] };
            let bottleneck = match (valid, holds) {
                (false, _) => Some(Bottleneck::Generator),
                (true, true) => None,
                (true, false) => Some(Bottleneck::ServerCpu),
            };
            Ok(Probe { bots: load * 16, missed, valid, bottleneck })
        }
    }

    #[test]
    fn three_searches_of_a_noisy_server_agree() {
        for capacity in [3.0, 17.0, 100.0, 777.0] {
            let found: Vec<f64> = (0..30)
                .map(|seed| match search(&plan(), server(capacity, 0.1, u32::MAX, seed)).unwrap() {
                    Capacity::Found { bots, bottleneck: Bottleneck::ServerCpu, .. } => bots / 16.0,
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
    fn the_stated_error_grows_with_the_noise() {
        let error = |noise| match search(&plan(), server(500.0, noise, u32::MAX, 3)).unwrap() {
            Capacity::Found { error, .. } => error,
            other => panic!("{other:?}"),
        };
        assert!(error(0.3) > error(0.0), "{} and {}", error(0.3), error(0.0));
    }

    #[test]
    fn a_swarm_that_is_the_bottleneck_is_not_taken_for_the_server() {
        match search(&plan(), server(500.0, 0.0, 200, 1)).unwrap() {
            Capacity::Found { bots, bottleneck: Bottleneck::Generator, .. } => {
                assert!((bots / 16.0 - 200.0).abs() < 10.0, "{bots}");
            }
            other => panic!("{other:?}"),
        }
        let found = search(&plan(), server(500.0, 0.0, 0, 1)).unwrap();
        assert_eq!(found, Capacity::LessThan { bots: 16, bottleneck: Bottleneck::Generator });
    }

    #[test]
    fn a_swarm_with_occasional_hiccups_still_finds_the_capacity() {
        for seed in 0..30 {
            let mut server = server(500.0, 0.05, u32::MAX, seed);
            let mut hiccups = Rng::seed_from_u64(seed);
            let run = |load| {
                let probe: Probe = server(load)?;
                let hiccup = hiccups.random_bool(0.1);
                let bottleneck = if hiccup { Some(Bottleneck::Generator) } else { probe.bottleneck };
                Ok::<_, ()>(Probe { valid: !hiccup, bottleneck, ..probe })
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
        assert_eq!(found, Capacity::LessThan { bots: 16, bottleneck: Bottleneck::ServerCpu });
    }
}
