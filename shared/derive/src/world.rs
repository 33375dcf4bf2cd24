//! `#[derive(World)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Field, Fields, Result};

use crate::field::type_name;
use crate::table::TableOptions;

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
    let mut locations = Vec::new();
    let mut checks = Vec::new();
    for field in &fields.named {
        let options = TableOptions::parse(&field.attrs)?;
        if options.skip {
            continue;
        }
        let ident = field.ident.as_ref().expect("named fields have names");
        let name = ident.unraw().to_string();
        let (kind, row) = type_name(&field.ty)?;
        let single = is_single(&kind.to_string(), field)?;
        if single && options.is_located() {
            return Err(Error::new_spanned(
                ident,
                "a single is for all everywhere; a Table's rows can be in places or owned",
            ));
        }
        let index = tables.len();
        let (placed, audience) = (options.placed(), options.audience());
        let row_fields = quote! { <#row as __drumline::Replicate>::FIELDS };
        tables.push(quote! {
            __drumline::TableSchema {
                name: ::std::borrow::Cow::Borrowed(#name),
                single: #single,
                placed: #placed,
                audience: __drumline::Audience::#audience,
                fields: ::std::borrow::Cow::Borrowed(#row_fields),
            }
        });
        captures.push(quote! { self.#ident.capture(frame.refill(#index)); });
        checks.push(options.checks(&name, &row_fields));
        if options.is_located() {
            let home = options.home();
            locations.push(quote! { #index => self.#ident.locate(homes, |row| #home), });
        }
    }
    let ident = &input.ident;
    Ok(quote! {
        impl __drumline::World for #ident {
            const TABLES: &'static [__drumline::TableSchema] = &[#(#tables),*];

            fn capture(&self, frame: &mut __drumline::Frame) {
                #(#captures)*
            }

            fn locate(&self, table: usize, homes: &mut ::std::vec::Vec<__drumline::Home>) {
                match table {
                    #(#locations)*
                    _ => {}
                }
            }
        }
        #(#checks)*
    })
}

/// Returns true for a `Single`, false for a `Table`.
fn is_single(kind: &str, field: &Field) -> Result<bool> {
    match kind {
        "Table" => Ok(false),
        "Single" => Ok(true),
        _ => {
            let message = "a world's field is a Table<…> or a Single<…>; mark others with #[sync(skip)]";
            Err(Error::new_spanned(&field.ty, message))
        }
    }
}
