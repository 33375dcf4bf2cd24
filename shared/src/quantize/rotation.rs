//! Rotations, by the smallest three components of a quaternion.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use glam::Quat;
use serde::{Deserialize, Serialize};

/// A unit quaternion by its smallest three components: four columns (the index of the largest, then the others in the order
/// x y z w).
///
/// The largest component follows from the others, which lie within ±1/√2 (Glenn Fiedler, "Snapshot Compression", 2015).
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
    #[track_caller]
    pub const fn new(bits: u8) -> Self {
        assert!(bits >= 2 && bits <= 20, "a quaternion's component takes 2 to 20 bits");
        Self { bits }
    }

    /// The greatest quantized component.
    #[must_use]
    pub const fn max_quantized(self) -> u32 {
        (1 << self.bits) - 1
    }

    /// Quantizes a rotation. A quaternion that is zero or not finite becomes the identity.
    #[must_use]
    pub fn quantize(self, rotation: Quat) -> [u32; 4] {
        self.quantize_noting(rotation, &mut false)
    }

    /// The same as [`quantize`](Self::quantize). It sets `clamped` if the quaternion is zero or not finite.
    #[must_use]
    pub fn quantize_noting(self, rotation: Quat, clamped: &mut bool) -> [u32; 4] {
        let mut parts = rotation.to_array().map(f64::from);
        let length = parts.iter().map(|part| part * part).sum::<f64>().sqrt();
        parts = if length.is_finite() && length > 1e-9 {
            parts.map(|part| part / length)
        } else {
            *clamped = true;
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
/// It is for physics that runs on quantized state ("quantize both sides", Fiedler, 2015): exactly these integers arrive. A trip
/// through a [`Quat`] may name another of two equal components the largest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackedQuat {
    /// The position of the largest component, 0 to 3 in the order x y z w.
    pub largest: u8,
    /// The three others in order, from 0 for -1/√2 to the greatest value of the field's bits for 1/√2.
    pub parts: [u32; 3],
}

impl PackedQuat {
    /// The four columns, each clamped to its range.
    #[must_use]
    pub fn columns(self, codec: SmallestThree) -> [u32; 4] {
        self.columns_noting(codec, &mut false)
    }

    /// The same as [`columns`](Self::columns). It sets `clamped` if one of the four is out of range.
    #[must_use]
    pub fn columns_noting(self, codec: SmallestThree, clamped: &mut bool) -> [u32; 4] {
        let [a, b, c] = self.parts.map(|part| part.min(codec.max_quantized()));
        let largest = self.largest.min(3);
        *clamped |= self != Self { largest, parts: [a, b, c] };
        [u32::from(largest), a, b, c]
    }

    /// The rotation of four columns.
    #[must_use]
    pub fn of_columns(columns: [u32; 4]) -> Self {
        let [largest, parts @ ..] = columns;
        Self { largest: (largest & 3) as u8, parts }
    }
}
