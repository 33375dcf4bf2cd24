//! How many bytes of messages may be on their way to one client.
//!
//! Snapshots have a [budget](super::super::budget) of their own. Messages take what the way has left: a window of bytes that are
//! not acknowledged, which grows as long as acknowledgements keep up, and is halved when the client lags (slow start, then
//! additive increase and multiplicative decrease, as in RFC 5681). The bytes of one tick are the window's share of a round trip,
//! so that a large message makes no burst that snapshots would wait behind.

use std::collections::VecDeque;

use drumline_shared::wire::fragment::FRAGMENT_BYTES;

const FIRST_WINDOW: usize = 16 * 1024;
const LEAST_WINDOW: usize = 4 * 1024;
const MOST_WINDOW: usize = 1024 * 1024;

/// The window of one client.
#[derive(Debug)]
pub struct Pace {
    window: usize,
    /// Beyond it the window grows slowly.
    slow_start_until: usize,
    /// By tick: the bytes that the acknowledgement of its snapshot proves to have arrived.
    in_flight: VecDeque<InFlight>,
    in_flight_bytes: usize,
    /// Ticks of a round trip, as last seen.
    round_trip_ticks: u32,
    /// Bytes that were allowed on the last tick with messages, and those that went.
    allowed_bytes: usize,
    used_bytes: usize,
    /// The window was in use since it last grew.
    is_used: bool,
}

#[derive(Debug, Clone, Copy)]
struct InFlight {
    proved_by: u32,
    bytes: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            window: FIRST_WINDOW,
            slow_start_until: MOST_WINDOW,
            in_flight: VecDeque::new(),
            in_flight_bytes: 0,
            round_trip_ticks: 1,
            allowed_bytes: 0,
            used_bytes: 0,
            is_used: false,
        }
    }
}

impl Pace {
    /// Starts another tick with messages: the bytes that may go on it, at least one fragment, whatever is on its way.
    pub fn start(&mut self) -> usize {
        let share = self.window / self.round_trip_ticks as usize;
        let left = self.window.saturating_sub(self.in_flight_bytes);
        (self.allowed_bytes, self.used_bytes) = (share.min(left).max(FRAGMENT_BYTES), 0);
        self.allowed_bytes
    }

    /// Notes bytes that go now, and the tick of the first snapshot whose acknowledgement will prove them.
    pub fn note_sent(&mut self, proved_by: u32, bytes: usize) {
        self.in_flight_bytes += bytes;
        self.used_bytes += bytes;
        self.is_used |= 2 * self.used_bytes > self.allowed_bytes;
        match self.in_flight.back_mut().filter(|last| last.proved_by == proved_by) {
            Some(last) => last.bytes += bytes,
            None => self.in_flight.push_back(InFlight { proved_by, bytes }),
        }
    }

    /// Notes the acknowledgement of a snapshot.
    pub fn acknowledge(&mut self, acked_tick: u32) {
        let mut acked_bytes = 0;
        while let Some(first) = self.in_flight.front().filter(|first| first.proved_by <= acked_tick) {
            acked_bytes += first.bytes;
            self.in_flight.pop_front();
        }
        self.in_flight_bytes -= acked_bytes;
        // A window that nothing fills proves nothing of the way.
        if acked_bytes == 0 || !std::mem::take(&mut self.is_used) {
            return;
        }
        let step = if self.window < self.slow_start_until {
            acked_bytes
        } else {
            // One fragment a round trip.
            (FRAGMENT_BYTES * acked_bytes / self.window).max(1)
        };
        self.window = (self.window + step).min(MOST_WINDOW);
    }

    /// Follows a snapshot: the ticks from the one acknowledged last to this one, and if the budget was
    /// lowered for lag.
    pub fn follow(&mut self, unacked_ticks: u32, is_lowered: bool) {
        self.round_trip_ticks = unacked_ticks.max(1);
        if is_lowered {
            self.window = (self.window / 2).max(LEAST_WINDOW);
            self.slow_start_until = self.window;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends all that is allowed on each tick, and acknowledges it `round_trip` ticks later. Returns the bytes of each tick.
    fn run(pace: &mut Pace, ticks: std::ops::Range<u32>, round_trip: u32) -> Vec<usize> {
        let send = |tick: u32| {
            pace.acknowledge(tick.saturating_sub(round_trip));
            pace.follow(round_trip, false);
            let allowed = pace.start();
            pace.note_sent(tick, allowed);
            allowed
        };
        ticks.map(send).collect()
    }

    #[test]
    fn it_doubles_in_a_round_trip_until_there_is_lag_and_then_grows_slowly() {
        let mut pace = Pace::default();
        let sent = run(&mut pace, 1..61, 10);
        assert!(sent[..10].iter().sum::<usize>() <= FIRST_WINDOW);
        assert!(pace.window >= 8 * FIRST_WINDOW, "{}", pace.window);
        let before = pace.window;
        pace.follow(10, true);
        assert_eq!(pace.window, before / 2);
        run(&mut pace, 61..91, 10);
        assert!(pace.window <= before / 2 + 4 * FRAGMENT_BYTES, "{} of {before}", pace.window);
        for _ in 0..20 {
            pace.follow(10, true);
        }
        assert_eq!(pace.window, LEAST_WINDOW);
    }

    #[test]
    fn a_window_that_nothing_fills_stays() {
        let mut pace = Pace::default();
        for tick in 1..1000 {
            pace.start();
            pace.note_sent(tick, 40);
            pace.acknowledge(tick - 1);
        }
        assert_eq!((pace.window, pace.in_flight.len()), (FIRST_WINDOW, 1));
    }
}
