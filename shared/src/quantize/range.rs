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

/// Texts of the mistakes in a range that an author declares; they name its field.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct RangeFaults {
    /// The bounds are not finite, or not in order.
    pub bounds: &'static str,
    /// The step is not above zero, or wider than the range.
    pub step: &'static str,
    /// Two neighbours are one `f32`.
    pub too_fine: &'static str,
    /// 0 is between two steps; `None` if it may be.
    pub zero: Option<&'static str>,
}

impl Range {
    /// A range in which each step survives a trip through `f32`.
    ///
    /// # Panics
    /// If the bounds are not finite and ascending, or the step is so fine that two neighbours are one `f32`.
    #[must_use]
    #[track_caller]
    pub const fn new(min: f64, max: f64, step: f64) -> Self {
        Self::of_field(
            min,
            max,
            step,
            RangeFaults {
                bounds: "a range needs finite bounds, the lower one first",
                step: "a step must be above zero and within the range",
                too_fine: "the step is too fine for an f32 of this range",
                zero: None,
            },
        )
    }

    /// The range of a derived field, where a fault is a compile error.
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn of_field(min: f64, max: f64, step: f64, faults: RangeFaults) -> Self {
        assert!(min.is_finite() && max.is_finite() && min < max, "{}", faults.bounds);
        assert!(step > 0.0 && step <= max - min, "{}", faults.step);
        let largest = if -min > max { -min } else { max };
        // Half an f32 ulp of the largest value must stay under half a step.
        assert!(step > largest / 8_388_608.0, "{}", faults.too_fine);
        let range = Self { min, max, step };
        if let Some(zero) = faults.zero {
            assert!(min > 0.0 || max < 0.0 || range.has_zero(), "{}", zero);
        }
        range
    }

    /// Returns true if 0 is a step, but for rounding.
    const fn has_zero(&self) -> bool {
        let value = self.dequantize(self.zero_step());
        value.abs() <= self.step * 1e-6
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

    /// The step that is nearest to zero.
    #[must_use]
    pub const fn zero_step(&self) -> u32 {
        // The cast saturates.
        let quantized = (-self.min / self.step + 0.5) as u32;
        if quantized < self.max_quantized() { quantized } else { self.max_quantized() }
    }

    /// The nearest step to `value`, which is clamped to the range; for NaN the nearest to zero.
    #[inline]
    #[must_use]
    pub fn quantize(&self, value: f64) -> u32 {
        self.quantize_noting(value, &mut false)
    }

    /// The same as [`quantize`](Self::quantize). It sets `clamped` if the value is NaN, or beyond the range by half a step or
    /// more: less than that is rounding.
    #[inline]
    #[must_use]
    pub fn quantize_noting(&self, value: f64, clamped: &mut bool) -> u32 {
        let steps = (value - self.min) / self.step + 0.5;
        // NaN fails both comparisons.
        if steps >= 0.0 && steps < self.end() {
            // The cast rounds down, as nothing here is negative. It does not exceed the end, which may be within a step.
            return steps as u32;
        }
        *clamped = true;
        self.clamp(steps)
    }

    /// The first count of steps, half a one included, that is beyond the range.
    #[inline]
    const fn end(&self) -> f64 {
        let (end, last) = ((self.max - self.min) / self.step + 1.0, self.max_quantized() as f64 + 1.0);
        if end < last { end } else { last }
    }

    #[cold]
    fn clamp(&self, steps: f64) -> u32 {
        if steps.is_nan() {
            self.zero_step()
        } else if steps < 0.0 {
            0
        } else {
            self.max_quantized()
        }
    }

    /// The value of a step. If the last step leads beyond the range, its value is the range's end.
    #[inline]
    #[must_use]
    pub const fn dequantize(&self, quantized: u32) -> f64 {
        (self.min + quantized as f64 * self.step).min(self.max)
    }
}
