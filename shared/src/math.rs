//! Functions of real numbers that give the same bits on every machine.
//!
//! IEEE 754 defines the result of `+`, `-`, `*`, `/`, `%`, `sqrt` and the roundings exactly, but not those of `sin`, `exp` and
//! the rest: std takes them from the platform's C library or from the compiler, and two of these differ in the last bit. One
//! such bit ends a replay, or a prediction in the browser. The functions here are [`libm`]'s, compiled from the same source
//! everywhere.
//!
//! Rooms and games must not call std's; Clippy refuses them there (see `clippy.toml`). It refuses `powi` too, whose order of
//! multiplications is unspecified (write `x * x`), and `mul_add`, which is slow where the processor has no instruction for it.
//! std's `abs`, `sqrt`, `floor`, `ceil`, `round`, `trunc`, `rem_euclid` and `clamp` are exact. glam computes with [`libm`] as
//! well, and without SSE2 (its feature `scalar-math`), which would sum in another order than scalar code.
//!
//! # Examples
//! ```
//! use drumline_shared::math;
//!
//! let (sin, cos) = math::sin_cos(0.5f32);
//! assert_eq!(sin, math::sin(0.5f32));
//! assert_eq!(cos.to_bits(), 0x3f60_a940);
//! assert_eq!(math::hypot(3.0f64, 4.0), 5.0);
//! ```

/// A type that has these functions: `f32` or `f64`.
pub trait Float: Copy + sealed::Functions {}

impl Float for f32 {}
impl Float for f64 {}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($($argument:ident),+) = $single:ident, $double:ident;)*) => {
        mod sealed {
            /// Where each type takes its functions from.
            pub trait Functions: Sized {
                $(fn $name($($argument: Self),+) -> Self;)*
                fn sin_cos(x: Self) -> (Self, Self);
            }

            impl Functions for f32 {
                $(#[inline]
                fn $name($($argument: Self),+) -> Self {
                    libm::$single($($argument),+)
                })*

                #[inline]
                fn sin_cos(x: Self) -> (Self, Self) {
                    libm::sincosf(x)
                }
            }

            impl Functions for f64 {
                $(#[inline]
                fn $name($($argument: Self),+) -> Self {
                    libm::$double($($argument),+)
                })*

                #[inline]
                fn sin_cos(x: Self) -> (Self, Self) {
                    libm::sincos(x)
                }
            }
        }

        $($(#[$doc])*
        #[inline]
        #[must_use]
        pub fn $name<F: Float>($($argument: F),+) -> F {
            F::$name($($argument),+)
        })*
    };
}

functions! {
    /// The sine of an angle in radians.
    sin(x) = sinf, sin;
    /// The cosine of an angle in radians.
    cos(x) = cosf, cos;
    /// The tangent of an angle in radians.
    tan(x) = tanf, tan;
    /// The angle in -π/2 to π/2 that has this sine; NaN outside -1 to 1.
    asin(x) = asinf, asin;
    /// The angle in 0 to π that has this cosine; NaN outside -1 to 1.
    acos(x) = acosf, acos;
    /// The angle in -π/2 to π/2 that has this tangent.
    atan(x) = atanf, atan;
    /// The angle in -π to π of the direction `(x, y)`; mind the order of the arguments.
    atan2(y, x) = atan2f, atan2;
    /// The hyperbolic sine.
    sinh(x) = sinhf, sinh;
    /// The hyperbolic cosine.
    cosh(x) = coshf, cosh;
    /// The hyperbolic tangent.
    tanh(x) = tanhf, tanh;
    /// The inverse hyperbolic sine.
    asinh(x) = asinhf, asinh;
    /// The inverse hyperbolic cosine; NaN below 1.
    acosh(x) = acoshf, acosh;
    /// The inverse hyperbolic tangent; NaN outside -1 to 1.
    atanh(x) = atanhf, atanh;
    /// e to the power of `x`.
    exp(x) = expf, exp;
    /// 2 to the power of `x`.
    exp2(x) = exp2f, exp2;
    /// e to the power of `x`, less 1: accurate near zero.
    exp_m1(x) = expm1f, expm1;
    /// The natural logarithm; NaN below zero.
    ln(x) = logf, log;
    /// The natural logarithm of `1 + x`: accurate near zero.
    ln_1p(x) = log1pf, log1p;
    /// The logarithm of base 2; NaN below zero.
    log2(x) = log2f, log2;
    /// The logarithm of base 10; NaN below zero.
    log10(x) = log10f, log10;
    /// `x` to the power of `y`.
    powf(x, y) = powf, pow;
    /// The length of the vector `(x, y)`, without overflow on the way.
    hypot(x, y) = hypotf, hypot;
    /// The cube root.
    cbrt(x) = cbrtf, cbrt;
}

/// The sine and the cosine of an angle in radians, in this order.
#[inline]
#[must_use]
pub fn sin_cos<F: Float>(x: F) -> (F, F) {
    F::sin_cos(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_same_bits_everywhere() {
        let single = [
            sin(1e5f32),
            cos(0.5f32),
            tan(1.5f32),
            atan2(-1.0f32, -2.0),
            exp(3.3f32),
            ln(7.7f32),
            powf(1.1f32, 9.5),
            hypot(1e-3f32, 7.0),
            cbrt(5.0f32),
        ];
        assert_eq!(
            single.map(f32::to_bits),
            [
                0x3d12_6d55,
                0x3f60_a940,
                0x4161_9f6b,
                0xc02b_6374,
                0x41d8_e6ae,
                0x4002_a35a,
                0x401e_463d,
                0x40e0_0000,
                0x3fda_e07e
            ]
        );
        let double = [sin(1e5f64), exp(-2.5f64), ln(0.1f64), log2(10.0f64), powf(0.3f64, 0.7), tanh(0.2f64)];
        assert_eq!(
            double.map(f64::to_bits),
            [
                0x3fa2_4daa_9c52_7e96,
                0x3fb5_0385_c094_f425,
                0xc002_6bb1_bbb5_5515,
                0x400a_934f_0979_a371,
                0x3fdb_8d80_9c61_5f41,
                0x3fc9_4398_30b3_a590
            ]
        );
    }
}
