//! Constants of derived code. Each is declared once, so a mistake in one is one error.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Ident;

/// The constants so far.
#[derive(Default)]
pub struct Constants {
    items: Vec<TokenStream>,
}

impl Constants {
    /// Declares a constant and returns its name, which contains the given one: compilers quote it.
    pub fn add(&mut self, name: &str, ty: &TokenStream, value: &TokenStream, span: Span) -> Ident {
        let ident = format_ident!("__{}_{}", name.to_uppercase(), self.items.len(), span = span);
        self.items.push(quote! { const #ident: #ty = #value; });
        ident
    }

    /// The declarations. They are beside the implementations for a type, so that is what an author's `Self` becomes.
    pub fn declarations(&self, ty: &Ident) -> TokenStream {
        self.items.iter().map(|item| without_self(item.clone(), ty)).collect()
    }
}

/// Tokens with the name of a type for each `Self`.
fn without_self(tokens: TokenStream, ty: &Ident) -> TokenStream {
    let each = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            TokenTree::Ident(Ident::new(&ty.to_string(), ident.span()))
        }
        TokenTree::Group(group) => {
            let mut named = Group::new(group.delimiter(), without_self(group.stream(), ty));
            named.set_span(group.span());
            TokenTree::Group(named)
        }
        other => other,
    });
    each.collect()
}
