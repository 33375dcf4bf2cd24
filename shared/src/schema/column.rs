//! The quantized integers that a field becomes.

use crate::quantize::SmallestThree;

/// How a field's changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As signed differences from the prediction, each column on its own.
    Number,
    /// As a rotation: the differences depend on the index of the largest component.
    Rotation(SmallestThree),
    /// As a choice among the values that were not predicted: right for flags, variants and text.
    Choice,
    /// By the values inside it: the index of the field's node among those of the row.
    Nested(u16),
}

/// One quantized integer of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The greatest value it may have.
    pub max: u32,
    /// True if 0 follows the greatest value, as in an angle.
    pub wraps: bool,
}

impl Column {
    /// Bits of the widest value.
    #[inline]
    #[must_use]
    pub fn bits(&self) -> u32 {
        32 - self.max.leading_zeros()
    }

    /// Bits of a choice among the values when one of them is already ruled out.
    #[inline]
    #[must_use]
    pub fn choice_bits(&self) -> u32 {
        32 - (self.max - 1).leading_zeros()
    }

    /// The choice of a value among those other than the expected one, counted upwards from that and around.
    #[inline]
    #[must_use]
    pub fn choice_of(&self, expected: u32, value: u32) -> u32 {
        if value > expected { value - expected - 1 } else { self.max - expected + value }
    }

    /// The value of a choice; `None` if there is no such choice.
    #[inline]
    #[must_use]
    pub fn chosen(&self, expected: u32, choice: u32) -> Option<u32> {
        let above = self.max - expected;
        (choice < self.max).then(|| if choice < above { expected + 1 + choice } else { choice - above })
    }
}
