//! One-shot actions of an input.

/// A field of an input: the presses of a one-shot action (jump, use, dash) since the last tick.
///
/// A client counts its presses and sends the count, modulo 256, with every input. The game gets the difference to the last tick's
/// count. So no press is lost when inputs are late, repeated or dropped, and no press is applied twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Press(
    /// The number of presses since the last tick, 0 to 255.
    pub u8,
);

impl Press {
    /// Returns true if the action was pressed at least once.
    #[must_use]
    pub fn pressed(self) -> bool {
        self.0 > 0
    }
}
