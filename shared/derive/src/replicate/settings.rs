//! A field's options, checked against its type.

use quote::format_ident;
use syn::{Expr, Ident};

use crate::errors::Errors;
use crate::options::{Written, listed};
use crate::replicate::number::Number;
use crate::replicate::scale::Scale;
use crate::replicate::shape::{Leaf, Shape, spelled};

/// The options of all types together.
const ALL: [&str; 16] = [
    "range",
    "step",
    "zero",
    "angle",
    "bits",
    "predict",
    "velocity",
    "x",
    "y",
    "z",
    "max_bytes",
    "max_len",
    "table",
    "interpolate",
    "audience",
    "skip",
];

/// The options of a field.
#[derive(Default)]
pub struct Settings {
    pub angle: bool,
    /// True for `predict = linear`.
    pub linear: bool,
    pub bits: Option<Expr>,
    pub max_bytes: Option<Expr>,
    pub max_len: Option<Expr>,
    /// The name of the table that an entity is in.
    pub table: Option<Ident>,
    pub scale: Scale,
    /// The range of an integer.
    pub range: Option<Expr>,
    /// The scales of `x(…)`, `y(…)` and `z(…)`.
    pub axes: [Option<Scale>; 3],
    /// The variant of `Audience`.
    pub audience: Option<Ident>,
    /// The variant of `Interpolate`; `None` for what suits the kind.
    pub interpolate: Option<Ident>,
    /// The name of the field that is its velocity.
    pub velocity: Option<Ident>,
}

impl Settings {
    /// Reads the options of a field. A field of a variant has no audience.
    pub fn of(written: &[Written], shape: &Shape, in_variant: bool, errors: &mut Errors) -> Self {
        let mut settings = Self::default();
        let mut allowed = shape.options();
        if in_variant {
            allowed.retain(|name| *name != "audience");
        }
        for option in written {
            let name = option.name.to_string();
            if in_variant && name == "audience" {
                let message = "a field of a variant has no audience of its own: give it to the field that holds the enum";
                errors.add(&option.name, message);
            } else if allowed.contains(&name.as_str()) {
                settings.take(option, &name, shape.leaf().0, errors);
            } else {
                errors.add(&option.name, refusal(&name, shape, &allowed));
            }
        }
        settings.check_together(written, shape.leaf().0, errors);
        settings
    }

    fn take(&mut self, option: &Written, name: &str, leaf: Leaf, errors: &mut Errors) {
        match name {
            "angle" => self.angle = errors.take(option.flag()).is_some(),
            "bits" => {
                let greatest = if leaf == Leaf::Float { 24 } else { 20 };
                let least = if leaf == Leaf::Float { 1 } else { 2 };
                self.bits = count(option, [least, greatest], errors);
            }
            "max_bytes" => self.max_bytes = count(option, [1, 1024], errors),
            "max_len" => self.max_len = count(option, [1, 255], errors),
            "table" => self.table = errors.take(option.ident()),
            "velocity" => self.velocity = errors.take(option.ident()),
            "predict" => {
                let choice = errors.take(option.choice(&[("last", "last"), ("linear", "linear")]));
                self.linear = choice == Some("linear");
            }
            "interpolate" => {
                let choices = [("smooth", "Smooth"), ("step", "Step"), ("none", "None")];
                self.interpolate =
                    errors.take(option.choice(&choices)).map(|variant| format_ident!("{variant}"));
            }
            "audience" => self.audience = audience(option, errors),
            "x" | "y" | "z" => {
                let axis = usize::from(name.as_bytes()[0] - b'x');
                self.axes[axis] = Some(Scale::of_axis(option, errors));
            }
            "range" if leaf == Leaf::Int => self.range = errors.take(option.expr().cloned()),
            _ => {
                self.scale.take(option, errors);
            }
        }
    }

    /// Refuses options that do not go together.
    fn check_together(&self, written: &[Written], leaf: Leaf, errors: &mut Errors) {
        let find = |name: &str| written.iter().find(|option| option.name == name);
        if let (Some(option), true) = (find("interpolate"), self.velocity.is_some()) {
            let message = "a field with a velocity is shown along a curve: leave out `interpolate`";
            errors.add(&option.name, message);
        }
        if leaf != Leaf::Float {
            return;
        }
        if self.angle {
            for name in ["range", "step", "zero", "velocity"] {
                if let Some(option) = find(name) {
                    errors.add(&option.name, format!("an angle has no `{name}`: it has `bits`"));
                }
            }
        } else if let Some(option) = find("bits") {
            let message = "`bits` are an angle's: write #[sync(angle, bits = 10)], or give the float a range and a step";
            errors.add(&option.name, message);
        }
    }
}

/// The variant of `Audience` that an option names.
pub fn audience(option: &Written, errors: &mut Errors) -> Option<Ident> {
    let choices = [("all", "All"), ("team", "Team"), ("owner", "Owner")];
    errors.take(option.choice(&choices)).map(|variant| format_ident!("{variant}"))
}

/// The value of an option that is a whole number between two others, both included.
fn count(option: &Written, [least, greatest]: [i128; 2], errors: &mut Errors) -> Option<Expr> {
    let expr = errors.take(option.expr())?;
    let fits = Number::of(expr)
        .is_none_or(|number| number.int().is_some_and(|int| (least..=greatest).contains(&int)));
    if !fits {
        errors.add(expr, format!("`{}` is a whole number from {least} to {greatest}", option.name));
    }
    Some(expr.clone())
}

/// The message for an option that the field's type does not have.
fn refusal(name: &str, shape: &Shape, allowed: &[&str]) -> String {
    let ty = spelled(shape.leaf().1);
    let own = listed(allowed);
    if name == "max_len" {
        return format!("`max_len` is for a Vec; a field of type `{ty}` has {own}");
    }
    if ALL.contains(&name) {
        return format!("`{name}` does not apply to a field of type `{ty}`; it has {own}");
    }
    format!("unknown option `{name}`; a field of type `{ty}` has {own}")
}
