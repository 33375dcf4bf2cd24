//! From the author's numbers to small unsigned integers and back.
//!
//! All arithmetic is in `f64` with the four basic operations, `floor` and `sqrt`, which IEEE 754 rounds alike
//! everywhere: JavaScript gets the same integers. A value outside its declared range is clamped; a NaN becomes
//! the minimum.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2, TAU};

use glam::Quat;
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
    /// A range whose every step survives a trip through `f32`.
    ///
    /// # Panics
    /// If the bounds are not finite and ascending, or the step is so fine that `f32` cannot tell two neighbours
    /// apart. In the derived field tables this is a compile error.
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

    /// The nearest step to `value`.
    #[inline]
    #[must_use]
    pub fn quantize(&self, value: f64) -> u32 {
        // The cast saturates, and takes NaN to zero.
        let quantized = ((value - self.min) / self.step + 0.5).floor() as u32;
        quantized.min(self.max_quantized())
    }

    /// The value of a step; a last step that leads beyond the range ends at its end.
    #[inline]
    #[must_use]
    pub fn dequantize(&self, quantized: u32) -> f64 {
        (self.min + f64::from(quantized) * self.step).min(self.max)
    }
}

/// An angle in radians, a whole turn in `2^bits` steps: one column that wraps around.
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
    pub const fn new(bits: u8) -> Self {
        assert!(bits >= 1 && bits <= 24, "an angle takes 1 to 24 bits");
        Self { bits }
    }

    /// The nearest step to `radians`, which may be any number of turns.
    #[inline]
    #[must_use]
    pub fn quantize(self, radians: f64) -> u32 {
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

/// A unit quaternion by its smallest three components: four columns (which is largest, then the others in the
/// order x y z w).
///
/// See Glenn Fiedler, "Snapshot Compression" (2015): the largest component follows from the others, which lie
/// within ±1/√2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmallestThree {
    /// Bits of each of the three components, 2 to 20.
    pub bits: u8,
}

impl SmallestThree {
    /// Three components of `bits` bits each.
    ///
    /// # Panics
    /// If `bits` is not in 2..=20.
    #[must_use]
    pub const fn new(bits: u8) -> Self {
        assert!(bits >= 2 && bits <= 20, "a quaternion's component takes 2 to 20 bits");
        Self { bits }
    }

    /// The greatest quantized component.
    #[must_use]
    pub const fn max_quantized(self) -> u32 {
        (1 << self.bits) - 1
    }

    /// Quantizes a rotation. A quaternion of no length, or not finite, becomes the identity.
    #[must_use]
    pub fn quantize(self, rotation: Quat) -> [u32; 4] {
        let mut parts = rotation.to_array().map(f64::from);
        let length = parts.iter().map(|part| part * part).sum::<f64>().sqrt();
        parts = if length.is_finite() && length > 1e-9 {
            parts.map(|part| part / length)
        } else {
            [0.0, 0.0, 0.0, 1.0]
        };
        let mut largest = 0;
        for index in 1..4 {
            if parts[index].abs() > parts[largest].abs() {
                largest = index;
            }
        }
        // A quaternion and its negative are the same rotation: make the largest, which is not sent, positive.
        let sign = if parts[largest] < 0.0 { -1.0 } else { 1.0 };
        let scale = f64::from(self.max_quantized());
        let mut columns = [largest as u32, 0, 0, 0];
        let others = (0..4).filter(|&index| index != largest);
        for (column, index) in columns[1..].iter_mut().zip(others) {
            let unit = (parts[index] * sign * SQRT_2 + 1.0) * 0.5;
            *column = ((unit * scale + 0.5).floor() as u32).min(self.max_quantized());
        }
        columns
    }

    /// The rotation of four columns, of unit length.
    #[must_use]
    pub fn dequantize(self, columns: [u32; 4]) -> Quat {
        let scale = f64::from(self.max_quantized());
        let largest = (columns[0] & 3) as usize;
        let mut parts = [0.0f64; 4];
        let mut rest = 1.0;
        let others = (0..4).filter(|&index| index != largest);
        for (&column, index) in columns[1..].iter().zip(others) {
            let part = (f64::from(column) / scale * 2.0 - 1.0) * FRAC_1_SQRT_2;
            parts[index] = part;
            rest -= part * part;
        }
        parts[largest] = rest.max(0.0).sqrt();
        let length = parts.iter().map(|part| part * part).sum::<f64>().sqrt();
        Quat::from_array(parts.map(|part| (part / length) as f32))
    }
}

/// A rotation that a game holds as its smallest three components, already quantized.
///
/// Physics that runs on what is sent ("quantize both sides", Fiedler, 2015) needs the very integers to arrive: a
/// trip through a [`Quat`] may name another of two equal components the largest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackedQuat {
    /// The position of the largest component, 0 to 3 in the order x y z w.
    pub largest: u8,
    /// The three others in order, from 0 for -1/√2 to the greatest value of the field's bits for 1/√2.
    pub parts: [u32; 3],
}

impl PackedQuat {
    /// The four columns, each cut to its range.
    #[must_use]
    pub fn columns(self, codec: SmallestThree) -> [u32; 4] {
        let [a, b, c] = self.parts.map(|part| part.min(codec.max_quantized()));
        [u32::from(self.largest.min(3)), a, b, c]
    }

    /// The rotation of four columns.
    #[must_use]
    pub fn of_columns(columns: [u32; 4]) -> Self {
        let [largest, parts @ ..] = columns;
        Self { largest: (largest & 3) as u8, parts }
    }
}

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
    pub const fn new(min: i128, max: i128) -> Self {
        assert!(min < max, "an integer range needs its lower bound first");
        assert!(
            min >= i64::MIN as i128 && max - min <= u64::MAX as i128,
            "an integer range must fit 64 bits"
        );
        Self { min: min as i64, span: (max - min) as u64 }
    }

    /// Whether the quantized value takes two columns.
    #[must_use]
    pub const fn is_wide(&self) -> bool {
        self.span > u32::MAX as u64
    }

    /// The clamped value's distance from `min`.
    #[inline]
    #[must_use]
    pub fn quantize(&self, value: i128) -> u64 {
        let offset = value - i128::from(self.min);
        offset.clamp(0, i128::from(self.span)) as u64
    }

    /// The value at a distance from `min`; a distance beyond the span, which two columns can hold, is cut to it.
    #[inline]
    #[must_use]
    pub fn dequantize(&self, quantized: u64) -> i128 {
        i128::from(self.min) + i128::from(quantized.min(self.span))
    }
}

/// Columns of a string of at most `max_bytes` bytes: its length, then its bytes, four to a column, the first lowest.
#[must_use]
pub const fn text_columns(max_bytes: usize) -> usize {
    1 + max_bytes.div_ceil(4)
}

/// Writes `text`, cut at a character's end to `max_bytes` bytes, into its columns.
///
/// # Panics
/// If `columns` are not as many as [`text_columns`] says.
pub fn quantize_text(text: &str, max_bytes: usize, columns: &mut [u32]) {
    assert_eq!(columns.len(), text_columns(max_bytes), "a text has a fixed number of columns");
    let mut length = text.len().min(max_bytes);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    columns.fill(0);
    columns[0] = length as u32;
    for (index, &byte) in text.as_bytes()[..length].iter().enumerate() {
        columns[1 + index / 4] |= u32::from(byte) << (8 * (index % 4));
    }
}

/// The string of such columns; what is not UTF-8 in them is replaced.
#[must_use]
pub fn dequantize_text(columns: &[u32]) -> String {
    let Some((&length, words)) = columns.split_first() else {
        return String::new();
    };
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).take(length as usize).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORLD: Range = Range::new(0.0, 2000.0, 0.05);

    #[test]
    fn a_range_has_exactly_its_steps() {
        assert_eq!(WORLD.max_quantized(), 40_000);
        assert_eq!(Range::new(-1.0, 1.0, 0.1).max_quantized(), 20);
        assert_eq!(Range::new(0.0, 1.0, 0.3).max_quantized(), 4, "a part of a step at the end is a step");
    }

    #[test]
    fn what_is_out_of_range_is_clamped() {
        assert_eq!(WORLD.quantize(-5.0), 0);
        assert_eq!(WORLD.quantize(1e30), 40_000);
        assert_eq!(WORLD.quantize(f64::NAN), 0);
        assert_eq!(WORLD.quantize(f64::INFINITY), 40_000);
        assert_eq!(IntRange::new(0, 100).quantize(-7), 0);
        assert_eq!(IntRange::new(0, 100).quantize(1000), 100);
        assert_eq!(IntRange::new(1, i128::from(i64::MAX)).dequantize(u64::MAX), i128::from(i64::MAX));
        assert_eq!(Range::new(0.0, 1.0, 0.3).dequantize(4), 1.0);
        assert_eq!(Angle::new(10).quantize(f64::NAN), 0);
        assert_eq!(
            SmallestThree::new(9).quantize(Quat::from_xyzw(f32::NAN, 0.0, 0.0, 0.0)),
            [3, 256, 256, 256]
        );
    }

    #[test]
    fn text_is_cut_at_a_character() {
        let mut columns = [0; text_columns(5)];
        quantize_text("añoñ", 5, &mut columns);
        assert_eq!(dequantize_text(&columns), "año");
        assert_eq!(columns[0], 4);
    }

    proptest! {
        #[test]
        fn ranges_round_trip(min in -4000.0f64..4000.0, width in 1.0f64..4000.0, steps in 1u32..100_000, at in 0.0f64..=1.0) {
            let step = (width / f64::from(steps)).max(0.01);
            let range = Range::new(min, min + width, step);
            let quantized = (at * f64::from(range.max_quantized())) as u32;
            // Through f32, as the author's fields hold it.
            let value = range.dequantize(quantized) as f32;
            prop_assert_eq!(range.quantize(f64::from(value)), quantized);
            let original = min + at * width;
            prop_assert!((range.dequantize(range.quantize(original)) - original).abs() <= step * 0.500_001);
        }

        #[test]
        fn angles_round_trip(bits in 1u8..=20, radians in -50.0f64..50.0) {
            let angle = Angle::new(bits);
            let quantized = angle.quantize(radians);
            prop_assert!(quantized < 1 << bits);
            prop_assert_eq!(angle.quantize(f64::from(angle.dequantize(quantized) as f32)), quantized);
            let error = (angle.dequantize(quantized) - radians).rem_euclid(TAU);
            prop_assert!(error.min(TAU - error) <= TAU / f64::from(1u32 << bits) * 0.500_001);
        }

        #[test]
        fn rotations_round_trip(bits in 2u8..=15, parts in prop::array::uniform4(-1.0f32..1.0)) {
            let rotation = Quat::from_array(parts);
            prop_assume!(rotation.length() > 0.1);
            let codec = SmallestThree::new(bits);
            let back = codec.dequantize(codec.quantize(rotation));
            // Each sent component is off by half a step; the one that is not sent by at most the sum of the three.
            let half_step = FRAC_1_SQRT_2 / f64::from(codec.max_quantized());
            let cosine = f64::from(back.dot(rotation.normalize()).abs().min(1.0));
            prop_assert!((2.0 - 2.0 * cosine).sqrt() <= half_step * 3.5 + 1e-3, "cosine {}", cosine);
            prop_assert!((back.length() - 1.0).abs() < 1e-5);
        }

        #[test]
        fn integers_round_trip(min in any::<i64>(), max in any::<i64>(), value in any::<i64>()) {
            prop_assume!(min < max);
            let range = IntRange::new(i128::from(min), i128::from(max));
            let clamped = value.clamp(min, max);
            prop_assert_eq!(range.dequantize(range.quantize(i128::from(value))), i128::from(clamped));
        }

        #[test]
        fn texts_round_trip(text in ".{0,40}", max_bytes in 0usize..64) {
            let mut columns = vec![7; text_columns(max_bytes)];
            quantize_text(&text, max_bytes, &mut columns);
            let back = dequantize_text(&columns);
            prop_assert!(back.len() <= max_bytes);
            prop_assert!(text.starts_with(&back));
            prop_assert!(text.len() > max_bytes || back == text);
        }
    }
}
