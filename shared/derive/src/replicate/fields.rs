//! The fields of a struct or of a variant.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Field, FieldsNamed, Ident};

use crate::errors::{Errors, place_of};
use crate::options;
use crate::replicate::codec::Writer;
use crate::replicate::constants::Constants;
use crate::replicate::containers::declaration;
use crate::replicate::settings::Settings;
use crate::replicate::shape::{Leaf, Shape};

/// The names that mean something else in clients, and what that is.
pub struct Reserved {
    pub name: &'static str,
    pub meaning: &'static str,
}

/// A field, as it was read.
struct Read<'a> {
    field: &'a Field,
    ident: &'a Ident,
    part: Part,
}

/// A field as clients see it.
enum Part {
    /// There is a mistake in it.
    Broken,
    /// It stays on the server.
    Skipped,
    /// Clients get it.
    Replicated(Box<Replicated>),
}

/// The type and the options of a field.
struct Replicated {
    shape: Shape,
    settings: Settings,
}

/// The code for the fields of a struct or a variant.
#[derive(Default)]
pub struct FieldCode {
    /// The expressions of the replicated fields, for a list.
    pub declarations: Vec<TokenStream>,
    /// The replicated fields.
    pub replicated: Vec<Ident>,
    /// The statements for each replicated field that fill `columns` from `value` and set `clamped`.
    pub quantizers: Vec<TokenStream>,
    /// The expression of each replicated field from its `columns`.
    pub dequantizers: Vec<TokenStream>,
    /// The skipped fields and their defaults.
    pub skipped: Vec<(Ident, TokenStream)>,
}

impl FieldCode {
    /// Statements that quantize all fields into `row`, each after a statement of its own that names its `value`. `fields` is the
    /// constant of their declarations. Each statement after a field finds `clamped` set.
    pub fn quantize(
        &self,
        fields: &TokenStream,
        values: &[TokenStream],
        note: impl Fn(usize) -> TokenStream,
    ) -> TokenStream {
        // Each field takes the next columns of the row. The widths are constants, so no bound is checked at run time.
        let each = self.quantizers.iter().zip(values).enumerate().map(|(index, (quantize, value))| {
            let note = note(index);
            quote! {
                let (columns, row) = row.split_at_mut(const { #fields[#index].width() });
                let value = #value;
                #quantize
                #note
            }
        });
        quote! { #(#each)* let _ = row; }
    }

    /// The named values of a struct or a variant, made from `row`.
    pub fn dequantize(&self, fields: &TokenStream) -> TokenStream {
        let each = self.replicated.iter().zip(&self.dequantizers).enumerate();
        let replicated = each.map(|(index, (ident, dequantize))| {
            quote! {
                #ident: {
                    let (columns, rest) = row.split_at(const { #fields[#index].width() });
                    row = rest;
                    #dequantize
                },
            }
        });
        let skipped = self.skipped.iter().map(|(ident, default)| quote! { #ident: #default, });
        quote! { #(#replicated)* #(#skipped)* }
    }
}

/// Reads fields and writes their code.
pub struct FieldReader<'a> {
    /// The name of the struct or enum.
    pub container: &'a Ident,
    pub in_variant: bool,
    pub reserved: Reserved,
    pub constants: &'a mut Constants,
    pub errors: &'a mut Errors,
}

impl FieldReader<'_> {
    /// The code for some fields.
    pub fn code(&mut self, fields: &FieldsNamed) -> FieldCode {
        // The second pass, which looks at other fields too, finds further mistakes.
        let place = self.errors.place() + 1;
        let all: Vec<Read> = fields
            .named
            .iter()
            .enumerate()
            .map(|(index, field)| {
                self.errors.set_place(place + index);
                self.read(field)
            })
            .collect();
        let mut code = FieldCode::default();
        for (index, read) in all.iter().enumerate() {
            self.errors.set_place(place + index);
            let ident = read.ident.clone();
            match &read.part {
                Part::Broken => {}
                Part::Skipped => {
                    let ty = &read.field.ty;
                    let default =
                        quote_spanned! { place_of(ty) => <#ty as ::core::default::Default>::default() };
                    code.skipped.push((ident, default));
                }
                Part::Replicated(replicated) => {
                    self.check_velocity(read, replicated, &all);
                    self.write(read, replicated, &all, &mut code);
                    code.replicated.push(ident);
                }
            }
        }
        code
    }

    fn read<'a>(&mut self, field: &'a Field) -> Read<'a> {
        let ident = field.ident.as_ref().expect("named fields have names");
        Read { field, ident, part: self.part(field, ident).unwrap_or(Part::Broken) }
    }

    fn part(&mut self, field: &Field, ident: &Ident) -> Option<Part> {
        let before = self.errors.count();
        let written = options::read(&field.attrs, self.errors);
        if let Some(skip) = written.iter().flatten().find(|option| option.name == "skip") {
            self.errors.take(skip.flag());
            if let Some(other) = written.iter().flatten().find(|option| option.name != "skip") {
                self.errors.add(&other.name, "a skipped field stays on the server: it has no other options");
            }
            return Some(Part::Skipped);
        }
        if ident.unraw() == self.reserved.name {
            let Reserved { name, meaning } = self.reserved;
            self.errors.add(ident, format!("`{name}` is {meaning} in clients; choose another name"));
        }
        let shape = Shape::of(&field.ty, self.container, self.errors)?;
        let settings = Settings::of(&written?, &shape, self.in_variant, self.errors);
        if let (Shape::Leaf(Leaf::Press, ty), true) = (&shape, self.in_variant) {
            self.errors.add(ty, "a Press is a field of an input's struct, not of an enum");
        }
        (self.errors.count() == before).then(|| Part::Replicated(Box::new(Replicated { shape, settings })))
    }

    fn write(&mut self, read: &Read, replicated: &Replicated, all: &[Read], code: &mut FieldCode) {
        let Replicated { shape, settings } = replicated;
        let name = read.ident.unraw().to_string();
        let (constants, errors) = (&mut *self.constants, &mut *self.errors);
        let codec = Writer { field: read.field, name: &name, settings, constants, errors }.codec(shape);
        let declaration = declaration(&quote! { #name }, shape, &codec.kind, settings);
        let velocity = settings.velocity.as_ref().and_then(|velocity| {
            let replicated = all.iter().filter(|other| !matches!(other.part, Part::Skipped));
            let index = replicated.into_iter().position(|other| other.ident == velocity)? as u16;
            Some(quote! { .interpolated(__drumline::Interpolate::Hermite(#index)) })
        });
        let audience = settings.audience.as_ref().map(|audience| {
            quote! { .for_audience(__drumline::Audience::#audience) }
        });
        // A constant of its own, so that a mistake in it hides no other one.
        let (ty, value) = (quote! { __drumline::Field }, quote! { #declaration #velocity #audience });
        let field = self.constants.add(&name, &ty, &value, Span::call_site());
        code.declarations.push(quote! { #field });
        code.quantizers.push(codec.quantize);
        code.dequantizers.push(codec.dequantize);
    }

    /// Refuses a velocity that is no other field of the same dimensions and audience.
    fn check_velocity(&mut self, read: &Read, replicated: &Replicated, all: &[Read]) {
        let Some(velocity) = &replicated.settings.velocity else { return };
        let other = all.iter().find(|other| other.ident == velocity);
        let message = match other.map(|other| &other.part) {
            Some(Part::Broken) => return,
            None | Some(Part::Skipped) => {
                "the velocity is another field beside this one, which is not skipped"
            }
            Some(Part::Replicated(other)) => {
                let (own, others) = (dimensions(replicated), dimensions(other));
                if velocity == read.ident || own.is_none() || own != others {
                    "a field's velocity, in units a second, is another float or vector of as many dimensions"
                } else if replicated.settings.audience != other.settings.audience {
                    "a field and its velocity are for the same audience"
                } else {
                    return;
                }
            }
        };
        self.errors.add(velocity, message);
    }
}

/// The number of floats of a value that can move along a curve, or be its velocity.
fn dimensions(field: &Replicated) -> Option<usize> {
    match field.shape {
        Shape::Leaf(Leaf::Float, _) => (!field.settings.angle).then_some(1),
        Shape::Leaf(Leaf::Vector(axes), _) => Some(axes),
        _ => None,
    }
}
