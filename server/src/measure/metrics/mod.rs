//! The server's metrics, for Prometheus. Their names are in `families.rs` (counters, histograms) and `gauges.rs`.
//!
//! A tick touches nothing here. A room counts in its own [`RoomMeter`], in plain integers and local histograms, and adds them
//! about once a second to the metrics of its game: some forty atomic additions a second and room. Gauges are set when a scrape
//! asks, from plain [`Figures`]. Every cause of an enum has its counter from the start, so a cause that never happened is shown
//! as zero, and counting takes no lock.

mod families;
mod gauges;
mod room_meter;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use drumline_room::EndReason;
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{Histogram, IntCounter, IntCounterVec, Registry, TextEncoder};
use strum::IntoEnumIterator;

use crate::net::close_reason::CloseReason;
use families::{Families, lost_events};
use gauges::Gauges;

pub use gauges::{Figures, RoomFigures, ShardFigures, TicketFigures};
pub use room_meter::{RoomMeter, Traffic};

/// The label of a join that was not refused.
const JOINED: &str = "joined";

/// All metrics of a server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    process: ProcessCollector,
    games: BTreeMap<&'static str, Arc<GameMetrics>>,
    /// Joins and resumes by result: the causes of refusals, and [`JOINED`].
    joins: Tally,
    /// Ended connections, by cause.
    pub closes: Tally,
    /// Connections that were accepted.
    pub accepted: IntCounter,
    /// Events of rooms that an author's hooks or webhooks did not get.
    pub lost_events: LostEvents,
    /// Set by one scrape at a time.
    gauges: Mutex<Gauges>,
}

/// The metrics that the rooms of a game share.
#[derive(Debug)]
pub struct GameMetrics {
    tick_lateness: Histogram,
    tick_duration: Histogram,
    ticks_skipped: IntCounter,
    snapshots_sent: IntCounter,
    snapshots_coalesced: IntCounter,
    keyframes: IntCounter,
    /// In the order of [`Traffic`]'s fields.
    received: [IntCounter; 3],
    sent: [IntCounter; 4],
    /// By fate: accepted, late, flood, duplicate, future, stale.
    inputs: [IntCounter; 6],
    /// Ticks without an input, by substitute: repeated, neutral.
    inputs_missing: [IntCounter; 2],
    input_slack: Histogram,
    mismatches: IntCounter,
    events_dropped: IntCounter,
    /// Values that did not fit their fields, by game, table and field.
    pub(crate) clamped: IntCounterVec,
    /// The game's name, a label of its metrics.
    name: String,
    resumes: IntCounter,
    /// Panics of the game.
    pub panics: IntCounter,
    /// Rooms opened.
    pub rooms_opened: IntCounter,
    /// Rooms closed, by reason.
    pub rooms_closed: Tally,
}

/// The counters of events of rooms that were lost.
#[derive(Debug, Clone)]
pub struct LostEvents {
    /// Those that an author's hooks were too slow for.
    pub by_hooks: IntCounter,
    /// Those that no webhook got.
    pub by_webhooks: IntCounter,
}

/// One counter for each of some names.
#[derive(Debug)]
pub struct Tally(BTreeMap<&'static str, IntCounter>);

impl Tally {
    fn new(names: impl IntoIterator<Item = &'static str>, counter: impl Fn(&str) -> IntCounter) -> Self {
        Self(names.into_iter().map(|name| (name, counter(name))).collect())
    }

    /// Counts one.
    ///
    /// # Panics
    /// If there is no such name.
    pub fn count(&self, name: &str) {
        self.0.get(name).expect("every name of an enum has its counter").inc();
    }

    /// The counts that are not zero.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.0.iter().map(|(name, counter)| (*name, counter.get()));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

impl Metrics {
    /// All metrics at zero, for the games of a server and the causes for which it can refuse.
    ///
    /// # Panics
    /// Never: the names are distinct and valid.
    #[must_use]
    pub fn new(
        games: impl Iterator<Item = &'static str>,
        refusal_causes: impl Iterator<Item = &'static str>,
    ) -> Self {
        let registry = Registry::new();
        let families = Families::new(&registry);
        let joins =
            Tally::new(refusal_causes.chain([JOINED]), |name| families.joins.with_label_values(&[name]));
        let closes = CloseReason::iter().map(CloseReason::name);
        Self {
            games: games.map(|game| (game, Arc::new(families.of_game(game)))).collect(),
            joins,
            closes: Tally::new(closes, |name| families.closes.with_label_values(&[name])),
            accepted: families.accepted.clone(),
            lost_events: lost_events(&registry),
            gauges: Mutex::new(Gauges::new(&registry)),
            process: ProcessCollector::for_self(),
            registry,
        }
    }

    /// The metrics of a game.
    ///
    /// # Panics
    /// If there is no such game.
    #[must_use]
    pub fn game(&self, name: &str) -> &Arc<GameMetrics> {
        self.games.get(name).expect("a room's game is one of the server's")
    }

    /// Counts a join that was not refused.
    pub fn count_joined(&self) {
        self.joins.count(JOINED);
    }

    /// Counts an ended connection.
    pub fn count_close(&self, reason: CloseReason) {
        self.closes.count(reason.name());
    }

    /// Counts a refusal, by the name of its cause.
    pub fn count_refusal(&self, cause: &'static str) {
        self.joins.count(cause);
    }

    /// Joins so far that were not refused.
    #[must_use]
    pub fn joined(&self) -> u64 {
        self.joins.counts().get(JOINED).copied().unwrap_or_default()
    }

    /// Bytes received from players so far, in all games.
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.games.values().flat_map(|game| &game.received).map(IntCounter::get).sum()
    }

    /// Bytes sent to players so far, in all games.
    #[must_use]
    pub fn sent_bytes(&self) -> u64 {
        self.games.values().flat_map(|game| &game.sent).map(IntCounter::get).sum()
    }

    /// Resident memory of the process; 0 where the operating system does not report it.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        let families = self.process.collect();
        let resident = families.iter().find(|family| family.name() == "process_resident_memory_bytes");
        resident
            .and_then(|family| family.get_metric().first())
            .map_or(0, |metric| metric.get_gauge().get_value() as u64)
    }

    /// Refusals so far, by cause.
    #[must_use]
    pub fn refusals(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = self.joins.counts();
        counts.remove(JOINED);
        counts
    }

    /// All metrics in Prometheus' text format 0.0.4, with the gauges set to `figures`.
    ///
    /// # Panics
    /// Never: a string can be written to.
    #[must_use]
    pub fn text(&self, figures: &Figures) -> String {
        let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.set(figures, self.games.keys().copied());
        let mut text = String::new();
        TextEncoder::new()
            .encode_utf8(&self.registry.gather(), &mut text)
            .expect("writing to a string succeeds");
        text
    }
}

/// The counters of a family for one game, one for each value of the other label.
fn of_game<const N: usize>(family: &IntCounterVec, game: &str, others: [&str; N]) -> [IntCounter; N] {
    others.map(|other| family.with_label_values(&[game, other]))
}

/// The names of the reasons for which rooms end.
fn end_reasons() -> impl Iterator<Item = &'static str> {
    EndReason::iter().map(EndReason::name)
}
