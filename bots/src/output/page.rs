//! A report as an HTML page, with its plots inlined: the file needs nothing else.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;

use crate::output::plot::{Along, COLOURS, Line, plot};
use crate::output::table::rows;
use crate::output::units::{bytes, ms};
use crate::report::figures::{Curve, Environment as Machine, Report, RoomFigures};
use crate::report::series::{Second, ServerSecond};
use crate::report::verdict::Verdict;

/// The page's template.
const TEMPLATE: &str = include_str!("report.html");
/// The template of a plot.
const FIGURE: &str = "<figure><figcaption><h3>{{ plot.title }}</h3><div class=\"key\">\
    {% for key in plot.keys %}<span><i style=\"background:{{ key.colour }}\"></i>{{ key.name }}</span>{% endfor %}\
    </div></figcaption>{{ plot.svg|safe }}</figure>";

/// Renders a report as a page.
///
/// # Panics
/// Never: the template fits the report, and a scenario can always be written as TOML.
#[must_use]
pub fn page(report: &Report, verdict: &Verdict) -> String {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.add_function("draw", |plot: Value| {
        let mut figures = Environment::new();
        figures.set_auto_escape_callback(|_| AutoEscape::Html);
        figures.render_str(FIGURE, context! { plot }).map(Value::from_safe_string)
    });
    let filled = templates.render_str(
        TEMPLATE,
        context! {
            title => title(report),
            report => Serde(report),
            scenario => Serde(&report.scenario),
            seconds => format!("{:.0} s", report.seconds),
            verdict => context! {
                class => verdict.css_class(),
                heading => verdict.heading(),
                reasons => Serde(verdict.reasons()),
            },
            figures => Serde(figures(report)),
            over_time => Serde(over_time(report)),
            distributions => Serde(distributions(report)),
            table => rows(report).into_iter().map(|(name, value)| context! { name, value }).collect::<Vec<_>>(),
            rooms => report.rooms.iter().map(room).collect::<Vec<_>>(),
            memory => bytes(report.environment.memory_bytes as f64),
            processes => Serde(machines(&report.processes)),
            generator => generator(report),
            scenario_toml => toml::to_string(&report.scenario).expect("a scenario came from TOML"),
        },
    );
    filled.expect("the template fits its context")
}

fn title(report: &Report) -> String {
    let scenario = &report.scenario;
    let name = if scenario.name.is_empty() { "Run" } else { &scenario.name };
    format!("{name}: {} bots in {}", report.bots_connected, scenario.game)
}

/// A figure at the top of the page.
#[derive(Serialize)]
struct Headline {
    name: &'static str,
    value: String,
    unit: &'static str,
    note: String,
}

fn figures(report: &Report) -> Vec<Headline> {
    let headline = |name, value: String, unit, note: String| Headline { name, value, unit, note };
    let time = |name, p99: f64, p50| headline(name, format!("{p99:.1}"), "ms", format!("median {}", ms(p50)));
    vec![
        headline(
            "Bots",
            report.bots_connected.to_string(),
            "",
            format!("{} rooms of {}", report.scenario.rooms, report.scenario.per_room),
        ),
        time("Update interval p99", report.interval_ms_p99, report.interval_ms_p50),
        time("Input to effect p99", report.latency_ms_p99, report.latency_ms_p50),
        time("Age of shown state p99", report.staleness_ms_p99, report.staleness_ms_p50),
        time("Join p99", report.join_ms_p99, report.join_ms_p50),
        headline(
            "Bytes per update",
            format!("{:.1}", report.bytes_per_update),
            "B",
            format!("{}/s per bot", bytes(report.bytes_per_s)),
        ),
        headline(
            "Mismatches",
            report.mismatches.to_string(),
            "",
            format!("of {} hashes", report.hashes_checked),
        ),
        headline(
            "Resumed connections",
            report.resumes.to_string(),
            "",
            format!("{} failed; p99 {}", report.resume_failures, ms(report.resume_ms_p99)),
        ),
    ]
}

/// A plot with its title and key.
#[derive(Serialize)]
struct Plot {
    title: &'static str,
    keys: Vec<Key>,
    svg: String,
}

#[derive(Serialize)]
struct Key {
    name: &'static str,
    colour: String,
}

impl Plot {
    /// A plot; `None` if none of its lines was measured.
    fn new(title: &'static str, lines: Vec<Line>, along: Along, unit: &str) -> Option<Self> {
        let lines: Vec<Line> =
            lines.into_iter().filter(|line| line.points.iter().any(|(_, y)| y.is_some())).collect();
        let keys = lines.iter().zip(COLOURS.iter().cycle()).map(|(line, colour)| Key {
            name: line.name,
            colour: format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2),
        });
        let keys = keys.collect();
        (!lines.is_empty()).then(|| Self { title, keys, svg: plot(&lines, along, unit) })
    }
}

/// The plots over time: those of the bots' times, then those of load and errors.
fn over_time(report: &Report) -> Vec<Plot> {
    times_over_time(report).into_iter().chain(load_over_time(report)).flatten().collect()
}

/// A plot over the seconds of a run; `None` if none of its lines was measured.
fn seconds_plot(title: &'static str, lines: Vec<Line>, unit: &str) -> Option<Plot> {
    Plot::new(title, lines, Along::Seconds, unit)
}

/// A line over the seconds of a run.
fn line(report: &Report, name: &'static str, value: impl Fn(&Second) -> Option<f64>) -> Line {
    // A second is drawn at its middle.
    let points = report.series.iter().map(|second| (f64::from(second.second) + 0.5, value(second)));
    Line { name, points: points.collect() }
}

/// A line of the server's own figures.
fn server(report: &Report, name: &'static str, value: impl Fn(&ServerSecond) -> Option<f64>) -> Line {
    line(report, name, |second| second.server.as_ref().and_then(&value))
}

fn times_over_time(report: &Report) -> Vec<Option<Plot>> {
    vec![
        seconds_plot(
            "Update interval",
            vec![
                line(report, "median", |second| second.interval_ms_p50),
                line(report, "p99", |second| second.interval_ms_p99),
                line(report, "longest", |second| second.interval_ms_max),
            ],
            "ms",
        ),
        seconds_plot(
            "Input to effect",
            vec![
                line(report, "median", |second| second.latency_ms_p50),
                line(report, "p99", |second| second.latency_ms_p99),
            ],
            "ms",
        ),
        seconds_plot(
            "Age of shown state",
            vec![
                line(report, "median", |second| second.staleness_ms_p50),
                line(report, "p99", |second| second.staleness_ms_p99),
            ],
            "ms",
        ),
    ]
}

fn load_over_time(report: &Report) -> Vec<Option<Plot>> {
    let per_bot = |second: &Second, value: u64| (second.bots > 0).then(|| value as f64 / second.bots as f64);
    vec![
        seconds_plot(
            "Tick lateness on the server",
            vec![
                server(report, "median", |server| server.tick_lateness_ms_p50),
                server(report, "p99", |server| server.tick_lateness_ms_p99),
            ],
            "ms",
        ),
        seconds_plot(
            "Bots",
            vec![
                line(report, "in rooms", |second| Some(second.bots as f64)),
                line(report, "joined", |second| Some(second.joined as f64)),
            ],
            "",
        ),
        seconds_plot(
            "Updates per second and bot",
            vec![line(report, "updates", |second| per_bot(second, second.updates))],
            "",
        ),
        seconds_plot(
            "Bytes per second and bot",
            vec![line(report, "bytes", |second| per_bot(second, second.bytes))],
            "B",
        ),
        seconds_plot(
            "Errors",
            vec![
                line(report, "ticks coalesced", |second| Some(second.coalesced as f64)),
                line(report, "connections resumed", |second| Some(second.resumes as f64)),
                line(report, "connections ended", |second| Some(second.closes as f64)),
                line(report, "joins failed", |second| Some(second.join_failures as f64)),
                line(report, "mismatches", |second| Some(second.mismatches as f64)),
            ],
            "",
        ),
        seconds_plot(
            "CPU share of a core",
            vec![
                server(report, "server's shards, mean", |server| server.busy.map(|busy| busy * 100.0)),
                line(report, "swarm's busiest thread", |second| Some(second.generator_cpu * 100.0)),
            ],
            "%",
        ),
        seconds_plot(
            "Lateness of the swarm itself",
            vec![line(report, "longest", |second| Some(second.generator_lateness_ms_max))],
            "ms",
        ),
    ]
}

fn distributions(report: &Report) -> Vec<Plot> {
    let quantiles = &report.quantiles;
    let line = |name, curve: &Curve| Line {
        name,
        // The maximum has no place on an axis of nines.
        points: curve
            .points
            .iter()
            .filter(|point| point.q < 1.0)
            .map(|point| (point.q, Some(point.ms)))
            .collect(),
    };
    let plots = [
        (
            "Update interval",
            vec![line("measured", &quantiles.interval), line("felt", &quantiles.interval_felt)],
        ),
        (
            "Input to effect",
            vec![line("measured", &quantiles.latency), line("felt", &quantiles.latency_felt)],
        ),
        ("Age of shown state", vec![line("measured", &quantiles.staleness)]),
        (
            "Join and resume, to the first snapshot",
            vec![line("join", &quantiles.join), line("resume", &quantiles.resume)],
        ),
    ];
    plots.into_iter().filter_map(|(title, lines)| Plot::new(title, lines, Along::Quantiles, "ms")).collect()
}

fn room(room: &RoomFigures) -> Value {
    context! {
        id => room.id.clone(),
        bots => room.bots,
        updates => format!("{:.2}", room.updates_per_s),
        interval => format!("{:.1}", room.interval_ms_p99),
        mismatches => room.mismatches,
    }
}

/// The number of processes on each kind of machine.
fn machines(processes: &[Machine]) -> Vec<String> {
    let mut machines = BTreeMap::<String, u32>::new();
    for Machine { cores, cpu, os, .. } in processes {
        *machines.entry(format!("{cores} cores of {cpu}, {os}")).or_default() += 1;
    }
    machines.into_iter().map(|(machine, count)| format!("{count} on {machine}")).collect()
}

fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn generator(report: &Report) -> String {
    let generator = &report.generator;
    format!(
        "{} in {}, the busiest used {:.0} % of a core; {:.2} ms of CPU per bot-second; timers {} late at the p99; \
         {} in total, {} per bot",
        counted(generator.threads, "thread", "threads"),
        counted(generator.processes.max(1), "process", "processes"),
        generator.cpu_share_max * 100.0,
        generator.cpu_ms_per_bot_second,
        ms(generator.lateness_ms_p99),
        bytes(generator.memory_bytes as f64),
        bytes(generator.memory_bytes_per_bot as f64),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::Quantile;

    #[test]
    fn a_page_holds_all_measurements_and_loads_nothing() {
        let second = |second| Second {
            second,
            bots: 4,
            updates: 120,
            interval_ms_p99: Some(33.0 + f64::from(second)),
            server: Some(ServerSecond { tick_lateness_ms_p99: Some(0.2), ..ServerSecond::default() }),
            ..Second::default()
        };
        let mut report = Report { valid: true, bots_connected: 4, seconds: 10.0, ..Report::default() };
        report.scenario.name = "<script>alert(1)</script>".to_owned();
        report.series = (0..10).map(second).collect();
        let points = [0.5, 0.9, 0.99, 1.0].map(|q| Quantile { q, ms: 10.0 * q });
        report.quantiles.interval = Curve { count: 100, points: points.into() };
        report.rooms = vec![RoomFigures { id: "abc234".to_owned(), ..RoomFigures::default() }];
        let page = page(&report, &Verdict::of(&report, &[]).unwrap());
        assert!(page.contains("Passed") && page.contains("abc234") && page.contains("&lt;script&gt;"));
        for absent in ["<script", "src=", "href=", "@import", "url("] {
            assert!(!page.contains(absent), "a page stands alone: {absent}");
        }
        let machine = Machine { cores: 8, cpu: "Chip".into(), os: "Linux".into(), ..Machine::default() };
        assert_eq!(machines(&[machine.clone(), machine]), ["2 on 8 cores of Chip, Linux"]);
        let titles = page.matches("<figure>").count();
        assert_eq!(titles, page.matches("<svg").count());
        // Interval, tick lateness, bots, updates, bytes, errors, load, the swarm's lateness; and one distribution.
        assert_eq!(titles, 9, "a plot without measurements is left out");
    }
}
