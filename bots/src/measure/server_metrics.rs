//! The server's own figures during a run: reads its `/metrics` once per second.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::report::series::ServerSecond;

/// Time between two requests.
const PERIOD: Duration = Duration::from_secs(1);
/// How long an answer counts as current.
const FRESH: Duration = Duration::from_millis(2500);
/// Longest time that an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest answer, in bytes.
const MOST_BYTES: u64 = 4 << 20;

/// Reads the server's metrics until it is dropped. It stops at the first request that fails: many servers show their
/// metrics only to their own machine.
#[derive(Debug)]
pub struct Scraper {
    latest: Arc<Mutex<Option<(Instant, ServerSecond)>>>,
    /// The thread ends when this is dropped.
    _alive: Sender<()>,
}

impl Scraper {
    /// Reads the metrics of the server at an address like `ws://127.0.0.1:7777`.
    #[must_use]
    pub fn start(url: &str) -> Self {
        let address = url.trim_end_matches('/').replacen("ws", "http", 1) + "/metrics";
        let latest = Arc::new(Mutex::new(None));
        let (alive, ended) = channel();
        let shared = Arc::clone(&latest);
        thread::spawn(move || {
            let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().new_agent();
            let mut before = None;
            while let Some(scrape) = ask(&agent, &address) {
                if let Some(before) = &before {
                    let latest = Some((scrape.at, scrape.since(before)));
                    *shared.lock().unwrap_or_else(PoisonError::into_inner) = latest;
                }
                before = Some(scrape);
                if ended.recv_timeout(PERIOD) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        });
        Self { latest, _alive: alive }
    }

    /// The server's figures, if they are current.
    #[must_use]
    pub fn newest(&self) -> Option<ServerSecond> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().filter(|(at, _)| at.elapsed() < FRESH).map(|(_, latest)| latest.clone())
    }
}

fn ask(agent: &ureq::Agent, address: &str) -> Option<Scrape> {
    let mut answer = agent.get(address).call().ok()?;
    let text = answer.body_mut().with_config().limit(MOST_BYTES).read_to_string().ok()?;
    Some(Scrape::read(&text, Instant::now()))
}

/// A cumulative bucket of a histogram of tick lateness.
#[derive(Debug, Clone, Copy)]
struct LatenessBucket {
    bound_ms: f64,
    /// Ticks that were late by at most the bound.
    count: f64,
}

/// The metrics at one moment.
#[derive(Debug)]
struct Scrape {
    at: Instant,
    /// The sum of each family's samples, over all labels.
    sums: BTreeMap<String, f64>,
    /// The buckets of the tick lateness, by ascending bound.
    lateness: Vec<LatenessBucket>,
    /// Threads that run rooms.
    shards: u32,
}

impl Scrape {
    /// Parses what is needed of Prometheus's text format.
    fn read(text: &str, at: Instant) -> Self {
        let mut sums = BTreeMap::new();
        let mut lateness: Vec<LatenessBucket> = Vec::new();
        let mut shards = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            let name = series.split('{').next().unwrap_or(series);
            shards += u32::from(name == "drumline_shard_rooms");
            if name == "drumline_tick_lateness_seconds_bucket" {
                let bound = series.split("le=\"").nth(1).and_then(|rest| rest.split('"').next());
                let Some(bound) = bound.and_then(|bound| bound.parse::<f64>().ok()) else { continue };
                let bound_ms = bound * 1000.0;
                match lateness.iter_mut().find(|known| known.bound_ms == bound_ms) {
                    Some(known) => known.count += value,
                    None => lateness.push(LatenessBucket { bound_ms, count: value }),
                }
            } else {
                *sums.entry(name.to_owned()).or_default() += value;
            }
        }
        lateness.sort_by(|a, b| a.bound_ms.total_cmp(&b.bound_ms));
        Self { at, sums, lateness, shards }
    }

    /// The figures of the time since an earlier scrape.
    fn since(&self, before: &Self) -> ServerSecond {
        let seconds = self.at.duration_since(before.at).as_secs_f64().max(1e-6);
        let count = |name: &str| self.sums.get(name).map(|count| *count as u64);
        let rate = |name: &str| Some((self.sums.get(name)? - before.sums.get(name)?) / seconds);
        ServerSecond {
            tick_lateness_ms_p50: self.lateness_since(before, 0.5),
            tick_lateness_ms_p99: self.lateness_since(before, 0.99),
            busy: rate("drumline_tick_duration_seconds_sum").map(|busy| busy / f64::from(self.shards.max(1))),
            cpu: rate("process_cpu_seconds_total"),
            rooms: count("drumline_rooms"),
            players: count("drumline_players"),
        }
    }

    /// A quantile of the tick lateness since then, in milliseconds, interpolated within its bucket.
    fn lateness_since(&self, before: &Self, q: f64) -> Option<f64> {
        let earlier = |index: usize| before.lateness.get(index).map_or(0.0, |bucket| bucket.count);
        let counts = self.lateness.iter().enumerate();
        let counts: Vec<LatenessBucket> = counts
            .map(|(index, bucket)| LatenessBucket { count: bucket.count - earlier(index), ..*bucket })
            .collect();
        let wanted = counts.last().map(|all| all.count * q).filter(|wanted| *wanted > 0.0)?;
        let (mut low, mut below) = (0.0, 0.0);
        for LatenessBucket { bound_ms, count } in counts {
            if count >= wanted {
                let share = (wanted - below) / (count - below);
                // Nothing is known beyond the last finite bound.
                return Some(if bound_ms.is_finite() { low + (bound_ms - low) * share } else { low });
            }
            (low, below) = (bound_ms, count);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metrics of two games, with these numbers of ticks late by at most 1 ms, 10 ms, and any time.
    fn text(ticks: [u32; 3], busy: f64) -> String {
        let bucket = |game: &str, le: &str, count: u32| {
            format!("drumline_tick_lateness_seconds_bucket{{game=\"{game}\",le=\"{le}\"}} {count}\n")
        };
        let mut text = "# HELP drumline_rooms Rooms.\n# TYPE drumline_rooms gauge\n".to_owned();
        text += "drumline_rooms{game=\"a\",state=\"open\"} 2\ndrumline_rooms{game=\"b\",state=\"open\"} 3\n";
        for (le, count) in ["0.001", "0.01", "+Inf"].into_iter().zip(ticks) {
            text += &(bucket("a", le, count) + &bucket("b", le, count));
        }
        text += "drumline_shard_rooms{shard=\"0\"} 3\ndrumline_shard_rooms{shard=\"1\"} 2\n";
        text + &format!("drumline_tick_duration_seconds_sum{{game=\"a\"}} {busy}\nnonsense\nprocess_x NaN\n")
    }

    #[test]
    fn a_second_is_the_difference_between_two_scrapes() {
        let now = Instant::now();
        let before = Scrape::read(&text([1000, 1000, 1000], 5.0), now);
        let after = Scrape::read(&text([1050, 1100, 1100], 5.5), now + Duration::from_secs(2));
        let second = after.since(&before);
        assert_eq!(second.tick_lateness_ms_p50, Some(1.0));
        assert!((second.tick_lateness_ms_p99.unwrap() - 9.82).abs() < 1e-9, "{second:?}");
        assert_eq!((second.busy, second.cpu), (Some(0.125), None));
        assert_eq!((second.rooms, second.players), (Some(5), None));
        let stalled = after.since(&after);
        assert_eq!(stalled.tick_lateness_ms_p50, None, "no tick, no lateness");
        let late = Scrape::read(&text([1050, 1100, 1200], 5.5), now + Duration::from_secs(3));
        assert_eq!(late.since(&after).tick_lateness_ms_p50, Some(10.0), "later than the last bound");
    }
}
