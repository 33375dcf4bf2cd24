//! The mistakes of an input, all of them at once.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Error, Result};

/// Where some tokens of the input are, for derived code that compilers may refuse: they point there, and lint it as derived code.
pub fn place_of(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::call_site())
}

/// The mistakes that were found so far.
#[derive(Default)]
pub struct Errors {
    /// Each with its place in the input.
    all: Vec<(usize, Error)>,
    /// The place of the next ones.
    place: usize,
}

impl Errors {
    /// Sets the place of the following mistakes: compilers get them in the order of their places, in whatever order they are
    /// found.
    pub fn set_place(&mut self, place: usize) {
        self.place = place;
    }

    /// The place of the following mistakes.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Adds a mistake at some tokens of the input.
    pub fn add(&mut self, at: impl ToTokens, message: impl Display) {
        self.all.push((self.place, Error::new_spanned(at, message)));
    }

    /// The value of a result; its error is added.
    pub fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.all.push((self.place, error))).ok()
    }

    /// The number of mistakes so far: whoever sees it grow leaves out checks that would only repeat them.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// All mistakes as compile errors, in order.
    pub fn into_compile_errors(mut self) -> TokenStream {
        self.all.sort_by_key(|&(place, _)| place);
        self.all.iter().map(|(_, error)| error.to_compile_error()).collect()
    }
}
