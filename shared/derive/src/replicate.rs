//! `#[derive(Replicate)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Field, Fields, Ident, Result};

use crate::field::{Options, Scale, type_name};

/// Expands the macro for a struct or a fieldless enum.
pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "a replicated type has no generic parameters"));
    }
    match &input.data {
        Data::Struct(data) => expand_struct(&input.ident, data),
        Data::Enum(data) => expand_enum(&input.ident, data),
        Data::Union(_) => Err(Error::new_spanned(&input.ident, "a union cannot be replicated")),
    }
}

fn expand_enum(ident: &Ident, data: &DataEnum) -> Result<TokenStream> {
    if let Some(variant) = data.variants.iter().find(|variant| !matches!(variant.fields, Fields::Unit)) {
        return Err(Error::new_spanned(variant, "a replicated enum's variants have no fields"));
    }
    let idents: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let Some(first) = idents.first() else {
        return Err(Error::new_spanned(ident, "a replicated enum needs variants"));
    };
    let names = idents.iter().map(ToString::to_string);
    let indexes = 0..idents.len() as u32;
    let arms = indexes.clone().zip(&idents).map(|(index, variant)| quote! { #index => Self::#variant, });
    Ok(quote! {
        impl __drumline::Enumeration for #ident {
            const VARIANTS: &'static [::std::borrow::Cow<'static, str>] = &[#(::std::borrow::Cow::Borrowed(#names)),*];

            fn to_index(self) -> u32 {
                match self { #(Self::#idents => #indexes,)* }
            }

            fn from_index(index: u32) -> Self {
                match index { #(#arms)* _ => Self::#first }
            }
        }
    })
}

fn expand_struct(ident: &Ident, data: &DataStruct) -> Result<TokenStream> {
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(ident, "a replicated struct's fields need names"));
    };
    let mut declarations = Vec::new();
    let mut quantizers = Vec::new();
    let mut dequantizers = Vec::new();
    let fields: Vec<(&Field, Options)> =
        fields.named.iter().map(|field| Ok((field, Options::parse(&field.attrs)?))).collect::<Result<_>>()?;
    for (field, options) in &fields {
        let name = field.ident.as_ref().expect("named fields have names");
        if options.skip {
            dequantizers.push(quote! { #name: ::std::default::Default::default() });
            continue;
        }
        let codec = Codec::of(field, options)?;
        let (kind, quantize, dequantize) = (codec.kind, codec.quantize, codec.dequantize);
        let name_text = checked_name(name)?;
        let predict = if options.linear { format_ident!("Linear") } else { format_ident!("Last") };
        let index = declarations.len();
        let interpolation = interpolation(field, options, &fields)?;
        let audience = options.audience.as_ref().map(|audience| {
            quote! { .for_audience(__drumline::Audience::#audience) }
        });
        declarations.push(quote! {
            __drumline::Field::new(
                #name_text,
                #kind,
                __drumline::Predict::#predict,
            )#interpolation #audience
        });
        // Each field takes the next columns of the row. The widths are constants, so no bound is checked at run time.
        quantizers.push(quote! {
            let (columns, row) = row.split_at_mut(const { Self::FIELDS[#index].width() });
            let value = &self.#name;
            #quantize
        });
        dequantizers.push(quote! {
            #name: {
                let (columns, rest) = row.split_at(const { Self::FIELDS[#index].width() });
                row = rest;
                #dequantize
            }
        });
    }
    Ok(quote! {
        impl __drumline::Replicate for #ident {
            const FIELDS: &'static [__drumline::Field] = &[#(#declarations),*];

            fn quantize(&self, row: &mut [u32]) {
                assert_eq!(row.len(), const { __drumline::width(Self::FIELDS) }, "a row has the struct's width");
                #(#quantizers)*
                let _ = row;
            }

            fn dequantize(row: &[u32]) -> Self {
                assert_eq!(row.len(), const { __drumline::width(Self::FIELDS) }, "a row has the struct's width");
                let mut row = row;
                let value = Self { #(#dequantizers),* };
                let _ = row;
                value
            }
        }
    })
}

/// The name of a field, as clients get it.
fn checked_name(name: &Ident) -> Result<String> {
    let text = name.unraw().to_string();
    if text == "id" {
        let message = "`id` is the entity's own name for itself in clients; choose another";
        return Err(Error::new_spanned(name, message));
    }
    Ok(text)
}

/// The call that sets how a field is shown between ticks, if its kind alone does not say. Its velocity is one of `fields`.
fn interpolation(
    field: &Field,
    options: &Options,
    fields: &[(&Field, Options)],
) -> Result<Option<TokenStream>> {
    let interpolate = quote! { __drumline::Interpolate };
    let Some(velocity) = &options.velocity else {
        return Ok(options
            .interpolate
            .as_ref()
            .map(|variant| quote! { .interpolated(#interpolate::#variant) }));
    };
    let refuse = |message: &str| Err(Error::new_spanned(velocity, message));
    let mut replicated = fields.iter().filter(|(_, options)| !options.skip);
    let Some(index) = replicated.clone().position(|(other, _)| other.ident.as_ref() == Some(velocity)) else {
        return refuse("the velocity is another field of this struct, which is not skipped");
    };
    let (other, other_options) = replicated.nth(index).expect("a position is within");
    let dimensions = |ty: &syn::Type| -> Result<usize> {
        Ok(match type_name(ty)?.0.to_string().as_str() {
            "f32" | "f64" => 1,
            "Vec2" => 2,
            "Vec3" => 3,
            _ => 0,
        })
    };
    if other.ident == field.ident || other_options.angle || dimensions(&field.ty)? != dimensions(&other.ty)? {
        return refuse(
            "a field's velocity, in units a second, is another float or vector of as many dimensions",
        );
    }
    if options.audience != other_options.audience {
        return refuse("a field and its velocity are for the same audience");
    }
    let index = index as u16;
    Ok(Some(quote! { .interpolated(#interpolate::Hermite(#index)) }))
}

/// The code for one field: its kind, the statements that fill `columns` from `value`, and the expression that makes a value from
/// `columns`.
struct Codec {
    kind: TokenStream,
    quantize: TokenStream,
    dequantize: TokenStream,
}

impl Codec {
    fn of(field: &Field, options: &Options) -> Result<Self> {
        let (name, _) = type_name(&field.ty)?;
        let (allowed, codec): (&[&str], _) = match name.to_string().as_str() {
            "f32" | "f64" if options.angle => (&["angle", "bits", "predict"], Self::angle(field, options)?),
            "f32" | "f64" => (&["range", "step", "predict", "velocity"], Self::float(field, options)?),
            "Vec2" => (&["range", "step", "x", "y", "predict", "velocity"], Self::vector(field, options, 2)?),
            "Vec3" => {
                (&["range", "step", "x", "y", "z", "predict", "velocity"], Self::vector(field, options, 3)?)
            }
            "Quat" => (&["bits", "predict"], Self::quat(field, options)?),
            "PackedQuat" => (&["bits", "predict"], Self::packed_quat(field, options)?),
            "bool" => (&[], Self::boolean()),
            "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" => {
                (&["range", "predict"], Self::int(field, options))
            }
            "String" => (&["max_bytes"], Self::text(field, options)?),
            _ => (&[], Self::enumeration(field)),
        };
        options.allow_only(allowed)?;
        Ok(codec)
    }

    fn float(field: &Field, options: &Options) -> Result<Self> {
        let range = range(field, &options.scale)?;
        let ty = &field.ty;
        Ok(Self {
            kind: quote! { __drumline::FieldKind::Float(#range) },
            quantize: quote! { columns[0] = const { #range }.quantize(f64::from(*value)); },
            dequantize: quote! { const { #range }.dequantize(columns[0]) as #ty },
        })
    }

    fn angle(field: &Field, options: &Options) -> Result<Self> {
        let bits = bits(field, options)?;
        let angle = quote! { __drumline::Angle::new(#bits) };
        let ty = &field.ty;
        Ok(Self {
            kind: quote! { __drumline::FieldKind::Angle(#angle) },
            quantize: quote! { columns[0] = const { #angle }.quantize(f64::from(*value)); },
            dequantize: quote! { const { #angle }.dequantize(columns[0]) as #ty },
        })
    }

    fn vector(field: &Field, options: &Options, axes: usize) -> Result<Self> {
        let ranges = options.axes[..axes]
            .iter()
            .map(|axis| range(field, axis.as_ref().unwrap_or(&options.scale)))
            .collect::<Result<Vec<_>>>()?;
        let kind = format_ident!("Vec{axes}");
        let names = ["x", "y", "z"].map(|name| format_ident!("{name}"));
        let names = &names[..axes];
        let indexes = 0..axes;
        let ty = &field.ty;
        Ok(Self {
            kind: quote! { __drumline::FieldKind::#kind([#(#ranges),*]) },
            quantize: {
                let indexes = indexes.clone();
                quote! { #(columns[#indexes] = const { #ranges }.quantize(f64::from(value.#names));)* }
            },
            dequantize: quote! { <#ty>::new(#(const { #ranges }.dequantize(columns[#indexes]) as f32),*) },
        })
    }

    fn quat(field: &Field, options: &Options) -> Result<Self> {
        let bits = bits(field, options)?;
        let codec = quote! { __drumline::SmallestThree::new(#bits) };
        Ok(Self {
            kind: quote! { __drumline::FieldKind::Quat(#codec) },
            quantize: quote! { columns.copy_from_slice(&const { #codec }.quantize(*value)); },
            dequantize: quote! {
                const { #codec }.dequantize([columns[0], columns[1], columns[2], columns[3]])
            },
        })
    }

    fn packed_quat(field: &Field, options: &Options) -> Result<Self> {
        let bits = bits(field, options)?;
        let codec = quote! { __drumline::SmallestThree::new(#bits) };
        Ok(Self {
            kind: quote! { __drumline::FieldKind::Quat(#codec) },
            quantize: quote! { columns.copy_from_slice(&value.columns(const { #codec })); },
            dequantize: quote! {
                __drumline::PackedQuat::of_columns([columns[0], columns[1], columns[2], columns[3]])
            },
        })
    }

    fn int(field: &Field, options: &Options) -> Self {
        let ty = &field.ty;
        let (min, max) = match &options.scale.range {
            Some(bounds) => {
                let (min, max) = (&bounds.min, &bounds.max);
                // Through the field's own type: a bound that it cannot hold is a compile error.
                (
                    quote! { { const MIN: #ty = #min; MIN as i128 } },
                    quote! { { const MAX: #ty = #max; MAX as i128 } },
                )
            }
            None => (quote! { <#ty>::MIN as i128 }, quote! { <#ty>::MAX as i128 }),
        };
        let range = quote! { __drumline::IntRange::new(#min, #max) };
        Self {
            kind: quote! { __drumline::FieldKind::Int(#range) },
            quantize: quote! {
                let quantized = const { #range }.quantize(i128::from(*value));
                columns[0] = quantized as u32;
                if columns.len() == 2 {
                    columns[1] = (quantized >> 32) as u32;
                }
            },
            dequantize: quote! {
                let high = columns.get(1).copied().unwrap_or(0);
                const { #range }.dequantize(u64::from(high) << 32 | u64::from(columns[0])) as #ty
            },
        }
    }

    fn boolean() -> Self {
        Self {
            kind: quote! { __drumline::FieldKind::Bool },
            quantize: quote! { columns[0] = u32::from(*value); },
            dequantize: quote! { columns[0] != 0 },
        }
    }

    fn text(field: &Field, options: &Options) -> Result<Self> {
        let Some(max_bytes) = &options.max_bytes else {
            return Err(Error::new_spanned(field, "a string needs #[sync(max_bytes = …)]"));
        };
        Ok(Self {
            kind: quote! { __drumline::FieldKind::Text(#max_bytes) },
            quantize: quote! { __drumline::quantize_text(value, #max_bytes, columns); },
            dequantize: quote! { __drumline::dequantize_text(columns) },
        })
    }

    fn enumeration(field: &Field) -> Self {
        let ty = &field.ty;
        let trait_path = quote! { __drumline::Enumeration };
        Self {
            kind: quote! {
                __drumline::FieldKind::Enum(::std::borrow::Cow::Borrowed(<#ty as #trait_path>::VARIANTS))
            },
            quantize: quote! { columns[0] = #trait_path::to_index(*value); },
            dequantize: quote! { <#ty as #trait_path>::from_index(columns[0]) },
        }
    }
}

fn range(field: &Field, scale: &Scale) -> Result<TokenStream> {
    match (&scale.range, &scale.step) {
        (Some(bounds), Some(step)) => {
            let (min, max) = (&bounds.min, &bounds.max);
            Ok(quote! { __drumline::Range::new((#min) as f64, (#max) as f64, (#step) as f64) })
        }
        _ => Err(Error::new_spanned(
            field,
            "a float needs #[sync(range = …, step = …)], or #[sync(angle, bits = …)], or #[sync(skip)]",
        )),
    }
}

fn bits<'a>(field: &Field, options: &'a Options) -> Result<&'a syn::LitInt> {
    options.bits.as_ref().ok_or_else(|| Error::new_spanned(field, "this field needs #[sync(bits = …)]"))
}
