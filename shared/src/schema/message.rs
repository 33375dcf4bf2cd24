//! Types that can be messages, and how their shapes are found.
//!
//! A derive describes them, rather than tracing them when the server starts (serde-reflection): tracing does not reach the
//! variants of an enum inside another unless each is registered, asks that types that are only sent can be read too, and fails at
//! run time. The derive needs no registration and fails at compile time.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use glam::{Quat, Vec2, Vec3};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::schema::shape::{MessageSchema, Named, Shape};

/// Depth of a type, newtypes counted too. The limit finds a type that contains itself.
const MAX_TYPE_DEPTH: usize = 64;

/// The type of an event, a command or a reply, or of a part of one. Derive it together with serde's traits. In a game, import it
/// from `drumline::prelude`.
///
/// The derive describes the type in the schema, so that clients in other languages can read and write its bincode bytes.
///
/// Supported: integers of up to 64 bits, floats, `bool`, strings, `Option`, `Vec`, `Box`, arrays, tuples of up to six,
/// `BTreeMap`, `serde_bytes::ByteBuf`, `PlayerId`, glam's `Vec2`, `Vec3` and `Quat`, and structs and enums of these.
///
/// Not supported: `HashMap`, recursive types, tuples of more than six.
///
/// Clients see Rust's names, unless serde's `rename`, `rename_all` or `rename_all_fields` changes them. Join options come as
/// JSON: `default` and `deny_unknown_fields` say which.
///
/// # Examples
/// ```
/// use drumline_shared::Message;
/// use drumline_shared::schema::message::Nothing;
/// use drumline_shared::schema::shape::MessageSchema;
/// use serde::Serialize;
///
/// #[derive(Serialize, Message)]
/// #[serde(rename_all = "snake_case")]
/// enum Event {
///     Kill { by: u16, victim: u16 },
///     RoundOver,
/// }
/// assert_eq!(MessageSchema::of::<Event, Nothing, Nothing, (), Nothing>().check(), Ok(()));
/// ```
///
/// Attributes that change a type's bytes are errors:
/// ```compile_fail
/// # use drumline_shared::Message;
/// #[derive(serde::Serialize, Message)]
/// struct Kill {
///     #[serde(skip)]
///     by: u16,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no message",
    label = "it needs `#[derive(Message)]`",
    note = "derive `Message` together with serde's traits: #[derive(Serialize, Deserialize, Message)]"
)]
pub trait Message {
    /// Adds the type's shape to a list and returns its index there.
    fn shape(shapes: &mut Shapes) -> u16;
}

/// The shapes of some types, each once.
#[derive(Debug, Default)]
pub struct Shapes {
    list: Vec<Shape>,
    places: HashMap<Shape, u16>,
    depth: usize,
}

impl Shapes {
    /// Adds a type's shape and returns its index.
    ///
    /// # Panics
    /// If the type contains itself.
    pub fn of<T: Message>(&mut self) -> u16 {
        self.depth += 1;
        let name = std::any::type_name::<T>();
        assert!(self.depth <= MAX_TYPE_DEPTH, "a message must not contain itself: {name}");
        let place = T::shape(self);
        self.depth -= 1;
        place
    }

    /// Adds a shape, unless it is there already, and returns its index.
    ///
    /// # Panics
    /// If there are 65,536 of them. [`MessageSchema::check`] allows far fewer.
    pub fn add(&mut self, shape: Shape) -> u16 {
        let next = u16::try_from(self.list.len()).expect("messages are of fewer than 65,536 shapes");
        *self.places.entry(shape).or_insert_with_key(|shape| {
            self.list.push(shape.clone());
            next
        })
    }
}

impl MessageSchema {
    /// The shapes of a game's events, commands, replies, join options and metadata.
    #[must_use]
    pub fn of<Event: Message, Command: Message, Reply: Message, JoinOptions: Message, Metadata: Message>()
    -> Self {
        let mut shapes = Shapes::default();
        let [event, command, reply, join_options, metadata] = [
            Shapes::of::<Event>,
            Shapes::of::<Command>,
            Shapes::of::<Reply>,
            Shapes::of::<JoinOptions>,
            Shapes::of::<Metadata>,
        ]
        .map(|of| of(&mut shapes));
        Self { shapes: shapes.list, event, command, reply, join_options, metadata }
    }
}

/// Stands for events, commands, replies, timers, jobs or metadata that a game does not have. It has no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nothing {}

impl Message for Nothing {
    fn shape(shapes: &mut Shapes) -> u16 {
        shapes.add(Shape::Enum(Vec::new()))
    }
}

macro_rules! leaves {
    ($($type:ty => $shape:ident),* $(,)?) => {
        $(impl Message for $type {
            fn shape(shapes: &mut Shapes) -> u16 {
                shapes.add(Shape::$shape)
            }
        })*
    };
}

leaves! {
    () => Unit, bool => Bool, u8 => U8, u16 => U16, u32 => U32, u64 => U64, i8 => I8, i16 => I16, i32 => I32, i64 => I64,
    f32 => F32, f64 => F64, String => Text, &str => Text, Cow<'_, str> => Text, ByteBuf => Bytes,
}

macro_rules! tuples {
    ($($($item:ident)+;)*) => {
        $(impl<$($item: Message),+> Message for ($($item,)+) {
            fn shape(shapes: &mut Shapes) -> u16 {
                let items = vec![$(shapes.of::<$item>()),+];
                shapes.add(Shape::Tuple(items))
            }
        })*
    };
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}

impl<T: Message> Message for Box<T> {
    fn shape(shapes: &mut Shapes) -> u16 {
        shapes.of::<T>()
    }
}

impl<T: Message> Message for Option<T> {
    fn shape(shapes: &mut Shapes) -> u16 {
        let item = shapes.of::<T>();
        shapes.add(Shape::Option(item))
    }
}

impl<T: Message> Message for Vec<T> {
    fn shape(shapes: &mut Shapes) -> u16 {
        let item = shapes.of::<T>();
        shapes.add(Shape::List(item))
    }
}

impl<T: Message, const LENGTH: usize> Message for [T; LENGTH] {
    fn shape(shapes: &mut Shapes) -> u16 {
        let item = shapes.of::<T>();
        // `MessageSchema::check` refuses a longer array.
        shapes.add(Shape::Array(item, u16::try_from(LENGTH).unwrap_or(u16::MAX)))
    }
}

impl<K: Message, V: Message> Message for BTreeMap<K, V> {
    fn shape(shapes: &mut Shapes) -> u16 {
        let (key, value) = (shapes.of::<K>(), shapes.of::<V>());
        shapes.add(Shape::Map(key, value))
    }
}

macro_rules! vectors {
    ($($type:ty => $($axis:literal)+;)*) => {
        $(impl Message for $type {
            fn shape(shapes: &mut Shapes) -> u16 {
                let shape = shapes.add(Shape::F32);
                shapes.add(Shape::Struct(vec![$(Named { name: $axis.to_owned(), shape }),+]))
            }
        })*
    };
}

vectors! {
    Vec2 => "x" "y";
    Vec3 => "x" "y" "z";
    Quat => "x" "y" "z" "w";
}
