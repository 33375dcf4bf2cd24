//! The derive macros of `drumline-shared`. Use them through that crate, which re-exports them.

mod api;
mod field;
mod message;
mod replicate;
mod table;
mod world;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Expands a macro's input to implementations, which then find this crate's companions by the author's dependency.
fn derive(
    input: &DeriveInput,
    expand: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let derived = expand(input).and_then(|implementation| api::enclose(&implementation));
    derived.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Makes a struct synchronisable, or a field-less enum usable as a field's type.
///
/// The macro reads a field's type by its name, so write it plainly (`f32`, `glam::Vec2`), not through an alias.
///
/// | type | attribute |
/// |---|---|
/// | `f32`, `f64` | `#[sync(range = 0.0..=2000.0, step = 0.05)]`, or `#[sync(angle, bits = 10)]` for radians |
/// | `Vec2`, `Vec3` | `#[sync(range = …, step = …)]` for all axes, or `#[sync(x(range = …, step = …), y(…))]` for each |
/// | `Quat` | `#[sync(bits = 9)]`: bits of each of the smallest three components |
/// | integers | none (all values), or `#[sync(range = 0..=100)]` |
/// | `bool` | none |
/// | `String` | `#[sync(max_bytes = 24)]`; longer text is cut at a character |
/// | any other | none: it must be a field-less enum that derives `Replicate` |
///
/// `predict = linear` beside a range or an angle codes the field as a body in steady motion. `#[sync(skip)]`
/// keeps a field on the server; its type needs `Default`. A value outside its range is clamped.
///
/// Clients show fields between the ticks that they know: floats and vectors go straight, angles and rotations turn, all others
/// keep their value until the next one's time. `interpolate = step` has any field do that, and with `interpolate = none` the
/// newest value known shows at once. `velocity = field` beside a range names another float or vector of as many dimensions, which
/// is this one's change in a second: it is then shown along a curve that leaves and arrives at these velocities.
///
/// `audience = team` or `audience = owner` beside any of these hides a field from all others: it is never sent to them, in
/// whatever form. The world says whose an entity is; see [`derive@World`].
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

/// Makes a struct of `Table`s and `Single`s a world. Fields marked `#[sync(skip)]` stay on the server.
///
/// Without more, everybody sees every entity. A table's `#[sync(…)]` can say otherwise:
///
/// | option | meaning |
/// |---|---|
/// | `at = position` | each entity is where its field `position`, a `Vec2`, says: in a cell of the game's grid |
/// | `place = function` | each entity is where `function(&row)`, which returns a `Place`, says |
/// | `owner = player` | the row's field `player` is the seat of the player who owns it |
/// | `team = side` | the row's field `side`, an integer or a field-less enum, is its team |
/// | `audience = team`, `audience = owner` | only its team, or only its owner, sees that there is such an entity |
///
/// An entity's slot and generation are its identity on the wire; they tell whoever sees it how many entities its
/// table had before.
/// Where that is to stay secret, hidden things belong in a table of their own.
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
/// A table whose entities are in places, with a field that only the owner sees:
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
/// Something for an owner needs one:
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

/// Makes a struct or an enum of serde's an event, a command or a reply, or a part of one: see the trait of this name.
#[proc_macro_derive(Message, attributes(serde))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), message::expand)
}
