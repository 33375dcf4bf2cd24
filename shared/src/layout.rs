//! A schema flattened for the codec: parts, their rows' columns, and the contexts that their changes are coded in.
//!
//! A *part* is what one audience may see of a table. The first part of a table, its base, says which entities there are;
//! another has further fields of some of them. A world in which all see everything has one part for each table.

use std::ops::Range;
use std::sync::Arc;

use crate::contexts::TableContexts;
use crate::defaults::default_priors;
use crate::limits::{MAX_COLUMNS, MAX_CONTEXTS, MAX_TABLES, MAX_TEXT_BYTES};
use crate::priors::Prior;
use crate::quantize::{Range as ValueRange, SmallestThree};
use crate::schema::{Audience, Field, FieldKind, Interpolate, Predict, Schema, SchemaError, TableSchema};

/// How a field's changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As signed differences from what was predicted, each column on its own.
    Number,
    /// As a rotation: the differences depend on which component is the largest.
    Rotation(SmallestThree),
    /// As choices among the values that the columns did not have: right for flags, variants and text.
    Choice,
}

/// One quantized integer of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The greatest value it may have.
    pub max: u32,
    /// Whether the value after the greatest is 0 again.
    pub wraps: bool,
}

impl Column {
    /// Bits of the widest value.
    #[inline]
    #[must_use]
    pub fn bits(&self) -> u32 {
        32 - self.max.leading_zeros()
    }

    /// Bits to choose one of the values when one of them is already ruled out.
    #[inline]
    #[must_use]
    pub fn choice_bits(&self) -> u32 {
        32 - (self.max - 1).leading_zeros()
    }
}

/// One field, flattened for the codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLayout {
    /// Its first column in the row.
    pub start: usize,
    /// Its number of columns.
    pub width: usize,
    /// How its changes are written.
    pub coding: Coding,
    /// What it is expected to be.
    pub predict: Predict,
}

impl FieldLayout {
    /// The field's columns in the row.
    #[inline]
    #[must_use]
    pub fn columns(&self) -> Range<usize> {
        self.start..self.start + self.width
    }
}

/// The columns of one struct, and which of them belong to which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLayout {
    /// All columns in order.
    pub columns: Vec<Column>,
    /// All fields in order.
    pub fields: Vec<FieldLayout>,
}

impl RowLayout {
    /// The layout of a list of fields.
    ///
    /// # Errors
    /// [`SchemaError`] if the fields are outside the limits.
    pub fn new<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Result<Self, SchemaError> {
        let mut row = Self { columns: Vec::new(), fields: Vec::new() };
        for field in fields {
            check_field(field)?;
            row.fields.push(FieldLayout {
                start: row.columns.len(),
                width: field.width(),
                coding: field.coding(),
                predict: field.predict,
            });
            row.columns.extend(field.columns());
            if row.columns.len() > MAX_COLUMNS {
                return Err(SchemaError::TooManyColumns);
            }
        }
        Ok(row)
    }
}

/// Refuses what no constructor of this crate would have made: a received schema is bytes from a peer.
fn check_field(field: &Field) -> Result<(), SchemaError> {
    let range_ok = |range: &ValueRange| {
        let steps = (range.max - range.min) / range.step;
        range.min.is_finite()
            && range.step > 0.0
            && steps.is_finite()
            && steps >= 1.0
            && steps < f64::from(1u32 << 31)
    };
    let ok = match &field.kind {
        FieldKind::Float(range) => range_ok(range),
        FieldKind::Vec2(axes) => axes.iter().all(range_ok),
        FieldKind::Vec3(axes) => axes.iter().all(range_ok),
        FieldKind::Angle(angle) => (1..=24).contains(&angle.bits),
        FieldKind::Quat(codec) => (2..=20).contains(&codec.bits),
        FieldKind::Int(range) => range.span > 0,
        FieldKind::Bool => true,
        FieldKind::Enum(variants) => variants.len() >= 2,
        FieldKind::Text(max_bytes) => (1..=MAX_TEXT_BYTES).contains(&(*max_bytes as usize)),
    };
    if ok { Ok(()) } else { Err(SchemaError::BadField(field.name.clone().into_owned())) }
}

/// Refuses a velocity that its field's curve cannot use. A field is for the smaller of its own audience and `base`.
fn check_velocities(fields: &[Field], base: Audience) -> Result<(), SchemaError> {
    use FieldKind::{Float, Vec2, Vec3};
    for (index, field) in fields.iter().enumerate() {
        let Interpolate::Hermite(velocity) = field.interpolate else { continue };
        let ok = fields.get(usize::from(velocity)).is_some_and(|other| {
            usize::from(velocity) != index
                && matches!(
                    (&field.kind, &other.kind),
                    (Float(_), Float(_)) | (Vec2(_), Vec2(_)) | (Vec3(_), Vec3(_))
                )
                && field.audience.max(base) == other.audience.max(base)
        });
        if !ok {
            return Err(SchemaError::BadVelocity(field.name.clone().into_owned()));
        }
    }
    Ok(())
}

/// What an area's rows have in common: whether they are in a place, and who may see them. Each part lives in the areas of one
/// class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaClass(u8);

impl AreaClass {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// The class of what all see everywhere. There is one area of it, and everyone sees it.
    pub const PUBLIC: Self = Self(0);

    /// The class of what is or is not in a place, for an audience.
    #[must_use]
    pub const fn new(placed: bool, audience: Audience) -> Self {
        Self(audience as u8 + 3 * placed as u8)
    }

    /// The class of a number on the wire.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < Self::COUNT).then_some(Self(number))
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// Whether its areas are in places.
    #[must_use]
    pub fn placed(self) -> bool {
        self.0 >= 3
    }

    /// Who may see its areas.
    #[must_use]
    pub fn audience(self) -> Audience {
        Audience::EACH[usize::from(self.0 % 3)]
    }
}

/// One part, flattened for the codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLayout {
    /// The table that it is of.
    pub table: usize,
    /// The class of the areas that its rows live in.
    pub class: AreaClass,
    /// Whether it has exactly one row.
    pub single: bool,
    /// The columns of a row.
    pub row: RowLayout,
    /// Where these columns are in a row of the whole table, in order.
    pub columns: Vec<Range<usize>>,
    /// The contexts that its symbols are coded in.
    pub contexts: TableContexts,
}

impl PartLayout {
    /// Takes the part's columns out of a row of the whole table.
    pub fn take(&self, whole: &[u32], row: &mut [u32]) {
        let mut at = 0;
        for columns in &self.columns {
            row[at..at + columns.len()].copy_from_slice(&whole[columns.clone()]);
            at += columns.len();
        }
    }

    /// Puts the part's columns into a row of the whole table.
    pub fn put(&self, row: &[u32], whole: &mut [u32]) {
        let mut at = 0;
        for columns in &self.columns {
            whole[columns.clone()].copy_from_slice(&row[at..at + columns.len()]);
            at += columns.len();
        }
    }
}

/// One table: its parts, and how wide a row of all of them is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLayout {
    /// Its parts; the first is its base.
    pub parts: Range<usize>,
    /// Columns of a whole row.
    pub width: usize,
    /// Whether it has exactly one row.
    pub single: bool,
}

/// A schema's tables, flattened for the codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The parts of all tables, in order.
    pub parts: Vec<PartLayout>,
    /// The tables in order.
    pub tables: Vec<TableLayout>,
    /// Contexts of all parts together.
    pub contexts: usize,
    /// Each context's default prior.
    pub default_priors: Arc<[Prior]>,
    /// The parts of each class.
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
        check_velocities(&schema.input, Audience::All)?;
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
        // All of its columns first: their number is bounded for the parts together.
        let whole = RowLayout::new(&*table.fields)?;
        let first = self.parts.len();
        let audience_of = |field: &Field| field.audience.max(table.audience);
        for audience in Audience::EACH {
            let theirs = || table.fields.iter().filter(|field| audience_of(field) == audience);
            if audience != table.audience && theirs().next().is_none() {
                continue;
            }
            let class = AreaClass::new(table.placed, audience);
            if table.single && class != AreaClass::PUBLIC {
                return Err(SchemaError::HiddenSingle(table.name.clone().into_owned()));
            }
            let row = RowLayout::new(theirs())?;
            let fields = whole.fields.iter().zip(&*table.fields);
            let theirs = fields.filter(|(_, field)| audience_of(field) == audience);
            self.parts.push(PartLayout {
                table: self.tables.len(),
                class,
                single: table.single,
                columns: theirs.map(|(field, _)| field.columns()).collect(),
                contexts: TableContexts::number_from(&row, contexts),
                row,
            });
        }
        let parts = first..self.parts.len();
        self.tables.push(TableLayout { parts, width: whole.columns.len(), single: table.single });
        Ok(())
    }

    /// The parts whose rows live in areas of a class, in order.
    #[must_use]
    pub fn parts_of(&self, class: AreaClass) -> &[usize] {
        &self.classes[usize::from(class.number())]
    }

    /// Whether all of the world is in the public area; its parts are then its tables.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.parts_of(AreaClass::PUBLIC).len() == self.parts.len()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::shape::Messages;

    fn field(name: &'static str, audience: Audience) -> Field {
        Field::new(name, FieldKind::Bool, Predict::Last).only_for(audience)
    }

    fn table(single: bool, placed: bool, audience: Audience, fields: Vec<Field>) -> TableSchema {
        TableSchema { name: Cow::Borrowed("t"), single, placed, audience, fields: fields.into() }
    }

    fn layout(table: TableSchema) -> Result<Layout, SchemaError> {
        Layout::new(&Schema {
            tables: vec![table].into(),
            input: Vec::new().into(),
            messages: Messages::default(),
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
        // The base is there even if all can see nothing but it.
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
            vec![field(shown).shown(Interpolate::Hermite(index)), field(velocity).only_for(audience)]
        };
        let of = |base, fields| layout(table(false, false, base, fields)).map(|layout| layout.parts.len());
        assert_eq!(of(All, fields(&float, &float, 1, All)), Ok(1));
        assert_eq!(of(All, fields(&vector, &vector, 1, All)), Ok(1));
        assert_eq!(
            of(Team, fields(&float, &float, 1, Team)),
            Ok(1),
            "what the table hides is for its team in any case"
        );
        for (base, bad) in [
            (All, fields(&float, &vector, 1, All)),
            (All, fields(&FieldKind::Bool, &FieldKind::Bool, 1, All)),
            (All, fields(&float, &float, 0, All)),
            (All, fields(&float, &float, 2, All)),
            (All, fields(&float, &float, 1, Team)),
        ] {
            assert_eq!(of(base, bad), Err(SchemaError::BadVelocity("f".into())));
        }
        let input = fields(&float, &float, 9, All).into();
        let schema = Schema { tables: Vec::new().into(), input, messages: Messages::default() };
        assert_eq!(Layout::new(&schema).err(), Some(SchemaError::BadVelocity("f".into())));
    }

    #[test]
    fn a_single_hides_nothing() {
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
