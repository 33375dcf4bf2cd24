//! Panics of games, contained in their rooms.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::measure::panic_message::panic_message;

/// Does some of a room's work.
///
/// After a panic the game's state must not be relied on: the game is only closed, and dropped.
///
/// # Errors
/// The panic's message if the game panics.
pub fn contain_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let message = panic_message(&*payload);
        // A payload may panic when it is dropped, so its memory is leaked.
        std::mem::forget(payload);
        message
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Grenade;

    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("and again");
        }
    }

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(contain_panic(|| 7), Ok(7));
        assert_eq!(contain_panic::<()>(|| panic!("plain")), Err("plain".into()));
        assert_eq!(contain_panic::<()>(|| panic!("with {}", 1)), Err("with 1".into()));
        assert_eq!(contain_panic::<()>(|| std::panic::panic_any(Grenade)), Err("no message".into()));
    }
}
