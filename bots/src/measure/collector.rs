//! Combines what threads have measured into the series of seconds and the report.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::measure::generator_health::{HealthRecord, HealthSecond};
use crate::measure::room_stats::WorstRooms;
use crate::measure::stats::Stats;
use crate::report::figures::{Report, RoomFigures};
use crate::report::series::{Second, ServerSecond};

/// Number of rooms that a report lists.
const MOST_ROOMS: usize = 50;

/// The measurements of a thread since its previous delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The thread's number, over all processes.
    pub thread: u32,
    /// The time of the measurements.
    pub when: When,
    /// The measurements of its bots.
    pub stats: Box<Stats>,
    /// The health of the thread.
    pub health: HealthSecond,
    /// Its rooms in that second; of the last delivery, over the whole run.
    pub rooms: Vec<RoomFigures>,
}

/// The time of some measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// Before the measurement.
    Before,
    /// In this second of it, from 0.
    Second(u32),
    /// After the last second.
    After,
}

/// Combines the deliveries of all threads.
#[derive(Debug)]
pub struct Collector {
    threads: usize,
    total: Stats,
    /// Seconds that some threads have not delivered yet.
    open: BTreeMap<u32, OpenSecond>,
    /// Seconds that all threads have delivered.
    series: Vec<Second>,
    /// The rooms of the newest of these seconds.
    rooms: WorstRooms,
    last_rooms: Vec<RoomFigures>,
    health: HealthRecord,
}

#[derive(Debug, Default)]
struct OpenSecond {
    delivered: usize,
    stats: Stats,
    bots: u64,
    lateness_ms_max: f64,
    cpu: f64,
    rooms: Vec<RoomFigures>,
}

impl Collector {
    /// A collector for this many threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            total: Stats::default(),
            open: BTreeMap::new(),
            series: Vec::new(),
            rooms: WorstRooms::default(),
            last_rooms: Vec::new(),
            health: HealthRecord::default(),
        }
    }

    /// Adds a delivery. `tick` is the length of a tick; `server` is attached to the second that this delivery
    /// completes.
    pub fn add(&mut self, delivery: Delivery, tick: Duration, server: Option<&ServerSecond>) {
        let Delivery { thread, when, stats, health, rooms } = delivery;
        self.total.merge(&stats);
        match when {
            When::Before => {}
            When::After => self.last_rooms.extend(rooms),
            When::Second(second) => {
                self.health.add(thread as usize, second as usize, &health, tick);
                let open = self.open.entry(second).or_default();
                open.delivered += 1;
                open.bots += rooms.iter().map(|room| room.bots).sum::<u64>();
                open.rooms.extend(rooms);
                open.stats.merge(&stats);
                open.lateness_ms_max = open.lateness_ms_max.max(health.lateness.ms(1.0));
                open.cpu = open.cpu.max(health.cpu);
                if open.delivered == self.threads {
                    self.close(second, server);
                }
            }
        }
    }

    /// Appends a second to the series.
    fn close(&mut self, second: u32, server: Option<&ServerSecond>) {
        let Some(open) = self.open.remove(&second) else { return };
        let stats = &open.stats;
        self.series.push(Second {
            second,
            bots: open.bots,
            joined: stats.joins,
            join_failures: stats.join_failures.values().sum(),
            updates: stats.updates,
            bytes: stats.bytes,
            interval_ms_p50: stats.intervals.some_ms(0.5),
            interval_ms_p99: stats.intervals.some_ms(0.99),
            interval_ms_max: stats.intervals.some_ms(1.0),
            latency_ms_p50: stats.latencies.some_ms(0.5),
            latency_ms_p99: stats.latencies.some_ms(0.99),
            staleness_ms_p50: stats.staleness.some_ms(0.5),
            staleness_ms_p99: stats.staleness.some_ms(0.99),
            coalesced: stats.ticks_coalesced,
            mismatches: stats.mismatches,
            closes: stats.closes_early(),
            resumes: stats.resumed_after.count(),
            generator_lateness_ms_max: open.lateness_ms_max,
            generator_cpu: open.cpu,
            server: server.cloned(),
        });
        self.rooms = WorstRooms::of(open.rooms, MOST_ROOMS);
    }

    /// The completed seconds.
    #[must_use]
    pub fn series(&self) -> &[Second] {
        &self.series
    }

    /// The rooms that did worst in the newest second.
    #[must_use]
    pub fn rooms(&self) -> &WorstRooms {
        &self.rooms
    }

    /// Time that bots spent in rooms during the measurement, added up, in seconds.
    #[must_use]
    pub fn bot_seconds(&self) -> f64 {
        self.total.bot_seconds
    }

    /// The report, except for what only the supervisor knows. `bot_seconds` is the time that bots spent in rooms,
    /// added up.
    #[must_use]
    pub fn report(mut self, bot_seconds: f64) -> Report {
        // A thread that ended early leaves seconds open. They count all the same.
        for second in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(second, None);
        }
        let generator = self.health.generator();
        let invalid_because = self.health.objections(&generator);
        let worst = WorstRooms::of(self.last_rooms, MOST_ROOMS);
        Report {
            valid: invalid_because.is_empty(),
            invalid_because,
            generator,
            series: self.series,
            rooms: worst.rooms,
            rooms_left_out: worst.left_out,
            ..self.total.report(bot_seconds)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(50);

    fn delivery(thread: u32, when: When, updates: u64, interval_ms: u64) -> Delivery {
        let mut stats = Stats { updates, ..Stats::default() };
        stats.intervals.record(Duration::from_millis(interval_ms));
        let rooms = vec![RoomFigures { id: thread.to_string(), bots: 4, ..Default::default() }];
        Delivery { thread, when, stats: Box::new(stats), health: HealthSecond::default(), rooms }
    }

    #[test]
    fn a_second_is_complete_when_all_threads_have_delivered_it() {
        let mut collector = Collector::new(2);
        let server = ServerSecond { rooms: Some(2), ..ServerSecond::default() };
        collector.add(delivery(0, When::Before, 1, 1), TICK, None);
        collector.add(delivery(0, When::Second(0), 10, 30), TICK, None);
        collector.add(delivery(0, When::Second(1), 20, 30), TICK, None);
        assert!(collector.series().is_empty());
        collector.add(delivery(1, When::Second(0), 100, 90), TICK, Some(&server));
        let [second] = collector.series() else { panic!("{:?}", collector.series()) };
        assert_eq!((second.second, second.updates, second.bots), (0, 110, 8));
        assert!((second.interval_ms_max.unwrap() - 90.0).abs() < 0.1 && second.latency_ms_p50.is_none());
        assert_eq!(second.server, Some(server));
        assert_eq!(collector.rooms().rooms.len(), 2);
        collector.add(delivery(0, When::After, 1000, 30), TICK, None);
        let report = collector.report(1131.0);
        assert_eq!(report.series.len(), 2, "a second that only one thread delivered counts in the end");
        assert_eq!((report.updates_per_s, report.quantiles.interval.count), (1.0, 5));
        assert_eq!((report.rooms.len(), report.rooms[0].id.as_str()), (1, "0"));
        assert!(report.valid);
    }
}
