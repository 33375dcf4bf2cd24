//! Contexts: the situations in which a delta's decisions are made.
//!
//! Each yes-or-no decision of a delta is coded with the probability of its context: "does this field change, given how wrong its
//! prediction was a tick ago?" A context is a field and the size of its last surprise, and for a rotation that of the field
//! before it as well. This file numbers a schema's contexts, which is part of the protocol. Their probabilities are kept
//! elsewhere: see the codec's priors and symbols.

use crate::layout::node::NodeKind;
use crate::layout::row::RowLayout;
use crate::schema::Coding;

/// Classes of magnitude: 0, 1, 2, up to 4, 8, 16, 32, and above.
pub const CLASSES: u32 = 8;
/// Levels: pairs of classes, where a context for each class would be too many.
pub const LEVELS: u32 = 4;
/// The class of a surprise that is unknown, because the frames that would show it are missing.
pub const UNKNOWN: u8 = 4;

/// Contexts of a number's exponent: one for each step; further steps share the last one.
pub const EXPONENTS: u32 = 12;
/// Kinds of [`Count`].
pub(crate) const COUNTS: u32 = 5;
/// Kinds of [`Count`] that a list has: all but the generation.
pub(crate) const LIST_COUNTS: u32 = 4;
/// Contexts of a row's flag: its history (0 to 9), and if the two rows before it differed.
pub(crate) const ROW_CONTEXTS: u32 = 10 * 4;
/// Contexts of one class of a number: if it is zero, and its exponent.
pub(crate) const SET_CONTEXTS: u32 = 1 + EXPONENTS;
/// Contexts that a number's classes share: the sign by the sign before, and the two top bits below the leading one.
pub(crate) const SHARED_CONTEXTS: u32 = 3 + 3 * EXPONENTS;
/// Choices among at most so many values have a context for each decision; larger choices are coded as raw bits.
pub const MAX_MODELLED_CHOICES: u32 = 16;

/// The contexts of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberContexts {
    first: u32,
    sets: u32,
}

impl NumberContexts {
    /// The context of "the number is zero" for a set (a class, or a level and a class); the exponent's contexts follow it.
    #[inline]
    #[must_use]
    pub fn set(&self, set: u32) -> u32 {
        debug_assert!(set < self.sets);
        self.first + set * SET_CONTEXTS
    }

    /// The context of the sign, given the sign of the last surprise.
    #[inline]
    #[must_use]
    pub fn sign(&self, before: Sign) -> u32 {
        self.first + self.sets * SET_CONTEXTS + before as u32
    }

    /// The context of the bit below the leading one, by the exponent.
    #[inline]
    #[must_use]
    pub fn second_bit(&self, exponent: u32) -> u32 {
        self.first + self.sets * SET_CONTEXTS + 3 + exponent.min(EXPONENTS) - 1
    }

    /// The context of the bit below that one.
    #[inline]
    #[must_use]
    pub fn third_bit(&self, exponent: u32, second: bool) -> u32 {
        self.second_bit(exponent) + EXPONENTS * (1 + u32::from(second))
    }
}

/// A number's sign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sign {
    /// Zero, or unknown.
    #[default]
    None,
    /// Below zero.
    Minus,
    /// Above zero.
    Plus,
}

impl Sign {
    /// The sign of a number.
    #[inline]
    #[must_use]
    pub fn of(number: i32) -> Self {
        match number {
            0 => Self::None,
            ..0 => Self::Minus,
            _ => Self::Plus,
        }
    }
}

/// The class of a number's magnitude.
#[inline]
#[must_use]
pub fn class(number: i32) -> u8 {
    let magnitude = number.unsigned_abs();
    let class = if magnitude == 0 { 0 } else { 33 - (magnitude - 1).leading_zeros() };
    class.min(CLASSES - 1) as u8
}

/// The level of a class.
#[inline]
#[must_use]
pub fn level(class: u8) -> u32 {
    u32::from(class) / 2
}

/// The contexts of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldContexts {
    /// The first of [`CLASSES`] × [`LEVELS`] contexts, see [`Self::differs`].
    differs: u32,
    /// The context of "a column of a new entity is not zero".
    pub spawned: u32,
    /// The context of "a column of a choice differs", or "another component of a rotation is the largest".
    pub column_differs: u32,
    /// The first context of a choice's decisions; there are [`MAX_MODELLED_CHOICES`] less one.
    pub choices: u32,
    /// The first context of the first column of numbers, and the distance to those of the next column.
    numbers: u32,
    stride: u32,
    sets: u32,
    /// The first context of a list's counts.
    counts: u32,
}

/// The kinds of contexts that a field or a node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContextKind {
    /// Numbers, of so many columns.
    Numbers(usize),
    /// A rotation.
    Rotation,
    /// A choice, or a value with others inside it.
    Choice,
    /// A list: as a choice, and the counts of its removals and insertions.
    List,
}

impl ContextKind {
    fn of(coding: Coding, width: usize) -> Self {
        match coding {
            Coding::Number => Self::Numbers(width),
            Coding::Rotation(_) => Self::Rotation,
            Coding::Choice | Coding::Nested(_) => Self::Choice,
        }
    }

    /// The kinds of a row's contexts, in order: those of its fields, then those of the nodes inside them.
    pub(crate) fn of_row(row: &RowLayout) -> Vec<Self> {
        let mut kinds: Vec<_> = row.fields.iter().map(|field| Self::of(field.coding, field.width)).collect();
        let of_node = |kind: &NodeKind, width| match kind {
            NodeKind::Leaf { coding, .. } => Self::of(*coding, width),
            NodeKind::List(_) => Self::List,
            NodeKind::Struct(_) | NodeKind::Array(_) | NodeKind::Variants(_) => Self::Choice,
        };
        for node in &row.nodes {
            kinds[node.contexts] = of_node(&node.kind, node.width);
            node.visit_inner(&mut |inner| kinds.push(of_node(&inner.kind, inner.width)));
        }
        kinds
    }
}

impl FieldContexts {
    /// Numbers the contexts of a field from `next` on, and moves `next` behind them.
    fn number_from(kind: ContextKind, next: &mut u32) -> Self {
        let mut take = |count: u32| {
            let first = *next;
            *next = next.saturating_add(count);
            first
        };
        let differs = take(CLASSES * LEVELS);
        let spawned = take(1);
        let column_differs = take(1);
        let is_numbers = matches!(kind, ContextKind::Numbers(_));
        let choices = take(if is_numbers { 0 } else { MAX_MODELLED_CHOICES - 1 });
        // A rotation's three components are alike and share contexts. A body that moves also turns: the level of the field
        // before it says much about them.
        let (columns, sets) = match kind {
            ContextKind::Numbers(columns) => (columns as u32, CLASSES),
            ContextKind::Rotation => (1, LEVELS * CLASSES),
            ContextKind::Choice | ContextKind::List => (0, 0),
        };
        let size = sets * SET_CONTEXTS + SHARED_CONTEXTS;
        let numbers = take(columns * size);
        let counts = take(if kind == ContextKind::List { LIST_COUNTS * EXPONENTS } else { 0 });
        Self {
            differs,
            spawned,
            column_differs,
            choices,
            numbers,
            stride: if columns > 1 { size } else { 0 },
            sets,
            counts,
        }
    }

    /// The context of "the field differs", by the greatest class among its hints and the level of the field before.
    #[inline]
    #[must_use]
    pub fn differs(&self, class: u8, level: u32) -> u32 {
        self.differs + u32::from(class) * LEVELS + level
    }

    /// The first context of a count of a list's removals or insertions, which are counted as departures and arrivals are.
    #[must_use]
    pub fn count(&self, count: Count) -> u32 {
        self.counts + count as u32 * EXPONENTS
    }

    /// The contexts of a column of numbers, or of a component of a rotation.
    #[inline]
    #[must_use]
    pub fn numbers(&self, column: usize) -> NumberContexts {
        NumberContexts { first: self.numbers + column as u32 * self.stride, sets: self.sets }
    }
}

/// The contexts of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableContexts {
    /// The context of "entities have arrived or departed".
    pub population: u32,
    /// The first context of "a row differs", see [`Self::row`].
    rows: u32,
    /// The contexts of each field, in order, then those of the nodes inside them.
    pub fields: Vec<FieldContexts>,
}

/// The counts in a change of population, each with [`EXPONENTS`] contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The number of departures.
    Departures,
    /// Rows between one departure and the next.
    DepartureGap,
    /// The number of arrivals.
    Arrivals,
    /// Slots between one arrival and the next.
    ArrivalGap,
    /// An arrival's generation.
    Generation,
}

impl TableContexts {
    /// Numbers the contexts of a table from `next` on, and moves `next` behind them.
    pub(crate) fn number_from(row: &RowLayout, next: &mut u32) -> Self {
        let population = *next;
        let rows = population.saturating_add(1 + COUNTS * EXPONENTS);
        *next = rows.saturating_add(ROW_CONTEXTS);
        let kinds = ContextKind::of_row(row);
        let fields = kinds.into_iter().map(|kind| FieldContexts::number_from(kind, next)).collect();
        Self { population, rows, fields }
    }

    /// The first context of a count.
    #[must_use]
    pub fn count(&self, count: Count) -> u32 {
        self.population + 1 + count as u32 * EXPONENTS
    }

    /// The context of "the row differs", by its history (0 to 9) and by the two rows before it: true if they differed, the nearer
    /// one first.
    #[inline]
    #[must_use]
    pub fn row(&self, history: u8, before: [bool; 2]) -> u32 {
        self.rows + u32::from(history) * 4 + u32::from(before[0]) * 2 + u32::from(before[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_levels_grow_with_the_magnitude() {
        let magnitudes = [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, i32::MAX];
        assert_eq!(magnitudes.map(class), [0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
        assert_eq!(magnitudes.map(|number| class(-number)), magnitudes.map(class));
        assert_eq!(class(i32::MIN), 7);
        assert_eq!(level(CLASSES as u8 - 1), LEVELS - 1);
    }
}
