//! `#[derive(World)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Field, Fields, FieldsNamed, Type};

use crate::errors::{Errors, place_of};
use crate::replicate::shape::argument;
use crate::world::table::TableOptions;

mod table;

/// The code for a world's tables.
#[derive(Default)]
struct Tables {
    schemas: Vec<TokenStream>,
    captures: Vec<TokenStream>,
    locations: Vec<TokenStream>,
    checks: Vec<TokenStream>,
}

/// Expands the macro for one struct.
pub fn expand(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    if !input.generics.params.is_empty() {
        errors.add(&input.generics, "a world has no generic parameters");
    }
    let Data::Struct(data) = &input.data else {
        errors.add(&input.ident, "a world is a struct of tables");
        return TokenStream::new();
    };
    let Fields::Named(fields) = &data.fields else {
        errors.add(&input.ident, "a world's tables have names: write them as in `ships: Table<Ship>`");
        return TokenStream::new();
    };
    let Tables { schemas, captures, locations, checks } = tables(fields, errors);
    let ident = &input.ident;
    quote! {
        const __TABLES: &[__drumline::TableSchema] = &[#(#schemas),*];

        impl __drumline::World for #ident {
            const TABLES: &'static [__drumline::TableSchema] = __TABLES;

            fn capture(&self, frame: &mut __drumline::Frame, clamped: &mut __drumline::ClampedValues) {
                #(#captures)*
                let _ = (frame, clamped);
            }

            fn locate(&self, table: usize, homes: &mut ::std::vec::Vec<__drumline::Home>) {
                match table {
                    #(#locations)*
                    _ => {}
                }
            }
        }
        #(#checks)*
    }
}

/// An implementation without content, beside errors: what uses the world gives no further ones.
pub fn stub(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    quote! {
        impl #generics __drumline::World for #ident #arguments where Self: 'static {
            const TABLES: &'static [__drumline::TableSchema] = &[];
            fn capture(&self, _: &mut __drumline::Frame, _: &mut __drumline::ClampedValues) {}
            fn locate(&self, _: usize, _: &mut ::std::vec::Vec<__drumline::Home>) {}
        }
    }
}

fn tables(fields: &FieldsNamed, errors: &mut Errors) -> Tables {
    let mut tables = Tables::default();
    for field in &fields.named {
        let options = TableOptions::read(&field.attrs, errors);
        if options.skip {
            continue;
        }
        let ident = field.ident.as_ref().expect("named fields have names");
        let name = ident.unraw().to_string();
        let Some((single, row)) = kind(field, errors) else { continue };
        if single && options.is_located() {
            errors.add(ident, "a single is for all everywhere; a Table's rows can be in places or owned");
        }
        let index = tables.schemas.len();
        let (placed, audience) = (options.placed(), options.audience());
        let row_fields = quote_spanned! { place_of(row) => <#row as __drumline::Replicate>::FIELDS };
        tables.schemas.push(quote! {
            __drumline::TableSchema {
                name: ::std::borrow::Cow::Borrowed(#name),
                single: #single,
                placed: #placed,
                audience: __drumline::Audience::#audience,
                fields: ::std::borrow::Cow::Borrowed(#row_fields),
            }
        });
        let quantize = quote_spanned! { place_of(row) => <#row as __drumline::Replicate>::quantize };
        tables.captures.push(quote! {
            let quantize = #quantize;
            self.#ident.capture(#index, frame.refill(#index), clamped, quantize);
        });
        tables.checks.push(options.checks(ident, &row_fields));
        if options.is_located() {
            let home = options.home();
            tables.locations.push(quote! { #index => self.#ident.locate(homes, |row| #home), });
        }
    }
    tables
}

/// True if the field is a `Single` rather than a `Table` or `Players`, and the type of its rows.
fn kind<'a>(field: &'a Field, errors: &mut Errors) -> Option<(bool, &'a Type)> {
    let path = match &field.ty {
        Type::Path(path) => Some(path),
        _ => None,
    };
    let kind = path.and_then(|path| path.path.segments.last()).map(|last| last.ident.to_string());
    let single = match kind.as_deref() {
        Some("Table" | "Players") => Some(false),
        Some("Single") => Some(true),
        _ => None,
    };
    let parts = single.zip(path.and_then(argument));
    if parts.is_none() {
        let message = "a world's field is a Table<…>, a Players<…> or a Single<…>; mark one that stays on the server with \
            #[sync(skip)]";
        errors.add(&field.ty, message);
    }
    parts
}
