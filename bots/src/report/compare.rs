//! Compares the figures of runs, and estimates how much of a difference may be noise.

use crate::report::figures::Report;
use crate::report::series::{Second, ServerSecond};

/// Half-width of a two-sided 95 % interval of the normal distribution, in standard errors.
const NORMAL_95: f64 = 1.96;
/// The fewest batches from which an error is estimated.
const FEWEST_BATCHES: usize = 4;

/// A figure to compare.
struct Compared {
    name: &'static str,
    whole: fn(&Report) -> Option<f64>,
    /// The same figure of one second: the noise is estimated from it if there is only one run.
    of_second: fn(&Second) -> Option<f64>,
    more_is_better: bool,
}

/// Zero stands for "not measured".
fn measured(value: f64) -> Option<f64> {
    (value != 0.0).then_some(value)
}

fn mean_of_server(report: &Report, value: fn(&ServerSecond) -> Option<f64>) -> Option<f64> {
    let seconds = report.series.iter().filter_map(|second| value(second.server.as_ref()?));
    let seconds: Vec<f64> = seconds.collect();
    (!seconds.is_empty()).then(|| mean(&seconds))
}

impl Compared {
    /// A figure of which less is better.
    const fn new(
        name: &'static str,
        whole: fn(&Report) -> Option<f64>,
        of_second: fn(&Second) -> Option<f64>,
    ) -> Self {
        Self { name, whole, of_second, more_is_better: false }
    }
}

fn of_each_bot(second: &Second, count: u64) -> Option<f64> {
    (second.bots > 0).then(|| count as f64 / second.bots as f64)
}

const COMPARED: [Compared; 10] = [
    Compared {
        more_is_better: true,
        ..Compared::new("updates_per_s", |run| measured(run.updates_per_s), |at| of_each_bot(at, at.updates))
    },
    Compared::new("interval_ms_p50", |run| measured(run.interval_ms_p50), |at| at.interval_ms_p50),
    Compared::new("interval_ms_p99", |run| measured(run.interval_ms_p99), |at| at.interval_ms_p99),
    Compared::new("latency_ms_p50", |run| measured(run.latency_ms_p50), |at| at.latency_ms_p50),
    Compared::new("latency_ms_p99", |run| measured(run.latency_ms_p99), |at| at.latency_ms_p99),
    Compared::new("staleness_ms_p50", |run| measured(run.staleness_ms_p50), |at| at.staleness_ms_p50),
    Compared::new("staleness_ms_p99", |run| measured(run.staleness_ms_p99), |at| at.staleness_ms_p99),
    Compared::new("bytes_per_s", |run| measured(run.bytes_per_s), |at| of_each_bot(at, at.bytes)),
    Compared::new(
        "server busy",
        |run| mean_of_server(run, |server| server.busy),
        |at| at.server.as_ref()?.busy,
    ),
    Compared::new(
        "server tick_lateness_ms_p99",
        |run| mean_of_server(run, |server| server.tick_lateness_ms_p99),
        |at| at.server.as_ref()?.tick_lateness_ms_p99,
    ),
];

/// The judgement on a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It may be noise.
    WithinNoise,
    /// The figure is better.
    Better,
    /// The figure is worse.
    Worse,
    /// There is too little data to tell noise from change.
    Unknown,
}

/// A figure before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Its name in a report.
    pub name: &'static str,
    /// The mean of the runs before.
    pub before: f64,
    /// The mean of the runs after.
    pub after: f64,
    /// Half-width of the 95 % interval of the difference; `None` if it cannot be estimated.
    pub noise: Option<f64>,
    /// The judgement.
    pub change: Change,
}

/// Compares one or more runs on each side. With two or more on each side, the noise is estimated from the differences
/// between runs. Otherwise it is estimated from the seconds of each run, in batches, so that a disturbance of several
/// seconds counts once; this ignores differences from run to run, and so is a lower bound.
#[must_use]
pub fn compare(before: &[Report], after: &[Report]) -> Vec<Difference> {
    COMPARED.iter().filter_map(|figure| difference(figure, before, after)).collect()
}

fn difference(figure: &Compared, before: &[Report], after: &[Report]) -> Option<Difference> {
    let values = |runs: &[Report]| runs.iter().filter_map(figure.whole).collect::<Vec<f64>>();
    let (old, new) = (values(before), values(after));
    if old.is_empty() || new.is_empty() {
        return None;
    }
    let error = |runs: &[Report], values: &[f64]| {
        if old.len() >= 2 && new.len() >= 2 {
            Some(spread(values) / (values.len() as f64).sqrt() * student_95(old.len() + new.len() - 2))
        } else {
            error_within(figure, runs.first()?)
        }
    };
    let noise = error(before, &old).zip(error(after, &new)).map(|(old, new)| old.hypot(new));
    let (old, new) = (mean(&old), mean(&new));
    let change = match noise {
        None => Change::Unknown,
        Some(noise) if (new - old).abs() <= noise => Change::WithinNoise,
        Some(_) if (new > old) == figure.more_is_better => Change::Better,
        Some(_) => Change::Worse,
    };
    Some(Difference { name: figure.name, before: old, after: new, noise, change })
}

/// The error of a run's figure, estimated from its seconds: the relative error of their mean, applied to the figure
/// of the run.
fn error_within(figure: &Compared, run: &Report) -> Option<f64> {
    let seconds: Vec<f64> = run.series.iter().filter_map(figure.of_second).collect();
    let batch = (seconds.len() as f64).sqrt().floor().max(1.0) as usize;
    let batches: Vec<f64> = seconds.chunks_exact(batch).map(mean).collect();
    if batches.len() < FEWEST_BATCHES || mean(&seconds) == 0.0 {
        return None;
    }
    let error = spread(&batches) / (batches.len() as f64).sqrt() * student_95(batches.len() - 1);
    Some(error / mean(&seconds) * (figure.whole)(run)?)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation, estimated from a sample.
fn spread(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// Half-width of a two-sided 95 % interval of Student's distribution, in standard errors.
fn student_95(freedom: usize) -> f64 {
    const SMALL: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    match freedom {
        0 => f64::INFINITY,
        1..=10 => SMALL[freedom - 1],
        // Within 1 % of the tabulated values from here on.
        _ => NORMAL_95 + 2.5 / freedom as f64,
    }
}

/// Reasons why the runs may not be comparable.
#[must_use]
pub fn doubts(before: &[Report], after: &[Report]) -> Vec<String> {
    let mut doubts = Vec::new();
    let all = || before.iter().chain(after);
    if all().any(|run| !run.valid) {
        doubts.push("some runs are not valid: the swarm itself could not keep up".to_owned());
    }
    if let Some(first) = before.first() {
        if all().any(|run| run.scenario != first.scenario) {
            doubts.push("the scenarios differ".to_owned());
        }
        let machine = |run: &Report| (run.environment.cpu.clone(), run.environment.cores);
        if all().any(|run| machine(run) != machine(first)) {
            doubts.push("the machines differ".to_owned());
        }
        if all().any(|run| run.environment.release != first.environment.release) {
            doubts.push("only some are optimised builds".to_owned());
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(p99: f64, seconds: &[f64]) -> Report {
        let second = |p99: &f64| Second { interval_ms_p99: Some(*p99), ..Second::default() };
        Report {
            interval_ms_p99: p99,
            valid: true,
            series: seconds.iter().map(second).collect(),
            ..Report::default()
        }
    }

    fn of_p99(before: &[Report], after: &[Report]) -> Difference {
        let all = compare(before, after);
        assert_eq!(all.len(), 1, "a figure without measurements is not compared");
        all[0].clone()
    }

    #[test]
    fn the_noise_of_a_single_run_comes_from_its_seconds() {
        let uneven: Vec<f64> = (0..64).map(|second| 40.0 + f64::from(second * 7 % 13)).collect();
        let before = run(50.0, &uneven);
        let same = of_p99(std::slice::from_ref(&before), &[run(50.5, &uneven)]);
        assert_eq!(same.change, Change::WithinNoise, "{same:?}");
        assert!(same.noise.is_some_and(|noise| noise > 0.5 && noise < 5.0), "{same:?}");
        assert_eq!(of_p99(std::slice::from_ref(&before), &[run(70.0, &uneven)]).change, Change::Worse);
        assert_eq!(of_p99(std::slice::from_ref(&before), &[run(30.0, &uneven)]).change, Change::Better);
        assert_eq!(of_p99(&[before], &[run(30.0, &[30.0; 3])]).change, Change::Unknown, "too short");
    }

    #[test]
    fn a_disturbance_of_several_seconds_counts_once() {
        let mut disturbed = [40.0; 64];
        disturbed[8..16].fill(80.0);
        let scattered: Vec<f64> = (0..64).map(|second| if second % 8 == 0 { 80.0 } else { 40.0 }).collect();
        let noise = |seconds: &[f64]| of_p99(&[run(45.0, seconds)], &[run(45.0, seconds)]).noise.unwrap();
        assert!(noise(&disturbed) > 2.0 * noise(&scattered));
    }

    #[test]
    fn the_noise_of_several_runs_comes_from_their_differences() {
        let runs = |values: [f64; 3]| values.map(|p99| run(p99, &[p99; 64]));
        let noisy = of_p99(&runs([40.0, 50.0, 60.0]), &runs([45.0, 55.0, 65.0]));
        assert_eq!((noisy.before, noisy.after, noisy.change), (50.0, 55.0, Change::WithinNoise));
        let quiet = of_p99(&runs([49.9, 50.0, 50.1]), &runs([54.9, 55.0, 55.1]));
        assert_eq!(quiet.change, Change::Worse);
    }

    #[test]
    fn runs_that_are_not_comparable_are_reported() {
        let run = run(50.0, &[50.0]);
        assert!(doubts(std::slice::from_ref(&run), std::slice::from_ref(&run)).is_empty());
        let mut other = run.clone();
        other.scenario.rooms += 1;
        other.environment.cores = 64;
        other.valid = false;
        assert_eq!(doubts(&[run], &[other]).len(), 3);
    }
}
