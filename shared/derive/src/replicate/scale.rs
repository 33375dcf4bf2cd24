//! A range and a step, of a float or of one axis.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Expr;

use crate::errors::{Errors, place_of};
use crate::options::{Written, listed};
use crate::replicate::number::{Number, ends};

/// The options of a scale.
const OPTIONS: [&str; 3] = ["range", "step", "zero"];

/// Steps that an `f32` has between zero and its largest value of the same exponent.
const STEPS_OF_F32: f64 = 8_388_608.0;

/// A range and a step, as they are written.
#[derive(Default)]
pub struct Scale {
    range: Option<Expr>,
    step: Option<Expr>,
    /// True if 0 may be between two steps.
    zero_off: bool,
}

impl Scale {
    /// Takes an option; returns false if it is none of a scale's.
    pub fn take(&mut self, option: &Written, errors: &mut Errors) -> bool {
        match option.name.to_string().as_str() {
            "range" => self.range = errors.take(option.expr().cloned()),
            "step" => self.step = errors.take(option.expr().cloned()),
            "zero" => self.zero_off = errors.take(option.choice(&[("off", "")])).is_some(),
            _ => return false,
        }
        true
    }

    /// The scale of an axis: what stands in the parentheses of `x(…)`.
    pub fn of_axis(option: &Written, errors: &mut Errors) -> Self {
        let mut scale = Self::default();
        for inner in errors.take(option.list()).into_iter().flatten() {
            if !scale.take(inner, errors) {
                let message =
                    format!("`{}` is no option of an axis; it has {}", inner.name, listed(&OPTIONS));
                errors.add(&inner.name, message);
            }
        }
        scale
    }

    /// Returns true if nothing is written.
    pub fn is_empty(&self) -> bool {
        self.range.is_none() && self.step.is_none() && !self.zero_off
    }

    /// Checks the scale and returns the expression for its `Range`. The name is that of the field, or of the axis and the field.
    pub fn range(&self, name: &str, field: &syn::Field, errors: &mut Errors) -> TokenStream {
        let (Some(range), Some(step)) = (&self.range, &self.step) else {
            let (at, message) = match (&self.range, &self.step) {
                (Some(range), None) => {
                    (quote! { #range }, format!("{name} needs a step too, as in `step = 0.05`"))
                }
                (None, Some(step)) => {
                    (quote! { #step }, format!("{name} needs a range too, as in `range = 0.0..=2000.0`"))
                }
                _ => {
                    let ty = &field.ty;
                    (quote! { #ty }, format!("{name} needs #[sync(range = …, step = …)]"))
                }
            };
            errors.add(at, message);
            return TokenStream::new();
        };
        let Some((min, max)) = ends(range) else {
            errors.add(range, "write the range with both ends, as in 0.0..=2000.0");
            return TokenStream::new();
        };
        if let (Some(low), Some(high), Some(width)) = (Number::of(min), Number::of(max), Number::of(step)) {
            self.check([low, high, width].map(Number::float), name, [range, step], errors);
        }
        self.constant(name, [min, max, step], range)
    }

    /// Checks numbers that are written out.
    fn check(&self, [min, max, step]: [f64; 3], name: &str, [range, at]: [&Expr; 2], errors: &mut Errors) {
        let least = min.abs().max(max.abs()) / STEPS_OF_F32;
        if min >= max {
            errors.add(range, format!("the range of {name} needs its lower bound first"));
        } else if step <= 0.0 || step > max - min {
            errors.add(at, format!("the step of {name} must be above zero and within the range"));
        } else if step <= least {
            let least = rounded_up(least);
            errors.add(
                at,
                format!("the step of {name} is too fine for an f32 of this range: take {least:?} or more"),
            );
        } else if !self.zero_off && min < 0.0 && max > 0.0 && !is_step(min, step) {
            let steps = near_steps(min, step).join(" or ");
            let message = format!(
                "0 is in the range of {name} but is no step of it, so what rests would drift: take step = {steps}, \
                 or add `zero = off` if that does not matter"
            );
            errors.add(at, message);
        }
    }

    /// The `Range`, with a check of the numbers that the macro cannot evaluate.
    fn constant(&self, name: &str, [min, max, step]: [&Expr; 3], range: &Expr) -> TokenStream {
        let bounds = format!("the range of {name} needs finite bounds, the lower one first");
        let step_text = format!("the step of {name} must be above zero and within the range");
        let too_fine = format!(
            "the step of {name} is too fine for an f32 of this range: it must be above the larger bound divided by 8388608"
        );
        let zero = format!(
            "0 is in the range of {name} but is no step of it: make the lower bound a whole number of steps, or add `zero = off`"
        );
        let zero = if self.zero_off {
            quote! { ::core::option::Option::None }
        } else {
            quote! { ::core::option::Option::Some(#zero) }
        };
        let faults = quote! {
            __drumline::RangeFaults { bounds: #bounds, step: #step_text, too_fine: #too_fine, zero: #zero }
        };
        quote_spanned! { place_of(range) =>
            __drumline::Range::of_field((#min) as f64, (#max) as f64, (#step) as f64, #faults)
        }
    }
}

/// Returns true if 0 is a whole number of steps from the lower bound, but for rounding.
fn is_step(min: f64, step: f64) -> bool {
    let steps = -min / step;
    (steps - steps.round()).abs() <= 1e-6
}

/// The nearest steps of which 0 is a multiple from the lower bound, the finer one first.
fn near_steps(min: f64, step: f64) -> Vec<String> {
    let steps = -min / step;
    let counts = [steps.ceil(), steps.floor()].into_iter().filter(|&count| count >= 1.0);
    let text = |count: f64| {
        let decimal = format!("{:?}", -min / count);
        if decimal.len() <= 7 { decimal } else { format!("{:?} / {count:?}", -min) }
    };
    counts.map(text).collect()
}

/// The next greater number of two digits.
fn rounded_up(value: f64) -> f64 {
    let digits = 1 - value.log10().floor() as i32;
    // Through text, so that it is as short as it looks.
    let text = format!("{:.0}e{}", (value * 10f64.powi(digits)).floor() + 1.0, -digits);
    text.parse().unwrap_or(value)
}
