//! The table of a run's figures.

use comfy_table::{CellAlignment, Table, presets};

use crate::report::figures::Report;

/// The figures of a run, for a terminal.
#[must_use]
pub fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    for (name, value) in rows(report) {
        table.add_row([name.to_owned(), value]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The figures of a run, with their names. Figures that only matter if something went wrong are left out otherwise.
#[must_use]
pub fn rows(report: &Report) -> Vec<(&'static str, String)> {
    let bad_network = !report.scenario.networks.is_empty();
    let causes = |causes: &std::collections::BTreeMap<String, u64>| {
        causes.iter().map(|(cause, count)| format!("{cause}: {count}")).collect::<Vec<_>>().join(", ")
    };
    let three = |p50: f64, p99: f64, max: f64| format!("{p50:.1} / {p99:.1} / {max:.1} ms");
    let two = |p50: f64, p99: f64| format!("{p50:.1} / {p99:.1} ms");
    let generator = &report.generator;
    let mut rows = vec![
        ("bots connected", report.bots_connected.to_string()),
        ("updates/s per bot", format!("{:.2}", report.updates_per_s)),
        (
            "update interval p50 / p99 / max",
            three(report.interval_ms_p50, report.interval_ms_p99, report.interval_ms_max),
        ),
        ("… as felt p50 / p99", two(report.interval_felt_ms_p50, report.interval_felt_ms_p99)),
        (
            "age of shown state p50 / p99 / max",
            three(report.staleness_ms_p50, report.staleness_ms_p99, report.staleness_ms_max),
        ),
        ("input to effect p50 / p99", two(report.latency_ms_p50, report.latency_ms_p99)),
        ("… as felt p50 / p99", two(report.latency_felt_ms_p50, report.latency_felt_ms_p99)),
        ("join to first snapshot p50 / p99", two(report.join_ms_p50, report.join_ms_p99)),
        ("bytes per update", format!("{:.1}", report.bytes_per_update)),
        ("bytes/s per bot", format!("{:.0}", report.bytes_per_s)),
        ("ticks coalesced", report.ticks_coalesced.to_string()),
        ("hashes checked", report.hashes_checked.to_string()),
        ("mismatches", report.mismatches.to_string()),
        ("closes", causes(&report.closes)),
    ];
    let provoked = [("provoked closes", &report.closes_provoked), ("failed joins", &report.join_failures)];
    rows.extend(
        provoked
            .into_iter()
            .filter(|(_, counts)| !counts.is_empty())
            .map(|(name, counts)| (name, causes(counts))),
    );
    if bad_network || report.resumes + report.resume_failures > 0 {
        rows.push(("connections resumed / lost", format!("{} / {}", report.resumes, report.resume_failures)));
        rows.push(("loss to first snapshot p99", format!("{:.0} ms", report.resume_ms_p99)));
    }
    if bad_network || report.inputs_missed_pct > 0.0 {
        rows.push(("inputs that missed their tick", format!("{:.2} %", report.inputs_missed_pct)));
    }
    if let Some(recovery_ms) = report.recovery_ms_max {
        rows.push(("stalled bots: recovered after", format!("{recovery_ms:.1} ms")));
    }
    rows.push((
        "swarm: CPU, timer lateness p99",
        format!("{:.0} %, {:.1} ms", generator.cpu_share_max * 100.0, generator.lateness_ms_p99),
    ));
    rows
}
