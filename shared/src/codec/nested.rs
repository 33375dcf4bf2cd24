//! The values inside a field on the wire. Each reader stands beside its writer.
//!
//! A value inside a field is written like a field of a row: a flag "it differs", unless it is the last that can, and then its
//! change. A value that was not there before is written [whole](super::whole). Items of a list may move: see [`ListEdit`].

use crate::codec::list::{ItemSet, ListEdit};
use crate::codec::place::{At, List, Value};
use crate::codec::predict::{Hint, RowBaseline};
use crate::codec::row::Change;
use crate::codec::symbols::{SymbolReader, SymbolWriter};
use crate::codec::whole::{read_value, write_value};
use crate::error::DecodeError;
use crate::layout::contexts::Count;
use crate::layout::{Node, PartLayout};

/// The rows of which a value is written.
pub(super) struct WrittenRows<'a> {
    pub part: &'a PartLayout,
    pub hints: &'a [Hint],
    pub predicted: &'a [u32],
    pub row: &'a [u32],
}

impl<'a> WrittenRows<'a> {
    /// Writes the change of a value that differs from its prediction, and returns the level of the last change in it.
    // Cold, so that rows without values inside their fields pay nothing for those that have some.
    #[cold]
    #[inline(never)]
    pub(super) fn write(
        &self,
        node: &Node,
        at: At,
        baseline: RowBaseline,
        level: u32,
        symbols: &mut SymbolWriter,
    ) -> u32 {
        if let Some(leaf) = node.leaf(at.old) {
            let (predicted, row) = (&self.predicted[at.old_columns(node)], &self.row[at.new_columns(node)]);
            return self.change(node, at, level).write(&leaf, baseline, predicted, row, symbols);
        }
        let inside = baseline.inside(node, at.old);
        if let Some(list) = List::of(node) {
            return self.write_list(&list, at, inside, level, symbols);
        }
        if node.has_shape() && self.write_variant(node, at, symbols) {
            return level;
        }
        let shape = node.shape(&self.row[at.new..]);
        self.write_values(Value::inside(node, shape, at), true, inside, level, symbols)
    }

    /// Writes the variant, and if it is another one its fields too. Returns true if it is another one.
    fn write_variant(&self, node: &Node, at: At, symbols: &mut SymbolWriter) -> bool {
        let contexts = &self.part.contexts.fields[node.contexts];
        let column = &self.part.row.columns[at.new];
        let (predicted, variant) = (self.predicted[at.old], self.row[at.new]);
        assert!(variant <= column.max, "a quantized value is within its column's range");
        let changed = variant != predicted;
        // A variant without fields differs only by becoming another.
        if node.values(predicted) > 0 {
            symbols.flag(contexts.column_differs, changed);
        }
        if changed {
            symbols.choice(contexts.choices, column.choice_of(predicted, variant), column.choice_bits());
            for Value { node, at } in Value::inside(node, variant, at) {
                write_value(self.part, node, at.new, self.row, symbols);
            }
        }
        changed
    }

    fn change(&self, node: &Node, at: At, level: u32) -> Change<'a> {
        Change::of(self.part, node.contexts, at.old_columns(node), self.hints, level)
    }

    /// Writes the removals, insertions and changes of a list's items.
    fn write_list(
        &self,
        list: &List,
        at: At,
        inside: RowBaseline,
        level: u32,
        symbols: &mut SymbolWriter,
    ) -> u32 {
        let contexts = &self.part.contexts.fields[list.contexts];
        let (old_len, len) = (self.predicted[at.old], self.row[at.new]);
        assert!(len <= self.part.row.columns[at.new].max, "a quantized value is within its column's range");
        let (old_items, items) = (list.items(at.old, old_len), list.items(at.new, len));
        let edit = ListEdit::between(&self.predicted[old_items], &self.row[items], list.item.width);
        let old_len = old_len as usize;
        let moved = !edit.is_unmoved(old_len);
        // An empty list differs only by insertions.
        if old_len > 0 {
            symbols.flag(contexts.column_differs, moved);
        }
        if moved {
            self.write_edit(list, at, &edit, old_len, symbols);
        }
        self.write_values(list.kept(at, &edit), !moved, inside, level, symbols)
    }

    fn write_edit(&self, list: &List, at: At, edit: &ListEdit, old_len: usize, symbols: &mut SymbolWriter) {
        let contexts = &self.part.contexts.fields[list.contexts];
        let removed = edit.removed(old_len);
        symbols.count(contexts.count(Count::Departures), removed.count());
        let mut next = 0;
        for index in removed.iter(old_len) {
            symbols.count(contexts.count(Count::DepartureGap), (index - next) as u32);
            next = index + 1;
        }
        let inserted = || (0..edit.len()).filter(|&index| edit.old(index).is_none());
        symbols.count(contexts.count(Count::Arrivals), inserted().count() as u32);
        let mut next = 0;
        for index in inserted() {
            symbols.count(contexts.count(Count::ArrivalGap), (index - next) as u32);
            next = index + 1;
            write_value(self.part, list.item, list.first(at.new, index), self.row, symbols);
        }
    }

    /// Writes the changes of values, each after a flag "it differs". If at least one must differ, the last of them has no flag
    /// when no other does. Returns the level of the last change.
    fn write_values<'n>(
        &self,
        values: impl Iterator<Item = Value<'n>>,
        must_differ: bool,
        baseline: RowBaseline,
        mut level: u32,
        symbols: &mut SymbolWriter,
    ) -> u32 {
        let mut values = values.peekable();
        let mut any = !must_differ;
        while let Some(Value { node, at }) = values.next() {
            let differs = self.predicted[at.old_columns(node)] != self.row[at.new_columns(node)];
            if any || values.peek().is_some() {
                symbols.flag(self.change(node, at, level).context(), differs);
            }
            if differs {
                any = true;
                level = self.write(node, at, baseline, level, symbols);
            }
        }
        level
    }
}

/// The row of which a value is read. It holds the prediction before, and the new value after.
pub(super) struct ReadRow<'a> {
    pub part: &'a PartLayout,
    pub hints: &'a [Hint],
    pub row: &'a mut [u32],
    /// Memory for the old items of lists.
    pub scratch: &'a mut Vec<u32>,
}

impl ReadRow<'_> {
    /// Reads what [`WrittenRows::write`] wrote.
    #[cold]
    #[inline(never)]
    pub(super) fn read(
        &mut self,
        node: &Node,
        at: At,
        baseline: RowBaseline,
        level: u32,
        symbols: &mut SymbolReader,
    ) -> Result<u32, DecodeError> {
        if let Some(leaf) = node.leaf(at.old) {
            let change = Change::of(self.part, node.contexts, at.old_columns(node), self.hints, level);
            return change.read(&leaf, baseline, symbols, &mut self.row[at.new_columns(node)]);
        }
        let inside = baseline.inside(node, at.old);
        if let Some(list) = List::of(node) {
            return self.read_list(&list, at, inside, level, symbols);
        }
        if node.has_shape() && self.read_variant(node, at, symbols)? {
            return Ok(level);
        }
        let shape = node.shape(&self.row[at.new..]);
        self.read_values(Value::inside(node, shape, at), true, inside, level, symbols)
    }

    /// Reads the variant, and if it is another one its fields too. Returns true if it is another one.
    fn read_variant(&mut self, node: &Node, at: At, symbols: &mut SymbolReader) -> Result<bool, DecodeError> {
        let contexts = &self.part.contexts.fields[node.contexts];
        let column = &self.part.row.columns[at.new];
        let predicted = self.row[at.new];
        let changed = node.values(predicted) == 0 || symbols.flag(contexts.column_differs)?;
        if changed {
            let choice = symbols.choice(contexts.choices, column.choice_bits())?;
            let variant = column.chosen(predicted, choice).ok_or(DecodeError::ValueOutOfRange)?;
            self.row[at.new_columns(node)].fill(0);
            self.row[at.new] = variant;
            for Value { node, at } in Value::inside(node, variant, at) {
                read_value(self.part, node, at.new, symbols, self.row)?;
            }
        }
        Ok(changed)
    }

    fn read_list(
        &mut self,
        list: &List,
        at: At,
        inside: RowBaseline,
        level: u32,
        symbols: &mut SymbolReader,
    ) -> Result<u32, DecodeError> {
        let contexts = &self.part.contexts.fields[list.contexts];
        let old_len = self.row[at.new] as usize;
        let moved = old_len == 0 || symbols.flag(contexts.column_differs)?;
        let edit = if moved { self.read_edit(list, at, symbols)? } else { ListEdit::unmoved(old_len) };
        self.read_values(list.kept(at, &edit), !moved, inside, level, symbols)
    }

    /// Reads what [`WrittenRows::write_edit`] wrote: puts the items where they belong, and reads the new ones.
    fn read_edit(
        &mut self,
        list: &List,
        at: At,
        symbols: &mut SymbolReader,
    ) -> Result<ListEdit, DecodeError> {
        let contexts = &self.part.contexts.fields[list.contexts];
        let old_len = self.row[at.new] as usize;
        let mut removed = ItemSet::default();
        let mut next = 0;
        for _ in 0..symbols.count(contexts.count(Count::Departures))? {
            let gap = symbols.count(contexts.count(Count::DepartureGap))? as usize;
            let index = gap.checked_add(next).filter(|&index| index < old_len).ok_or(DecodeError::BadList)?;
            removed.insert(index);
            next = index + 1;
        }
        let insertions = symbols.count(contexts.count(Count::Arrivals))?;
        let kept = old_len as u32 - removed.count();
        let max_len = self.part.row.columns[at.new].max;
        let len = insertions.checked_add(kept).filter(|&len| len <= max_len).ok_or(DecodeError::BadList)?;
        let old_items = list.items(at.new, old_len as u32);
        let saved = self.scratch.len();
        self.scratch.extend_from_slice(&self.row[old_items.clone()]);
        self.row[old_items].fill(0);
        self.row[at.new] = len;
        let (len, width) = (len as usize, list.item.width);
        let mut inserted = ItemSet::default();
        let mut next = 0;
        for _ in 0..insertions {
            let gap = symbols.count(contexts.count(Count::ArrivalGap))? as usize;
            let index = gap.checked_add(next).filter(|&index| index < len).ok_or(DecodeError::BadList)?;
            inserted.insert(index);
            next = index + 1;
            read_value(self.part, list.item, list.first(at.new, index), symbols, self.row)?;
        }
        let edit = ListEdit::of(old_len, len, &removed, &inserted);
        for Value { at: item, .. } in list.kept(at, &edit) {
            let old = saved + item.old - list.first(at.old, 0);
            self.row[item.new..item.new + width].copy_from_slice(&self.scratch[old..old + width]);
        }
        self.scratch.truncate(saved);
        Ok(edit)
    }

    /// Reads what [`WrittenRows::write_values`] wrote.
    fn read_values<'n>(
        &mut self,
        values: impl Iterator<Item = Value<'n>>,
        must_differ: bool,
        baseline: RowBaseline,
        mut level: u32,
        symbols: &mut SymbolReader,
    ) -> Result<u32, DecodeError> {
        let mut values = values.peekable();
        let mut any = !must_differ;
        while let Some(Value { node, at }) = values.next() {
            let change = Change::of(self.part, node.contexts, at.old_columns(node), self.hints, level);
            let has_flag = any || values.peek().is_some();
            if !has_flag || symbols.flag(change.context())? {
                any = true;
                level = self.read(node, at, baseline, level, symbols)?;
            }
        }
        Ok(level)
    }
}
