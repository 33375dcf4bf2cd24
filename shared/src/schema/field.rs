//! One field of a struct: how it is quantized, predicted and shown, and who may see it.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Deref;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::{MAX_COLUMNS, MAX_FIELD_DEPTH};
use crate::schema::column::Column;
use crate::schema::kind::FieldKind;

/// How both ends predict a field from frames that they have; only the difference from the prediction is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Predict {
    /// It stays as it was in the baseline.
    #[default]
    Last,
    /// It goes on as it moved from the frame before the baseline to the baseline: right for bodies in steady motion.
    Linear,
}

/// The display of a field between two ticks that a client knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interpolate {
    /// By its kind: floats and vectors move in a straight line, an angle turns the short way, a rotation moves along its
    /// chord, and all other kinds step.
    #[default]
    Smooth,
    /// The earlier value, until the time of the later one.
    Step,
    /// The newest value known, at once.
    None,
    /// A cubic curve through the two values. Its velocities there, in units per second, are those of another field: the index
    /// says which. Both fields are floats or vectors of as many dimensions, for the same audience.
    Hermite(u16),
}

/// The players who may see something. Other players are never sent it in any form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Audience {
    /// All players who see the place where it is.
    #[default]
    All,
    /// Of those, the players of its entity's team.
    Team,
    /// Only the player who owns its entity.
    Owner,
}

impl Audience {
    /// All audiences, the widest first.
    pub const EACH: [Self; 3] = [Self::All, Self::Team, Self::Owner];
}

/// One field of a struct.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The field's name in Rust; a property's name in JavaScript.
    pub name: Cow<'static, str>,
    /// How it is quantized.
    pub kind: FieldKind,
    /// How it is predicted.
    pub predict: Predict,
    /// How clients show it between ticks.
    pub interpolate: Interpolate,
    /// The players who may see it, unless its table's audience is smaller still.
    pub audience: Audience,
}

impl Field {
    /// A field for all players that is shown smoothly. The derive macros declare fields with it.
    ///
    /// # Panics
    /// If the kind's parameters are outside the limits; in the derived field tables that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn new(name: &'static str, kind: FieldKind, predict: Predict) -> Self {
        kind.assert_usable();
        Self {
            name: Cow::Borrowed(name),
            kind,
            predict,
            interpolate: Interpolate::Smooth,
            audience: Audience::All,
        }
    }

    /// The same field, shown in another way.
    #[must_use]
    pub const fn interpolated(mut self, interpolate: Interpolate) -> Self {
        self.interpolate = interpolate;
        self
    }

    /// The same field, for a smaller audience.
    #[must_use]
    pub const fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// The number of columns that the field takes.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.kind.width()
    }
}

/// The number of columns that a list of fields takes.
///
/// # Panics
/// If they are more than [`MAX_COLUMNS`]; in the derived code that is a compile error.
#[must_use]
#[track_caller]
pub const fn width(fields: &[Field]) -> usize {
    let mut total = 0;
    let mut index = 0;
    while index < fields.len() {
        total += fields[index].width();
        index += 1;
    }
    assert!(total <= MAX_COLUMNS, "the fields of a struct take at most 1024 columns together");
    total
}

/// Refuses derived code with a mistake that only the compiler finds. The error is where the caller is.
///
/// # Panics
/// If it is not `ok`.
#[doc(hidden)]
#[track_caller]
pub const fn require(ok: bool, mistake: &str) {
    assert!(ok, "{}", mistake);
}

/// Returns true if a field counts presses.
#[must_use]
pub const fn has_presses(fields: &[Field]) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if matches!(fields[index].kind, FieldKind::Press) {
            return true;
        }
        index += 1;
    }
    false
}

/// Returns true if a field is for exactly this audience.
#[must_use]
pub const fn has_fields_for(fields: &[Field], audience: Audience) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if fields[index].audience as u8 == audience as u8 {
            return true;
        }
        index += 1;
    }
    false
}

/// The fields inside a field, in order. An item's name is empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nested(Cow<'static, [Field]>);

impl Nested {
    /// The fields of a derived type.
    #[must_use]
    pub const fn new(fields: &'static [Field]) -> Self {
        Self(Cow::Borrowed(fields))
    }

    /// The fields, in a form that constants can read.
    pub(crate) const fn fields(&self) -> &[Field] {
        match &self.0 {
            Cow::Borrowed(fields) => fields,
            Cow::Owned(fields) => fields.as_slice(),
        }
    }

    /// The number of columns of all fields together.
    #[must_use]
    pub const fn width(&self) -> usize {
        let fields = self.fields();
        let mut total = 0usize;
        let mut index = 0;
        while index < fields.len() {
            total = total.saturating_add(fields[index].width());
            index += 1;
        }
        total
    }

    /// Refuses fields that only a table or an input can have.
    #[track_caller]
    pub(crate) const fn assert_usable(&self) {
        let fields = self.fields();
        let mut index = 0;
        while index < fields.len() {
            assert!(
                matches!(fields[index].audience, Audience::All),
                "a field inside another field has no audience: give it to the outer field, or move it to the table's struct"
            );
            assert!(
                !matches!(fields[index].kind, FieldKind::Press),
                "a Press is a field of an input, not of a struct inside it"
            );
            index += 1;
        }
    }

    /// Appends the columns of all fields, in order.
    pub(crate) fn append_columns(&self, columns: &mut Vec<Column>) {
        self.iter().for_each(|field| field.kind.append_columns(columns));
    }
}

impl From<Vec<Field>> for Nested {
    fn from(fields: Vec<Field>) -> Self {
        Self(Cow::Owned(fields))
    }
}

impl Deref for Nested {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        &self.0
    }
}

thread_local! {
    /// How deep the value that is being deserialized on this thread is nested. Serde has no other place for it.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Counts a level of [`DEPTH`] until it is dropped.
struct Level;

impl Level {
    fn enter() -> Option<Self> {
        let depth = DEPTH.get();
        (depth < MAX_FIELD_DEPTH).then(|| {
            DEPTH.set(depth + 1);
            Self
        })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

impl<'de> Deserialize<'de> for Nested {
    /// Refuses fields that are nested deeper than [`MAX_FIELD_DEPTH`]: the bytes come from a peer, and could otherwise use up the
    /// stack.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _level = Level::enter().ok_or_else(|| D::Error::custom("the fields are nested too deeply"))?;
        Vec::deserialize(deserializer).map(Self::from)
    }
}
