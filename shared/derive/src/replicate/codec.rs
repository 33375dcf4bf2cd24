//! The code for one field: its kind, and the ways between its value and its columns.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Field, Type};

use crate::errors::{Errors, place_of};
use crate::options::listed;
use crate::replicate::constants::Constants;
use crate::replicate::number::{Number, ends, limits};
use crate::replicate::settings::Settings;
use crate::replicate::shape::{Leaf, Shape};

/// The code for a value: its kind, the statements that fill `columns` from a reference `value` and set `clamped`, and the
/// expression that makes a value from `columns`.
#[derive(Default)]
pub struct Codec {
    pub kind: TokenStream,
    pub quantize: TokenStream,
    pub dequantize: TokenStream,
}

/// The parts from which a field's code is made.
pub struct Writer<'a> {
    pub field: &'a Field,
    /// The field's name as clients get it.
    pub name: &'a str,
    pub settings: &'a Settings,
    pub constants: &'a mut Constants,
    pub errors: &'a mut Errors,
}

impl Writer<'_> {
    /// The code for a value of a shape.
    pub fn codec(&mut self, shape: &Shape) -> Codec {
        match shape {
            Shape::Leaf(leaf, ty) => self.leaf(*leaf, ty),
            Shape::Option(inner) => self.option(inner),
            Shape::Array(inner, length) => self.array(inner, length),
            Shape::List(inner) => self.list(inner),
        }
    }

    fn leaf(&mut self, leaf: Leaf, ty: &Type) -> Codec {
        match leaf {
            Leaf::Float if self.settings.angle => self.angle(ty),
            Leaf::Float => self.float(ty),
            Leaf::Vector(axes) => self.vector(ty, axes),
            Leaf::Quat => self.quat(),
            Leaf::PackedQuat => self.packed_quat(),
            Leaf::Int => self.int(ty),
            Leaf::Bool => Codec {
                kind: quote! { __drumline::FieldKind::Bool },
                quantize: quote! { columns[0] = u32::from(*value); },
                dequantize: quote! { columns[0] != 0 },
            },
            Leaf::Text => self.text(),
            Leaf::Entity => self.entity(ty),
            Leaf::Press => Codec {
                kind: quote! { __drumline::FieldKind::Press },
                quantize: quote! { columns[0] = u32::from(value.0); },
                dequantize: quote! { __drumline::Press(columns[0] as u8) },
            },
            Leaf::Named => {
                let kind = quote_spanned! { place_of(ty) => <#ty as __drumline::FieldType>::KIND };
                Codec { kind, ..Self::by_type(ty) }
            }
        }
    }

    /// The ways of a type that has them itself.
    fn by_type(ty: &Type) -> Codec {
        let field_type = quote_spanned! { place_of(ty) => <#ty as __drumline::FieldType> };
        Codec {
            kind: TokenStream::new(),
            quantize: quote! { clamped |= #field_type::write_columns(value, columns); },
            dequantize: quote! { #field_type::of_columns(columns) },
        }
    }

    fn float(&mut self, ty: &Type) -> Codec {
        if self.settings.scale.is_empty() {
            let message =
                "a float needs #[sync(range = …, step = …)], or #[sync(angle, bits = …)] for radians";
            self.errors.add(ty, message);
            return Codec::default();
        }
        let range = self.settings.scale.range(&format!("`{}`", self.name), self.field, self.errors);
        let range = self.constant("Range", &range);
        Codec {
            kind: quote! { __drumline::FieldKind::Float(#range) },
            quantize: quote! { columns[0] = #range.quantize_noting(f64::from(*value), &mut clamped); },
            dequantize: quote! { #range.dequantize(columns[0]) as #ty },
        }
    }

    fn angle(&mut self, ty: &Type) -> Codec {
        let Some(angle) = self.bits(ty, "Angle", "an angle needs its bits: write #[sync(angle, bits = 10)]")
        else {
            return Codec::default();
        };
        Codec {
            kind: quote! { __drumline::FieldKind::Angle(#angle) },
            quantize: quote! { columns[0] = #angle.quantize_noting(f64::from(*value), &mut clamped); },
            dequantize: quote! { #angle.dequantize(columns[0]) as #ty },
        }
    }

    fn vector(&mut self, ty: &Type, axes: usize) -> Codec {
        let names = &["x", "y", "z"][..axes];
        if self.settings.scale.is_empty() && self.settings.axes.iter().all(Option::is_none) {
            let message = "a vector needs #[sync(range = …, step = …)], or those of each axis, as in \
                #[sync(x(range = …, step = …), y(…))]";
            self.errors.add(ty, message);
            return Codec::default();
        }
        let missing = names.iter().zip(&self.settings.axes).filter(|(_, axis)| axis.is_none());
        let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
        if self.settings.scale.is_empty() && !missing.is_empty() {
            let message = format!("`{}` needs a range and a step for {} too", self.name, listed(&missing));
            self.errors.add(ty, message);
            return Codec::default();
        }
        let mut ranges = Vec::new();
        let mut whole = None;
        for (axis, name) in self.settings.axes.iter().zip(names) {
            let range = match axis {
                Some(scale) => {
                    let name = format!("the {name} of `{}`", self.name);
                    let range = scale.range(&name, self.field, self.errors);
                    self.constant("Range", &range)
                }
                None => whole
                    .get_or_insert_with(|| {
                        let range =
                            self.settings.scale.range(&format!("`{}`", self.name), self.field, self.errors);
                        self.constant("Range", &range)
                    })
                    .clone(),
            };
            ranges.push(range);
        }
        let kind = format_ident!("Vec{axes}");
        let fields: Vec<_> = names.iter().map(|name| format_ident!("{name}")).collect();
        let indexes = 0..axes;
        let columns = indexes.clone();
        Codec {
            kind: quote! { __drumline::FieldKind::#kind([#(#ranges),*]) },
            quantize: quote! {
                #(columns[#indexes] = #ranges.quantize_noting(f64::from(value.#fields), &mut clamped);)*
            },
            dequantize: quote! { <#ty>::new(#(#ranges.dequantize(columns[#columns]) as f32),*) },
        }
    }

    fn quat(&mut self) -> Codec {
        let ty = self.field.ty.clone();
        let Some(codec) =
            self.bits(&ty, "SmallestThree", "a rotation needs its bits: write #[sync(bits = 9)]")
        else {
            return Codec::default();
        };
        Codec {
            kind: quote! { __drumline::FieldKind::Quat(#codec) },
            quantize: quote! { columns.copy_from_slice(&#codec.quantize_noting(*value, &mut clamped)); },
            dequantize: quote! { #codec.dequantize([columns[0], columns[1], columns[2], columns[3]]) },
        }
    }

    fn packed_quat(&mut self) -> Codec {
        let ty = self.field.ty.clone();
        let Some(codec) =
            self.bits(&ty, "SmallestThree", "a rotation needs its bits: write #[sync(bits = 9)]")
        else {
            return Codec::default();
        };
        Codec {
            kind: quote! { __drumline::FieldKind::Quat(#codec) },
            quantize: quote! { columns.copy_from_slice(&value.columns_noting(#codec, &mut clamped)); },
            dequantize: quote! {
                __drumline::PackedQuat::of_columns([columns[0], columns[1], columns[2], columns[3]])
            },
        }
    }

    /// The constant of a type that is made from `bits`.
    fn bits(&mut self, at: &Type, ty: &str, missing: &str) -> Option<syn::Ident> {
        let Some(bits) = &self.settings.bits else {
            self.errors.add(at, missing);
            return None;
        };
        let ty = format_ident!("{ty}");
        let value = quote_spanned! { place_of(bits) => __drumline::#ty::new(#bits) };
        Some(self.constants.add(self.name, &quote! { __drumline::#ty }, &value, Span::call_site()))
    }

    fn int(&mut self, ty: &Type) -> Codec {
        let all = || quote! { __drumline::IntRange::new(<#ty>::MIN as i128, <#ty>::MAX as i128) };
        let range = self.settings.range.as_ref().map_or_else(all, |range| self.int_range(ty, range));
        let range = self.constant("IntRange", &range);
        Codec {
            kind: quote! { __drumline::FieldKind::Int(#range) },
            quantize: quote! {
                let quantized = #range.quantize_noting(i128::from(*value), &mut clamped);
                columns[0] = quantized as u32;
                if const { #range.is_wide() } {
                    columns[1] = (quantized >> 32) as u32;
                }
            },
            dequantize: quote! {
                {
                    let high = if const { #range.is_wide() } { columns[1] } else { 0 };
                    #range.dequantize(u64::from(high) << 32 | u64::from(columns[0])) as #ty
                }
            },
        }
    }

    fn int_range(&mut self, ty: &Type, range: &Expr) -> TokenStream {
        let Some((min, max)) = ends(range) else {
            self.errors.add(range, "write the range with both ends, as in 0..=100");
            return TokenStream::new();
        };
        let of_literal = |expr| Number::of(expr).and_then(Number::int);
        let order = format!("the range of `{}` needs its lower bound first", self.name);
        let name = quote! { #ty }.to_string();
        let (least, greatest) = limits(&name);
        let numbers = [min, max].map(of_literal);
        if let Some(beyond) = numbers.iter().flatten().find(|number| !(least..=greatest).contains(number)) {
            let message = format!(
                "{beyond} is no `{name}`, which is {least} to {greatest}: take a wider type or another range"
            );
            self.errors.add(range, message);
        } else if let [Some(min), Some(max)] = numbers
            && min >= max
        {
            self.errors.add(range, order);
            return TokenStream::new();
        }
        // Through the field's own type: a bound that it cannot hold is a compile error.
        quote_spanned! { place_of(range) => {
            const MIN: #ty = #min;
            const MAX: #ty = #max;
            __drumline::require(MIN < MAX, #order);
            __drumline::IntRange::new(MIN as i128, MAX as i128)
        } }
    }

    fn text(&mut self) -> Codec {
        let Some(max_bytes) = &self.settings.max_bytes else {
            self.errors
                .add(&self.field.ty, "a String needs its greatest length: write #[sync(max_bytes = 24)]");
            return Codec::default();
        };
        let max_bytes = self.constants.add(
            self.name,
            &quote! { ::core::primitive::usize },
            &quote! { #max_bytes },
            Span::call_site(),
        );
        Codec {
            kind: quote! { __drumline::FieldKind::Text(#max_bytes as u32) },
            quantize: quote! { clamped |= __drumline::quantize_text(value, #max_bytes, columns); },
            dequantize: quote! { __drumline::dequantize_text(columns) },
        }
    }

    fn entity(&mut self, ty: &Type) -> Codec {
        let Some(table) = &self.settings.table else {
            let message = "an Entity needs the name of its table, which clients look it up in: write #[sync(table = ships)]";
            self.errors.add(ty, message);
            return Codec::default();
        };
        let table = syn::ext::IdentExt::unraw(table).to_string();
        let kind = quote! { __drumline::FieldKind::Entity(::std::borrow::Cow::Borrowed(#table)) };
        Codec { kind, ..Self::by_type(ty) }
    }

    /// Declares a constant of a type of `__private`.
    fn constant(&mut self, ty: &str, value: &TokenStream) -> syn::Ident {
        let ty = format_ident!("{ty}");
        self.constants.add(self.name, &quote! { __drumline::#ty }, value, Span::call_site())
    }
}
