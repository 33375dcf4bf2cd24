//! The change of one row on the wire, from its prediction. Each reader stands beside its writer.

use std::ops::Range;

use crate::codec::nested::{ReadRow, WrittenRows};
use crate::codec::place::At;
use crate::codec::predict::{Hint, Prediction, RowBaseline, difference, rebase};
use crate::codec::symbols::{SymbolReader, SymbolWriter};
use crate::error::DecodeError;
use crate::layout::contexts::{CLASSES, FieldContexts, class, level};
use crate::layout::{FieldLayout, PartLayout};
use crate::schema::{Coding, Column};

/// Codes the changes of a part's rows, with their predictions and with what the rows before were like.
#[derive(Debug, Default)]
pub struct ChangeCoder {
    prediction: Prediction,
    /// The predicted row, for the writer; scratch memory for the reader.
    predicted: Vec<u32>,
    /// True if the last row differed, and if the one before it did.
    before: [bool; 2],
}

impl ChangeCoder {
    /// Begins a part.
    pub fn start(&mut self) {
        self.before = [false; 2];
    }

    /// Writes a row's change: a flag "it differs from its prediction"; then for each field such a flag and its difference.
    /// Returns true if the row differs.
    ///
    /// # Panics
    /// If a column is above its maximum.
    pub fn write(
        &mut self,
        part: &PartLayout,
        baseline: RowBaseline,
        row: &[u32],
        symbols: &mut SymbolWriter,
    ) -> bool {
        let Self { prediction, predicted, before } = self;
        predicted.clear();
        predicted.extend_from_slice(baseline.row);
        prediction.set(&part.row, baseline, predicted);
        let differs = predicted != row;
        symbols.flag(part.contexts.row(prediction.history, *before), differs);
        *before = [differs, before[0]];
        if !differs {
            return false;
        }
        let mut level_before = 0;
        let mut any = false;
        let (whole, all_predicted) = (row, &predicted[..]);
        for (index, field) in part.row.fields.iter().enumerate() {
            let columns = field.columns();
            let (row, predicted) = (&whole[columns.clone()], &all_predicted[columns.clone()]);
            let change = Change::of(part, index, columns, &prediction.hints, level_before);
            let differs = row != predicted;
            // If no other field differs, the last one does: its flag would say nothing.
            if any || index + 1 < part.row.fields.len() {
                symbols.flag(change.context(), differs);
            }
            if !differs {
                continue;
            }
            any = true;
            level_before = match field.coding {
                Coding::Nested(node) => {
                    let rows =
                        WrittenRows { part, hints: &prediction.hints, predicted: all_predicted, row: whole };
                    let at = At::unmoved(field.start);
                    rows.write(&part.row.nodes[usize::from(node)], at, baseline, level_before, symbols)
                }
                _ => change.write(field, baseline, predicted, row, symbols),
            };
        }
        true
    }

    /// Predicts a row: `row` is a copy of the baseline's, and becomes the prediction.
    pub fn predict(&mut self, part: &PartLayout, baseline: RowBaseline, row: &mut [u32]) {
        self.prediction.set(&part.row, baseline, row);
    }

    /// Reads what [`write`](Self::write) wrote: `row` is a copy of the baseline's, and becomes the new one.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end or a value is above its column's maximum.
    pub fn read(
        &mut self,
        part: &PartLayout,
        baseline: RowBaseline,
        symbols: &mut SymbolReader,
        row: &mut [u32],
    ) -> Result<(), DecodeError> {
        self.prediction.set(&part.row, baseline, row);
        let differs = symbols.flag(part.contexts.row(self.prediction.history, self.before))?;
        self.before = [differs, self.before[0]];
        if !differs {
            return Ok(());
        }
        let mut level_before = 0;
        let mut any = false;
        for (index, field) in part.row.fields.iter().enumerate() {
            let change = Change::of(part, index, field.columns(), &self.prediction.hints, level_before);
            let has_flag = any || index + 1 < part.row.fields.len();
            if has_flag && !symbols.flag(change.context())? {
                continue;
            }
            any = true;
            level_before = match field.coding {
                Coding::Nested(node) => {
                    let mut reader =
                        ReadRow { part, hints: &self.prediction.hints, row, scratch: &mut self.predicted };
                    let at = At::unmoved(field.start);
                    reader.read(&part.row.nodes[usize::from(node)], at, baseline, level_before, symbols)?
                }
                _ => change.read(field, baseline, symbols, &mut row[field.columns()])?,
            };
        }
        Ok(())
    }
}

/// One field of a row that differs, or one value inside it.
pub(super) struct Change<'a> {
    columns: &'a [Column],
    contexts: &'a FieldContexts,
    hints: &'a [Hint],
    /// The level of the field that changed before it in the row.
    level_before: u32,
}

/// Columns of numbers, coded one after another.
struct Numbers<'a> {
    columns: &'a [Column],
    contexts: &'a FieldContexts,
    first_set: u32,
    hints: &'a [Hint],
    /// True if at least one of them differs.
    must_differ: bool,
}

impl<'a> Change<'a> {
    /// The change of the columns at `columns`, with the contexts at `contexts`.
    #[expect(
        clippy::inline_always,
        reason = "the loop over flat fields needs it inside; nested ones call it too"
    )]
    #[inline(always)]
    pub(super) fn of(
        part: &'a PartLayout,
        contexts: usize,
        columns: Range<usize>,
        hints: &'a [Hint],
        level_before: u32,
    ) -> Self {
        Self {
            columns: &part.row.columns[columns.clone()],
            contexts: &part.contexts.fields[contexts],
            hints: &hints[columns],
            level_before,
        }
    }

    /// The context of the flag "it differs".
    pub(super) fn context(&self) -> u32 {
        let class = self.hints.iter().map(|hint| hint.class).max().unwrap_or(0);
        self.contexts.differs(class, self.level_before)
    }

    fn numbers(&self) -> Numbers<'a> {
        let Self { columns, contexts, hints, .. } = *self;
        Numbers { columns, contexts, first_set: 0, hints, must_differ: true }
    }

    /// A rotation's components, once the index of the largest is known.
    fn parts(&self, must_differ: bool) -> Numbers<'a> {
        Numbers {
            columns: &self.columns[1..],
            contexts: self.contexts,
            first_set: self.level_before * CLASSES,
            hints: &self.hints[1..],
            must_differ,
        }
    }

    /// Writes the field's new value and returns the level of its change.
    #[expect(
        clippy::inline_always,
        reason = "the loop over flat fields needs it inside; nested ones call it too"
    )]
    #[inline(always)]
    pub(super) fn write(
        &self,
        field: &FieldLayout,
        baseline: RowBaseline,
        predicted: &[u32],
        row: &[u32],
        symbols: &mut SymbolWriter,
    ) -> u32 {
        let in_range = row.iter().zip(self.columns).all(|(value, column)| *value <= column.max);
        assert!(in_range, "a quantized value is within its column's range");
        match field.coding {
            Coding::Number => self.numbers().write(predicted, row, symbols),
            Coding::Rotation(codec) => {
                let turned = row[0] != predicted[0];
                symbols.flag(self.contexts.column_differs, turned);
                if !turned {
                    return self.parts(true).write(&predicted[1..], &row[1..], symbols);
                }
                symbols.choice(self.contexts.choices, self.columns[0].choice_of(predicted[0], row[0]), 2);
                let rebased = rebase(field, codec, baseline, row[0]);
                self.parts(false).write(&rebased[1..], &row[1..], symbols)
            }
            Coding::Choice | Coding::Nested(_) => {
                self.write_choices(predicted, row, symbols);
                self.level_before
            }
        }
    }

    /// Reads what [`write`](Self::write) wrote. `row` holds the prediction and becomes the new value. Returns the level of the
    /// change.
    #[expect(
        clippy::inline_always,
        reason = "the loop over flat fields needs it inside; nested ones call it too"
    )]
    #[inline(always)]
    pub(super) fn read(
        &self,
        field: &FieldLayout,
        baseline: RowBaseline,
        symbols: &mut SymbolReader,
        row: &mut [u32],
    ) -> Result<u32, DecodeError> {
        match field.coding {
            Coding::Number => self.numbers().read(symbols, row),
            Coding::Rotation(codec) => {
                if !symbols.flag(self.contexts.column_differs)? {
                    return self.parts(true).read(symbols, &mut row[1..]);
                }
                let choice = symbols.choice(self.contexts.choices, 2)?;
                let largest = self.columns[0].chosen(row[0], choice).ok_or(DecodeError::ValueOutOfRange)?;
                row.copy_from_slice(&rebase(field, codec, baseline, largest));
                self.parts(false).read(symbols, &mut row[1..])
            }
            Coding::Choice | Coding::Nested(_) => {
                self.read_choices(symbols, row)?;
                Ok(self.level_before)
            }
        }
    }

    fn write_choices(&self, predicted: &[u32], row: &[u32], symbols: &mut SymbolWriter) {
        for ((column, &predicted), &value) in self.columns.iter().zip(predicted).zip(row) {
            if row.len() > 1 {
                symbols.flag(self.contexts.column_differs, value != predicted);
            }
            if value != predicted {
                symbols.choice(
                    self.contexts.choices,
                    column.choice_of(predicted, value),
                    column.choice_bits(),
                );
            }
        }
    }

    fn read_choices(&self, symbols: &mut SymbolReader, row: &mut [u32]) -> Result<(), DecodeError> {
        let single = row.len() == 1;
        for (column, value) in self.columns.iter().zip(row) {
            if single || symbols.flag(self.contexts.column_differs)? {
                let choice = symbols.choice(self.contexts.choices, column.choice_bits())?;
                *value = column.chosen(*value, choice).ok_or(DecodeError::ValueOutOfRange)?;
            }
        }
        Ok(())
    }
}

impl Numbers<'_> {
    /// The set of a column: by its own class, or by that of the column before if it is greater.
    fn set(&self, hint: Hint, class_before: u8) -> u32 {
        self.first_set + u32::from(hint.class.max(class_before))
    }

    /// Returns true if a flag says that the column differs. If no other column of a field that differs does, the last one must:
    /// then there is no flag.
    fn has_flag(&self, index: usize, any: bool) -> bool {
        any || !self.must_differ || index + 1 < self.columns.len()
    }

    /// Writes the columns and returns the level of the greatest surprise among them.
    fn write(&self, predicted: &[u32], row: &[u32], symbols: &mut SymbolWriter) -> u32 {
        let (mut greatest, mut class_before, mut any) = (0, 0, false);
        let values = predicted.iter().zip(row);
        for (index, ((column, hint), (&predicted, &value))) in
            self.columns.iter().zip(self.hints).zip(values).enumerate()
        {
            let (contexts, set) = (self.contexts.numbers(index), self.set(*hint, class_before));
            let number = difference(column, predicted, value);
            if self.has_flag(index, any) {
                symbols.is_zero(contexts, set, number == 0);
            }
            if number != 0 {
                any = true;
                symbols.number(contexts, set, hint.sign, number);
            }
            class_before = class(number);
            greatest = greatest.max(class_before);
        }
        level(greatest)
    }

    /// Reads what [`write`](Self::write) wrote.
    fn read(&self, symbols: &mut SymbolReader, row: &mut [u32]) -> Result<u32, DecodeError> {
        let (mut greatest, mut class_before, mut any) = (0, 0, false);
        for (index, ((column, hint), value)) in self.columns.iter().zip(self.hints).zip(row).enumerate() {
            let (contexts, set) = (self.contexts.numbers(index), self.set(*hint, class_before));
            let mut number = 0;
            if !self.has_flag(index, any) || !symbols.is_zero(contexts, set)? {
                any = true;
                number = symbols.number(contexts, set, hint.sign)?;
            }
            *value = step(column, *value, number)?;
            class_before = class(number);
            greatest = greatest.max(class_before);
        }
        Ok(level(greatest))
    }
}

/// The value at a signed distance from another.
#[inline]
fn step(column: &Column, from: u32, by: i32) -> Result<u32, DecodeError> {
    let value = from.wrapping_add_signed(by);
    if column.wraps {
        Ok(value & column.max)
    } else if value <= column.max {
        Ok(value)
    } else {
        Err(DecodeError::ValueOutOfRange)
    }
}
