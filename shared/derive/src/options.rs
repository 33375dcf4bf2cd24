//! The options in `#[sync(…)]`, as they are written.

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, Ident, Meta, Result, Token, parenthesized, token};

use crate::errors::Errors;

/// One option.
pub struct Written {
    pub name: Ident,
    pub value: Value,
}

/// The form of an option's value.
pub enum Value {
    /// Nothing.
    None,
    /// `= …`
    Expr(Expr),
    /// `(…)`
    List(Vec<Written>),
}

/// Options with a value, as they look in use.
const EXAMPLES: [&str; 19] = [
    "range = 0.0..=2000.0",
    "step = 0.05",
    "zero = off",
    "bits = 10",
    "max_bytes = 24",
    "max_len = 8",
    "table = ships",
    "predict = linear",
    "interpolate = step",
    "velocity = speed",
    "audience = owner",
    "x(range = 0.0..=10.0, step = 0.5)",
    "y(range = 0.0..=10.0, step = 0.5)",
    "z(range = 0.0..=10.0, step = 0.5)",
    "at = position",
    "level = floor",
    "place = function",
    "owner = player",
    "team = side",
];

/// An option as it looks in use.
pub fn example(name: &str) -> &str {
    let has_name = |example: &&&str| example.split([' ', '(']).next() == Some(name);
    EXAMPLES.iter().find(has_name).copied().unwrap_or(name)
}

/// A list of options for an error message.
pub fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The options of all `#[sync(…)]` attributes; `None` if they cannot be read.
pub fn read(attributes: &[Attribute], errors: &mut Errors) -> Option<Vec<Written>> {
    let before = errors.count();
    let mut all: Vec<Written> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("sync")) {
        if !matches!(attribute.meta, Meta::List(_)) {
            errors.add(attribute, "write the options in parentheses, as in #[sync(skip)]");
            continue;
        }
        let options = attribute.parse_args_with(Punctuated::<Written, Token![,]>::parse_terminated);
        for option in errors.take(options).into_iter().flatten() {
            if all.iter().any(|other| other.name == option.name) {
                errors.add(&option.name, format!("`{}` is repeated", option.name));
            } else {
                all.push(option);
            }
        }
    }
    (errors.count() == before).then_some(all)
}

impl Parse for Written {
    fn parse(input: ParseStream) -> Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Expr(input.parse()?)
        } else if input.peek(token::Paren) {
            let inner;
            parenthesized!(inner in input);
            Value::List(inner.parse_terminated(Self::parse, Token![,])?.into_iter().collect())
        } else {
            Value::None
        };
        Ok(Self { name, value })
    }
}

impl Written {
    /// Refuses a value.
    pub fn flag(&self) -> Result<()> {
        match self.value {
            Value::None => Ok(()),
            _ => Err(Error::new(self.name.span(), format!("`{0}` has no value: write `{0}`", self.name))),
        }
    }

    /// The value.
    pub fn expr(&self) -> Result<&Expr> {
        match &self.value {
            Value::Expr(expr) => Ok(expr),
            _ => Err(self.needs_value(self.name.span())),
        }
    }

    /// The value, a name.
    pub fn ident(&self) -> Result<Ident> {
        let expr = self.expr()?;
        match expr {
            Expr::Path(path) if path.path.get_ident().is_some() => Ok(path.path.require_ident()?.clone()),
            _ => Err(Error::new_spanned(
                expr,
                format!("`{}` takes a name: write `{}`", self.name, self.example()),
            )),
        }
    }

    /// The value, one of some names: what stands for it.
    pub fn choice<'a>(&self, choices: &[(&str, &'a str)]) -> Result<&'a str> {
        let expr = self.expr()?;
        let written = expr.to_token_stream().to_string();
        choices.iter().find(|(name, _)| *name == written).map(|(_, meaning)| *meaning).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let names = listed(&names).replace(" and ", " or ");
            Error::new_spanned(expr, format!("`{}` is {names}", self.name))
        })
    }

    /// The options in the parentheses after the name.
    pub fn list(&self) -> Result<&[Self]> {
        match &self.value {
            Value::List(list) => Ok(list),
            _ => Err(self.needs_value(self.name.span())),
        }
    }

    fn example(&self) -> String {
        example(&self.name.to_string()).to_owned()
    }

    fn needs_value(&self, span: Span) -> Error {
        Error::new(span, format!("`{}` needs a value: write `{}`", self.name, self.example()))
    }
}
