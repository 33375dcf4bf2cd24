//! Predicts a row from frames that both ends have.
//!
//! A body in steady motion is as predicted, and costs next to nothing. For each column there is also a hint: how wrong the
//! same rule was a tick ago. A column that surprised then will probably do so again, and by about as much.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::layout::contexts::{Sign, UNKNOWN, class};
use crate::layout::{FieldLayout, Node, RowLayout};
use crate::quantize::SmallestThree;
use crate::schema::Predict;
use crate::schema::{Coding, Column};

/// A row's history when the entity was not there a step before the baseline.
const HISTORY_UNKNOWN: u8 = 9;
/// A row's history when it moved in both of the last two steps; the class of its greatest surprise is added.
const HISTORY_MOVING: u8 = 3;
/// Classes of surprise that a row's history tells apart.
const MAX_HISTORY_CLASS: u8 = 4;

/// The rows that a row's change is written against, each a step of the same length before the next.
#[derive(Debug, Clone, Copy)]
pub struct RowBaseline<'a> {
    /// The row in the baseline frame.
    pub row: &'a [u32],
    /// The same entity's row a step before, if both ends have it.
    pub older: Option<&'a [u32]>,
    /// The same entity's row another step before; only with an older one.
    pub oldest: Option<&'a [u32]>,
}

impl RowBaseline<'_> {
    /// The baseline of the values inside a node whose columns begin at `start`. Rows in which the node has another shape (another
    /// length, another variant) say nothing of their motion.
    #[must_use]
    pub fn inside(self, node: &Node, start: usize) -> Self {
        if !node.has_shape() {
            return self;
        }
        let shape = self.row[start];
        let older = self.older.filter(|older| older[start] == shape);
        let oldest = older.and(self.oldest).filter(|oldest| oldest[start] == shape);
        Self { older, oldest, ..self }
    }
}

/// How wrong the prediction of one column was a step ago.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    /// The class of the last surprise.
    pub class: u8,
    /// The sign of the last surprise.
    pub sign: Sign,
}

/// The hints of a row's prediction. It is reused from row to row, to keep the memory.
#[derive(Debug, Default)]
pub struct Prediction {
    /// Each column's hint.
    pub hints: Vec<Hint>,
    /// How the row has been moving, 0 to 9.
    pub history: u8,
}

impl Prediction {
    /// Predicts a row. `row` is a copy of the baseline's row, and becomes the prediction.
    pub fn set(&mut self, layout: &RowLayout, baseline: RowBaseline, row: &mut [u32]) {
        self.hints.resize(row.len(), Hint::default());
        let Some(older) = baseline.older else {
            self.hints.fill(Hint { class: UNKNOWN, sign: Sign::None });
            self.history = HISTORY_UNKNOWN;
            return;
        };
        let moved = differ(baseline.row, older);
        let moved_before = baseline.oldest.is_some_and(|oldest| differ(older, oldest));
        if !moved && !moved_before {
            self.hints.fill(Hint::default());
            self.history = 0;
            return;
        }
        for field in &layout.fields {
            match field.coding {
                Coding::Number => self.number(field, &layout.columns, row, older, baseline.oldest),
                Coding::Rotation(codec) => self.rotation(field, codec, row, older),
                Coding::Choice => self.choice(field, row, older),
                Coding::Nested(node) => {
                    // Columns of values that are not there are not predicted: as they were, they stay zero.
                    self.hints[field.columns()].fill(Hint::default());
                    self.node(&layout.nodes[usize::from(node)], field.start, &layout.columns, baseline, row);
                }
            }
        }
        let surprise = self.hints.iter().map(|hint| hint.class).max().unwrap_or(0);
        self.history = match (moved, moved_before) {
            (false, _) => 1,
            (true, false) => 2,
            (true, true) => HISTORY_MOVING + surprise.min(MAX_HISTORY_CLASS),
        };
    }

    /// Predicts a leaf. Without an older row it stays as it is.
    fn leaf(&mut self, field: &FieldLayout, columns: &[Column], baseline: RowBaseline, row: &mut [u32]) {
        let Some(older) = baseline.older else {
            self.hints[field.columns()].fill(Hint { class: UNKNOWN, sign: Sign::None });
            return;
        };
        match field.coding {
            Coding::Number => self.number(field, columns, row, older, baseline.oldest),
            Coding::Rotation(codec) => self.rotation(field, codec, row, older),
            Coding::Choice | Coding::Nested(_) => self.choice(field, row, older),
        }
    }

    /// Predicts the values inside a node whose columns begin at `start`.
    fn node(
        &mut self,
        node: &Node,
        start: usize,
        columns: &[Column],
        baseline: RowBaseline,
        row: &mut [u32],
    ) {
        if let Some(leaf) = node.leaf(start) {
            return self.leaf(&leaf, columns, baseline, row);
        }
        let inside = baseline.inside(node, start);
        if node.has_shape() {
            self.hints[start] =
                Hint { class: if inside.older.is_some() { 0 } else { class(i32::MAX) }, sign: Sign::None };
        }
        let shape = node.shape(&baseline.row[start..]);
        for index in 0..node.values(shape) {
            let value = node.value(shape, index);
            self.node(value.node, start + value.start, columns, inside, row);
        }
    }

    fn number(
        &mut self,
        field: &FieldLayout,
        columns: &[Column],
        row: &mut [u32],
        older: &[u32],
        oldest: Option<&[u32]>,
    ) {
        let at = field.columns();
        let (columns, row, older) = (&columns[at.clone()], &mut row[at.clone()], &older[at.clone()]);
        let oldest = oldest.map(|oldest| &oldest[at.clone()]);
        let hints = &mut self.hints[at];
        for (index, column) in columns.iter().enumerate() {
            let (last, before) = (row[index], older[index]);
            let expected_before = match (field.predict, oldest) {
                (Predict::Last, _) => Some(before),
                (Predict::Linear, Some(oldest)) => Some(extrapolate(column, before, oldest[index])),
                (Predict::Linear, None) => None,
            };
            if field.predict == Predict::Linear {
                row[index] = extrapolate(column, last, before);
            }
            hints[index] = match expected_before {
                Some(expected) => Hint::of(difference(column, expected, last)),
                None => Hint { class: UNKNOWN, sign: Sign::None },
            };
        }
    }

    /// The hint of a rotation is how fast it turns.
    fn rotation(&mut self, field: &FieldLayout, codec: SmallestThree, row: &mut [u32], older: &[u32]) {
        let (last, before) = (&mut row[field.columns()], &older[field.columns()]);
        if last == before {
            self.hints[field.columns()].fill(Hint::default());
            return;
        }
        let parts = last.iter().zip(before).skip(1);
        let mut speed =
            parts.clone().map(|(&last, &before)| class(last as i32 - before as i32)).max().unwrap_or(0);
        if last[0] != before[0] {
            speed = class(i32::MAX);
        }
        for (hint, (&last, &before)) in self.hints[field.columns()].iter_mut().skip(1).zip(parts) {
            *hint = Hint { class: speed, sign: Sign::of(last as i32 - before as i32) };
        }
        self.hints[field.start] = Hint { class: speed, sign: Sign::None };
        if field.predict == Predict::Linear {
            let turned = turn_on(unpack(codec, last), unpack(codec, before));
            pack(codec, turned, largest(turned), last);
        }
    }

    fn choice(&mut self, field: &FieldLayout, row: &[u32], older: &[u32]) {
        let moved = differ(&row[field.columns()], &older[field.columns()]);
        self.hints[field.columns()]
            .fill(Hint { class: if moved { class(i32::MAX) } else { 0 }, sign: Sign::None });
    }
}

/// The prediction of a rotation with another largest component: the one that it turned out to have.
#[must_use]
pub fn rebase(field: &FieldLayout, codec: SmallestThree, baseline: RowBaseline, largest: u32) -> [u32; 4] {
    let last = unpack(codec, &baseline.row[field.columns()]);
    let expected = match (field.predict, baseline.older) {
        (Predict::Linear, Some(older)) if older[field.columns()] != baseline.row[field.columns()] => {
            turn_on(last, unpack(codec, &older[field.columns()]))
        }
        _ => last,
    };
    let mut columns = [0; 4];
    pack(codec, expected, largest as usize, &mut columns);
    columns
}

impl Hint {
    #[inline]
    fn of(surprise: i32) -> Self {
        Self { class: class(surprise), sign: Sign::of(surprise) }
    }
}

/// Returns true if two rows differ. They are short: comparing all of both is cheaper than stopping at the first difference.
#[inline]
fn differ(a: &[u32], b: &[u32]) -> bool {
    a.iter().zip(b).fold(0, |bits, (a, b)| bits | (a ^ b)) != 0
}

/// The value a step after `last`, if it goes on as it went from `before` to `last`.
#[inline]
fn extrapolate(column: &Column, last: u32, before: u32) -> u32 {
    if column.wraps {
        last.wrapping_add(last.wrapping_sub(before)) & column.max
    } else {
        (i64::from(last) * 2 - i64::from(before)).clamp(0, i64::from(column.max)) as u32
    }
}

/// The signed distance from `from` to `to`: the shorter one if the column wraps.
#[inline]
#[must_use]
pub fn difference(column: &Column, from: u32, to: u32) -> i32 {
    let difference = to.wrapping_sub(from);
    if column.wraps {
        let unused = 32 - column.bits();
        ((difference << unused) as i32) >> unused
    } else {
        difference as i32
    }
}

/// The quaternion of four columns. The arithmetic here and below is in `f64`, with the basic operations and `sqrt` in the order
/// written: every implementation must get the same integers.
fn unpack(codec: SmallestThree, columns: &[u32]) -> [f64; 4] {
    let scale = f64::from(codec.max_quantized());
    let mut parts = [0.0; 4];
    let mut rest = 1.0;
    let others = (0..4).filter(|&index| index != columns[0] as usize);
    for (&column, index) in columns[1..].iter().zip(others) {
        let part = (f64::from(column) / scale * 2.0 - 1.0) * FRAC_1_SQRT_2;
        parts[index] = part;
        rest -= part * part;
    }
    parts[columns[0] as usize] = if rest > 0.0 { rest.sqrt() } else { 0.0 };
    parts
}

/// The rotation a step after `last`, if it turns on as it turned from `before` to `last`: along the great circle through both, as
/// far again.
fn turn_on(last: [f64; 4], before: [f64; 4]) -> [f64; 4] {
    let mut dot = 0.0;
    for index in 0..4 {
        dot += last[index] * before[index];
    }
    // A quaternion and its negative are the same rotation: start from the nearer one.
    let sign = if dot < 0.0 { -1.0 } else { 1.0 };
    std::array::from_fn(|index| 2.0 * (dot * sign) * last[index] - before[index] * sign)
}

/// The index of the component of greatest magnitude; the first of equals.
fn largest(parts: [f64; 4]) -> usize {
    (1..4).fold(0, |largest, index| if parts[index].abs() > parts[largest].abs() { index } else { largest })
}

/// The four columns of a quaternion, with the component at `largest` left out even if it is not the largest.
fn pack(codec: SmallestThree, parts: [f64; 4], largest: usize, columns: &mut [u32]) {
    let scale = f64::from(codec.max_quantized());
    let sign = if parts[largest] < 0.0 { -1.0 } else { 1.0 };
    columns[0] = largest as u32;
    let others = (0..4).filter(|&index| index != largest);
    for (column, index) in columns[1..].iter_mut().zip(others) {
        let unit = (parts[index] * sign * SQRT_2 + 1.0) * 0.5;
        // The cast saturates: below zero it gives zero.
        *column = ((unit * scale + 0.5).floor() as u32).min(codec.max_quantized());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, FieldKind};
    use glam::{Quat, Vec3};

    #[test]
    fn a_steady_turn_is_predicted() {
        let codec = SmallestThree::new(14);
        let layout = RowLayout::new(&[Field::new("turn", FieldKind::Quat(codec), Predict::Linear)]).unwrap();
        let axis = Vec3::new(1.0, 2.0, -0.5).normalize();
        let rows: Vec<_> =
            (0..200).map(|tick| codec.quantize(Quat::from_axis_angle(axis, tick as f32 * 0.11))).collect();
        let mut prediction = Prediction::default();
        let mut changes_of_largest = 0;
        for window in rows.windows(3) {
            let baseline = RowBaseline { row: &window[1], older: Some(&window[0]), oldest: None };
            let mut row = window[1];
            prediction.set(&layout, baseline, &mut row);
            changes_of_largest += u32::from(row[0] != window[2][0]);
            let rebased = rebase(&layout.fields[0], codec, baseline, window[2][0]);
            for (column, &part) in rebased.iter().enumerate().skip(1) {
                // Three roundings, of which one counts twice.
                assert!((part as i32 - window[2][column] as i32).abs() <= 3, "{window:?}");
            }
        }
        assert!(changes_of_largest <= 1, "{changes_of_largest}");
    }

    #[test]
    fn rotations_of_any_columns_stay_in_range() {
        let codec = SmallestThree::new(9);
        let corners = [0, 1, 255, 256, 510, 511];
        for largest in 0..4 {
            for a in corners {
                for b in corners {
                    // Three components of 1/√2 each are not those of a unit quaternion; a peer may send them all the same.
                    let parts = unpack(codec, &[largest, a, b, 511]);
                    let turned = turn_on(parts, unpack(codec, &[0, b, a, 511]));
                    for other in 0..4 {
                        let mut columns = [0; 4];
                        pack(codec, turned, other, &mut columns);
                        assert!(columns[1..].iter().all(|&column| column <= 511));
                    }
                }
            }
        }
    }
}
