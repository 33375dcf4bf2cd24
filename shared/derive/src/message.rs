//! `#[derive(Message)]`.

use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, LitStr, Result, Token, Variant};

use crate::errors::Errors;

/// A way to write names.
type Case = fn(&str) -> String;

/// How serde's attributes of a container write names.
#[derive(Default, Clone, Copy)]
struct Names {
    /// Names of a struct's fields, or of an enum's variants.
    parts: Option<Case>,
    /// Names of the fields of an enum's variants.
    fields: Option<Case>,
}

/// Expands the macro.
pub fn derive(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    errors.take(expand(input)).unwrap_or_default()
}

/// An implementation without content, beside an error: what uses the type gives no further ones.
pub fn stub(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    quote! {
        impl #generics __drumline::Message for #ident #arguments {
            fn shape(_: &mut __drumline::Shapes) -> u16 { ::core::unreachable!() }
        }
    }
}

fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "a message has no generic parameters"));
    }
    let names = names_of(&input.attrs)?;
    let ident = &input.ident;
    let shape = match &input.data {
        Data::Struct(data) => shape_of_fields(&data.fields, names.parts)?,
        Data::Enum(data) => {
            let variants = data.variants.iter().map(|variant| expand_variant(variant, names));
            let variants = variants.collect::<Result<Vec<_>>>()?;
            quote! {
                let variants = ::std::vec![#(#variants),*];
                shapes.add(__drumline::Shape::Enum(variants))
            }
        }
        Data::Union(_) => return Err(Error::new_spanned(ident, "a union cannot be a message")),
    };
    Ok(quote! {
        impl __drumline::Message for #ident {
            fn shape(shapes: &mut __drumline::Shapes) -> u16 {
                #shape
            }
        }
    })
}

fn expand_variant(variant: &Variant, names: Names) -> Result<TokenStream> {
    let name = name_of(&variant.ident, &variant.attrs, names.parts)?;
    let case = names_of(&variant.attrs)?.parts.or(names.fields);
    let shape = shape_of_fields(&variant.fields, case)?;
    Ok(quote! {
        __drumline::Named { name: #name.to_owned(), shape: { #shape } }
    })
}

/// An expression for the shape of fields, as serde writes them.
fn shape_of_fields(fields: &Fields, case: Option<Case>) -> Result<TokenStream> {
    Ok(match fields {
        Fields::Unit => quote! { shapes.add(__drumline::Shape::Unit) },
        Fields::Unnamed(fields) => {
            for field in &fields.unnamed {
                names_of(&field.attrs)?;
            }
            let types: Vec<_> = fields.unnamed.iter().map(|field| &field.ty).collect();
            // serde writes a struct or a variant around one value as that value.
            if let [inner] = types[..] {
                quote! { shapes.of::<#inner>() }
            } else {
                quote! {
                    let items = ::std::vec![#(shapes.of::<#types>()),*];
                    shapes.add(__drumline::Shape::Tuple(items))
                }
            }
        }
        Fields::Named(fields) => {
            let mut parts = Vec::new();
            for field in &fields.named {
                let ident = field.ident.as_ref().expect("named fields have names");
                let (name, inner) = (name_of(ident, &field.attrs, case)?, &field.ty);
                parts.push(quote! {
                    __drumline::Named { name: #name.to_owned(), shape: shapes.of::<#inner>() }
                });
            }
            quote! {
                let fields = ::std::vec![#(#parts),*];
                shapes.add(__drumline::Shape::Struct(fields))
            }
        }
    })
}

/// The name of a field or a variant.
fn name_of(ident: &Ident, attributes: &[Attribute], case: Option<Case>) -> Result<String> {
    let mut name = ident.unraw().to_string();
    if let Some(case) = case {
        name = case(&name);
    }
    each_option(attributes, |option| {
        if option.path.is_ident("rename") {
            name = option.value()?.parse::<LitStr>()?.value();
        } else if option.path.is_ident("rename_all") {
            option.value()?.parse::<LitStr>()?;
        } else {
            read_only_for_json(&option)?;
        }
        Ok(())
    })?;
    Ok(name)
}

/// How a container's attributes write names.
fn names_of(attributes: &[Attribute]) -> Result<Names> {
    let mut names = Names::default();
    each_option(attributes, |option| {
        if option.path.is_ident("rename_all") {
            names.parts = Some(case_of(&option.value()?.parse()?)?);
        } else if option.path.is_ident("rename_all_fields") {
            names.fields = Some(case_of(&option.value()?.parse()?)?);
        } else if option.path.is_ident("rename") {
            option.value()?.parse::<LitStr>()?;
        } else {
            read_only_for_json(&option)?;
        }
        Ok(())
    })?;
    Ok(names)
}

fn each_option(attributes: &[Attribute], mut each: impl FnMut(ParseNestedMeta) -> Result<()>) -> Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute.parse_nested_meta(&mut each)?;
    }
    Ok(())
}

/// Reads an option that says which JSON is accepted: it changes no bytes of messages. Other options are errors.
fn read_only_for_json(option: &ParseNestedMeta) -> Result<()> {
    if option.path.is_ident("default") {
        if option.input.peek(Token![=]) {
            option.value()?.parse::<LitStr>()?;
        }
    } else if !option.path.is_ident("deny_unknown_fields") {
        return Err(option.error(
            "of serde's attributes a message can have `rename`, `rename_all`, `rename_all_fields`, `default` and \
             `deny_unknown_fields` alone",
        ));
    }
    Ok(())
}

fn case_of(name: &LitStr) -> Result<Case> {
    Ok(match &*name.value() {
        "lowercase" => |name| name.to_lowercase(),
        "snake_case" => |name| name.to_snake_case(),
        "camelCase" => |name| name.to_lower_camel_case(),
        "PascalCase" => |name| name.to_pascal_case(),
        "kebab-case" => |name| name.to_kebab_case(),
        "SCREAMING_SNAKE_CASE" => |name| name.to_shouty_snake_case(),
        _ => {
            return Err(Error::new_spanned(
                name,
                "names of messages are in lowercase, snake_case, camelCase, PascalCase, \
            kebab-case or SCREAMING_SNAKE_CASE",
            ));
        }
    })
}
