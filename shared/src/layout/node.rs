//! A field that has values inside it, flattened for the codec: a tree of nodes.
//!
//! The values of an array or a list share one node, and with it their contexts: a list of 32 learns from all of its values, and
//! needs no more contexts than one.

use crate::layout::row::FieldLayout;
use crate::schema::{Coding, Field, FieldKind, Predict};

/// One value inside a field, or the field itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its first column, counted from the first one of the value that it is in. For an item: of the first item.
    pub start: usize,
    /// The number of its columns.
    pub width: usize,
    /// The index of its contexts among those of the part's fields. The contexts of inner nodes follow those of the fields.
    pub contexts: usize,
    /// The values inside it.
    pub kind: NodeKind,
}

/// The values inside a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// None: its columns are coded as those of any field.
    Leaf {
        /// How its changes are written.
        coding: Coding,
        /// How it is predicted.
        predict: Predict,
    },
    /// One value of each node.
    Struct(Vec<Node>),
    /// As many values of the node as its width allows.
    Array(Box<Node>),
    /// As many values of the node as the first column says.
    List(Box<Node>),
    /// One value of each node of the variant that the first column says.
    Variants(Vec<Vec<Node>>),
}

impl Node {
    /// The node of a field, whose contexts are at `contexts`. The contexts of the nodes inside it are numbered from `next` on.
    pub(crate) fn of_field(field: &Field, start: usize, contexts: usize, next: &mut usize) -> Self {
        let kind = match &field.kind {
            FieldKind::Struct(fields) => NodeKind::Struct(Self::in_order(fields, 0, next).0),
            FieldKind::Array(_, item) => NodeKind::Array(Box::new(Self::inner(&item[0], 0, next))),
            FieldKind::List(_, item) => NodeKind::List(Box::new(Self::inner(&item[0], 1, next))),
            FieldKind::Option(item) => NodeKind::Variants(vec![Vec::new(), Self::in_order(item, 1, next).0]),
            FieldKind::Variants(variants) => {
                let mut start = 1;
                let nodes = variants.iter().map(|variant| {
                    let (nodes, end) = Self::in_order(&variant.fields, start, next);
                    start = end;
                    nodes
                });
                NodeKind::Variants(nodes.collect())
            }
            leaf => NodeKind::Leaf { coding: leaf.coding(), predict: field.predict },
        };
        Self { start, width: field.width(), contexts, kind }
    }

    /// The nodes of some fields, one after another from the column `start` on, and the column after them.
    fn in_order(fields: &[Field], start: usize, next: &mut usize) -> (Vec<Self>, usize) {
        let mut end = start;
        let nodes = fields.iter().map(|field| {
            let start = end;
            end += field.width();
            Self::inner(field, start, next)
        });
        (nodes.collect(), end)
    }

    fn inner(field: &Field, start: usize, next: &mut usize) -> Self {
        let contexts = *next;
        *next += 1;
        Self::of_field(field, start, contexts, next)
    }

    /// The layout of a leaf whose columns begin at `start`; `None` if it is no leaf.
    #[must_use]
    pub(crate) fn leaf(&self, start: usize) -> Option<FieldLayout> {
        match self.kind {
            NodeKind::Leaf { coding, predict } => {
                Some(FieldLayout { start, width: self.width, coding, predict })
            }
            _ => None,
        }
    }

    /// Calls `visit` for each node inside this one, in the order in which their contexts are numbered.
    pub(crate) fn visit_inner(&self, visit: &mut impl FnMut(&Self)) {
        let mut each = |node: &Self| {
            visit(node);
            node.visit_inner(visit);
        };
        match &self.kind {
            NodeKind::Leaf { .. } => {}
            NodeKind::Struct(nodes) => nodes.iter().for_each(each),
            NodeKind::Array(item) | NodeKind::List(item) => each(item),
            NodeKind::Variants(variants) => variants.iter().flatten().for_each(each),
        }
    }

    /// Returns true if the first column says which values there are.
    #[must_use]
    pub fn has_shape(&self) -> bool {
        matches!(self.kind, NodeKind::List(_) | NodeKind::Variants(_))
    }

    /// The shape of the value whose columns are these: its length or its variant; 0 if it always has the same values inside.
    #[must_use]
    pub fn shape(&self, columns: &[u32]) -> u32 {
        if self.has_shape() { columns[0] } else { 0 }
    }

    /// The number of values directly inside a value of this shape.
    #[must_use]
    pub fn values(&self, shape: u32) -> usize {
        match &self.kind {
            NodeKind::Leaf { .. } => 0,
            NodeKind::Struct(nodes) => nodes.len(),
            NodeKind::Variants(variants) => variants[shape as usize].len(),
            NodeKind::Array(item) => self.width / item.width,
            NodeKind::List(_) => shape as usize,
        }
    }

    /// One of the values directly inside a value of this shape.
    ///
    /// # Panics
    /// If there is no such value.
    #[must_use]
    pub fn value(&self, shape: u32, index: usize) -> Inside<'_> {
        match &self.kind {
            NodeKind::Leaf { .. } => panic!("a leaf has no values inside it"),
            NodeKind::Struct(nodes) => Inside::of(&nodes[index]),
            NodeKind::Variants(variants) => Inside::of(&variants[shape as usize][index]),
            NodeKind::Array(item) | NodeKind::List(item) => {
                Inside { node: item, start: item.start + index * item.width }
            }
        }
    }
}

/// A value directly inside another.
#[derive(Debug, Clone, Copy)]
pub struct Inside<'a> {
    /// Its node.
    pub node: &'a Node,
    /// Its first column, counted from that of the outer value.
    pub start: usize,
}

impl<'a> Inside<'a> {
    fn of(node: &'a Node) -> Self {
        Self { node, start: node.start }
    }
}
