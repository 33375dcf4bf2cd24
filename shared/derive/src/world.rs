//! `#[derive(World)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::field::{Options, type_name};

/// Expands the macro for one struct.
pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a world is a struct of tables"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a world's tables need names"));
    };
    let mut tables = Vec::new();
    let mut captures = Vec::new();
    for field in &fields.named {
        if Options::parse(&field.attrs)?.skip {
            continue;
        }
        let ident = field.ident.as_ref().expect("named fields have names");
        let name = ident.unraw().to_string();
        let (kind, row) = type_name(&field.ty)?;
        let single = match kind.to_string().as_str() {
            "Table" => false,
            "Single" => true,
            _ => {
                let message = "a world's field is a Table<…> or a Single<…>; mark others with #[sync(skip)]";
                return Err(Error::new_spanned(&field.ty, message));
            }
        };
        let index = tables.len();
        tables.push(quote! {
            ::drumline_shared::schema::TableSchema {
                name: ::std::borrow::Cow::Borrowed(#name),
                single: #single,
                fields: ::std::borrow::Cow::Borrowed(<#row as ::drumline_shared::world::Replicate>::FIELDS),
            }
        });
        captures.push(quote! { self.#ident.capture(frame.refill(#index)); });
    }
    let ident = &input.ident;
    Ok(quote! {
        impl ::drumline_shared::world::World for #ident {
            const TABLES: &'static [::drumline_shared::schema::TableSchema] = &[#(#tables),*];

            fn capture(&self, frame: &mut ::drumline_shared::frame::Frame) {
                #(#captures)*
            }
        }
    })
}
