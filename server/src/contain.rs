//! Panics of games, kept to their rooms.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does some of a room's work.
///
/// What a panic leaves half-done must not be relied on: the room's game is only told to close after it, and dropped.
///
/// # Errors
/// The panic's message if the game panics.
pub fn contain<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let message = message_of(&*payload);
        // What a game throws may panic once more when it is dropped; to lose its memory is better.
        std::mem::forget(payload);
        message
    })
}

/// What a panic says.
#[must_use]
pub fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
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
    fn a_panic_is_its_message() {
        assert_eq!(contain(|| 7), Ok(7));
        assert_eq!(contain::<()>(|| panic!("plain")), Err("plain".into()));
        assert_eq!(contain::<()>(|| panic!("with {}", 1)), Err("with 1".into()));
        assert_eq!(contain::<()>(|| std::panic::panic_any(Grenade)), Err("no message".into()));
    }
}
