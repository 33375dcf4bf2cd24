//! Angles.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

/// An angle in radians, quantized to `2^bits` steps of a full turn: one column that wraps around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Angle {
    /// Bits of the column, 1 to 24.
    pub bits: u8,
}

impl Angle {
    /// An angle of `bits` bits.
    ///
    /// # Panics
    /// If `bits` is not in 1..=24.
    #[must_use]
    #[track_caller]
    pub const fn new(bits: u8) -> Self {
        assert!(bits >= 1 && bits <= 24, "an angle takes 1 to 24 bits");
        Self { bits }
    }

    /// The nearest step to `radians`, which may be several turns; 0 if that is not finite.
    #[inline]
    #[must_use]
    pub fn quantize(self, radians: f64) -> u32 {
        self.quantize_noting(radians, &mut false)
    }

    /// The same as [`quantize`](Self::quantize). It sets `clamped` if `radians` is not finite.
    #[inline]
    #[must_use]
    pub fn quantize_noting(self, radians: f64, clamped: &mut bool) -> u32 {
        *clamped |= !radians.is_finite();
        let steps = f64::from(1u32 << self.bits);
        let turns = radians / TAU;
        let part = turns - turns.floor();
        ((part * steps + 0.5).floor() as u32) & ((1 << self.bits) - 1)
    }

    /// The angle of a step, in radians, 0 to 2π.
    #[inline]
    #[must_use]
    pub fn dequantize(self, quantized: u32) -> f64 {
        f64::from(quantized) / f64::from(1u32 << self.bits) * TAU
    }
}
