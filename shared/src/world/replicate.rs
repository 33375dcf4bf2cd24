//! Structs with replicated fields, and the types that such a field can have.

use crate::layout::InputLayout;
use crate::schema::{Field, FieldKind, InputSchema, width};
use crate::world::clamped::Clamped;

/// A struct with replicated fields: an entity's state, or an input. Derive it; see [`derive@crate::Replicate`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a replicated struct",
    label = "not a replicated struct",
    note = "the rows of a table, a single and an input are structs with #[derive(Replicate)]"
)]
pub trait Replicate: Sized + 'static {
    /// The fields, in order.
    const FIELDS: &'static [Field];

    /// Writes the fields' columns, and returns the fields of which a value was clamped.
    ///
    /// # Panics
    /// If the length of `row` is not [`width`]`(Self::FIELDS)`.
    fn quantize(&self, row: &mut [u32]) -> Clamped;

    /// Creates the struct from its columns. Skipped fields have their defaults.
    ///
    /// # Panics
    /// If the length of `row` is not [`width`]`(Self::FIELDS)`.
    fn dequantize(row: &[u32]) -> Self;
}

impl InputSchema {
    /// The schema of an input type, whose `Default` is the neutral input.
    #[must_use]
    pub fn of<T: Replicate + Default>() -> Self {
        let mut neutral = vec![0; width(T::FIELDS)];
        T::default().quantize(&mut neutral);
        Self { fields: T::FIELDS.into(), neutral }
    }
}

impl InputLayout {
    /// The layout of an input type.
    ///
    /// # Panics
    /// If the type was not derived: a derived input is within the limits.
    #[must_use]
    pub fn of<T: Replicate + Default>() -> Self {
        Self::new(&InputSchema::of::<T>()).expect("a derived input is within the limits")
    }
}

/// A type that a replicated field can have by its name alone: a struct or an enum that derives
/// [`Replicate`](derive@crate::Replicate), a `PlayerId`, an [`Entity`](crate::Entity).
///
/// The types that take options (floats, vectors, text, lists …) are not among them: the derive writes their code at each field.
/// So an alias of one of those is no field's type.
///
/// # Examples
/// A type of your own that is sent as another one:
/// ```
/// use drumline_shared::schema::FieldKind;
/// use drumline_shared::world::FieldType;
/// use drumline_shared::quantize::IntRange;
/// use drumline_shared::Replicate;
///
/// /// Quarters of a heart.
/// struct Hearts(u8);
///
/// impl FieldType for Hearts {
///     const KIND: FieldKind = FieldKind::Int(IntRange::new(0, 12));
///
///     fn write_columns(&self, columns: &mut [u32]) -> bool {
///         columns[0] = u32::from(self.0.min(12));
///         self.0 > 12
///     }
///
///     fn of_columns(columns: &[u32]) -> Self {
///         Self(columns[0] as u8)
///     }
/// }
///
/// #[derive(Replicate)]
/// struct Hero {
///     hearts: Hearts,
///     best: Option<Hearts>,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a replicated field",
    label = "not a replicated type",
    note = "the derive knows a type that takes options by its name: write `f32`, `Vec2` or `String` rather than an alias",
    note = "a struct or an enum of your own needs #[derive(Replicate)]; mark a field that stays on the server with #[sync(skip)]"
)]
pub trait FieldType: Sized + 'static {
    /// How a value becomes columns.
    const KIND: FieldKind;

    /// Writes all of the value's columns, and returns true if something of it was clamped. The columns may hold anything before;
    /// those of values that are not there become 0.
    fn write_columns(&self, columns: &mut [u32]) -> bool;

    /// Creates the value from its columns, which a checked row has.
    fn of_columns(columns: &[u32]) -> Self;
}
