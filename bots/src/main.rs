//! The `drumline-bots` program: runs a swarm, shows how far it is, prints a table, and fails if the server did.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};
use drumline_bots::{Options, Progress, Report, SwarmError, run};
use indicatif::{ProgressBar, ProgressStyle};

/// Time between two lines of progress where there is no terminal.
const LINE_PERIOD: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let options = Options::parse();
    // Each bot is a socket; a refusal here shows up as a failed connection with its own message.
    let _ = rlimit::increase_nofile_limit(1 << 20);
    match run_and_report(&options) {
        Ok(report) if report.is_clean() => ExitCode::SUCCESS,
        Ok(report) => {
            let Report { mismatches, resume_failures, closes, .. } = report;
            eprintln!(
                "drumline-bots: {mismatches} mismatches; {resume_failures} not resumed; closes: {closes:?}"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("drumline-bots: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_and_report(options: &Options) -> Result<Report, Box<dyn std::error::Error>> {
    let report =
        if std::io::stderr().is_terminal() { run_with_bar(options)? } else { run_with_lines(options)? };
    println!("{}", table(&report, options.net.is_some()));
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(report)
}

/// Shows progress as a bar: first the bots that have joined, then the seconds measured.
fn run_with_bar(options: &Options) -> Result<Report, Box<dyn std::error::Error>> {
    let bar = ProgressBar::new(options.bots());
    bar.set_style(ProgressStyle::with_template("{msg:>10} [{bar:40}] {pos}/{len}")?.progress_chars("=> "));
    bar.set_message("joining");
    let report = run(options, |progress| match progress {
        Progress::Joined(joined) => bar.set_position(joined),
        Progress::Measured(time) => {
            bar.set_message("seconds");
            bar.set_length(u64::from(options.seconds));
            bar.set_position(time.as_secs());
        }
    });
    bar.finish_and_clear();
    Ok(report?)
}

/// Shows progress as a line now and then, for logs.
fn run_with_lines(options: &Options) -> Result<Report, SwarmError> {
    let mut next = Instant::now();
    run(options, |progress| {
        if Instant::now() >= next {
            next = Instant::now() + LINE_PERIOD;
            match progress {
                Progress::Joined(joined) => eprintln!("{joined} of {} bots have joined", options.bots()),
                Progress::Measured(time) => eprintln!("{} of {} s measured", time.as_secs(), options.seconds),
            }
        }
    })
}

fn table(report: &Report, bad_network: bool) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let closes = report.closes.iter().map(|(cause, count)| format!("{cause}: {count}"));
    let mut rows = vec![
        ("bots connected", report.bots_connected.to_string()),
        ("updates/s a bot", format!("{:.2}", report.updates_per_s)),
        (
            "update interval p50 / p99 / max",
            format!(
                "{:.1} / {:.1} / {:.1} ms",
                report.interval_ms_p50, report.interval_ms_p99, report.interval_ms_max
            ),
        ),
        ("bytes an update", format!("{:.1}", report.bytes_per_update)),
        ("bytes/s a bot", format!("{:.0}", report.bytes_per_s)),
        (
            "input to effect p50 / p99",
            format!("{:.1} / {:.1} ms", report.latency_ms_p50, report.latency_ms_p99),
        ),
        ("ticks coalesced", report.ticks_coalesced.to_string()),
        ("hashes checked", report.hashes_checked.to_string()),
        ("mismatches", report.mismatches.to_string()),
        ("closes", closes.collect::<Vec<_>>().join(", ")),
    ];
    if bad_network || report.resumes + report.resume_failures > 0 {
        rows.push((
            "connections resumed / not resumed",
            format!("{} / {}", report.resumes, report.resume_failures),
        ));
        rows.push(("lost to seen again p99", format!("{:.0} ms", report.resume_ms_p99)));
    }
    if bad_network || report.inputs_missed_pct > 0.0 {
        rows.push(("inputs that missed their tick", format!("{:.2} %", report.inputs_missed_pct)));
    }
    if let Some(recovery_ms) = report.recovery_ms_max {
        rows.push(("stalled bots: right again after", format!("{recovery_ms:.1} ms")));
    }
    for (name, value) in rows {
        table.add_row([name.to_owned(), value]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
