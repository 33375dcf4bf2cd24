//! Whole numbers in a range.

use serde::{Deserialize, Serialize};

/// A whole number from `min` to `min + span`: one column up to a span of 32 bits, else two, the low half first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntRange {
    /// The least value.
    pub min: i64,
    /// The greatest value less the least.
    pub span: u64,
}

impl IntRange {
    /// The whole numbers from `min` to `max`.
    ///
    /// # Panics
    /// If `min` is not below `max`, or either is beyond 64 bits.
    #[must_use]
    #[track_caller]
    pub const fn new(min: i128, max: i128) -> Self {
        assert!(min < max, "an integer range needs its lower bound first");
        assert!(
            min >= i64::MIN as i128 && max - min <= u64::MAX as i128,
            "an integer range must fit 64 bits"
        );
        Self { min: min as i64, span: (max - min) as u64 }
    }

    /// Returns true if the quantized value takes two columns.
    #[must_use]
    pub const fn is_wide(&self) -> bool {
        self.span > u32::MAX as u64
    }

    /// The clamped value's distance from `min`.
    #[inline]
    #[must_use]
    pub fn quantize(&self, value: i128) -> u64 {
        self.quantize_noting(value, &mut false)
    }

    /// The same as [`quantize`](Self::quantize). It sets `clamped` if the value is out of range.
    #[inline]
    #[must_use]
    pub fn quantize_noting(&self, value: i128, clamped: &mut bool) -> u64 {
        let offset = value - i128::from(self.min);
        let quantized = offset.clamp(0, i128::from(self.span));
        *clamped |= quantized != offset;
        quantized as u64
    }

    /// The value at a distance from `min`. A distance beyond the span, which two columns can hold, is clamped to it.
    #[inline]
    #[must_use]
    pub fn dequantize(&self, quantized: u64) -> i128 {
        i128::from(self.min) + i128::from(quantized.min(self.span))
    }
}
