//! One table of a world: its `#[sync(…)]` options.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Expr, Ident};

use crate::errors::{Errors, place_of};
use crate::options::{self, Written, listed};
use crate::replicate::settings::audience;

/// The options that a table can have.
const OPTIONS: [&str; 7] = ["at", "level", "place", "owner", "team", "audience", "skip"];

/// The options of a table's `#[sync(…)]` attributes.
#[derive(Default)]
pub struct TableOptions {
    /// True if it stays on the server.
    pub skip: bool,
    /// The variant of `Audience`.
    audience: Option<Ident>,
    /// The field that is a row's position.
    at: Option<Ident>,
    /// The field that is the level of a row's position.
    level: Option<Ident>,
    /// The function that returns a row's place.
    place: Option<Expr>,
    /// The field that is the owner.
    owner: Option<Ident>,
    /// The field that is the team.
    team: Option<Ident>,
}

impl TableOptions {
    /// Reads a table's attributes.
    pub fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let written = options::read(attributes, errors).unwrap_or_default();
        for option in &written {
            options.take(option, errors);
        }
        let find = |name: &str| written.iter().find(|option| option.name == name);
        if let (Some(_), Some(place)) = (find("at"), find("place")) {
            errors.add(&place.name, "a row is `at` a position or in a `place`, not both");
        }
        if let (None, Some(level)) = (find("at"), find("level")) {
            let message = "`level` says on which floor a position is: write it beside `at`, as in at = position, \
                level = floor";
            errors.add(&level.name, message);
        }
        let other = written.iter().find(|option| option.name != "skip");
        if let (Some(_), Some(other)) = (find("skip"), other) {
            errors.add(&other.name, "a skipped field stays on the server: it has no other options");
        }
        options
    }

    fn take(&mut self, option: &Written, errors: &mut Errors) {
        let name = option.name.to_string();
        match name.as_str() {
            "skip" => self.skip = errors.take(option.flag()).is_some(),
            "audience" => self.audience = audience(option, errors),
            "at" => self.at = errors.take(option.ident()),
            "level" => self.level = errors.take(option.ident()),
            "place" => self.place = errors.take(option.expr().cloned()),
            "owner" => self.owner = errors.take(option.ident()),
            "team" => self.team = errors.take(option.ident()),
            _ => {
                errors
                    .add(&option.name, format!("unknown option `{name}`; a table has {}", listed(&OPTIONS)));
            }
        }
    }

    /// Returns true if the table's rows are in places.
    pub fn placed(&self) -> bool {
        self.at.is_some() || self.place.is_some()
    }

    /// The variant of `Audience` that may see the table.
    pub fn audience(&self) -> Ident {
        self.audience.clone().unwrap_or(format_ident!("All"))
    }

    /// Returns true if the options say anything about a row's home.
    pub fn is_located(&self) -> bool {
        self.placed() || self.level.is_some() || self.owner.is_some() || self.team.is_some()
    }

    /// The expression for the home of a `row`.
    pub fn home(&self) -> TokenStream {
        let place = match (&self.at, &self.place) {
            (Some(field), _) => self.point(field),
            (None, Some(function)) => quote! { #function(row) },
            (None, None) => quote! { __drumline::Place::Everywhere },
        };
        let member = |field: &Option<Ident>| {
            let member =
                |field: &Ident| quote_spanned! { place_of(field) => __drumline::Member::member(&row.#field) };
            field.as_ref().map_or_else(|| quote! { ::core::option::Option::None }, member)
        };
        let (owner, team) = (member(&self.owner), member(&self.team));
        quote! { __drumline::Home { place: #place, owner: #owner, team: #team } }
    }

    fn point(&self, field: &Ident) -> TokenStream {
        let point = quote_spanned! { place_of(field) => __drumline::GridPoint::point(row.#field) };
        let Some(level) = &self.level else { return quote! { __drumline::Place::At(#point) } };
        let level = quote_spanned! { place_of(level) => __drumline::Level::level(row.#level) };
        quote! { __drumline::Place::OnLevel { level: #level, point: #point } }
    }

    /// Compile-time checks: a table with something for an owner or a team says which field that is, and presses are only in
    /// inputs, and references are to tables of the world, which are in the constant `__TABLES`.
    pub fn checks(&self, table: &Ident, fields: &TokenStream) -> TokenStream {
        let audience = self.audience();
        let check = |needed: &str, field: &Option<Ident>| {
            if field.is_some() {
                return TokenStream::new();
            }
            let variant = format_ident!("{needed}");
            let option = needed.to_lowercase();
            let message = format!(
                "`{table}` has something for the {option}: name the field that holds the {option}, as in #[sync({option} = …)]"
            );
            quote_spanned! { place_of(table) =>
                const _: () = __drumline::require(
                    __drumline::Audience::#audience as u8 != __drumline::Audience::#variant as u8
                        && !__drumline::has_fields_for(#fields, __drumline::Audience::#variant),
                    #message
                );
            }
        };
        let (owner, team) = (check("Owner", &self.owner), check("Team", &self.team));
        let message = format!("a Press is a field of an input: the rows of `{table}` cannot have one");
        let presses = quote_spanned! { place_of(table) =>
            const _: () = __drumline::require(!__drumline::has_presses(#fields), #message);
        };
        let message = format!(
            "an Entity in the rows of `{table}` is of a table that this world does not have: see its #[sync(table = …)]"
        );
        let references = quote_spanned! { place_of(table) =>
            const _: () = __drumline::require(__drumline::knows_tables(#fields, __TABLES), #message);
        };
        quote! { #owner #team #presses #references }
    }
}
