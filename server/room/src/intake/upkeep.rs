//! The facts by which a room sleeps and is weighed.

use super::Intake;
use super::seat::Seat;
use crate::record::Record;

impl Intake {
    /// Returns true if something other than inputs waits for the next tick.
    #[must_use]
    pub fn has_news(&self) -> bool {
        let Record { public, private, .. } = &self.next;
        let is_quiet = public.leaves.is_empty()
            && public.joins.is_empty()
            && public.presence.is_empty()
            && public.orders.is_empty()
            && public.chat.is_empty()
            && private.team_chat.is_empty()
            && private.outcomes.is_empty()
            && self.commands.is_empty();
        !is_quiet
    }

    /// Bytes of memory that the seats take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.seats.capacity() * size_of::<Option<Seat>>()
    }
}
