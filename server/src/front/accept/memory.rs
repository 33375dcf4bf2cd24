//! Giving memory back to the operating system after a peak of handshakes or players.

use std::time::Duration;

/// The period at which the numbers are checked.
pub const CHECK_PERIOD: Duration = Duration::from_secs(1);
/// The smallest fall from a peak that counts. A handshake takes some 12 KiB for a moment, a player 5.
const MIN_FALL: usize = 64;

/// Notices when a number has fallen well below its peak.
#[derive(Debug, Default)]
pub struct PeakTracker {
    peak: usize,
}

impl PeakTracker {
    /// Records a number. Returns true if it has fallen by a quarter, and by [`MIN_FALL`], from its peak; that peak is then
    /// forgotten.
    pub fn is_past_peak(&mut self, now: usize) -> bool {
        self.peak = self.peak.max(now);
        let is_past = now + MIN_FALL <= self.peak && now <= self.peak / 4 * 3;
        if is_past {
            self.peak = now;
        }
        is_past
    }
}

/// Gives the heap's free pages back, which takes a few milliseconds. glibc keeps free pages below anything that was allocated
/// later, so after a peak it would keep nearly all. Threads that do not allocate are not delayed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    // SAFETY: malloc_trim may be called at any time, on any thread; it locks the heap itself.
    #[allow(unsafe_code)]
    let gave = unsafe { libc::malloc_trim(0) };
    tracing::debug!(gave, "the heap's free pages were given back");
}

/// Other allocators give memory back on their own.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_a_quarter_of_the_peak_and_is_noticed_once() {
        let mut peak_tracker = PeakTracker::default();
        assert!(!peak_tracker.is_past_peak(63));
        assert!(!peak_tracker.is_past_peak(0), "63 fewer are too few");
        assert!(!peak_tracker.is_past_peak(1000));
        assert!(!peak_tracker.is_past_peak(751), "not yet a quarter");
        assert!(peak_tracker.is_past_peak(750));
        assert!(!peak_tracker.is_past_peak(687), "counted from the last fall on");
        assert!(peak_tracker.is_past_peak(0));
    }
}
