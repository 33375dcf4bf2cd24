//! The types of fields of tables and inputs.

use drumline_shared::quantize::IntRange;
use drumline_shared::schema::{FieldKind, Nested, Variant};

use super::text::{list, object, or_null, property, string, union};

/// The greatest whole number up to which JavaScript has all.
const MAX_SAFE_INTEGER: i128 = (1 << 53) - 1;

/// The type of a field's values.
pub(super) fn field_type(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Float(_) | FieldKind::Angle(_) | FieldKind::Player | FieldKind::Press => {
            "number".to_owned()
        }
        FieldKind::Int(range) => if is_exact(range) { "number" } else { "bigint" }.to_owned(),
        FieldKind::Bool => "boolean".to_owned(),
        FieldKind::Text(_) => "string".to_owned(),
        FieldKind::Enum(variants) => union(&variants.iter().map(|name| string(name)).collect::<Vec<_>>()),
        FieldKind::Vec2(_) => "{ x: number; y: number }".to_owned(),
        FieldKind::Vec3(_) => "{ x: number; y: number; z: number }".to_owned(),
        FieldKind::Quat(_) => "{ x: number; y: number; z: number; w: number }".to_owned(),
        FieldKind::Entity(_) => "number | null".to_owned(),
        FieldKind::Option(item) => or_null(&item_type(item)),
        FieldKind::Struct(fields) => object(&members(fields)),
        FieldKind::Array(_, item) | FieldKind::List(_, item) => list(&item_type(item)),
        FieldKind::Variants(variants) => union(&variants.iter().map(variant_type).collect::<Vec<_>>()),
    }
}

fn item_type(item: &Nested) -> String {
    item.first().map_or_else(|| "never".to_owned(), |item| field_type(&item.kind))
}

fn variant_type(variant: &Variant) -> String {
    let mut all = vec![format!("type: {}", string(&variant.name))];
    all.extend(members(&variant.fields));
    object(&all)
}

fn members(fields: &Nested) -> Vec<String> {
    fields.iter().map(|field| format!("{}: {}", property(&field.name), field_type(&field.kind))).collect()
}

/// Returns true if all values are exact as numbers.
fn is_exact(range: &IntRange) -> bool {
    let (min, max) = (i128::from(range.min), i128::from(range.min) + i128::from(range.span));
    !range.is_wide() && min >= -MAX_SAFE_INTEGER && max <= MAX_SAFE_INTEGER
}
