//! The checks of a received schema: its bytes come from a peer.

use crate::limits::{MAX_COLUMNS, MAX_CONTEXTS, MAX_LIST_LENGTH, MAX_TABLES, MAX_TEXT_BYTES};
use crate::quantize::Range;
use crate::schema::TableSchema;
use crate::schema::field::{Audience, Field, Interpolate, Nested};
use crate::schema::kind::FieldKind;
use crate::schema::shape::ShapeError;

/// A received schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// There are more tables than [`MAX_TABLES`].
    #[error("the schema has {0} tables; at most {MAX_TABLES} are allowed")]
    TooManyTables(usize),
    /// A struct has more columns than [`MAX_COLUMNS`].
    #[error("a struct of the schema has more than {MAX_COLUMNS} columns")]
    TooManyColumns,
    /// There are more contexts than [`MAX_CONTEXTS`]: all structs together have too many columns.
    #[error("the schema needs {0} contexts; at most {MAX_CONTEXTS} are allowed: replicate fewer fields")]
    TooManyContexts(u32),
    /// A field's parameters are impossible.
    #[error("field `{0}` of the schema has impossible parameters")]
    BadField(String),
    /// A field's velocity is not another field of the same kind and audience.
    #[error("the velocity of field `{0}` of the schema is not another field of its kind and audience")]
    BadVelocity(String),
    /// A single is in a place or for a smaller audience than all.
    #[error("single `{0}` of the schema is not for all: only tables have places and audiences")]
    HiddenSingle(String),
    /// The neutral row of the input is not a row of its fields.
    #[error("the neutral row of the schema's input is not a row of its fields")]
    BadNeutralInput,
    /// A table has a field that only an input can have.
    #[error("table `{0}` of the schema has a press: only an input can count presses")]
    PressInTable(String),
    /// A field refers to entities of a table that does not exist, or of a single.
    #[error("the schema has no table `{0}` of entities, which a field refers to")]
    NoSuchTable(String),
    /// The shapes of the game's messages are not valid.
    #[error(transparent)]
    BadMessages(#[from] ShapeError),
}

/// Refuses a field that no constructor of this crate would have made.
pub(crate) fn check_field(field: &Field) -> Result<(), SchemaError> {
    let bad = || SchemaError::BadField(field.name.clone().into_owned());
    let item_ok = |item: &Nested| item.len() == 1 && item.width() > 0;
    let ok = match &field.kind {
        FieldKind::Float(range) => range_ok(range),
        FieldKind::Vec2(axes) => axes.iter().all(range_ok),
        FieldKind::Vec3(axes) => axes.iter().all(range_ok),
        FieldKind::Angle(angle) => (1..=24).contains(&angle.bits),
        FieldKind::Quat(codec) => (2..=20).contains(&codec.bits),
        FieldKind::Int(range) => range.span > 0,
        FieldKind::Bool | FieldKind::Player | FieldKind::Entity(_) | FieldKind::Press => true,
        FieldKind::Enum(variants) => variants.len() >= 2,
        FieldKind::Text(max_bytes) => (1..=MAX_TEXT_BYTES).contains(&(*max_bytes as usize)),
        FieldKind::Option(item) => item_ok(item),
        FieldKind::Struct(fields) => fields.width() > 0,
        FieldKind::Array(length, item) => *length > 0 && item_ok(item),
        FieldKind::List(max_len, item) => {
            (1..=MAX_LIST_LENGTH).contains(&usize::from(*max_len)) && item_ok(item)
        }
        // In JavaScript the name of the variant is the property `type`.
        FieldKind::Variants(variants) => {
            let mut fields = variants.iter().flat_map(|variant| variant.fields.iter());
            variants.len() >= 2 && fields.all(|field| field.name != "type")
        }
    };
    if !ok {
        return Err(bad());
    }
    for fields in field.kind.nested() {
        if fields
            .iter()
            .any(|inner| inner.audience != Audience::All || matches!(inner.kind, FieldKind::Press))
        {
            return Err(bad());
        }
        fields.iter().try_for_each(check_field)?;
        check_velocities(fields, Audience::All)?;
    }
    Ok(())
}

fn range_ok(range: &Range) -> bool {
    let steps = (range.max - range.min) / range.step;
    range.min.is_finite()
        && range.step > 0.0
        && steps.is_finite()
        && steps >= 1.0
        && steps < f64::from(1u32 << 31)
}

/// Refuses velocities that a Hermite curve cannot use. A field is for the smaller of its own audience and `base`.
pub(crate) fn check_velocities(fields: &[Field], base: Audience) -> Result<(), SchemaError> {
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

/// Refuses tables with fields that do not fit them: presses, and references to tables that do not exist.
pub(crate) fn check_tables(tables: &[TableSchema]) -> Result<(), SchemaError> {
    let is_referable = |name: &str| tables.iter().any(|table| table.name == name && !table.single);
    for table in tables {
        if table.fields.iter().any(|field| field.kind == FieldKind::Press) {
            return Err(SchemaError::PressInTable(table.name.clone().into_owned()));
        }
        check_references(&table.fields, &is_referable)?;
    }
    Ok(())
}

/// Refuses references to tables that a predicate does not know.
pub(crate) fn check_references(
    fields: &[Field],
    is_referable: &impl Fn(&str) -> bool,
) -> Result<(), SchemaError> {
    for field in fields {
        match &field.kind {
            FieldKind::Entity(table) if !is_referable(table) => {
                return Err(SchemaError::NoSuchTable(table.clone().into_owned()));
            }
            kind => kind.nested().try_for_each(|fields| check_references(fields, is_referable))?,
        }
    }
    Ok(())
}
