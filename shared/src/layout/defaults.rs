//! Default priors: the priors of a room that has learned nothing yet, or may not learn.
//!
//! They depend on the schema alone. Each context is of one of [`KINDS`] kinds ("a number's exponent after a surprise of this
//! size"), whatever part or field it belongs to. Kinds are much alike from game to game, so each has one prior, trained on
//! several games by `cargo run --release -p drumline-benches --bin defaults`.
//!
//! Against contexts that begin unknown, a world in which nothing is learned takes 13 to 26 % fewer bytes, and 37 to 45 % fewer in
//! small areas; keyframes take up to 2 % more. Priors trained without the game that is measured save four fifths of that. Another
//! weight for the defaults than for learned priors gained 1.5 % at most, and kinds that tell linear prediction apart gained 3
//! % for the games trained on and nothing for others.

use std::ops::Range;
use std::sync::Arc;

use crate::layout::contexts::{
    CLASSES, COUNTS, ContextKind, EXPONENTS, LEVELS, LIST_COUNTS, MAX_MODELLED_CHOICES, ROW_CONTEXTS,
    SET_CONTEXTS, SHARED_CONTEXTS,
};
use crate::layout::part::PartLayout;

/// A context's prior: 1 to 63 for a known probability, or [`UNKNOWN_PRIOR`].
pub type Prior = u8;

/// The prior of which nothing is known: even odds, which adapt quickly.
pub const UNKNOWN_PRIOR: Prior = 0;
/// Contexts of a part.
const PART: Range<usize> = after(0, 1 + COUNTS * EXPONENTS + ROW_CONTEXTS);
/// Contexts of a list's counts: those of the removals and insertions are like those of departures and arrivals.
const LIST: Range<usize> = after(1, LIST_COUNTS * EXPONENTS);
/// Contexts of a field of numbers, and of one of its columns.
const NUMBER_FIELD: Range<usize> = after(PART.end, FIELD_CONTEXTS);
const NUMBER: Range<usize> = after(NUMBER_FIELD.end, CLASSES * SET_CONTEXTS + SHARED_CONTEXTS);
/// Contexts of a choice.
const CHOICE: Range<usize> = after(NUMBER.end, FIELD_CONTEXTS + MAX_MODELLED_CHOICES - 1);
/// Contexts of a rotation, and of its components: the sets by class, the same at every level, and those that all sets share.
const ROTATION: Range<usize> = after(CHOICE.end, FIELD_CONTEXTS + MAX_MODELLED_CHOICES - 1);
const ROTATION_SETS: Range<usize> = after(ROTATION.end, CLASSES * SET_CONTEXTS);
const ROTATION_SHARED: Range<usize> = after(ROTATION_SETS.end, SHARED_CONTEXTS);
/// The number of kinds.
pub const KINDS: usize = ROTATION_SHARED.end;

/// Contexts of any field: if it differs, by class and level; a new entity's columns; columns that differ.
const FIELD_CONTEXTS: u32 = CLASSES * LEVELS + 2;

/// The default prior of each kind.
#[rustfmt::skip]
pub const DEFAULT_PRIORS: [Prior; KINDS] = [
    // population
    18,
    // departures, gaps between them, arrivals, gaps between them, generations: exponents
    27, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    32, 29, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    37, 25, 38, 16, 0, 0, 0, 0, 0, 0, 0, 0,
    31, 41, 41, 37, 35, 36, 42, 38, 34, 14, 0, 0,
    31, 37, 38, 37, 35, 29, 19, 0, 0, 0, 0, 0,
    // rows, by history and the two rows before
    13, 16, 18, 19, 26, 30, 30, 30, 34, 36, 37, 37, 32, 30, 32, 32, 38, 39, 38, 38,
    45, 35, 43, 42, 48, 36, 46, 46, 51, 42, 51, 51, 0, 0, 0, 0, 32, 30, 41, 46,
    // numbers: the field differs, by class and level
    28, 16, 18, 14, 41, 38, 37, 31, 46, 38, 43, 39, 51, 41, 44, 41,
    36, 33, 34, 32, 51, 44, 46, 36, 51, 45, 46, 43, 37, 35, 41, 47,
    // a new entity's column; columns differ (never asked)
    44, 0,
    // a column is as expected, and the exponent, by class
    31, 25, 37, 41, 39, 39, 39, 34, 30, 18, 0, 0, 0,
    29, 23, 32, 35, 35, 33, 37, 35, 28, 25, 0, 0, 0,
    26, 35, 31, 31, 32, 25, 31, 33, 32, 0, 0, 0, 0,
    22, 39, 33, 30, 32, 25, 31, 34, 32, 29, 0, 0, 0,
    22, 41, 41, 35, 36, 35, 35, 33, 33, 23, 23, 0, 0,
    19, 43, 41, 37, 30, 26, 31, 31, 34, 25, 0, 0, 0,
    20, 44, 42, 39, 35, 27, 31, 31, 34, 24, 0, 0, 0,
    22, 44, 47, 46, 41, 41, 37, 34, 32, 15, 26, 0, 0,
    // the sign, by the sign before
    32, 29, 35,
    // the second bit; the third after a 0, after a 1
    31, 31, 30, 31, 27, 35, 31, 27, 27, 0, 0, 0,
    0, 31, 31, 31, 34, 31, 37, 29, 22, 0, 0, 0,
    0, 32, 31, 32, 33, 38, 37, 31, 27, 0, 0, 0,
    // choices: the field differs
    13, 13, 13, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    15, 22, 15, 13, 0, 0, 0, 0, 0, 0, 0, 0, 28, 27, 24, 26,
    // a new entity's column; a column differs
    31, 0,
    // the choice
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    // rotations: the field differs
    31, 32, 30, 38, 42, 40, 36, 0, 40, 42, 36, 0, 41, 43, 40, 35,
    40, 43, 45, 45, 41, 42, 47, 43, 38, 41, 45, 44, 37, 41, 43, 44,
    // a new entity's column; another component is the largest
    48, 18,
    // which (three nodes are used)
    29, 34, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    // a part is as expected, and the exponent, by class
    31, 29, 34, 33, 32, 30, 0, 0, 0, 0, 0, 0, 0,
    32, 25, 26, 31, 30, 0, 0, 0, 0, 0, 0, 0, 0,
    31, 28, 25, 31, 31, 0, 0, 0, 0, 0, 0, 0, 0,
    29, 30, 28, 28, 30, 30, 0, 0, 0, 0, 0, 0, 0,
    27, 33, 33, 31, 29, 27, 26, 0, 0, 0, 0, 0, 0,
    27, 33, 33, 32, 28, 26, 26, 0, 0, 0, 0, 0, 0,
    27, 34, 36, 34, 31, 26, 24, 0, 0, 0, 0, 0, 0,
    26, 34, 37, 35, 33, 30, 25, 27, 0, 0, 0, 0, 0,
    // the sign, by the sign before
    32, 30, 34,
    // the second bit; the third after a 0, after a 1
    29, 30, 30, 29, 27, 28, 0, 0, 0, 0, 0, 0,
    0, 31, 31, 30, 29, 30, 0, 0, 0, 0, 0, 0,
    0, 31, 31, 30, 30, 0, 0, 0, 0, 0, 0, 0,
];

const fn after(start: usize, count: u32) -> Range<usize> {
    start..start + count as usize
}

/// The kind of each context of some parts, in the order of their numbering.
#[must_use]
pub fn kinds(parts: &[PartLayout]) -> Vec<usize> {
    let mut kinds = Vec::new();
    for part in parts {
        kinds.extend(PART);
        for kind in ContextKind::of_row(&part.row) {
            match kind {
                ContextKind::Numbers(columns) => {
                    kinds.extend(NUMBER_FIELD);
                    (0..columns).for_each(|_| kinds.extend(NUMBER));
                }
                ContextKind::Choice => kinds.extend(CHOICE),
                ContextKind::Rotation => {
                    kinds.extend(ROTATION);
                    (0..LEVELS).for_each(|_| kinds.extend(ROTATION_SETS));
                    kinds.extend(ROTATION_SHARED);
                }
                ContextKind::List => {
                    kinds.extend(CHOICE);
                    kinds.extend(LIST);
                }
            }
        }
    }
    kinds
}

/// The default prior of each context of some parts.
pub(crate) fn default_priors(parts: &[PartLayout]) -> Arc<[Prior]> {
    kinds(parts).into_iter().map(|kind| DEFAULT_PRIORS[kind]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::layout::contexts::{Count, Sign};
    use crate::quantize::{Range as Steps, SmallestThree};
    use crate::schema::shape::MessageSchema;
    use crate::schema::{Audience, Field, FieldKind, InputSchema, Predict, Schema, TableSchema};

    fn layout() -> Layout {
        let axis = Steps::new(0.0, 1.0, 0.5);
        let field = |name, kind| Field::new(name, kind, Predict::Last);
        let fields = vec![
            field("place", FieldKind::Vec3([axis; 3])),
            field("turn", FieldKind::Quat(SmallestThree::new(9))),
            field("lit", FieldKind::Bool),
        ];
        let table = |name: &'static str| TableSchema {
            name: name.into(),
            single: false,
            placed: false,
            audience: Audience::All,
            fields: fields.clone().into(),
        };
        Layout::new(&Schema {
            tables: vec![table("a"), table("b")].into(),
            input: InputSchema::default(),
            messages: MessageSchema::default(),
        })
        .unwrap()
    }

    #[test]
    fn every_context_is_of_the_kind_that_it_is_numbered_as() {
        let layout = layout();
        let kinds = kinds(&layout.parts);
        assert_eq!(kinds.len(), layout.contexts);
        assert_eq!(layout.default_priors.len(), layout.contexts);
        assert!((0..KINDS).all(|kind| kinds.contains(&kind)));
        for part in &layout.parts {
            let contexts = &part.contexts;
            let kind = |context: u32| kinds[context as usize];
            assert_eq!(kind(contexts.population), PART.start);
            assert_eq!(kind(contexts.count(Count::Generation) + 11), PART.start + 60);
            assert_eq!(kind(contexts.row(9, [true; 2])), PART.end - 1);
            let [place, turn, lit] = &contexts.fields[..] else { panic!("there are three fields") };
            assert_eq!(kind(place.differs(7, 3)), NUMBER_FIELD.start + 31);
            assert_eq!(kind(place.column_differs), NUMBER_FIELD.end - 1);
            for column in 0..3 {
                assert_eq!(kind(place.numbers(column).set(3)), NUMBER.start + 3 * 13);
                assert_eq!(kind(place.numbers(column).sign(Sign::None)), NUMBER.start + 8 * 13);
                assert_eq!(kind(place.numbers(column).third_bit(12, true)), NUMBER.end - 1);
            }
            assert_eq!(kind(turn.spawned), ROTATION.start + 32);
            assert_eq!(kind(turn.choices + 14), ROTATION.end - 1);
            for level in 0..LEVELS {
                let set = level * CLASSES + 5;
                assert_eq!(kind(turn.numbers(0).set(set)), ROTATION_SETS.start + 5 * 13);
            }
            assert_eq!(kind(turn.numbers(0).sign(Sign::Plus)), ROTATION_SHARED.start + 2);
            assert_eq!(kind(lit.differs(0, 0)), CHOICE.start);
            assert_eq!(kind(lit.choices + 14), CHOICE.end - 1);
        }
    }
}
