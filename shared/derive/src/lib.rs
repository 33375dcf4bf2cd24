//! The derive macros of Drumline. Use them through `drumline`, `drumline-room` or `drumline-shared`, which re-export them.

mod api;
mod errors;
mod game;
mod message;
mod options;
mod replicate;
mod world;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemImpl, parse_macro_input};

use crate::errors::Errors;

/// Expands a derive: its implementations, in a scope in which they find the items that they name. A type with mistakes gets empty
/// implementations: otherwise each use of the type would be one more error.
fn derive(
    input: &DeriveInput,
    expand: fn(&DeriveInput, &mut Errors) -> proc_macro2::TokenStream,
    stub: fn(&DeriveInput) -> proc_macro2::TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let mut implementation = expand(input, &mut errors);
    if errors.count() > 0 {
        implementation = stub(input);
    }
    let mut derived = errors.take(api::enclose(&implementation)).unwrap_or_default();
    derived.extend(errors.into_compile_errors());
    derived.into()
}

/// Makes a struct replicable: as the row of a table, as an input, or as the type of a field. An enum becomes the type of a field.
///
/// In a game, import this from `drumline::prelude`.
///
/// # Types
///
/// | type | options | in JavaScript |
/// |---|---|---|
/// | `f32`, `f64` | `range = 0.0..=2000.0, step = 0.05`, or `angle, bits = 10` for radians | a number |
/// | `Vec2`, `Vec3` | `range = …, step = …`, or for each axis `x(range = …, step = …)` | `{ x, y }`, `{ x, y, z }` |
/// | `Quat`, `PackedQuat` | `bits = 9`: bits of each of the three smallest components | `{ x, y, z, w }` |
/// | `u8` … `u64`, `i8` … `i64` | none (all values), or `range = 0..=100` | a number; a `BigInt` if that is too small |
/// | `bool` | none | `true` or `false` |
/// | `String` | `max_bytes = 24`; longer text is cut at a character boundary | a string |
/// | `Entity` | `table = ships`: the table that the entity is in | an id, or `null` |
/// | `PlayerId` | none | the player's id |
/// | `Press`, only in an input | none | see `room.press` |
/// | `Option<T>` | those of `T` | the value or `null` |
/// | `[T; 4]` | those of `T` | an array |
/// | `Vec<T>` | `max_len = 8`, and those of `T`; a longer list is cut | an array |
/// | a struct that derives `Replicate` | none | an object |
/// | an enum that derives `Replicate` | none | the variant's name; if a variant has fields, `{ type: "Go", … }` |
///
/// An `Option`, an array or a `Vec` can hold any type, and also each other. Only a list directly in a list is an error, because
/// it would need two values of `max_len`: put the inner list into a struct.
///
/// The macro recognizes the types that have options by their names: write `f32` or `glam::Vec2`, not an alias. A `max_len`,
/// `max_bytes` or bound can be a constant.
///
/// Clients receive a value clamped to its range. The server's own value does not change. The server counts the clamped values.
///
/// # Options
///
/// Further options:
///
/// - `predict = linear` saves bytes for a number that changes steadily.
/// - `#[sync(skip)]` keeps a field on the server. Its type needs `Default`.
/// - Between two snapshots, clients interpolate floats and vectors linearly and rotate angles and quaternions. Other fields keep
///   their value until the next snapshot. `interpolate = step` makes a field jump; `interpolate = none` shows the newest value at
///   once.
/// - `velocity = speed`, beside a range, names the field `speed`, which has the same dimensions and holds this field's change per
///   second. Clients then interpolate along a curve that has these velocities at both ends.
/// - `audience = team` and `audience = owner` send a field only to the entity's team or only to its owner. Nobody else is ever
///   sent the field. The table's `owner` and `team` options say which player and team an entity belongs to; see
///   [`derive@World`]. A field inside another field has the audience of the outer one.
/// - `zero = off` allows a range in which 0 lies between two steps. Without it such a range is an error: a player at rest would
///   drift.
///
/// # Examples
/// ```
/// use drumline_shared::Replicate;
/// use glam::Vec2;
///
/// #[derive(Replicate)]
/// struct Ship {
///     #[sync(range = 0.0..=2000.0, step = 0.05, predict = linear)]
///     position: Vec2,
///     #[sync(angle, bits = 10)]
///     heading: f32,
///     #[sync(range = 0..=100)]
///     health: u8,
///     #[sync(skip)]
///     cooldown: f32,
/// }
/// assert_eq!(Ship::FIELDS.len(), 3);
/// ```
///
/// Values inside others:
/// ```
/// use drumline_shared::{Entity, Replicate};
/// use glam::Vec2;
///
/// #[derive(Replicate)]
/// enum Order {
///     Wait,
///     Go {
///         #[sync(range = 0.0..=2000.0, step = 1.0)]
///         to: Vec2,
///     },
///     Follow {
///         #[sync(table = ships)]
///         leader: Entity,
///     },
/// }
///
/// #[derive(Replicate)]
/// struct Crate {
///     goods: u8,
///     amount: u16,
/// }
///
/// #[derive(Replicate)]
/// struct Freighter {
///     order: Order,
///     #[sync(max_len = 8)]
///     cargo: Vec<Crate>,
///     #[sync(range = 0.0..=1.0, step = 0.01)]
///     engines: [Option<f32>; 2],
///     #[sync(table = ships)]
///     escort: Option<Entity>,
/// }
/// ```
///
/// The actions of an input:
/// ```
/// use drumline_shared::{Press, Replicate};
/// use glam::Vec2;
///
/// #[derive(Default, Replicate)]
/// struct Controls {
///     #[sync(range = -1.0..=1.0, step = 1.0 / 64.0)]
///     steer: Vec2,
///     dash: Press,
/// }
/// assert!(!Controls::default().dash.pressed());
/// ```
///
/// An option that does not apply to the field's type is an error, and so is a bound that the type cannot hold:
/// ```compile_fail
/// #[derive(drumline_shared::Replicate)]
/// struct Ship {
///     #[sync(range = 0..=100, step = 5)]
///     health: u8,
/// }
/// ```
/// ```compile_fail
/// #[derive(drumline_shared::Replicate)]
/// struct Ship {
///     #[sync(range = 0..=1000)]
///     health: u8,
/// }
/// ```
/// A velocity has the same dimensions and the same audience as its field:
/// ```
/// use drumline_shared::Replicate;
/// use drumline_shared::schema::Interpolate;
/// use glam::Vec2;
///
/// #[derive(Replicate)]
/// struct Ball {
///     #[sync(range = 0.0..=100.0, step = 0.05, velocity = velocity)]
///     position: Vec2,
///     #[sync(range = -50.0..=50.0, step = 0.5)]
///     velocity: Vec2,
///     #[sync(angle, bits = 8, interpolate = step)]
///     aim: f32,
/// }
/// assert_eq!(Ball::FIELDS[0].interpolate, Interpolate::Hermite(1));
/// assert_eq!(Ball::FIELDS[2].interpolate, Interpolate::Step);
/// ```
/// ```compile_fail
/// #[derive(drumline_shared::Replicate)]
/// struct Ball {
///     #[sync(range = 0.0..=100.0, step = 0.05, velocity = speed)]
///     position: glam::Vec2,
///     #[sync(range = 0.0..=50.0, step = 0.5)]
///     speed: f32,
/// }
/// ```
#[proc_macro_derive(Replicate, attributes(sync))]
pub fn derive_replicate(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), replicate::expand, replicate::stub)
}

/// Makes a struct of `Table`s and `Single`s a world. Fields marked `#[sync(skip)]` stay on the server.
///
/// In a game, import this from `drumline::prelude`.
///
/// A `Table` holds entities of one kind. A `Single` holds state that exists exactly once, such as a score.
///
/// By default everyone sees every entity. Options on a table change that:
///
/// | option | meaning |
/// |---|---|
/// | `at = position` | the field `position`, a `Vec2` or a `Vec3`, places each entity on the grid; of a `Vec3`, x and z count |
/// | `at = position, level = floor` | the field `floor`, an integer, is the entity's level; each level has a grid of its own |
/// | `place = function` | `function(&row)` returns the `Place` of each entity |
/// | `owner = player` | the field `player` is the entity's owner: a `PlayerId`, an integer, or an `Option` of one |
/// | `team = side` | the field `side` is the entity's team: an enum without fields, an integer, or an `Option` of one |
/// | `audience = team`, `audience = owner` | only the entity's team, or only its owner, sees that it exists |
///
/// Clients know an entity by its slot and generation in its table. From these a client that sees the entity can infer how many
/// entities the table has had. If that must stay secret, put hidden entities in a table of their own.
///
/// # Examples
/// ```
/// use drumline_shared::{Replicate, Single, Table, World};
///
/// #[derive(Replicate)]
/// struct Ball {
///     #[sync(range = 0.0..=100.0, step = 0.1)]
///     x: f32,
/// }
/// #[derive(Default, Replicate)]
/// struct Score {
///     left: u16,
///     right: u16,
/// }
/// #[derive(World)]
/// struct Pong {
///     balls: Table<Ball>,
///     score: Single<Score>,
/// }
/// assert_eq!(Pong::TABLES[0].name, "balls");
/// ```
///
/// A table on the grid, with a field that only the owner sees:
/// ```
/// use drumline_shared::{Replicate, Table, World};
/// use glam::Vec2;
///
/// #[derive(Replicate)]
/// struct Ship {
///     player: u16,
///     #[sync(range = 0.0..=8000.0, step = 0.125)]
///     position: Vec2,
///     #[sync(audience = owner)]
///     cargo: u16,
/// }
/// #[derive(World)]
/// struct Space {
///     #[sync(at = position, owner = player)]
///     ships: Table<Ship>,
/// }
/// ```
///
/// Tables in a building with floors, and in numbered zones:
/// ```
/// use drumline_shared::{Place, Replicate, Table, World};
/// use glam::Vec3;
///
/// #[derive(Replicate)]
/// struct Guard {
///     #[sync(range = 0.0..=500.0, step = 0.125)]
///     position: Vec3,
///     floor: u8,
///     post: Option<u16>,
/// }
///
/// #[derive(Replicate)]
/// struct Monster {
///     dungeon: u32,
/// }
///
/// fn dungeon(row: &Monster) -> Place {
///     Place::Numbered(row.dungeon)
/// }
///
/// #[derive(World)]
/// struct Castle {
///     #[sync(at = position, level = floor, team = post)]
///     guards: Table<Guard>,
///     #[sync(place = dungeon)]
///     monsters: Table<Monster>,
/// }
/// ```
///
/// `audience = owner` is an error in a table without the option `owner`:
/// ```compile_fail
/// # use drumline_shared::{Replicate, Table, World};
/// #[derive(Replicate)]
/// struct Card {
///     #[sync(audience = owner)]
///     face: u8,
/// }
/// #[derive(World)]
/// struct Game {
///     cards: Table<Card>,
/// }
/// ```
#[proc_macro_derive(World, attributes(sync))]
pub fn derive_world(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), world::expand, world::stub)
}

/// Makes a struct or an enum the type of events, commands or replies, or a part of one. Derive serde's traits too. Serde's
/// attributes that rename are allowed, and `default` and `deny_unknown_fields`; those that change the bytes are errors. The
/// documentation of the trait `Message` lists the types that a message may contain.
///
/// In a game, import this from `drumline::prelude`.
#[proc_macro_derive(Message, attributes(serde))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), message::derive, message::stub)
}

/// Completes an implementation of the trait `Game` with what it does not write:
///
/// | missing | added |
/// |---|---|
/// | `type Event`, `Command`, `Reply`, `Metadata`, `Timer`, `Job` | `Nothing`: the game has none |
/// | `type JoinOptions` | `()`: clients send no options with a join |
/// | `type World` | `Self`, and `world` returns `self` |
/// | `new` | `Self::default()` |
///
/// In a game, import this from `drumline::prelude`.
#[proc_macro_attribute]
pub fn game(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let written: proc_macro2::TokenStream = item.clone().into();
    if !arguments.is_empty() {
        let error =
            syn::Error::new(proc_macro2::Span::call_site(), "`#[game]` has no arguments").to_compile_error();
        return quote::quote! { #error #written }.into();
    }
    let game = parse_macro_input!(item as ItemImpl);
    game::expand(game).unwrap_or_else(syn::Error::into_compile_error).into()
}
