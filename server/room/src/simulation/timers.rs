//! Timers of a game: plain data that fires on a later tick.

use serde::{Deserialize, Serialize};

/// The most timers of a room at once.
pub const MAX_TIMERS: usize = 65_536;

/// A timer. No two timers of a room have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimerId(u64);

/// The timers of a room: see [`Tick::timers`](crate::Tick::timers). Each carries a [`Game::Timer`](crate::Game::Timer), which
/// [`Game::timer`](crate::Game::timer) gets when the time has come.
///
/// # Examples
/// ```
/// # use drumline_room::prelude::*;
/// # use drumline_room::testing::TestTick;
/// # #[derive(Default, Replicate)]
/// # struct Still {}
/// # #[derive(Default, World)]
/// # struct Clock {}
/// # #[game]
/// # impl Game for Clock {
/// #     const NAME: &'static str = "clock";
/// #     type Input = Still;
/// #     type Timer = String;
/// #     fn tick(&mut self, _: &mut Tick<Self>) {}
/// # }
/// # let mut tick = TestTick::<Clock>::new(1);
/// # tick.run(|tick| {
/// let gong = tick.timers().after(2.0, "gong".to_owned());
/// let tock = tick.timers().every(0.5, "tock".to_owned());
/// assert_eq!(tick.timers().seconds_left(gong), Some(2.0));
/// assert!(tick.timers().cancel(tock) && !tick.timers().cancel(tock));
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timers<T> {
    tick_rate_hz: u32,
    /// The newest tick.
    now: u32,
    next_id: u64,
    /// By ascending tick and id.
    waiting: Vec<Waiting<T>>,
}

/// A timer that has not fired yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting<T> {
    tick: u32,
    id: TimerId,
    /// Ticks from one firing to the next; `None` for a timer that fires once.
    period: Option<u32>,
    timer: T,
}

impl<T: Clone> Timers<T> {
    pub(crate) fn new(tick_rate_hz: u32) -> Self {
        Self { tick_rate_hz, now: 0, next_id: 0, waiting: Vec::new() }
    }

    /// Fires a timer once, after some seconds of the room's time, rounded up to ticks; on the next tick at the earliest.
    ///
    /// # Panics
    /// If the seconds are negative or not finite, or the room has [`MAX_TIMERS`].
    pub fn after(&mut self, seconds: f32, timer: T) -> TimerId {
        let ticks = self.ticks(seconds);
        self.add(ticks, None, timer)
    }

    /// Fires a timer again and again, the first time after one period: some seconds of the room's time, rounded up to ticks, at
    /// least one tick.
    ///
    /// # Panics
    /// As [`after`](Self::after).
    pub fn every(&mut self, seconds: f32, timer: T) -> TimerId {
        let ticks = self.ticks(seconds);
        self.add(ticks, Some(ticks), timer)
    }

    /// Stops a timer. Returns false if it has fired for the last time already, or was stopped.
    pub fn cancel(&mut self, id: TimerId) -> bool {
        let found = self.waiting.iter().position(|waiting| waiting.id == id);
        found.map(|index| self.waiting.remove(index)).is_some()
    }

    /// Seconds until a timer fires next; `None` if it does not.
    #[must_use]
    pub fn seconds_left(&self, id: TimerId) -> Option<f32> {
        let waiting = self.waiting.iter().find(|waiting| waiting.id == id)?;
        Some((waiting.tick - self.now) as f32 / self.tick_rate_hz as f32)
    }

    fn ticks(&self, seconds: f32) -> u32 {
        assert!(seconds.is_finite() && seconds >= 0.0, "a timer of {seconds} seconds");
        ((seconds * self.tick_rate_hz as f32).ceil() as u32).max(1)
    }

    fn add(&mut self, ticks: u32, period: Option<u32>, timer: T) -> TimerId {
        assert!(self.waiting.len() < MAX_TIMERS, "a room has at most {MAX_TIMERS} timers: cancel some");
        let id = TimerId(self.next_id);
        self.next_id += 1;
        self.insert(Waiting { tick: self.now.saturating_add(ticks), id, period, timer });
        id
    }

    fn insert(&mut self, new: Waiting<T>) {
        let index = self.waiting.partition_point(|waiting| (waiting.tick, waiting.id) < (new.tick, new.id));
        self.waiting.insert(index, new);
    }

    /// Begins a tick.
    pub(crate) fn begin(&mut self, tick: u32) {
        self.now = tick;
    }

    /// The next timer that fires on this tick, by the time for which it was set and then by age; `None` if there is none.
    pub(crate) fn fire(&mut self) -> Option<T> {
        if self.waiting.first()?.tick > self.now {
            return None;
        }
        let fired = self.waiting.remove(0);
        let Waiting { tick, id, period, timer } = fired;
        if let Some(ticks) = period {
            self.insert(Waiting { tick: tick.saturating_add(ticks), id, period, timer: timer.clone() });
        }
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The timers that fire on the ticks up to `last`, each with its tick.
    fn fired(timers: &mut Timers<char>, last: u32) -> Vec<(u32, char)> {
        let mut fired = Vec::new();
        for tick in timers.now + 1..=last {
            timers.begin(tick);
            while let Some(timer) = timers.fire() {
                fired.push((tick, timer));
            }
        }
        fired
    }

    #[test]
    fn timers_fire_in_the_order_of_their_ticks_and_then_of_their_age() {
        let mut timers = Timers::new(10);
        timers.after(0.3, 'a');
        timers.every(0.15, 'b');
        timers.after(0.0, 'c');
        timers.after(0.2, 'd');
        let expected = [(1, 'c'), (2, 'b'), (2, 'd'), (3, 'a'), (4, 'b'), (6, 'b')];
        assert_eq!(fired(&mut timers, 6), expected);
    }

    #[test]
    fn a_cancelled_timer_never_fires() {
        let mut timers = Timers::new(10);
        let [once, often] = [timers.after(0.2, 'a'), timers.every(0.1, 'b')];
        assert_eq!((timers.seconds_left(once), timers.seconds_left(often)), (Some(0.2), Some(0.1)));
        assert_eq!(fired(&mut timers, 1), [(1, 'b')]);
        assert!(timers.cancel(once) && timers.cancel(often) && !timers.cancel(once));
        assert_eq!(fired(&mut timers, 9), []);
        assert_eq!(timers.seconds_left(once), None);
    }

    #[test]
    #[should_panic(expected = "a timer of NaN seconds")]
    fn a_timer_has_a_time() {
        Timers::new(10).after(f32::NAN, 'a');
    }
}
