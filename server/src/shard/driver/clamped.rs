//! News of values that do not fit their fields: in the metrics once a second, in the log at most once a minute.
//!
//! A NaN in a position is shown as a place like any other. The game's author has to hear of it from somewhere else.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use drumline_room::ClampedCount;

use crate::measure::metrics::RoomMeter;

/// The least time between two lines of the log.
const LOG_PERIOD: Duration = Duration::from_secs(60);

/// The counts that have been reported.
#[derive(Debug, Default)]
pub(super) struct ClampedReport {
    /// By table and field.
    reported: BTreeMap<String, u64>,
    /// By table and field: values since the last line of the log.
    unlogged: BTreeMap<String, u64>,
    logged_at: Option<Instant>,
}

impl ClampedReport {
    /// Takes the counts of a room, and returns their sum.
    pub(super) fn take(
        &mut self,
        room: &str,
        counts: impl Iterator<Item = ClampedCount>,
        meter: &RoomMeter,
        now: Instant,
    ) -> u64 {
        let mut sum = 0;
        for ClampedCount { table, field, count } in counts {
            sum += count;
            let path = format!("{table}.{field}");
            let before = self.reported.insert(path.clone(), count).unwrap_or(0);
            if count > before {
                meter.clamp(&table, &field, count - before);
                *self.unlogged.entry(path).or_default() += count - before;
            }
        }
        let is_due = self.logged_at.is_none_or(|at| now.duration_since(at) >= LOG_PERIOD);
        if is_due && !self.unlogged.is_empty() {
            self.logged_at = Some(now);
            let values = std::mem::take(&mut self.unlogged);
            tracing::warn!(
                room,
                ?values,
                "values of the game's state do not fit their fields: clients see clamped ones"
            );
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::metrics::Metrics;

    #[test]
    fn every_value_is_counted_once() {
        let metrics = Metrics::new(["arena"].into_iter(), ["draining"].into_iter());
        let now = Instant::now();
        let meter = RoomMeter::new(metrics.game("arena"), now);
        let mut report = ClampedReport::default();
        let counts =
            |count| {
                [("ships", "position", count), ("shots", "age", 1)].map(|(table, field, count)| {
                    ClampedCount { table: table.into(), field: field.to_owned(), count }
                })
            };
        assert_eq!(report.take("r", counts(3).into_iter(), &meter, now), 4);
        assert_eq!(report.take("r", counts(3).into_iter(), &meter, now), 4);
        assert!(report.unlogged.is_empty());
        assert_eq!(report.take("r", counts(8).into_iter(), &meter, now), 9);
        assert_eq!(
            report.unlogged,
            BTreeMap::from([("ships.position".to_owned(), 5)]),
            "for the next minute"
        );
        let counted = metrics.game("arena").clamped.with_label_values(&["arena", "ships", "position"]);
        assert_eq!(counted.get(), 8);
        report.take("r", counts(8).into_iter(), &meter, now + LOG_PERIOD);
        assert!(report.unlogged.is_empty());
    }
}
