//! `#[derive(Replicate)]` on structs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataStruct, DeriveInput, Fields, Ident};

use crate::errors::Errors;
use crate::replicate::constants::Constants;
use crate::replicate::fields::{FieldReader, Reserved};

mod codec;
mod constants;
mod containers;
mod enumeration;
mod fields;
mod number;
mod scale;
pub mod settings;
pub mod shape;

/// Expands the macro for a struct or an enum.
pub fn expand(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    if !input.generics.params.is_empty() {
        errors.add(&input.generics, "a replicated type has no generic parameters: write a type for each use");
    }
    match &input.data {
        Data::Struct(data) => expand_struct(&input.ident, data, errors),
        Data::Enum(data) => enumeration::expand(&input.ident, data, errors),
        Data::Union(union) => {
            errors.add(
                union.union_token,
                "a union cannot be replicated: use an enum whose variants have named fields",
            );
            TokenStream::new()
        }
    }
}

/// Implementations without content, beside errors: what uses the type gives no further ones.
pub fn stub(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let replicate = matches!(input.data, Data::Struct(_)).then(|| {
        quote! {
            impl #generics __drumline::Replicate for #ident #arguments where Self: 'static {
                const FIELDS: &'static [__drumline::Field] = &[];
                fn quantize(&self, _: &mut [u32]) -> __drumline::Clamped { ::core::unreachable!() }
                fn dequantize(_: &[u32]) -> Self { ::core::unreachable!() }
            }
        }
    });
    let member = matches!(input.data, Data::Enum(_)).then(|| {
        quote! {
            impl #generics __drumline::Member for #ident #arguments where Self: 'static {
                fn member(&self) -> ::core::option::Option<u32> { ::core::unreachable!() }
            }
        }
    });
    quote! {
        #replicate
        #member
        impl #generics __drumline::FieldType for #ident #arguments where Self: 'static {
            const KIND: __drumline::FieldKind = __drumline::FieldKind::Bool;
            fn write_columns(&self, _: &mut [u32]) -> bool { ::core::unreachable!() }
            fn of_columns(_: &[u32]) -> Self { ::core::unreachable!() }
        }
    }
}

fn expand_struct(ident: &Ident, data: &DataStruct, errors: &mut Errors) -> TokenStream {
    let Fields::Named(fields) = &data.fields else {
        let example = if matches!(data.fields, Fields::Unit) { "{}" } else { "{ value: u16 }" };
        errors
            .add(ident, format!("a replicated struct's fields have names: write `struct {ident} {example}`"));
        return TokenStream::new();
    };
    let mut constants = Constants::default();
    let reserved = Reserved { name: "id", meaning: "the entity's own name for itself" };
    let mut reader =
        FieldReader { container: ident, in_variant: false, reserved, constants: &mut constants, errors };
    let code = reader.code(fields);
    let (constants, declarations) = (constants.declarations(ident), &code.declarations);
    let list = quote! { __FIELDS };
    let values: Vec<_> = code.replicated.iter().map(|ident| quote! { &self.#ident }).collect();
    let quantize = code.quantize(&list, &values, |index| {
        quote! { noted.note(#index, ::core::mem::take(&mut clamped)); }
    });
    let dequantize = code.dequantize(&list);
    quote! {
        #constants
        const __FIELDS: &[__drumline::Field] = &[#(#declarations),*];
        const __WIDTH: ::core::primitive::usize = __drumline::width(__FIELDS);

        impl __drumline::Replicate for #ident {
            const FIELDS: &'static [__drumline::Field] = __FIELDS;

            fn quantize(&self, row: &mut [u32]) -> __drumline::Clamped {
                assert_eq!(row.len(), __WIDTH, "a row has the struct's width");
                let mut noted = __drumline::Clamped::default();
                let mut clamped = false;
                #quantize
                let _ = clamped;
                noted
            }

            fn dequantize(row: &[u32]) -> Self {
                assert_eq!(row.len(), __WIDTH, "a row has the struct's width");
                let mut row = row;
                let value = Self { #dequantize };
                let _ = row;
                value
            }
        }

        impl __drumline::FieldType for #ident {
            const KIND: __drumline::FieldKind = __drumline::FieldKind::Struct(__drumline::Nested::new(__FIELDS));

            fn write_columns(&self, columns: &mut [u32]) -> bool {
                __drumline::Replicate::quantize(self, columns).any()
            }

            fn of_columns(columns: &[u32]) -> Self {
                __drumline::Replicate::dequantize(columns)
            }
        }
    }
}
