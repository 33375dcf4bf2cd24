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
}
