//! What is counted, for Prometheus.
//!
//! Nothing here is touched while a tick runs: a room counts in its own [`RoomMeter`], which is added to what its game's rooms
//! share about once a second.

mod families;
mod gauges;
mod room_meter;
mod scrape;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use drumline_room::{EndReason, GameSpec};
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{Histogram, IntCounter, IntCounterVec, Registry, TextEncoder};
use strum::IntoEnumIterator;

use crate::close::CloseReason;
use crate::lobby::Lobby;
use crate::refusal::RefusalCause;
use families::Families;
use gauges::Gauges;

pub use room_meter::{RoomMeter, Traffic};
pub use scrape::{MetricsConfig, scrape};

/// The result of a join that was not refused.
const JOINED: &str = "joined";

/// All metrics of a server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    process: ProcessCollector,
    games: BTreeMap<&'static str, Arc<GameMetrics>>,
    /// Joins and resumes by result: the causes of refusals, or that there was none.
    joins: Tally,
    /// Ended connections, by cause.
    pub closes: Tally,
    /// Connections that were accepted.
    pub accepted: IntCounter,
    /// What is looked up when somebody asks; only one at a time does.
    gauges: Mutex<Gauges>,
}

/// What the rooms of a game share.
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
    /// By what became of them: accepted, late, flood, duplicate, future, stale.
    inputs: [IntCounter; 6],
    /// Ticks for which there was none: repeated, neutral.
    inputs_missing: [IntCounter; 2],
    input_slack: Histogram,
    mismatches: IntCounter,
    events_dropped: IntCounter,
    resumes: IntCounter,
    /// Panics of the game.
    pub panics: IntCounter,
    /// Rooms opened.
    pub rooms_opened: IntCounter,
    /// Rooms closed, by reason.
    pub rooms_closed: Tally,
}

/// A counter for each of some names.
#[derive(Debug)]
pub struct Tally(BTreeMap<&'static str, IntCounter>);

impl Tally {
    fn new(names: impl IntoIterator<Item = &'static str>, counter: impl Fn(&str) -> IntCounter) -> Self {
        Self(names.into_iter().map(|name| (name, counter(name))).collect())
    }

    /// Counts one.
    ///
    /// # Panics
    /// If the name is none of them.
    pub fn count(&self, name: &str) {
        self.0.get(name).expect("every name of an enum has its counter").inc();
    }

    /// Those that are not zero.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.0.iter().map(|(name, counter)| (*name, counter.get()));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

impl Metrics {
    /// Nothing counted yet.
    ///
    /// # Panics
    /// Never: the names are distinct and valid.
    #[must_use]
    pub fn new(games: &[Arc<GameSpec>]) -> Self {
        let registry = Registry::new();
        let families = Families::new(&registry);
        let refusals = RefusalCause::iter().map(<&'static str>::from);
        let joins = Tally::new(refusals.chain([JOINED]), |name| families.joins.with_label_values(&[name]));
        let closes = CloseReason::iter().map(CloseReason::name);
        Self {
            games: games.iter().map(|game| (game.name, Arc::new(families.of_game(game.name)))).collect(),
            joins,
            closes: Tally::new(closes, |name| families.closes.with_label_values(&[name])),
            accepted: families.accepted.clone(),
            gauges: Mutex::new(Gauges::new(&registry)),
            process: ProcessCollector::for_self(),
            registry,
        }
    }

    /// What the rooms of a game share.
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

    /// Counts a refusal.
    pub fn count_refusal(&self, cause: RefusalCause) {
        self.joins.count(cause.into());
    }

    /// Joins so far that were not refused.
    #[must_use]
    pub fn joined(&self) -> u64 {
        self.joins.counts().get(JOINED).copied().unwrap_or_default()
    }

    /// Bytes so far, from players and to them, in all games.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |counters: &[IntCounter]| counters.iter().map(IntCounter::get).sum::<u64>();
        let games = self.games.values();
        games.fold((0, 0), |(from, to), game| (from + sum(&game.received), to + sum(&game.sent)))
    }

    /// Memory that the process has in use; zero where the operating system does not tell.
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

    /// All of them as Prometheus reads them, in its text format 0.0.4.
    #[must_use]
    pub fn text(&self, lobby: &Lobby, connections: usize) -> String {
        let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.look(lobby, self.games.keys().copied(), connections);
        let mut text = String::new();
        TextEncoder::new()
            .encode_utf8(&self.registry.gather(), &mut text)
            .expect("a string takes what is written");
        text
    }
}

/// The counters of a family that are of a game, by the values of the other label.
fn of_game<const N: usize>(family: &IntCounterVec, game: &str, others: [&str; N]) -> [IntCounter; N] {
    others.map(|other| family.with_label_values(&[game, other]))
}

/// Why rooms end, by name.
fn end_reasons() -> impl Iterator<Item = &'static str> {
    EndReason::iter().map(EndReason::name)
}
