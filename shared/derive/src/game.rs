//! `#[game]`: the parts of a game that it does not write.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use syn::{Error, ImplItem, ItemImpl, Result, parse_quote};

use crate::api;

/// The types of which a game has no values if it does not write them.
const NOTHING: [&str; 6] = ["Event", "Command", "Reply", "Metadata", "Timer", "Job"];

/// A function that has a use only with a type.
struct Hook {
    function: &'static str,
    of: &'static str,
}

const HOOKS: [Hook; 2] = [Hook { function: "timer", of: "Timer" }, Hook { function: "outcome", of: "Job" }];

/// Adds to the implementation what it lacks.
pub fn expand(mut game: ItemImpl) -> Result<TokenStream> {
    let package = api::package()?;
    let has = |name: &str| {
        game.items.iter().any(|item| match item {
            ImplItem::Type(item) => item.ident == name,
            ImplItem::Fn(item) => item.sig.ident == name,
            _ => false,
        })
    };
    for Hook { function, of } in HOOKS {
        if has(function) && !has(of) {
            let message = format!("a game with `fn {function}` says what it is about: add `type {of} = …;`");
            return Err(Error::new_spanned(&game.self_ty, message));
        }
    }
    let is_own_world = !has("World");
    let mut added: Vec<ImplItem> = Vec::new();
    for name in NOTHING.into_iter().filter(|name| !has(name)) {
        let name = format_ident!("{name}");
        added.push(parse_quote! { type #name = #package::__private::Nothing; });
    }
    if !has("JoinOptions") {
        added.push(parse_quote! { type JoinOptions = (); });
    }
    if is_own_world {
        added.push(parse_quote! { type World = Self; });
        if !has("world") {
            added.push(parse_quote! { fn world(&self) -> &Self { self } });
        }
    }
    if !has("new") {
        added.push(parse_quote! {
            fn new(_: &#package::__private::Setup) -> Self { ::core::default::Default::default() }
        });
    }
    game.items.extend(added);
    Ok(game.into_token_stream())
}
