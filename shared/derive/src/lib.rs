//! The derive macros of Drumline. Use them through `drumline`, `drumline-room` or `drumline-shared`, which re-export them.

mod api;
mod field;
mod message;
mod replicate;
mod table;
mod world;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Expands a derive: its implementations, in a scope in which they find the items that they name.
fn derive(
    input: &DeriveInput,
    expand: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let derived = expand(input).and_then(|implementation| api::enclose(&implementation));
    derived.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Derives the trait `Replicate` for a struct, or `Enumeration` for a field-less enum, which can then be the type of a field.
///
/// The macro recognises a field's type by its name, so write it plainly (`f32`, `glam::Vec2`), not through an alias.
///
/// | type | attribute |
/// |---|---|
/// | `f32`, `f64` | `#[sync(range = 0.0..=2000.0, step = 0.05)]`, or `#[sync(angle, bits = 10)]` for radians |
/// | `Vec2`, `Vec3` | `#[sync(range = …, step = …)]` for all axes, or `#[sync(x(range = …, step = …), y(…))]` for each |
/// | `Quat` | `#[sync(bits = 9)]`: bits of each of the three smallest components |
/// | integers | none (all values), or `#[sync(range = 0..=100)]` |
/// | `bool` | none |
/// | `String` | `#[sync(max_bytes = 24)]`; a longer text is cut at the end of a character |
/// | any other | none: it must be a field-less enum that derives `Replicate` |
///
/// `predict = linear` beside a range or an angle predicts steady motion, which then costs next to nothing. `#[sync(skip)]`
/// keeps a field on the server; its type needs `Default`. A value outside its range is clamped.
///
/// Clients show fields between the ticks that they know: floats and vectors move in a straight line, angles and rotations
/// turn, and all others keep their value until the time of the next one. With `interpolate = step` any field does that, and with
/// `interpolate = none` the newest value is shown at once. `velocity = field` beside a range names another float or vector of as
/// many dimensions: the velocity of this field, in units per second. The field is then shown along a curve that leaves and
/// arrives with these velocities.
///
/// `audience = team` or `audience = owner` beside any of these hides a field from all other players: it is never sent to them in
/// any form. The world says which team and owner an entity has; see [`derive@World`].
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
/// An option that does not apply to the field's type, and a bound that the type cannot hold, are errors:
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
/// A velocity is another number of the same dimensions and for the same audience:
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
    derive(&parse_macro_input!(input as DeriveInput), replicate::expand)
}

/// Derives the trait `World` for a struct of `Table`s and `Single`s. Fields marked `#[sync(skip)]` stay on the server.
///
/// By default all players see every entity. The `#[sync(…)]` of a table can change that:
///
/// | option | meaning |
/// |---|---|
/// | `at = position` | each entity is at its field `position`, a `Vec2`: in a cell of the game's grid |
/// | `place = function` | each entity is in the `Place` that `function(&row)` returns |
/// | `owner = player` | the row's field `player` is the seat of its owner |
/// | `team = side` | the row's field `side`, an integer or a field-less enum, is its team |
/// | `audience = team`, `audience = owner` | only its team, or only its owner, sees the entity at all |
///
/// The slot and generation of an entity are its identity on the wire. They tell a client that sees it how many entities its table
/// has had before. If that must stay secret, put hidden entities in a table of their own.
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
/// A table with entities in places, and a field that only the owner sees:
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
/// A field for the owner needs a field that says who that is:
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
    derive(&parse_macro_input!(input as DeriveInput), world::expand)
}

/// Derives the trait `Message` for a struct or an enum with serde's traits: an event, a command or a reply, or a part of one. Of
/// serde's attributes it accepts those that rename, and refuses those that change the bytes.
#[proc_macro_derive(Message, attributes(serde))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), message::expand)
}
