//! Values of a game's state that do not fit their fields: NaN, or out of range.

use std::collections::BTreeMap;

/// The fields of a struct of which a value was clamped: a bit for each of the first 63, and one for all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clamped(u64);

impl Clamped {
    /// The last bit.
    const OTHERS: usize = 63;

    /// Notes if a value of the field at `index` was clamped.
    #[inline]
    pub fn note(&mut self, index: usize, clamped: bool) {
        self.0 |= u64::from(clamped) << index.min(Self::OTHERS);
    }

    /// Returns true if any field is among them.
    #[inline]
    #[must_use]
    pub fn any(self) -> bool {
        self.0 != 0
    }

    /// The indexes of the fields; 63 stands for all from there on.
    pub fn fields(self) -> impl Iterator<Item = usize> {
        (0..=Self::OTHERS).filter(move |index| self.0 >> index & 1 == 1)
    }
}

/// Counts of clamped values, by table and field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClampedValues {
    counts: BTreeMap<ClampedField, u64>,
}

/// A field of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClampedField {
    /// The index of the table.
    pub table: usize,
    /// The index of the field; 63 stands for all from there on.
    pub field: usize,
}

impl ClampedValues {
    /// Counts the clamped values of a row.
    #[inline]
    pub fn count(&mut self, table: usize, clamped: Clamped) {
        if clamped.any() {
            self.add(table, clamped);
        }
    }

    #[cold]
    fn add(&mut self, table: usize, clamped: Clamped) {
        for field in clamped.fields() {
            *self.counts.entry(ClampedField { table, field }).or_default() += 1;
        }
    }

    /// The counts since the room began, by table and field; only fields of which a value was clamped.
    pub fn iter(&self) -> impl Iterator<Item = (ClampedField, u64)> {
        self.counts.iter().map(|(&field, &count)| (field, count))
    }
}
