//! From a game's numbers to small unsigned integers and back.
//!
//! All arithmetic is in `f64` with the four basic operations, `floor` and `sqrt`, which IEEE 754 rounds alike
//! everywhere: JavaScript gets the same integers.
//!
//! A value outside its declared range is clamped to it, and a NaN becomes the step that is nearest to zero: a mistake in a game,
//! or in a page's input, must not become full speed in some direction. The `…_noting` functions say if a value was clamped; a
//! value beyond its range by less than half a step was only rounded.

mod angle;
mod int_range;
mod range;
mod rotation;
mod text;

pub use angle::Angle;
pub use int_range::IntRange;
pub use range::{Range, RangeFaults};
pub use rotation::{PackedQuat, SmallestThree};
pub use text::{dequantize_text, quantize_text, text_columns};

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, TAU};

    use super::*;
    use glam::Quat;
    use proptest::prelude::*;

    const WORLD: Range = Range::new(0.0, 2000.0, 0.05);

    #[test]
    fn a_range_has_exactly_its_steps() {
        assert_eq!(WORLD.max_quantized(), 40_000);
        assert_eq!(Range::new(-1.0, 1.0, 0.1).max_quantized(), 20);
        assert_eq!(Range::new(0.0, 1.0, 0.3).max_quantized(), 4, "a part of a step at the end is a step");
    }

    #[test]
    fn values_out_of_range_are_clamped() {
        assert_eq!(WORLD.quantize(-5.0), 0);
        assert_eq!(WORLD.quantize(1e30), 40_000);
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
    fn a_nan_becomes_the_step_nearest_to_zero() {
        let of_nan = |min, max, step| Range::new(min, max, step).quantize(f64::NAN);
        assert_eq!(of_nan(0.0, 2000.0, 0.05), 0);
        assert_eq!(of_nan(-1.0, 1.0, 0.0625), 16);
        assert_eq!(of_nan(-1.0, 2.0, 0.5), 2);
        assert_eq!(of_nan(10.0, 20.0, 0.5), 0);
        assert_eq!(of_nan(-20.0, -10.0, 0.5), 20);
        assert_eq!(of_nan(-1.0, 1.0, 0.3), 3, "-0.1 is nearer than 0.2");
    }

    #[test]
    fn clamping_is_noted_and_rounding_is_not() {
        fn noted<T>(quantize: impl FnOnce(&mut bool) -> T) -> bool {
            let mut clamped = false;
            quantize(&mut clamped);
            clamped
        }
        let in_range = |value| noted(|clamped| Range::new(-1.0, 1.0, 0.5).quantize_noting(value, clamped));
        assert_eq!([-1.25, -1.0, 0.0, 1.0, 1.249].map(in_range), [false; 5]);
        assert_eq!([-1.251, 1.25, 1e30, f64::NAN, f64::INFINITY, -f64::INFINITY].map(in_range), [true; 6]);
        // The last step is a part of one.
        let in_part = |value| noted(|clamped| Range::new(0.0, 1.0, 0.3).quantize_noting(value, clamped));
        assert_eq!([1.0, 1.149, 1.151].map(in_part), [false, false, true]);
        let turn = |radians| noted(|clamped| Angle::new(10).quantize_noting(radians, clamped));
        assert_eq!([-50.0, 1e9, f64::NAN, f64::INFINITY].map(turn), [false, false, true, true]);
        let integer = |value| noted(|clamped| IntRange::new(1, 9).quantize_noting(value, clamped));
        assert_eq!([0, 1, 9, 10].map(integer), [true, false, false, true]);
        let codec = SmallestThree::new(9);
        let rotation = |w| noted(|clamped| codec.quantize_noting(Quat::from_xyzw(0.0, 0.0, 0.0, w), clamped));
        assert_eq!([1.0, 7.0, 0.0, f32::NAN].map(rotation), [false, false, true, true]);
        let packed = |quat: PackedQuat| noted(|clamped| quat.columns_noting(codec, clamped));
        assert_eq!(
            [PackedQuat { largest: 3, parts: [511; 3] }, PackedQuat { largest: 4, parts: [0; 3] }]
                .map(packed),
            [false, true]
        );
        assert!(packed(PackedQuat { largest: 0, parts: [0, 512, 0] }));
    }

    #[test]
    fn text_is_cut_at_a_character() {
        let mut columns = [0; text_columns(5)];
        assert!(quantize_text("añoñ", 5, &mut columns));
        assert_eq!(dequantize_text(&columns), "año");
        assert_eq!(columns[0], 4);
        assert!(!quantize_text("años", 5, &mut columns));
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
            prop_assert_eq!(quantize_text(&text, max_bytes, &mut columns), text.len() > max_bytes);
            let back = dequantize_text(&columns);
            prop_assert!(back.len() <= max_bytes);
            prop_assert!(text.starts_with(&back));
            prop_assert!(text.len() > max_bytes || back == text);
        }
    }
}
