//! One-shot actions of an input.

/// Presses of a one-shot action (jump, use, dash) since the last tick: a field of an input.
///
/// A client counts its presses and sends the count, modulo 256, with every input; the game gets the difference. So no press is
/// lost when inputs are late, repeated or dropped, and none is applied twice.
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
