//! One table of a world: its `#[sync(…)]` options.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, Ident, Path, Result};

use crate::field::audience;

/// The options of a table's `#[sync(…)]` attributes.
#[derive(Default)]
pub struct TableOptions {
    /// True if it stays on the server.
    pub skip: bool,
    /// The variant of `Audience`.
    audience: Option<Ident>,
    /// The field that is a row's position.
    at: Option<Ident>,
    /// The function that returns a row's place.
    place: Option<Path>,
    /// The field that is the owner's seat.
    owner: Option<Ident>,
    /// The field that is the team.
    team: Option<Ident>,
}

impl TableOptions {
    /// Reads a table's attributes.
    pub fn parse(attributes: &[Attribute]) -> Result<Self> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("sync")) {
            attribute.parse_nested_meta(|meta| options.take(&meta))?;
        }
        Ok(options)
    }

    fn take(&mut self, meta: &ParseNestedMeta) -> Result<()> {
        let ident = meta.path.require_ident()?;
        let is_repeated = match ident.to_string().as_str() {
            "skip" => std::mem::replace(&mut self.skip, true),
            "audience" => self.audience.replace(audience(meta)?).is_some(),
            "at" => self.at.replace(meta.value()?.parse()?).is_some(),
            "place" => self.place.replace(meta.value()?.parse()?).is_some(),
            "owner" => self.owner.replace(meta.value()?.parse()?).is_some(),
            "team" => self.team.replace(meta.value()?.parse()?).is_some(),
            _ => return Err(meta.error("unknown option; see World's documentation")),
        };
        if is_repeated {
            return Err(Error::new_spanned(ident, "this option is repeated"));
        }
        if self.at.is_some() && self.place.is_some() {
            return Err(Error::new_spanned(ident, "a row is `at` a position or in a `place`, not both"));
        }
        Ok(())
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
        self.placed() || self.owner.is_some() || self.team.is_some()
    }

    /// The expression for the home of a `row`.
    pub fn home(&self) -> TokenStream {
        let place = match (&self.at, &self.place) {
            (Some(field), _) => quote! { __drumline::Place::At(row.#field) },
            (None, Some(function)) => quote! { #function(row) },
            (None, None) => quote! { __drumline::Place::Everywhere },
        };
        let member = |field: &Option<Ident>| {
            let some = field
                .as_ref()
                .map(|field| // A number outside the range of seats or teams means no owner or team.
                quote! { ::core::convert::TryFrom::try_from(row.#field as i64).ok() });
            some.unwrap_or(quote! { ::core::option::Option::None })
        };
        let (owner, team) = (member(&self.owner), member(&self.team));
        quote! { __drumline::Home { place: #place, owner: #owner, team: #team } }
    }

    /// Compile-time checks: a table with something for an owner or a team says which field that is.
    pub fn checks(&self, table: &str, fields: &TokenStream) -> TokenStream {
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
            quote! {
                const _: () = assert!(
                    __drumline::Audience::#audience as u8 != __drumline::Audience::#variant as u8
                        && !__drumline::has_fields_for(#fields, __drumline::Audience::#variant),
                    #message
                );
            }
        };
        let (owner, team) = (check("Owner", &self.owner), check("Team", &self.team));
        quote! { #owner #team }
    }
}
