//! Giving memory back to the operating system after a storm of joins.

use std::time::Duration;

/// How often an ebb is looked for.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A number that has not fallen by this much has not ebbed. A handshake takes some 12 KiB for a moment, a player 5.
const EBB: usize = 64;

/// Sees when many of something have gone.
#[derive(Debug, Default)]
pub struct Tide {
    highest: usize,
}

impl Tide {
    /// Takes note of how many there are. True if there have been more by a third, and by [`EBB`], since it last was.
    pub fn has_ebbed(&mut self, now: usize) -> bool {
        self.highest = self.highest.max(now);
        let ebbed = now + EBB <= self.highest && now <= self.highest / 4 * 3;
        if ebbed {
            self.highest = now;
        }
        ebbed
    }
}

/// Gives the heap's free pages back. glibc keeps them where anything allocated later lies above, which after a storm is
/// always so; it does not hold up who does not allocate. A few milliseconds' work.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    // SAFETY: malloc_trim may be called at any time, on any thread; the heap's locks are its own affair.
    #[allow(unsafe_code)]
    let gave = unsafe { libc::malloc_trim(0) };
    tracing::debug!(gave, "the heap's free pages were looked through");
}

/// Other allocators give memory back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ebb_is_a_quarter_less_and_told_once() {
        let mut tide = Tide::default();
        assert!(!tide.has_ebbed(63));
        assert!(!tide.has_ebbed(0), "63 fewer are no ebb");
        assert!(!tide.has_ebbed(1000));
        assert!(!tide.has_ebbed(751), "not yet a quarter");
        assert!(tide.has_ebbed(750));
        assert!(!tide.has_ebbed(687), "counted from the last ebb on");
        assert!(tide.has_ebbed(0));
    }
}
