//! The path by which derived code reaches the items that it names.
//!
//! An author depends on `drumline`, on `drumline-room` or on `drumline-shared`, perhaps under another name. Each of the three
//! has a hidden module `__private` with all that derived code names, so one dependency is enough.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, Ident, Result};

/// The packages that export `__private`, in the order in which they are looked for in the author's Cargo.toml.
const PACKAGES: [&str; 3] = ["drumline", "drumline-room", "drumline-shared"];

/// The path of the package that the author depends on.
pub fn package() -> Result<TokenStream> {
    let name = PACKAGES.iter().find_map(|package| dependency(package)).ok_or_else(|| {
        let message =
            "derived code needs `drumline`, `drumline-room` or `drumline-shared` among the dependencies";
        Error::new(Span::call_site(), message)
    })?;
    let name = Ident::new(&name, Span::call_site());
    Ok(quote! { ::#name })
}

/// Wraps derived implementations in a scope of their own, in which `__drumline` is the `__private` module.
pub fn enclose(implementation: &TokenStream) -> Result<TokenStream> {
    let package = package()?;
    Ok(quote! {
        const _: () = {
            use #package::__private as __drumline;
            #implementation
        };
    })
}

/// The name that a package has in the crate that is being compiled; `None` if that does not depend on it.
fn dependency(package: &str) -> Option<String> {
    match crate_name(package).ok()? {
        FoundCrate::Name(name) => Some(name),
        // The three declare themselves as `extern crate self`: `crate` would be another crate in their doc tests and programs.
        FoundCrate::Itself => Some(package.replace('-', "_")),
    }
}
