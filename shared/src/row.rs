//! One row on the wire: whole, or as a change from what was expected. Each reader stands beside its writer.

use crate::contexts::{CLASSES, FieldContexts, class, level};
use crate::delta::DecodeError;
use crate::layout::{Coding, Column, FieldLayout, PartLayout};
use crate::predict::{Expected, Hint, RowBaseline, difference, rebase};
use crate::symbols::{SymbolReader, SymbolWriter};

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

/// What the changes of a part's rows are coded with: what is expected, and what the rows before were like.
#[derive(Debug, Default)]
pub struct ChangeCoder {
    expected: Expected,
    /// The row that is expected, for the writer.
    expected_row: Vec<u32>,
    /// Whether the last row differed, and the one before it.
    before: [bool; 2],
}

impl ChangeCoder {
    /// Begins a part.
    pub fn start(&mut self) {
        self.before = [false; 2];
    }

    /// Writes a row's change, and tells whether there is one: a flag "other than expected"; then a flag for each field, and how
    /// it differs.
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
        let Self { expected, expected_row, before } = self;
        expected_row.clear();
        expected_row.extend_from_slice(baseline.row);
        expected.set(&part.row, baseline, expected_row);
        let differs = expected_row != row;
        symbols.flag(part.contexts.row(expected.history, *before), differs);
        *before = [differs, before[0]];
        if !differs {
            return false;
        }
        let mut level_before = 0;
        let mut any = false;
        for (index, field) in part.row.fields.iter().enumerate() {
            let change = Change::of(part, index, expected, level_before);
            let (row, expected) = (&row[field.columns()], &expected_row[field.columns()]);
            let differs = row != expected;
            // If nothing else differs, the last field does.
            if any || index + 1 < part.row.fields.len() {
                symbols.flag(change.context(), differs);
            }
            if differs {
                any = true;
                level_before = change.write(field, baseline, expected, row, symbols);
            }
        }
        true
    }

    /// Works out what a row is expected to be: `row` is a copy of the baseline's, and becomes that.
    pub fn expect(&mut self, part: &PartLayout, baseline: RowBaseline, row: &mut [u32]) {
        self.expected.set(&part.row, baseline, row);
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
        self.expected.set(&part.row, baseline, row);
        let differs = symbols.flag(part.contexts.row(self.expected.history, self.before))?;
        self.before = [differs, self.before[0]];
        if !differs {
            return Ok(());
        }
        let mut level_before = 0;
        let mut any = false;
        for (index, field) in part.row.fields.iter().enumerate() {
            let change = Change::of(part, index, &self.expected, level_before);
            let asked = any || index + 1 < part.row.fields.len();
            if !asked || symbols.flag(change.context())? {
                any = true;
                level_before = change.read(field, baseline, symbols, &mut row[field.columns()])?;
            }
        }
        Ok(())
    }
}

/// One field of a row that differs. What is read of it stands in the place of what was expected.
struct Change<'a> {
    columns: &'a [Column],
    contexts: &'a FieldContexts,
    hints: &'a [Hint],
    /// The level of the field that changed before it in the row.
    level_before: u32,
}

/// Columns of numbers that are coded one after another.
struct Numbers<'a> {
    columns: &'a [Column],
    contexts: &'a FieldContexts,
    first_set: u32,
    hints: &'a [Hint],
    /// Whether one of them must differ.
    must_differ: bool,
}

impl<'a> Change<'a> {
    fn of(part: &'a PartLayout, index: usize, expected: &'a Expected, level_before: u32) -> Self {
        let columns = part.row.fields[index].columns();
        Self {
            columns: &part.row.columns[columns.clone()],
            contexts: &part.contexts.fields[index],
            hints: &expected.hints[columns],
            level_before,
        }
    }

    /// The context of the field's flag.
    fn context(&self) -> u32 {
        let class = self.hints.iter().map(|hint| hint.class).max().unwrap_or(0);
        self.contexts.differs(class, self.level_before)
    }

    fn numbers(&self) -> Numbers<'a> {
        let Self { columns, contexts, hints, .. } = *self;
        Numbers { columns, contexts, first_set: 0, hints, must_differ: true }
    }

    /// A rotation's parts, once its largest component is known.
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
        expected: &[u32],
        row: &[u32],
        symbols: &mut SymbolWriter,
    ) -> u32 {
        let in_range = row.iter().zip(self.columns).all(|(value, column)| *value <= column.max);
        assert!(in_range, "a quantized value is within its column's range");
        match field.coding {
            Coding::Number => self.numbers().write(expected, row, symbols),
            Coding::Rotation(codec) => {
                let turned = row[0] != expected[0];
                symbols.flag(self.contexts.column_differs, turned);
                if !turned {
                    return self.parts(true).write(&expected[1..], &row[1..], symbols);
                }
                symbols.choice(self.contexts.choices, choice_of(&self.columns[0], expected[0], row[0]), 2);
                let rebased = rebase(field, codec, baseline, row[0]);
                self.parts(false).write(&rebased[1..], &row[1..], symbols)
            }
            Coding::Choice => {
                self.write_choices(expected, row, symbols);
                self.level_before
            }
        }
    }

    /// Reads what [`write`](Self::write) wrote.
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

    fn write_choices(&self, expected: &[u32], row: &[u32], symbols: &mut SymbolWriter) {
        for ((column, &expected), &value) in self.columns.iter().zip(expected).zip(row) {
            if row.len() > 1 {
                symbols.flag(self.contexts.column_differs, value != expected);
            }
            if value != expected {
                symbols.choice(
                    self.contexts.choices,
                    choice_of(column, expected, value),
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
    /// The set of a column: its own class, or that of the column before if that is greater.
    fn set(&self, hint: Hint, class_before: u8) -> u32 {
        self.first_set + u32::from(hint.class.max(class_before))
    }

    /// Whether it is said of a column if it differs; if nothing else does, the last one must.
    fn is_asked(&self, index: usize, any: bool) -> bool {
        any || !self.must_differ || index + 1 < self.columns.len()
    }

    /// Writes the columns and returns the level of the greatest surprise among them.
    fn write(&self, expected: &[u32], row: &[u32], symbols: &mut SymbolWriter) -> u32 {
        let (mut greatest, mut class_before, mut any) = (0, 0, false);
        let values = expected.iter().zip(row);
        for (index, ((column, hint), (&expected, &value))) in
            self.columns.iter().zip(self.hints).zip(values).enumerate()
        {
            let (contexts, set) = (self.contexts.numbers(index), self.set(*hint, class_before));
            let number = difference(column, expected, value);
            if self.is_asked(index, any) {
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
            if !self.is_asked(index, any) || !symbols.is_zero(contexts, set)? {
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

/// The value at a distance from another.
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

/// Which of a column's other values it has, counted upwards from the expected one and around.
fn choice_of(column: &Column, expected: u32, value: u32) -> u32 {
    let values = u64::from(column.max) + 1;
    ((u64::from(value) + values - u64::from(expected)) % values - 1) as u32
}

/// The value of a choice.
fn chosen(column: &Column, expected: u32, choice: u32) -> Result<u32, DecodeError> {
    if choice >= column.max {
        return Err(DecodeError::ValueOutOfRange);
    }
    Ok(((u64::from(expected) + u64::from(choice) + 1) % (u64::from(column.max) + 1)) as u32)
}
