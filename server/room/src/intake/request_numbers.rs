//! The numbers of one seat's commands and chat messages.

/// Commands and chat messages of a seat share one sequence of numbers: 1, 2, 3, … A client keeps each until its number is
/// confirmed, and sends it again on another connection. So each is accepted once, and in order.
#[derive(Debug, Default)]
pub(super) struct RequestNumbers {
    /// The highest number accepted.
    accepted: u32,
    /// The highest number that the client was told of.
    confirmed: u32,
    /// The next number was refused because the queue was full: the client sends it again, and those after it.
    is_refusing: bool,
}

/// The place of a number in the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the next one.
    Next,
    /// It has been accepted before, or comes after one that was refused: to be ignored.
    Ignored,
    /// Numbers are missing before it: the client breaks the protocol.
    Gap,
}

impl RequestNumbers {
    pub(super) fn place(&self, number: u32) -> Place {
        match number.checked_sub(self.accepted) {
            None | Some(0) => Place::Ignored,
            Some(1) => Place::Next,
            Some(_) if self.is_refusing => Place::Ignored,
            Some(_) => Place::Gap,
        }
    }

    /// Accepts the next number.
    pub(super) fn accept(&mut self) {
        self.accepted += 1;
        self.is_refusing = false;
    }

    /// Refuses the next number, which stays the next.
    pub(super) fn refuse(&mut self) {
        self.is_refusing = true;
    }

    /// The highest number accepted, for the welcome of a connection.
    pub(super) fn accepted(&self) -> u32 {
        self.accepted
    }

    /// Starts over for another connection, whose welcome confirms all that was accepted.
    pub(super) fn restart(&mut self) {
        self.confirmed = self.accepted;
    }

    /// The highest number accepted, if the client has not been told of it yet.
    pub(super) fn take_confirmation(&mut self) -> Option<u32> {
        let is_new = std::mem::replace(&mut self.confirmed, self.accepted) != self.accepted;
        is_new.then_some(self.accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_accepted_once_and_in_order() {
        let mut numbers = RequestNumbers::default();
        assert_eq!(numbers.take_confirmation(), None);
        assert_eq!(numbers.place(0), Place::Ignored);
        assert_eq!(numbers.place(2), Place::Gap);
        assert_eq!(numbers.place(1), Place::Next);
        numbers.accept();
        assert_eq!((numbers.place(1), numbers.place(2)), (Place::Ignored, Place::Next));
        assert_eq!((numbers.take_confirmation(), numbers.take_confirmation()), (Some(1), None));
        numbers.refuse();
        assert_eq!((numbers.place(2), numbers.place(3)), (Place::Next, Place::Ignored));
        numbers.accept();
        assert_eq!((numbers.place(3), numbers.place(4)), (Place::Next, Place::Gap));
        numbers.restart();
        assert_eq!(numbers.take_confirmation(), None, "the welcome has said it");
    }
}
