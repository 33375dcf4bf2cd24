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

/// Makes a struct replicable, or a fieldless enum usable as the type of a replicated field.
///
/// In a game, import this from `drumline::prelude`.
///
/// The macro recognizes a field's type by its name: write `f32` or `glam::Vec2`, not an alias.
///
/// | type | attribute |
/// |---|---|
/// | `f32`, `f64` | `#[sync(range = 0.0..=2000.0, step = 0.05)]`, or `#[sync(angle, bits = 10)]` for radians |
/// | `Vec2`, `Vec3` | `#[sync(range = …, step = …)]` for all axes, or `#[sync(x(range = …, step = …), y(…))]` for each |
/// | `Quat` | `#[sync(bits = 9)]`: bits of each of the three smallest components |
/// | integers | none (all values), or `#[sync(range = 0..=100)]` |
/// | `bool` | none |
/// | `String` | `#[sync(max_bytes = 24)]`; longer text is cut at a character boundary |
/// | any other | none: it must be a fieldless enum that derives `Replicate` |
///
/// Clients receive a value clamped to its range. The server's own value does not change.
///
/// Further options:
///
/// - Add `predict = linear` to a range or an angle that moves steadily; it costs fewer bytes.
/// - `#[sync(skip)]` keeps a field on the server. Its type needs `Default`.
/// - Between two snapshots, clients interpolate floats and vectors linearly and rotate angles and quaternions. Other fields keep
///   their value until the next snapshot. `interpolate = step` makes a field jump; `interpolate = none` shows the newest value at
///   once.
/// - `velocity = field`, beside a range, names a field with this field's change per second, of the same dimensions. Clients then
///   follow a curve with these velocities at both ends.
/// - `audience = team` and `audience = owner` send a field only to a team or to its owner. Nobody else is ever sent the field.
///   The table's `owner` and `team` options say which player and team an entity belongs to; see [`derive@World`].
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
    derive(&parse_macro_input!(input as DeriveInput), replicate::expand)
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
/// | `at = position` | the field `position`, a `Vec2`, places each entity in the grid |
/// | `place = function` | `function(&row)` returns the `Place` of each entity |
/// | `owner = player` | the field `player` is the seat of the entity's owner |
/// | `team = side` | the field `side`, an integer or a fieldless enum, is the entity's team |
/// | `audience = team`, `audience = owner` | only the entity's team, or only its owner, sees that it exists |
///
/// An entity's id on the wire is its slot and generation in its table. A client that sees an entity can infer from them how many
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
/// A table in numbered zones, such as floors:
/// ```
/// use drumline_shared::{Place, Replicate, Table, World};
///
/// #[derive(Replicate)]
/// struct Monster {
///     floor: u32,
/// }
///
/// fn floor(row: &Monster) -> Place {
///     Place::Numbered(row.floor)
/// }
///
/// #[derive(World)]
/// struct Dungeon {
///     #[sync(place = floor)]
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
    derive(&parse_macro_input!(input as DeriveInput), world::expand)
}

/// Makes a struct or an enum a type of events, commands or replies, or a part of one. It needs serde's traits too. Of serde's
/// attributes it accepts those that rename, and refuses those that change the bytes. The trait of the same name lists the types
/// that it may contain.
///
/// In a game, import this from `drumline::prelude`.
#[proc_macro_derive(Message, attributes(serde))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), message::expand)
}
