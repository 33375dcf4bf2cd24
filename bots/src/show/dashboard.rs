//! The dashboard: the state of a run on a whole terminal.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Cell, Chart, Dataset, Gauge, GraphType, Paragraph, Row, Table};

use crate::measure::live::{Live, Stage};
use crate::output::units::bytes;
use crate::report::series::Second;

/// Seconds that the charts show.
const WINDOW: usize = 120;

/// Draws the state of a run.
pub fn draw(frame: &mut Frame, live: &Live, title: &str) {
    let [head, gauge, figures, charts, below, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(4),
        Constraint::Min(8),
        Constraint::Percentage(35),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let stage = match live.stage {
        Stage::Joining => "joining",
        Stage::Measuring => "measuring",
        Stage::Ending => "ending",
    };
    let heading = Line::from(vec!["drumline-bots  ".bold(), title.into(), "  ".into(), stage.dim()]);
    frame.render_widget(heading, head);
    frame.render_widget(progress(live), gauge);
    frame.render_widget(Paragraph::new(numbers(live)), figures);
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(charts);
    let seconds = &live.series[live.series.len().saturating_sub(WINDOW)..];
    draw_times(frame, left, "update interval, ms", seconds, |second| {
        (second.interval_ms_p50, second.interval_ms_p99)
    });
    draw_times(frame, right, "input to effect, ms", seconds, |second| {
        (second.latency_ms_p50, second.latency_ms_p99)
    });
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(below);
    draw_rooms(frame, left, live);
    let problems: Vec<Line> =
        live.problems.iter().rev().map(|problem| Line::from(problem.as_str())).collect();
    let problems = if problems.is_empty() { vec!["none".dim().into()] } else { problems };
    frame.render_widget(Paragraph::new(problems).block(Block::bordered().title(" recent problems ")), right);
    frame.render_widget("Ctrl-C or q ends the run early, with its report".dim(), foot);
}

fn progress(live: &Live) -> Gauge<'static> {
    let (bots, joined) = (live.bots, live.counts.joined);
    let (done, label) = match live.stage {
        Stage::Joining => (share(joined as f64, bots as f64), format!("{joined} of {bots} bots have joined")),
        _ => (
            share(live.measured.as_secs_f64(), live.planned.as_secs_f64()),
            format!("{} of {}", clock(live.measured), clock(live.planned)),
        ),
    };
    Gauge::default().gauge_style(Style::new().fg(Color::Cyan)).ratio(done).label(label)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 }
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn numbers(live: &Live) -> Vec<Line<'static>> {
    let counts = &live.counts;
    let Some(second) = live.series.last() else {
        return vec!["nothing measured yet".dim().into()];
    };
    let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1}"));
    let named = |name: &'static str, value: String| vec![name.dim(), " ".into(), value.bold(), "   ".into()];
    let counted = |name: &'static str, count: u64| {
        let value = Span::from(count.to_string());
        vec![name.dim(), " ".into(), if count > 0 { value.red().bold() } else { value.green() }, "   ".into()]
    };
    let throughput = [
        named("bots", counts.present.to_string()),
        named("updates/s", second.updates.to_string()),
        named("received", format!("{}/s", bytes(second.bytes as f64))),
        named("swarm CPU", format!("{:.0} %", second.generator_cpu * 100.0)),
        named("swarm late by", format!("{:.1} ms", second.generator_lateness_ms_max)),
    ];
    let times = [
        named("interval p50/p99/max", {
            let (p50, p99, max) = (second.interval_ms_p50, second.interval_ms_p99, second.interval_ms_max);
            format!("{} / {} / {} ms", ms(p50), ms(p99), ms(max))
        }),
        named("effect p50/p99", format!("{} / {} ms", ms(second.latency_ms_p50), ms(second.latency_ms_p99))),
        named("age p99", format!("{} ms", ms(second.staleness_ms_p99))),
    ];
    let errors = [
        counted("mismatches", counts.mismatches),
        counted("closes", counts.closes),
        counted("resume failures", counts.resume_failures),
        counted("failed joins", counts.join_failures),
        named("resumed", counts.resumes.to_string()),
    ];
    let server = second.server.as_ref().map_or_else(Vec::new, |server| {
        let busy = server.busy.map_or_else(|| "–".to_owned(), |busy| format!("{:.0} %", busy * 100.0));
        let (p50, p99) = (ms(server.tick_lateness_ms_p50), ms(server.tick_lateness_ms_p99));
        [named("server: ticks late p50/p99", format!("{p50} / {p99} ms")), named("shards busy", busy)]
            .concat()
    });
    vec![throughput.concat().into(), times.concat().into(), errors.concat().into(), server.into()]
}

fn draw_times(
    frame: &mut Frame,
    area: Rect,
    title: &str,
    seconds: &[Second],
    times: impl Fn(&Second) -> (Option<f64>, Option<f64>),
) {
    let points = |pick: &dyn Fn(&Second) -> Option<f64>| -> Vec<(f64, f64)> {
        seconds.iter().filter_map(|second| Some((f64::from(second.second), pick(second)?))).collect()
    };
    let (median, p99) = (points(&|second| times(second).0), points(&|second| times(second).1));
    let top = p99.iter().map(|(_, ms)| *ms).fold(1.0, f64::max) * 1.1;
    let first = seconds.first().map_or(0.0, |second| f64::from(second.second));
    let last = seconds.last().map_or(1.0, |second| f64::from(second.second)).max(first + 1.0);
    let line = |name: &'static str, colour, points| {
        Dataset::default()
            .name(name)
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(Style::new().fg(colour))
            .data(points)
    };
    let chart = Chart::new(vec![line("p99", Color::Yellow, &p99), line("median", Color::Cyan, &median)])
        .block(Block::bordered().title(format!(" {title} ")))
        .x_axis(
            Axis::default().bounds([first, last]).labels([format!("{first:.0} s"), format!("{last:.0} s")]),
        )
        .y_axis(Axis::default().bounds([0.0, top]).labels(["0".to_owned(), format!("{top:.0}")]));
    frame.render_widget(chart, area);
}

fn draw_rooms(frame: &mut Frame, area: Rect, live: &Live) {
    let rows = live.rooms.iter().map(|room| {
        let mismatches = Cell::from(room.mismatches.to_string());
        Row::new([
            Cell::from(room.id.clone()),
            Cell::from(room.bots.to_string()),
            Cell::from(format!("{:.1}", room.updates_per_s)),
            Cell::from(format!("{:.1}", room.interval_ms_p99)),
            if room.mismatches > 0 { mismatches.red() } else { mismatches },
        ])
    });
    let all = live.rooms.len() as u64 + live.rooms_left_out;
    let table = Table::new(rows, [8, 6, 10, 13, 11].map(Constraint::Length))
        .header(Row::new(["room", "bots", "updates/s", "interval p99", "mismatches"]).dim())
        .block(Block::bordered().title(format!(" rooms: the worst of {all} ")));
    frame.render_widget(table, area);
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::measure::live::Counts;
    use crate::report::figures::RoomFigures;

    fn shown(live: &Live, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, live, "steady")).unwrap();
        let buffer = terminal.backend().buffer();
        let rows = buffer.content().chunks(usize::from(width));
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>() + "\n").collect()
    }

    fn live<'a>(series: &'a [Second], rooms: &'a [RoomFigures], problems: &'a [String]) -> Live<'a> {
        Live {
            stage: if series.is_empty() { Stage::Joining } else { Stage::Measuring },
            measured: Duration::from_secs(series.len() as u64),
            planned: Duration::from_secs(90),
            bots: 64,
            counts: Counts { joined: 48, present: 48, mismatches: 3, ..Counts::default() },
            series,
            rooms,
            rooms_left_out: 7,
            problems,
        }
    }

    #[test]
    fn the_dashboard_shows_figures_rooms_and_problems() {
        let second = |second| Second {
            second,
            updates: 1440,
            bytes: 90_000,
            interval_ms_p50: Some(33.3),
            interval_ms_p99: Some(40.0 + f64::from(second % 5)),
            ..Second::default()
        };
        let series: Vec<Second> = (0..75).map(second).collect();
        let rooms = [RoomFigures { id: "abc234".to_owned(), bots: 16, ..RoomFigures::default() }];
        let screen = shown(&live(&series, &rooms, &["bot-1: 1006 lost".to_owned()]), 120, 40);
        for text in
            ["steady", "1:15 of 1:30", "1440", "90 kB/s", "33.3 / 44.0", "abc234", "worst of 8", "1006 lost"]
        {
            assert!(screen.contains(text), "{text} is missing:\n{screen}");
        }
        assert!(screen.contains("mismatches 3"), "{screen}");
    }

    #[test]
    fn the_dashboard_fits_any_terminal_and_needs_no_measurements() {
        let screen = shown(&live(&[], &[], &[]), 80, 24);
        assert!(screen.contains("48 of 64 bots") && screen.contains("nothing measured yet"), "{screen}");
        for (width, height) in [(1, 1), (20, 5), (400, 3)] {
            shown(&live(&[Second::default()], &[], &[]), width, height);
        }
    }
}
