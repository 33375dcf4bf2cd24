//! Where the values inside a field are: in the baseline and in the new row.

use std::ops::Range;

use crate::codec::list::ListEdit;
use crate::layout::{Inside, Node, NodeKind};

/// The first column of a value in the baseline and in the new row. They are different in a list from which items were removed.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    /// In the baseline, in the prediction and in its hints.
    pub old: usize,
    /// In the new row.
    pub new: usize,
}

impl At {
    /// A field, which is at the same place in every row.
    pub(super) fn unmoved(start: usize) -> Self {
        Self { old: start, new: start }
    }

    pub(super) fn plus(self, columns: usize) -> Self {
        Self { old: self.old + columns, new: self.new + columns }
    }

    pub(super) fn old_columns(self, node: &Node) -> Range<usize> {
        self.old..self.old + node.width
    }

    pub(super) fn new_columns(self, node: &Node) -> Range<usize> {
        self.new..self.new + node.width
    }
}

/// A value inside another, and where it is.
pub(super) struct Value<'a> {
    pub node: &'a Node,
    pub at: At,
}

impl<'a> Value<'a> {
    /// The values directly inside a value of this shape.
    pub(super) fn inside(node: &'a Node, shape: u32, at: At) -> impl Iterator<Item = Self> {
        (0..node.values(shape)).map(move |index| {
            let Inside { node, start } = node.value(shape, index);
            Self { node, at: at.plus(start) }
        })
    }
}

/// The node of a list, and of its items.
pub(super) struct List<'a> {
    pub contexts: usize,
    pub item: &'a Node,
}

impl<'a> List<'a> {
    pub(super) fn of(node: &'a Node) -> Option<Self> {
        match &node.kind {
            NodeKind::List(item) => Some(Self { contexts: node.contexts, item }),
            _ => None,
        }
    }

    /// The first column of an item of the list whose columns begin at `start`.
    pub(super) fn first(&self, start: usize, index: usize) -> usize {
        start + self.item.start + index * self.item.width
    }

    /// The columns of the items of the list whose columns begin at `start`.
    pub(super) fn items(&self, start: usize, len: u32) -> Range<usize> {
        self.first(start, 0)..self.first(start, len as usize)
    }

    /// The items that were in the list before, each where it was and where it is.
    pub(super) fn kept<'e>(&'e self, at: At, edit: &'e ListEdit) -> impl Iterator<Item = Value<'e>> {
        (0..edit.len()).filter_map(move |index| {
            let old = self.first(at.old, edit.old(index)?);
            Some(Value { node: self.item, at: At { old, new: self.first(at.new, index) } })
        })
    }
}
