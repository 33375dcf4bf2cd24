//! Floats in a range.

use serde::{Deserialize, Serialize};

/// A float between `min` and `max` in steps of `step`: one column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The least value, in the author's unit.
    pub min: f64,
    /// The greatest value, in the author's unit.
    pub max: f64,
    /// The distance between two neighbouring values, in the author's unit.
    pub step: f64,
}

impl Range {
    /// A range in which each step survives a trip through `f32`.
    ///
    /// # Panics
    /// If the bounds are not finite and ascending, or the step is so fine that two neighbours are one `f32`. In the derived
    /// field tables this is a compile error.
    #[must_use]
    pub const fn new(min: f64, max: f64, step: f64) -> Self {
        assert!(
            min.is_finite() && max.is_finite() && min < max,
            "a range needs finite bounds, the lower one first"
        );
        assert!(step > 0.0 && step <= max - min, "a step must be above zero and within the range");
        let largest = if -min > max { -min } else { max };
        // Half an f32 ulp of the largest value must stay under half a step.
        assert!(step > largest / 8_388_608.0, "the step is too fine for an f32 of this range");
        Self { min, max, step }
    }

    /// The greatest quantized value: the number of steps that reach `max`.
    #[must_use]
    pub const fn max_quantized(&self) -> u32 {
        let steps = (self.max - self.min) / self.step;
        // A range that is a whole number of steps but for rounding must not gain one.
        let whole = (steps + 0.5) as u32;
        let excess = steps - whole as f64;
        if excess > 1e-6 { whole + 1 } else { whole }
    }

    /// The nearest step to `value`, which is clamped to the range; 0 for NaN.
    #[inline]
    #[must_use]
    pub fn quantize(&self, value: f64) -> u32 {
        // The cast saturates, and takes NaN to zero.
        let quantized = ((value - self.min) / self.step + 0.5).floor() as u32;
        quantized.min(self.max_quantized())
    }

    /// The value of a step. If the last step leads beyond the range, its value is the range's end.
    #[inline]
    #[must_use]
    pub fn dequantize(&self, quantized: u32) -> f64 {
        (self.min + f64::from(quantized) * self.step).min(self.max)
    }
}
