//! The code for values around others: options, arrays and lists.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Ident};

use crate::errors::place_of;
use crate::replicate::codec::{Codec, Writer};
use crate::replicate::settings::Settings;
use crate::replicate::shape::{Leaf, Shape};

/// The code for the one value inside another.
struct Item {
    codec: Codec,
    /// The constant of its field, a list of one.
    fields: Ident,
    /// The constant of its width.
    width: Ident,
}

impl Writer<'_> {
    pub(crate) fn option(&mut self, inner: &Shape) -> Codec {
        let Item { codec, fields, .. } = self.item(inner);
        let (quantize, dequantize) = (codec.quantize, codec.dequantize);
        Codec {
            kind: quote! { __drumline::FieldKind::Option(__drumline::Nested::new(#fields)) },
            quantize: quote! {
                match value {
                    ::core::option::Option::Some(value) => {
                        columns[0] = 1;
                        let columns = &mut columns[1..];
                        #quantize
                    }
                    ::core::option::Option::None => columns.fill(0),
                }
            },
            dequantize: quote! {
                if columns[0] == 0 {
                    ::core::option::Option::None
                } else {
                    let columns = &columns[1..];
                    ::core::option::Option::Some(#dequantize)
                }
            },
        }
    }

    pub(crate) fn array(&mut self, inner: &Shape, length: &Expr) -> Codec {
        let Item { codec, fields, width } = self.item(inner);
        let (quantize, dequantize) = (codec.quantize, codec.dequantize);
        let length = quote_spanned! { place_of(length) => __drumline::array_length(#length) };
        let length =
            self.constants.add(self.name, &quote! { ::core::primitive::u16 }, &length, Span::call_site());
        Codec {
            kind: quote! { __drumline::FieldKind::Array(#length, __drumline::Nested::new(#fields)) },
            quantize: quote! {
                for (value, columns) in value.iter().zip(columns.chunks_exact_mut(#width)) {
                    #quantize
                }
            },
            dequantize: quote! {
                ::core::array::from_fn(|index| {
                    let columns = &columns[index * #width..][..#width];
                    #dequantize
                })
            },
        }
    }

    pub(crate) fn list(&mut self, inner: &Shape) -> Codec {
        let Item { codec, fields, width } = self.item(inner);
        let (quantize, dequantize) = (codec.quantize, codec.dequantize);
        let Some(max_len) = &self.settings.max_len else {
            self.errors.add(&self.field.ty, "a Vec needs its greatest length: write #[sync(max_len = 8)]");
            return Codec::default();
        };
        let max_len = quote_spanned! { place_of(max_len) => __drumline::list_length(#max_len) };
        let max_len =
            self.constants.add(self.name, &quote! { ::core::primitive::u16 }, &max_len, Span::call_site());
        Codec {
            kind: quote! { __drumline::FieldKind::List(#max_len, __drumline::Nested::new(#fields)) },
            quantize: quote! {
                let length = ::core::cmp::min(value.len(), #max_len as usize);
                clamped |= length < value.len();
                columns[0] = length as u32;
                let (items, others) = columns[1..].split_at_mut(length * #width);
                for (value, columns) in value.iter().zip(items.chunks_exact_mut(#width)) {
                    #quantize
                }
                others.fill(0);
            },
            dequantize: quote! {
                columns[1..]
                    .chunks_exact(#width)
                    .take(columns[0] as usize)
                    .map(|columns| #dequantize)
                    .collect()
            },
        }
    }

    fn item(&mut self, inner: &Shape) -> Item {
        if let Shape::Leaf(Leaf::Press, ty) = inner {
            self.errors
                .add(ty, "a Press is a field of an input's own: write `Press`, without anything around it");
        }
        let codec = self.codec(inner);
        let field = declaration(&quote! { "" }, inner, &codec.kind, self.settings);
        let (ty, value) = (quote! { &[__drumline::Field] }, quote! { &[#field] });
        let fields = self.constants.add(self.name, &ty, &value, Span::call_site());
        let width = self.constants.add(
            self.name,
            &quote! { ::core::primitive::usize },
            &quote! { __drumline::width(#fields) },
            Span::call_site(),
        );
        Item { codec, fields, width }
    }
}

/// The expression for a field with a name.
pub fn declaration(
    name: &TokenStream,
    shape: &Shape,
    kind: &TokenStream,
    settings: &Settings,
) -> TokenStream {
    // The innermost value is predicted; the whole field is shown in one way.
    let linear = settings.linear && matches!(shape, Shape::Leaf(..));
    let predict = format_ident!("{}", if linear { "Linear" } else { "Last" });
    let interpolated = settings.interpolate.as_ref().map(|interpolate| {
        quote! { .interpolated(__drumline::Interpolate::#interpolate) }
    });
    let span = place_of(shape.leaf().1);
    quote_spanned! { span => __drumline::Field::new(#name, #kind, __drumline::Predict::#predict)#interpolated }
}
