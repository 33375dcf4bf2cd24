//! The types that a field can have: leaves, and what may be around them.

use quote::ToTokens;
use syn::{Expr, GenericArgument, Ident, PathArguments, Type, TypePath};

use crate::errors::Errors;

/// The shape of a field's type. The macro knows only names: an alias is a `Named` leaf.
pub enum Shape {
    Leaf(Leaf, Type),
    Option(Box<Self>),
    Array(Box<Self>, Expr),
    List(Box<Self>),
}

/// A type without a value inside that has options of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    Float,
    /// `Vec2` or `Vec3`, by its number of axes.
    Vector(usize),
    Quat,
    PackedQuat,
    Int,
    Bool,
    Text,
    Entity,
    Press,
    /// Any other: the type says itself what it is.
    Named,
}

impl Shape {
    /// The shape of a type. The name is that of the struct or enum, which cannot contain itself.
    pub fn of(ty: &Type, container: &Ident, errors: &mut Errors) -> Option<Self> {
        let path = match ty {
            Type::Group(group) => return Self::of(&group.elem, container, errors),
            Type::Paren(paren) => return Self::of(&paren.elem, container, errors),
            Type::Array(array) => {
                let item = Self::of(&array.elem, container, errors)?;
                return Some(Self::Array(Box::new(item), array.len.clone()));
            }
            Type::Path(path) => path,
            other => {
                errors.add(other, refusal(other));
                return None;
            }
        };
        let last = path.path.segments.last()?;
        let name = last.ident.to_string();
        if let Some(way_out) = way_out(&name).filter(|_| !is_wrapper(&name) || argument(path).is_some()) {
            errors.add(ty, format!("`{name}` is no replicated type: {way_out}"));
            return None;
        }
        if last.ident == *container || name == "Self" {
            errors.add(
                ty,
                "a replicated type cannot contain itself: name the other by its `Entity`, or keep an index",
            );
            return None;
        }
        if name == "Option" || name == "Vec" {
            let Some(inner) = argument(path) else {
                errors.add(ty, format!("`{name}` needs the type of its value, as in `{name}<u16>`"));
                return None;
            };
            let inner = Box::new(Self::of(inner, container, errors)?);
            if name == "Option" {
                return Some(Self::Option(inner));
            }
            if inner.has_list() {
                let message = "a list directly in a list has two lengths: put the inner `Vec` into a struct \
                    of its own that derives Replicate";
                errors.add(ty, message);
                return None;
            }
            return Some(Self::List(inner));
        }
        Some(Self::Leaf(Leaf::of(&name), ty.clone()))
    }

    /// The innermost type, to which the options apply.
    pub fn leaf(&self) -> (Leaf, &Type) {
        match self {
            Self::Leaf(leaf, ty) => (*leaf, ty),
            Self::Option(inner) | Self::Array(inner, _) | Self::List(inner) => inner.leaf(),
        }
    }

    /// Returns true if there is a list in it.
    pub fn has_list(&self) -> bool {
        match self {
            Self::Leaf(..) => false,
            Self::List(_) => true,
            Self::Option(inner) | Self::Array(inner, _) => inner.has_list(),
        }
    }

    /// The names of the options that a field of this shape can have.
    pub fn options(&self) -> Vec<&'static str> {
        let own: &[&str] = match self.leaf().0 {
            Leaf::Float => &["range", "step", "zero", "angle", "bits", "predict", "velocity"],
            Leaf::Vector(2) => &["range", "step", "zero", "x", "y", "predict", "velocity"],
            Leaf::Vector(_) => &["range", "step", "zero", "x", "y", "z", "predict", "velocity"],
            Leaf::Quat | Leaf::PackedQuat => &["bits", "predict"],
            Leaf::Int => &["range", "predict"],
            Leaf::Text => &["max_bytes"],
            Leaf::Entity => &["table"],
            Leaf::Bool | Leaf::Press | Leaf::Named => &[],
        };
        let list: &[&str] = if self.has_list() { &["max_len"] } else { &[] };
        // A velocity is of the field itself, not of a value in it.
        let is_leaf = matches!(self, Self::Leaf(..));
        let own = own.iter().filter(|&&name| name != "velocity" || is_leaf);
        let all = list.iter().chain(own).chain(&["interpolate", "audience", "skip"]);
        all.copied().collect()
    }
}

impl Leaf {
    fn of(name: &str) -> Self {
        match name {
            "f32" | "f64" => Self::Float,
            "Vec2" => Self::Vector(2),
            "Vec3" => Self::Vector(3),
            "Quat" => Self::Quat,
            "PackedQuat" => Self::PackedQuat,
            "bool" => Self::Bool,
            "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" => Self::Int,
            "String" => Self::Text,
            "Entity" => Self::Entity,
            "Press" => Self::Press,
            _ => Self::Named,
        }
    }
}

/// A type in the words of its author.
pub fn spelled(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(" :: ", "::").replace(" < ", "<").replace(" >", ">").replace(" ;", ";")
}

/// The one type argument of a path.
pub fn argument(path: &TypePath) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(argument)) if arguments.args.len() == 1 => Some(argument),
        _ => None,
    }
}

/// Returns true for a type around another one. Without an argument it is one of the author's own that has the same name.
fn is_wrapper(name: &str) -> bool {
    matches!(name, "Box" | "Rc" | "Arc" | "Cell" | "RefCell" | "Mutex" | "Cow")
}

/// Advice for a well-known type that cannot be replicated: another way to write it.
fn way_out(name: &str) -> Option<&'static str> {
    Some(match name {
        "usize" => "its size differs from machine to machine; use u32 or u64",
        "isize" => "its size differs from machine to machine; use i32 or i64",
        "u128" => "use u64",
        "i128" => "use i64",
        "char" => "use a u32, or a String with `max_bytes = 4`",
        "str" => "use a String with `max_bytes`",
        "HashMap" | "BTreeMap" => "use a Vec of structs with `max_len`, or a table of the world",
        "HashSet" | "BTreeSet" | "VecDeque" | "LinkedList" | "BinaryHeap" => {
            "use a Vec with `max_len`, or a table of the world"
        }
        _ if is_wrapper(name) => "use the value itself, without a wrapper",
        "DVec2" => "use Vec2",
        "DVec3" | "Vec3A" => "use Vec3",
        "DQuat" => "use Quat",
        "Vec4" | "DVec4" => "use [f32; 4]",
        "IVec2" | "UVec2" | "IVec3" | "UVec3" | "IVec4" | "UVec4" => "use an array of integers, or a struct",
        _ => return None,
    })
}

/// Advice for a type that has no name.
fn refusal(ty: &Type) -> &'static str {
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            "`()` holds nothing: leave the field out, or mark it with #[sync(skip)]"
        }
        Type::Tuple(_) => {
            "a tuple is no replicated type: use a struct with named fields that derives Replicate"
        }
        Type::Reference(_) | Type::Ptr(_) => {
            "a reference is no replicated type: use the value itself, or the `Entity` that it belongs to"
        }
        Type::Slice(_) => "a slice is no replicated type: use a Vec with `max_len`, or an array",
        _ => {
            "a replicated field has a type with a name; mark a field that stays on the server with #[sync(skip)]"
        }
    }
}
