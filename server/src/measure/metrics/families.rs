//! The names and help texts of counters and histograms.

use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};

use super::{GameMetrics, LostEvents, Tally, end_reasons, of_game};

/// Buckets of lateness and duration, in seconds: from a tenth of a millisecond to beyond a period.
const TICK_SECONDS: [f64; 13] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 1.0];
/// Buckets of input slack, in ticks.
const SLACK_TICKS: [f64; 12] = [-8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0];

/// Metric families, whose labels are not set yet.
#[derive(Debug)]
pub(super) struct Families {
    pub(super) accepted: IntCounter,
    pub(super) joins: IntCounterVec,
    pub(super) closes: IntCounterVec,
    rooms_opened: IntCounterVec,
    rooms_closed: IntCounterVec,
    tick_lateness: HistogramVec,
    tick_duration: HistogramVec,
    ticks_skipped: IntCounterVec,
    snapshots_sent: IntCounterVec,
    snapshots_coalesced: IntCounterVec,
    keyframes: IntCounterVec,
    received: IntCounterVec,
    sent: IntCounterVec,
    inputs: IntCounterVec,
    inputs_missing: IntCounterVec,
    input_slack: HistogramVec,
    mismatches: IntCounterVec,
    events_dropped: IntCounterVec,
    clamped: IntCounterVec,
    resumes: IntCounterVec,
    panics: IntCounterVec,
}

const CLAMPED_NAME: &str = "drumline_clamped_values_total";
const CLAMPED_HELP: &str =
    "Values of the state that did not fit their fields (NaN, out of range, too long), one a tick and entity.";

/// The invariant of registering.
pub(super) const REGISTERED: &str = "the names are distinct and valid";

fn counter(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    let family = IntCounterVec::new(Opts::new(name, help), labels).expect(REGISTERED);
    registry.register(Box::new(family.clone())).expect(REGISTERED);
    family
}

fn histogram(registry: &Registry, name: &str, help: &str, buckets: &[f64]) -> HistogramVec {
    let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
    let family = HistogramVec::new(options, &["game"]).expect(REGISTERED);
    registry.register(Box::new(family.clone())).expect(REGISTERED);
    family
}

/// The counters of lost events.
pub(super) fn lost_events(registry: &Registry) -> LostEvents {
    let help = "Events of rooms that an author's hooks or the webhooks did not get.";
    let family = counter(registry, "drumline_room_events_lost_total", help, &["reader"]);
    let by = |reader: &str| family.with_label_values(&[reader]);
    LostEvents { by_hooks: by("hooks"), by_webhooks: by("webhooks") }
}

impl Families {
    pub(super) fn new(registry: &Registry) -> Self {
        let counter = |name: &str, help: &str, labels: &[&str]| counter(registry, name, help, labels);
        let histogram = |name: &str, help: &str, buckets: &[f64]| histogram(registry, name, help, buckets);
        let of_game = |name: &str, help: &str| counter(name, help, &["game"]);
        let accepted = counter("drumline_connections_accepted_total", "Accepted connections.", &[]);
        Self {
            accepted: accepted.with_label_values::<&str>(&[]),
            joins: counter("drumline_joins_total", "Joins and resumes, by result.", &["result"]),
            closes: counter(
                "drumline_closes_total",
                "Players' connections that ended, by cause.",
                &["cause"],
            ),
            rooms_opened: of_game("drumline_rooms_opened_total", "Rooms opened."),
            rooms_closed: counter(
                "drumline_rooms_closed_total",
                "Rooms closed, by reason.",
                &["game", "reason"],
            ),
            tick_lateness: histogram(
                "drumline_tick_lateness_seconds",
                "The start of a tick minus its deadline.",
                &TICK_SECONDS,
            ),
            tick_duration: histogram(
                "drumline_tick_duration_seconds",
                "All of a room's work for a tick.",
                &TICK_SECONDS,
            ),
            ticks_skipped: of_game("drumline_ticks_skipped_total", "Ticks skipped after stalls."),
            snapshots_sent: of_game("drumline_snapshots_sent_total", "Snapshots sent, keyframes included."),
            snapshots_coalesced: of_game(
                "drumline_snapshots_coalesced_total",
                "Snapshots not sent because the client had not read earlier ones.",
            ),
            keyframes: of_game(
                "drumline_keyframes_total",
                "Keyframes sent: snapshots that need no baseline.",
            ),
            received: counter(
                "drumline_received_bytes_total",
                "Bytes from players, by kind; `websocket` counts frame headers and control frames.",
                &["game", "kind"],
            ),
            sent: counter(
                "drumline_sent_bytes_total",
                "Bytes to players, by kind; `websocket` counts frame headers and control frames.",
                &["game", "kind"],
            ),
            inputs: counter("drumline_inputs_total", "Inputs received, by fate.", &["game", "fate"]),
            inputs_missing: counter(
                "drumline_inputs_missing_total",
                "Players' ticks without an input, by its substitute.",
                &["game", "substitute"],
            ),
            input_slack: histogram(
                "drumline_input_slack_ticks",
                "Ticks by which consumed inputs were early; negative if late.",
                &SLACK_TICKS,
            ),
            mismatches: of_game(
                "drumline_mirror_mismatches_total",
                "Reports of clients that their mirror differs from the world.",
            ),
            events_dropped: of_game("drumline_events_dropped_total", "Events dropped beyond a limit."),
            clamped: counter(CLAMPED_NAME, CLAMPED_HELP, &["game", "table", "field"]),
            resumes: of_game("drumline_resumes_total", "Players who resumed."),
            panics: of_game("drumline_panics_total", "Panics of games; each closes its room."),
        }
    }

    /// The metrics of a game. From now on they are shown, if only as zeros.
    pub(super) fn of_game(&self, game: &str) -> GameMetrics {
        let fates = ["accepted", "late", "flood", "duplicate", "future", "stale"];
        let label = [game];
        GameMetrics {
            tick_lateness: self.tick_lateness.with_label_values(&label),
            tick_duration: self.tick_duration.with_label_values(&label),
            ticks_skipped: self.ticks_skipped.with_label_values(&label),
            snapshots_sent: self.snapshots_sent.with_label_values(&label),
            snapshots_coalesced: self.snapshots_coalesced.with_label_values(&label),
            keyframes: self.keyframes.with_label_values(&label),
            received: of_game(&self.received, game, ["input", "control", "websocket"]),
            sent: of_game(&self.sent, game, ["snapshot", "event", "control", "websocket"]),
            inputs: of_game(&self.inputs, game, fates),
            inputs_missing: of_game(&self.inputs_missing, game, ["repeated", "neutral"]),
            input_slack: self.input_slack.with_label_values(&label),
            mismatches: self.mismatches.with_label_values(&label),
            events_dropped: self.events_dropped.with_label_values(&label),
            clamped: self.clamped.clone(),
            name: game.to_owned(),
            resumes: self.resumes.with_label_values(&label),
            panics: self.panics.with_label_values(&label),
            rooms_opened: self.rooms_opened.with_label_values(&label),
            rooms_closed: Tally::new(end_reasons(), |reason| {
                self.rooms_closed.with_label_values(&[game, reason])
            }),
        }
    }
}
