//! One row on the wire: whole, or as a change from its prediction. Each reader stands beside its writer.

use crate::codec::predict::{Hint, Prediction, RowBaseline, difference, rebase};
use crate::codec::symbols::{SymbolReader, SymbolWriter};
use crate::error::DecodeError;
use crate::layout::contexts::{CLASSES, FieldContexts, class, level};
use crate::layout::{FieldLayout, PartLayout};
use crate::schema::{Coding, Column};

/// Writes the row of a new entity: for each column a flag "not zero" and then the value.
///
/// # Panics
/// If a column is above its maximum.
pub fn write_whole(part: &PartLayout, row: &[u32], symbols: &mut SymbolWriter) {
    for (field, contexts) in part.row.fields.iter().zip(&part.contexts.fields) {
        for index in field.columns() {
            let (column, value) = (&part.row.columns[index], row[index]);
            assert!(value <= column.max, "a quantized value is within its column's range");
            symbols.flag(contexts.spawned, value != 0);
            if value != 0 {
                symbols.raw(value - 1, column.choice_bits());
            }
        }
    }
}

/// Reads what [`write_whole`] wrote into `row`.
///
/// # Errors
/// [`DecodeError`] if the bytes end or a value is above its column's maximum.
pub fn read_whole(part: &PartLayout, symbols: &mut SymbolReader, row: &mut [u32]) -> Result<(), DecodeError> {
    for (field, contexts) in part.row.fields.iter().zip(&part.contexts.fields) {
        for index in field.columns() {
            let column = &part.row.columns[index];
            row[index] = 0;
            if symbols.flag(contexts.spawned)? {
                let below = symbols.raw(column.choice_bits())?;
                if below >= column.max {
                    return Err(DecodeError::ValueOutOfRange);
                }
                row[index] = below + 1;
            }
        }
    }
    Ok(())
}

/// Codes the changes of a part's rows, with their predictions and with what the rows before were like.
#[derive(Debug, Default)]
pub struct ChangeCoder {
    prediction: Prediction,
    /// The predicted row, for the writer.
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
        for (index, field) in part.row.fields.iter().enumerate() {
            let change = Change::of(part, index, prediction, level_before);
            let (row, predicted) = (&row[field.columns()], &predicted[field.columns()]);
            let differs = row != predicted;
            // If no other field differs, the last one does: its flag would say nothing.
            if any || index + 1 < part.row.fields.len() {
                symbols.flag(change.context(), differs);
            }
            if differs {
                any = true;
                level_before = change.write(field, baseline, predicted, row, symbols);
            }
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
            let change = Change::of(part, index, &self.prediction, level_before);
            let has_flag = any || index + 1 < part.row.fields.len();
            if !has_flag || symbols.flag(change.context())? {
                any = true;
                level_before = change.read(field, baseline, symbols, &mut row[field.columns()])?;
            }
        }
        Ok(())
    }
}

/// One field of a row that differs.
struct Change<'a> {
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
    fn of(part: &'a PartLayout, index: usize, prediction: &'a Prediction, level_before: u32) -> Self {
        let columns = part.row.fields[index].columns();
        Self {
            columns: &part.row.columns[columns.clone()],
            contexts: &part.contexts.fields[index],
            hints: &prediction.hints[columns],
            level_before,
        }
    }

    /// The context of the field's flag "it differs".
    fn context(&self) -> u32 {
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
    fn write(
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
                symbols.choice(self.contexts.choices, choice_of(&self.columns[0], predicted[0], row[0]), 2);
                let rebased = rebase(field, codec, baseline, row[0]);
                self.parts(false).write(&rebased[1..], &row[1..], symbols)
            }
            Coding::Choice => {
                self.write_choices(predicted, row, symbols);
                self.level_before
            }
        }
    }

    /// Reads what [`write`](Self::write) wrote. `row` holds the prediction and becomes the new value. Returns the level of the
    /// change.
    fn read(
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
                let largest = chosen(&self.columns[0], row[0], choice)?;
                row.copy_from_slice(&rebase(field, codec, baseline, largest));
                self.parts(false).read(symbols, &mut row[1..])
            }
            Coding::Choice => {
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
                    choice_of(column, predicted, value),
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
                *value = chosen(column, *value, choice)?;
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

/// The choice of a value among those other than the predicted one, counted upwards from that and around.
fn choice_of(column: &Column, predicted: u32, value: u32) -> u32 {
    let values = u64::from(column.max) + 1;
    ((u64::from(value) + values - u64::from(predicted)) % values - 1) as u32
}

/// The value of a choice.
fn chosen(column: &Column, predicted: u32, choice: u32) -> Result<u32, DecodeError> {
    if choice >= column.max {
        return Err(DecodeError::ValueOutOfRange);
    }
    Ok(((u64::from(predicted) + u64::from(choice) + 1) % (u64::from(column.max) + 1)) as u32)
}
