//! A schema flattened for the codec: parts, the columns of their rows, and the contexts that their changes are coded in.
//!
//! A *part* holds the fields of a table that are for one audience. The first part of a table, its base, says which entities
//! exist; another has further fields of some of them. A world in which everything is public has one part for each table.
//!
//! Hidden fields are a part with rows of their own, so an entity's slot and generation are the same in all of its areas. These
//! two are not hidden: they tell a client that sees the entity how many entities its table has had.

use std::ops::Range;
use std::sync::Arc;

use crate::layout::contexts::TableContexts;
use crate::layout::defaults::default_priors;
use crate::limits::{MAX_CONTEXTS, MAX_TABLES};
use crate::schema::check::{check_tables, check_velocities};
use crate::schema::{Audience, Field, Schema, SchemaError, TableSchema};

mod area_class;
pub mod contexts;
pub mod defaults;
mod input;
mod node;
mod part;
mod row;

pub use area_class::AreaClass;
pub use defaults::{Prior, UNKNOWN_PRIOR};
pub use input::InputLayout;
pub use node::{Inside, Node, NodeKind};
pub use part::PartLayout;
pub use row::{FieldLayout, RowLayout};

/// One table: its parts, and the width of a whole row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLayout {
    /// The indexes of its parts; the first is its base.
    pub parts: Range<usize>,
    /// Columns of a whole row.
    pub width: usize,
    /// True if it has exactly one row.
    pub single: bool,
}

/// A schema's tables, flattened for the codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The parts of all tables, in order.
    pub parts: Vec<PartLayout>,
    /// The tables in order.
    pub tables: Vec<TableLayout>,
    /// The number of contexts of all parts together.
    pub contexts: usize,
    /// Each context's default prior.
    pub default_priors: Arc<[Prior]>,
    /// The indexes of the parts of each class.
    classes: [Vec<usize>; AreaClass::COUNT],
}

impl Layout {
    /// The layout of a schema.
    ///
    /// # Errors
    /// [`SchemaError`] if a received schema is outside the limits.
    pub fn new(schema: &Schema) -> Result<Self, SchemaError> {
        if schema.tables.len() > MAX_TABLES {
            return Err(SchemaError::TooManyTables(schema.tables.len()));
        }
        let mut layout = Self {
            parts: Vec::new(),
            tables: Vec::new(),
            contexts: 0,
            default_priors: Arc::default(),
            classes: Default::default(),
        };
        InputLayout::new(&schema.input)?;
        check_tables(&schema.tables)?;
        schema.messages.check()?;
        let mut contexts = 0;
        for table in &*schema.tables {
            check_velocities(&table.fields, table.audience)?;
            layout.add_table(table, &mut contexts)?;
        }
        if contexts as usize > MAX_CONTEXTS {
            return Err(SchemaError::TooManyContexts(contexts));
        }
        layout.contexts = contexts as usize;
        layout.default_priors = default_priors(&layout.parts);
        for (index, part) in layout.parts.iter().enumerate() {
            layout.classes[usize::from(part.class.number())].push(index);
        }
        Ok(layout)
    }

    fn add_table(&mut self, table: &TableSchema, contexts: &mut u32) -> Result<(), SchemaError> {
        // First all of its columns: their number is bounded for the parts together.
        let whole = RowLayout::new(&*table.fields)?;
        let first = self.parts.len();
        let audience_of = |field: &Field| field.audience.max(table.audience);
        for audience in Audience::EACH {
            let of_audience = || table.fields.iter().filter(|field| audience_of(field) == audience);
            if audience != table.audience && of_audience().next().is_none() {
                continue;
            }
            let class = AreaClass::new(table.placed, audience);
            if table.single && class != AreaClass::PUBLIC {
                return Err(SchemaError::HiddenSingle(table.name.clone().into_owned()));
            }
            let row = RowLayout::new(of_audience())?;
            let fields = whole.fields.iter().zip(&*table.fields);
            let own_fields = fields.filter(|(_, field)| audience_of(field) == audience);
            self.parts.push(PartLayout {
                table: self.tables.len(),
                class,
                single: table.single,
                columns: own_fields.map(|(field, _)| field.columns()).collect(),
                contexts: TableContexts::number_from(&row, contexts),
                row,
            });
        }
        let parts = first..self.parts.len();
        self.tables.push(TableLayout { parts, width: whole.columns.len(), single: table.single });
        Ok(())
    }

    /// The indexes of the parts whose rows are in areas of a class, in order.
    #[must_use]
    pub fn parts_of(&self, class: AreaClass) -> &[usize] {
        &self.classes[usize::from(class.number())]
    }

    /// Returns true if the whole world is in the public area. Its parts are then its tables.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.parts_of(AreaClass::PUBLIC).len() == self.parts.len()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::quantize::Range as ValueRange;
    use crate::schema::shape::MessageSchema;
    use crate::schema::{FieldKind, InputSchema, Interpolate, Predict};

    fn field(name: &'static str, audience: Audience) -> Field {
        Field::new(name, FieldKind::Bool, Predict::Last).for_audience(audience)
    }

    fn table(single: bool, placed: bool, audience: Audience, fields: Vec<Field>) -> TableSchema {
        TableSchema { name: Cow::Borrowed("t"), single, placed, audience, fields: fields.into() }
    }

    fn layout(table: TableSchema) -> Result<Layout, SchemaError> {
        Layout::new(&Schema {
            tables: vec![table].into(),
            input: InputSchema::default(),
            messages: MessageSchema::default(),
        })
    }

    #[test]
    fn a_table_has_a_part_for_each_audience_of_its_fields() {
        use Audience::{All, Owner, Team};
        let fields =
            vec![field("a", All), field("b", Owner), field("c", Team), field("d", All), field("e", Owner)];
        let layout_of = |audience| layout(table(false, true, audience, fields.clone())).unwrap();
        let all = layout_of(All);
        assert!(!all.is_public());
        let columns = |part: &PartLayout| part.columns.iter().map(|range| range.start).collect::<Vec<_>>();
        assert_eq!(all.parts.iter().map(columns).collect::<Vec<_>>(), [vec![0, 3], vec![2], vec![1, 4]]);
        let classes: Vec<u8> = all.parts.iter().map(|part| part.class.number()).collect();
        assert_eq!(classes, [3, 4, 5]);
        assert_eq!((all.tables[0].parts.clone(), all.tables[0].width), (0..3, 5));
        // A hidden table's fields are at least as hidden.
        assert_eq!(
            layout_of(Team).parts.iter().map(columns).collect::<Vec<_>>(),
            [vec![0, 2, 3], vec![1, 4]]
        );
        assert_eq!(layout_of(Owner).parts.len(), 1);
        // The base exists even if the audience of all sees no field.
        let hidden = layout(table(false, false, All, vec![field("a", Owner)])).unwrap();
        assert_eq!(hidden.parts.iter().map(columns).collect::<Vec<_>>(), [vec![], vec![0]]);
        assert_eq!(hidden.parts_of(AreaClass::PUBLIC), [0]);
    }

    #[test]
    fn parts_take_and_put_their_columns() {
        let fields = vec![field("a", Audience::All), field("b", Audience::Owner), field("c", Audience::All)];
        let layout = layout(table(false, true, Audience::All, fields)).unwrap();
        let mut row = [0; 2];
        layout.parts[0].take(&[1, 2, 3], &mut row);
        assert_eq!(row, [1, 3]);
        let mut whole = [0; 3];
        layout.parts[0].put(&row, &mut whole);
        layout.parts[1].put(&[2], &mut whole);
        assert_eq!(whole, [1, 2, 3]);
    }

    #[test]
    fn a_velocity_is_another_field_of_the_same_kind_and_audience() {
        use Audience::{All, Team};
        let range = ValueRange::new(0.0, 1.0, 0.5);
        let (float, vector) = (FieldKind::Float(range), FieldKind::Vec2([range; 2]));
        let fields = |shown: &FieldKind, velocity: &FieldKind, index, audience| {
            let field = |kind: &FieldKind| Field::new("f", kind.clone(), Predict::Last);
            vec![
                field(shown).interpolated(Interpolate::Hermite(index)),
                field(velocity).for_audience(audience),
            ]
        };
        let of = |base, fields| layout(table(false, false, base, fields)).map(|layout| layout.parts.len());
        assert_eq!(of(All, fields(&float, &float, 1, All)), Ok(1));
        assert_eq!(of(All, fields(&vector, &vector, 1, All)), Ok(1));
        assert_eq!(of(Team, fields(&float, &float, 1, Team)), Ok(1), "the table's audience is smaller");
        for (base, bad) in [
            (All, fields(&float, &vector, 1, All)),
            (All, fields(&FieldKind::Bool, &FieldKind::Bool, 1, All)),
            (All, fields(&float, &float, 0, All)),
            (All, fields(&float, &float, 2, All)),
            (All, fields(&float, &float, 1, Team)),
        ] {
            assert_eq!(of(base, bad), Err(SchemaError::BadVelocity("f".into())));
        }
        let input = InputSchema { fields: fields(&float, &float, 9, All).into(), neutral: vec![0; 2] };
        let schema = Schema { tables: Vec::new().into(), input, messages: MessageSchema::default() };
        assert_eq!(Layout::new(&schema).err(), Some(SchemaError::BadVelocity("f".into())));
    }

    #[test]
    fn a_single_is_public() {
        let shown = || vec![field("a", Audience::All)];
        assert!(layout(table(true, false, Audience::All, shown())).unwrap().is_public());
        for hidden in [
            table(true, true, Audience::All, shown()),
            table(true, false, Audience::Team, shown()),
            table(true, false, Audience::All, vec![field("a", Audience::Owner)]),
        ] {
            assert_eq!(layout(hidden), Err(SchemaError::HiddenSingle("t".into())));
        }
    }
}
