//! `#[derive(Replicate)]` on enums.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{DataEnum, Fields, Ident, Variant};

use crate::errors::Errors;
use crate::replicate::constants::Constants;
use crate::replicate::fields::{FieldCode, FieldReader, Reserved};

/// Expands the macro for an enum.
pub fn expand(ident: &Ident, data: &DataEnum, errors: &mut Errors) -> TokenStream {
    if data.variants.len() < 2 {
        errors.add(ident, "a replicated enum needs two variants or more");
    }
    for variant in &data.variants {
        if matches!(variant.fields, Fields::Unnamed(_)) {
            let name = &variant.ident;
            let message = format!(
                "the fields of a variant have names in clients: write them as in `{name} {{ power: u8 }}`"
            );
            errors.add(&variant.fields, message);
        }
    }
    let has_fields =
        |variant: &Variant| matches!(&variant.fields, Fields::Named(fields) if !fields.named.is_empty());
    if data.variants.iter().any(has_fields) {
        with_fields(ident, data, errors)
    } else {
        without_fields(ident, data)
    }
}

fn without_fields(ident: &Ident, data: &DataEnum) -> TokenStream {
    let idents: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let names = idents.iter().map(|ident| ident.unraw().to_string());
    let indexes = 0..idents.len() as u32;
    let further = indexes.clone().skip(1);
    let (first, others) = (idents.first(), idents.get(1..).unwrap_or_default());
    let is_unit = |variant: &Variant| matches!(variant.fields, Fields::Unit);
    // `Self::Calm {}` makes a value of a variant without fields, however it is declared; only one without braces has a number.
    let numbers = if data.variants.iter().all(is_unit) {
        quote! { #(Self::#idents => Self::#idents as i64,)* }
    } else {
        let indexes = 0..idents.len() as i64;
        quote! { #(Self::#idents {} => #indexes,)* }
    };
    quote! {
        const __VARIANTS: &[::std::borrow::Cow<'static, str>] = &[#(::std::borrow::Cow::Borrowed(#names)),*];

        impl __drumline::FieldType for #ident {
            const KIND: __drumline::FieldKind = __drumline::FieldKind::Enum(::std::borrow::Cow::Borrowed(__VARIANTS));

            fn write_columns(&self, columns: &mut [u32]) -> bool {
                columns[0] = match self { #(Self::#idents {} => #indexes,)* };
                false
            }

            fn of_columns(columns: &[u32]) -> Self {
                match columns[0] { #(#further => Self::#others {},)* _ => Self::#first {} }
            }
        }

        impl __drumline::Member for #ident {
            fn member(&self) -> ::core::option::Option<u32> {
                let number: i64 = match self { #numbers };
                ::core::convert::TryFrom::try_from(number).ok()
            }
        }
    }
}

fn with_fields(ident: &Ident, data: &DataEnum, errors: &mut Errors) -> TokenStream {
    let mut constants = Constants::default();
    let mut declarations = Vec::new();
    let mut quantizers = Vec::new();
    let mut dequantizers = Vec::new();
    let mut start = quote! { 1 };
    for (index, variant) in data.variants.iter().enumerate() {
        let code = match &variant.fields {
            Fields::Named(fields) => {
                let reserved = Reserved { name: "type", meaning: "the variant's own name" };
                let constants = &mut constants;
                FieldReader { container: ident, in_variant: true, reserved, constants, errors }.code(fields)
            }
            _ => FieldCode::default(),
        };
        let name = variant.ident.unraw().to_string();
        let mut constant =
            |ty: TokenStream, value: TokenStream| constants.add(&name, &ty, &value, Span::call_site());
        let fields = &code.declarations;
        let fields = constant(quote! { &[__drumline::Field] }, quote! { &[#(#fields),*] });
        let begin = constant(quote! { ::core::primitive::usize }, start);
        let end =
            constant(quote! { ::core::primitive::usize }, quote! { #begin + __drumline::width(#fields) });
        start = quote! { #end };
        declarations.push(quote! {
            __drumline::Variant {
                name: ::std::borrow::Cow::Borrowed(#name),
                fields: __drumline::Nested::new(#fields),
            }
        });
        let place = Place { index: index as u32, begin, end, fields: quote! { #fields } };
        quantizers.push(place.quantizer(variant, &code));
        dequantizers.push(place.dequantizer(variant, &code));
    }
    let constants = constants.declarations(ident);
    // The position that no other variant has: rows are checked.
    dequantizers.rotate_left(1);
    quote! {
        #constants
        const __VARIANTS: &[__drumline::Variant] = &[#(#declarations),*];

        impl __drumline::FieldType for #ident {
            const KIND: __drumline::FieldKind = __drumline::FieldKind::Variants(::std::borrow::Cow::Borrowed(__VARIANTS));

            fn write_columns(&self, columns: &mut [u32]) -> bool {
                columns.fill(0);
                let mut clamped = false;
                match self { #(#quantizers)* }
                clamped
            }

            fn of_columns(columns: &[u32]) -> Self {
                match columns[0] { #(#dequantizers)* }
            }
        }
    }
}

/// Where the columns of a variant's fields are.
struct Place {
    /// The variant's position.
    index: u32,
    /// The constants of the first column and the one after the last.
    begin: Ident,
    end: Ident,
    /// The constant of its fields.
    fields: TokenStream,
}

impl Place {
    fn quantizer(&self, variant: &Variant, code: &FieldCode) -> TokenStream {
        let Self { index, begin, end, fields } = self;
        let (ident, names) = (&variant.ident, &code.replicated);
        // Names of their own: a field may be called like a variable of the derived code.
        let values: Vec<_> = (0..names.len()).map(|index| format_ident!("__value_{index}")).collect();
        let by_name: Vec<_> = values.iter().map(|value| quote! { #value }).collect();
        let quantize = code.quantize(fields, &by_name, |_| TokenStream::new());
        quote! {
            Self::#ident { #(#names: #values,)* .. } => {
                columns[0] = #index;
                let row = &mut columns[#begin..#end];
                #quantize
            }
        }
    }

    fn dequantizer(&self, variant: &Variant, code: &FieldCode) -> TokenStream {
        let Self { index, begin, end, fields } = self;
        let ident = &variant.ident;
        let pattern = if *index == 0 {
            quote! { _ }
        } else {
            quote! { #index }
        };
        let dequantize = code.dequantize(fields);
        quote! {
            #pattern => {
                let mut row = &columns[#begin..#end];
                let value = Self::#ident { #dequantize };
                let _ = row;
                value
            }
        }
    }
}
