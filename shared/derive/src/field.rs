//! One field: its type's name and its `#[sync(…)]` options.

use syn::meta::ParseNestedMeta;
use syn::{
    Attribute, Error, Expr, ExprRange, GenericArgument, Ident, LitInt, PathArguments, RangeLimits, Result,
    Type,
};

/// The lower and upper bound of a `range`.
pub struct Bounds {
    pub min: Expr,
    pub max: Expr,
}

/// A range and a step, of a field or of one axis.
#[derive(Default)]
pub struct Scale {
    pub range: Option<Bounds>,
    pub step: Option<Expr>,
}

/// The options of a field's `#[sync(…)]` attributes.
#[derive(Default)]
pub struct Options {
    pub skip: bool,
    pub angle: bool,
    pub linear: bool,
    pub bits: Option<LitInt>,
    pub max_bytes: Option<LitInt>,
    pub scale: Scale,
    /// The variant of `Audience`.
    pub audience: Option<Ident>,
    /// The variant of `Interpolate`; `None` for what suits the kind.
    pub interpolate: Option<Ident>,
    /// The name of the field that is its velocity.
    pub velocity: Option<Ident>,
    /// The scales of `x(…)`, `y(…)` and `z(…)`.
    pub axes: [Option<Scale>; 3],
    /// The names of the options that not every type has, as they were written.
    written: Vec<Ident>,
}

impl Options {
    /// Reads a field's attributes.
    pub fn parse(attributes: &[Attribute]) -> Result<Self> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("sync")) {
            attribute.parse_nested_meta(|meta| options.take(&meta))?;
        }
        Ok(options)
    }

    /// Refuses options that are not allowed: an option without effect would mislead.
    pub fn allow_only(&self, allowed: &[&str]) -> Result<()> {
        match self.written.iter().find(|ident| !allowed.iter().any(|name| *ident == name)) {
            Some(ident) => {
                Err(Error::new(ident.span(), format!("`{ident}` does not apply to a field of this type")))
            }
            None => Ok(()),
        }
    }

    /// Refuses `interpolate` together with `velocity`.
    fn check_interpolation(&self, ident: &Ident) -> Result<()> {
        if self.interpolate.is_some() && self.velocity.is_some() {
            return Err(Error::new(
                ident.span(),
                "a field with a velocity is shown along a curve: leave out `interpolate`",
            ));
        }
        Ok(())
    }

    fn take(&mut self, meta: &ParseNestedMeta) -> Result<()> {
        let ident = meta.path.require_ident()?;
        let name = ident.to_string();
        if name == "audience" {
            // Any type can have it, so it is not among those that `allow_only` checks.
            self.audience = Some(audience(meta)?);
            return Ok(());
        }
        if name == "interpolate" {
            // This too.
            self.interpolate = Some(interpolate(meta)?);
            return self.check_interpolation(ident);
        }
        self.written.push(ident.clone());
        match name.as_str() {
            "skip" => self.skip = true,
            "angle" => self.angle = true,
            "velocity" => {
                self.velocity = Some(meta.value()?.parse()?);
                return self.check_interpolation(ident);
            }
            "bits" => self.bits = Some(meta.value()?.parse()?),
            "max_bytes" => self.max_bytes = Some(meta.value()?.parse()?),
            "x" | "y" | "z" => {
                let mut scale = Scale::default();
                meta.parse_nested_meta(|inner| scale.take(&inner))?;
                let axis = usize::from(name.as_bytes()[0] - b'x');
                self.axes[axis] = Some(scale);
            }
            "predict" => {
                let value: Ident = meta.value()?.parse()?;
                self.linear = match value.to_string().as_str() {
                    "linear" => true,
                    "last" => false,
                    _ => return Err(Error::new(value.span(), "predict is `last` or `linear`")),
                };
            }
            _ => return self.scale.take(meta),
        }
        Ok(())
    }
}

/// The variant of `Interpolate` that an option names.
fn interpolate(meta: &ParseNestedMeta) -> Result<Ident> {
    let value: Ident = meta.value()?.parse()?;
    let variant = match value.to_string().as_str() {
        "smooth" => "Smooth",
        "step" => "Step",
        "none" => "None",
        _ => {
            let message = "interpolate is `smooth`, `step` or `none`; for a curve name the field's velocity, as in velocity = …";
            return Err(Error::new(value.span(), message));
        }
    };
    Ok(Ident::new(variant, value.span()))
}

/// The variant of `Audience` that an option names.
pub fn audience(meta: &ParseNestedMeta) -> Result<Ident> {
    let value: Ident = meta.value()?.parse()?;
    let variant = match value.to_string().as_str() {
        "all" => "All",
        "team" => "Team",
        "owner" => "Owner",
        _ => return Err(Error::new(value.span(), "the audience is `all`, `team` or `owner`")),
    };
    Ok(Ident::new(variant, value.span()))
}

impl Scale {
    fn take(&mut self, meta: &ParseNestedMeta) -> Result<()> {
        if meta.path.is_ident("range") {
            let value: Expr = meta.value()?.parse()?;
            let message = "write the range with both ends, as in 0.0..=2000.0";
            match value {
                Expr::Range(ExprRange {
                    start: Some(min),
                    end: Some(max),
                    limits: RangeLimits::Closed(_),
                    ..
                }) => {
                    self.range = Some(Bounds { min: *min, max: *max });
                }
                other => return Err(Error::new_spanned(other, message)),
            }
            Ok(())
        } else if meta.path.is_ident("step") {
            self.step = Some(meta.value()?.parse()?);
            Ok(())
        } else {
            Err(meta.error("unknown option; see the table in Replicate's documentation"))
        }
    }
}

/// A type's last name, and itself or (for `Table<Ship>`) its one type argument.
pub fn type_name(ty: &Type) -> Result<(Ident, Type)> {
    let Type::Path(path) = ty else {
        return Err(Error::new_spanned(ty, "a synchronised field has a plain named type"));
    };
    let last = path.path.segments.last().ok_or_else(|| Error::new_spanned(ty, "a type needs a name"))?;
    let argument = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(argument)) => argument.clone(),
            _ => ty.clone(),
        },
        _ => ty.clone(),
    };
    Ok((last.ident.clone(), argument))
}
