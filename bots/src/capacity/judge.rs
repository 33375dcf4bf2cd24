//! The judgement on one run of a search, and its likely bottleneck.

use crate::capacity::{Bottleneck, Probe};
use crate::report::condition::{Condition, ConditionError, figures};
use crate::report::figures::Report;

/// A server whose shards are this busy, on average, is limited by its CPU.
const SHARDS_ARE_BUSY: f64 = 0.85;

/// Judges a run.
///
/// # Errors
/// [`ConditionError`] if a limit names an unknown figure.
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
    let bottleneck = (!missed.is_empty() || !report.valid).then(|| bottleneck(report));
    Ok(Probe { bots: report.bots_connected as u32, missed, valid: report.valid, bottleneck })
}

fn bottleneck(report: &Report) -> Bottleneck {
    if !report.valid {
        return Bottleneck::Generator;
    }
    if !report.join_failures.is_empty() {
        return Bottleneck::Refused;
    }
    let busy = report.series.iter().filter_map(|second| second.server.as_ref()?.busy);
    match busy.reduce(f64::max) {
        None => Bottleneck::Unknown,
        Some(busy) if busy >= SHARDS_ARE_BUSY => Bottleneck::ServerCpu,
        Some(_) => Bottleneck::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_judged_by_the_limits_and_by_load() {
        use crate::report::series::{Second, ServerSecond};
        let limits: [Condition; 1] = ["interval_ms_p99<60".parse().unwrap()];
        let busy = |busy| Second {
            server: Some(ServerSecond { busy: Some(busy), ..ServerSecond::default() }),
            ..Second::default()
        };
        let mut report =
            Report { valid: true, interval_ms_p99: 59.0, bots_connected: 64, ..Report::default() };
        assert_eq!(judge(&report, &limits).unwrap().bottleneck, None);
        report.interval_ms_p99 = 61.0;
        let probe = judge(&report, &limits).unwrap();
        assert_eq!(probe.missed, ["interval_ms_p99 is 61.00, not interval_ms_p99<60"]);
        assert_eq!(probe.bottleneck, Some(Bottleneck::Unknown));
        report.series = vec![busy(0.3)];
        assert_eq!(judge(&report, &limits).unwrap().bottleneck, Some(Bottleneck::Network));
        report.series.push(busy(0.99));
        assert_eq!(judge(&report, &limits).unwrap().bottleneck, Some(Bottleneck::ServerCpu));
        report.valid = false;
        assert_eq!(judge(&report, &limits).unwrap().bottleneck, Some(Bottleneck::Generator));
    }
}
