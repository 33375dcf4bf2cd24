//! Interpolation: the state of a struct between two ticks that are known.

use std::slice;

use crate::quantize::{Angle, Range, SmallestThree};
use crate::schema::{Field, FieldKind, Interpolate, Nested};

/// A time between two known rows of an entity.
#[derive(Debug, Clone, Copy)]
pub struct Between<'a> {
    /// The row before it.
    pub from: &'a [u32],
    /// The row after it.
    pub to: &'a [u32],
    /// The newest known row, for fields that are shown at once.
    pub newest: &'a [u32],
    /// How far the time is from the one row to the other, 0 to 1.
    pub part: f64,
    /// Ticks between the two rows.
    pub ticks: u32,
    /// Seconds between the two rows, for fields with a velocity.
    pub seconds: f64,
}

impl Between<'_> {
    /// The same time between some columns of the rows.
    fn of_columns(self, columns: std::ops::Range<usize>) -> Self {
        let Self { from, to, newest, .. } = self;
        let [from, to, newest] = [from, to, newest].map(|row| &row[columns.clone()]);
        Self { from, to, newest, ..self }
    }
}

/// A number that changes by more than its range divided by this, per tick, has leapt: the values between were never there.
const LEAP_PARTS: u64 = 16;

/// Fills `row` with the state at a time between two rows, each field as its [`Interpolate`] says. The result is quantized like
/// any row, so it is off by half a step at most; no type needs code of its own for it.
///
/// # Panics
/// If the rows are not those of the fields, or a field has a velocity that a [`Layout`](crate::layout::Layout) would have
/// refused.
pub fn interpolate(fields: &[Field], between: Between, row: &mut [u32]) {
    let Between { from, to, newest, part, ticks, .. } = between;
    let mut start = 0;
    for field in fields {
        let columns = start..start + field.width();
        let (earlier, later) = (&from[columns.clone()], &to[columns.clone()]);
        let row = &mut row[columns.clone()];
        match field.interpolate {
            Interpolate::Smooth | Interpolate::Hermite(_) if leaps(&field.kind, earlier, later, ticks) => {
                step(earlier, later, part, row);
            }
            Interpolate::Smooth if field.kind.nested().next().is_some() => {
                inside(&field.kind, between.of_columns(columns), row);
            }
            Interpolate::Smooth => smooth(&field.kind, earlier, later, part, row),
            Interpolate::Step => step(earlier, later, part, row),
            Interpolate::None => row.copy_from_slice(&newest[columns]),
            Interpolate::Hermite(velocity) => {
                let velocity = usize::from(velocity);
                let at: usize = fields[..velocity].iter().map(Field::width).sum();
                let scales = axes(&field.kind).iter().zip(axes(&fields[velocity].kind)).enumerate();
                for (axis, (scale, speed)) in scales {
                    let value = |columns: &[u32]| scale.dequantize(columns[start + axis]);
                    let change = |columns: &[u32]| speed.dequantize(columns[at + axis]) * between.seconds;
                    row[axis] =
                        scale.quantize(curve([value(from), value(to)], [change(from), change(to)], part));
                }
            }
        }
        start += field.width();
    }
}

/// Interpolates the values inside a field, each by its own rule. A list that has got another length, or an enum that has become
/// another variant, changes at once: its values are not those of the earlier one.
fn inside(kind: &FieldKind, between: Between, row: &mut [u32]) {
    let Between { from, to, newest, part, .. } = between;
    let items = |item: &Nested, first: usize, count: usize, between: Between, row: &mut [u32]| {
        for index in 0..count {
            let columns = first + index * item.width()..first + (index + 1) * item.width();
            interpolate(item, between.of_columns(columns.clone()), &mut row[columns]);
        }
    };
    match kind {
        FieldKind::Struct(fields) => return interpolate(fields, between, row),
        FieldKind::Array(length, item) => return items(item, 0, usize::from(*length), between, row),
        _ => {}
    }
    if from[0] != to[0] {
        return step(from, to, part, row);
    }
    row.fill(0);
    row[0] = to[0];
    let newest = if newest[0] == to[0] { newest } else { to };
    let between = Between { newest, ..between };
    match kind {
        FieldKind::List(_, item) | FieldKind::Option(item) => items(item, 1, to[0] as usize, between, row),
        FieldKind::Variants(variants) => {
            let variant = to[0] as usize;
            let start = 1 + variants[..variant].iter().map(|variant| variant.fields.width()).sum::<usize>();
            let fields = &variants[variant].fields;
            let columns = start..start + fields.width();
            interpolate(fields, between.of_columns(columns.clone()), &mut row[columns]);
        }
        _ => {}
    }
}

/// The axes of a float or a vector; other kinds have none.
fn axes(kind: &FieldKind) -> &[Range] {
    match kind {
        FieldKind::Float(range) => slice::from_ref(range),
        FieldKind::Vec2(axes) => axes,
        FieldKind::Vec3(axes) => axes,
        _ => &[],
    }
}

/// Returns true if a float or a vector has come too far, on any axis, to have moved through the values between.
fn leaps(kind: &FieldKind, from: &[u32], to: &[u32], ticks: u32) -> bool {
    axes(kind).iter().zip(from.iter().zip(to)).any(|(range, (from, to))| {
        u64::from(from.abs_diff(*to)) * LEAP_PARTS > u64::from(range.max_quantized()) * u64::from(ticks)
    })
}

fn step(from: &[u32], to: &[u32], part: f64, row: &mut [u32]) {
    row.copy_from_slice(if part < 1.0 { from } else { to });
}

fn smooth(kind: &FieldKind, from: &[u32], to: &[u32], part: f64, row: &mut [u32]) {
    match kind {
        FieldKind::Float(_) | FieldKind::Vec2(_) | FieldKind::Vec3(_) => {
            for ((column, &from), &to) in row.iter_mut().zip(from).zip(to) {
                let (from, to) = (i64::from(from), i64::from(to));
                *column = mix(from, to - from, part) as u32;
            }
        }
        FieldKind::Angle(angle) => row[0] = turned(*angle, from[0], to[0], part),
        FieldKind::Quat(codec) => row.copy_from_slice(&rotated(*codec, from, to, part)),
        _ => step(from, to, part, row),
    }
}

/// The nearest whole number. It must not be negative: then adding a half and cutting off is rounding.
fn mix(from: i64, change: i64, part: f64) -> i64 {
    (from as f64 + change as f64 * part + 0.5) as i64
}

/// The angle on the short way round.
fn turned(angle: Angle, from: u32, to: u32, part: f64) -> u32 {
    let whole = 1i64 << angle.bits;
    let (from, to) = (i64::from(from), i64::from(to));
    let turn = to - from;
    let turn = match turn {
        _ if turn > whole / 2 => turn - whole,
        _ if turn < -whole / 2 => turn + whole,
        _ => turn,
    };
    (mix(from + whole, turn, part) % whole) as u32
}

/// The rotation on the chord between two.
fn rotated(codec: SmallestThree, from: &[u32], to: &[u32], part: f64) -> [u32; 4] {
    let rotation = |columns: &[u32]| codec.dequantize([columns[0], columns[1], columns[2], columns[3]]);
    codec.quantize(rotation(from).lerp(rotation(to), part as f32))
}

/// The value on the cubic curve through two values that leaves the first and arrives at the second with these changes (Hermite).
fn curve([from, to]: [f64; 2], [leaving, arriving]: [f64; 2], part: f64) -> f64 {
    let left = 1.0 - part;
    let (near, far) = ((1.0 + 2.0 * part) * left * left, (1.0 + 2.0 * left) * part * part);
    near * from + part * left * left * leaving + far * to - part * part * left * arriving
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Replicate;
    use glam::{Quat, Vec2};
    use proptest::prelude::*;

    #[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
    enum Mood {
        #[default]
        Calm,
        Alert,
    }

    #[derive(Debug, Default, Replicate)]
    struct Thing {
        #[sync(range = 0.0..=100.0, step = 0.01)]
        level: f32,
        #[sync(angle, bits = 16)]
        heading: f32,
        #[sync(bits = 12)]
        rotation: Quat,
        #[sync(range = 0.0..=100.0, step = 0.01, velocity = velocity)]
        position: Vec2,
        #[sync(range = -50.0..=50.0, step = 0.01)]
        velocity: Vec2,
        #[sync(range = 0.0..=100.0, step = 0.01, interpolate = step)]
        shield: f32,
        #[sync(range = 0.0..=100.0, step = 0.01, interpolate = none)]
        own: f32,
        health: u8,
        mood: Mood,
        #[sync(skip)]
        secret: u8,
    }

    /// The thing between two, as if many ticks lay between them, so that nothing has leapt.
    fn at(part: f64, seconds: f64, rows: [&Thing; 3]) -> Thing {
        after(16, part, seconds, rows)
    }

    fn after(ticks: u32, part: f64, seconds: f64, rows: [&Thing; 3]) -> Thing {
        let [from, to, newest] = rows.map(|thing| {
            let mut row = vec![0; crate::schema::width(Thing::FIELDS)];
            thing.quantize(&mut row);
            row
        });
        let mut row = vec![0; from.len()];
        let between = Between { from: &from, to: &to, newest: &newest, part, ticks, seconds };
        interpolate(Thing::FIELDS, between, &mut row);
        Thing::dequantize(&row)
    }

    #[test]
    fn each_field_is_interpolated_as_declared() {
        let from = Thing {
            level: 10.0,
            heading: 6.2,
            rotation: Quat::from_rotation_y(0.4),
            shield: 10.0,
            health: 10,
            secret: 1,
            ..Thing::default()
        };
        let to = Thing {
            level: 50.0,
            heading: 0.1,
            // The same rotation as one of 0.8, with its sign turned.
            rotation: -Quat::from_rotation_y(0.8),
            shield: 50.0,
            own: 20.0,
            health: 50,
            mood: Mood::Alert,
            ..Thing::default()
        };
        let newest = Thing { own: 30.0, ..Thing::default() };
        let shown = at(0.25, 0.1, [&from, &to, &newest]);
        assert!((shown.level - 20.0).abs() < 0.01);
        assert!((shown.heading - 6.2458).abs() < 0.001, "{}", shown.heading);
        assert!((at(0.75, 0.1, [&from, &to, &newest]).heading - 0.0542).abs() < 0.001, "beyond a full turn");
        assert!((at(0.25, 0.1, [&to, &from, &newest]).heading - 0.0542).abs() < 0.001, "and back");
        assert!(shown.rotation.angle_between(Quat::from_rotation_y(0.5)) < 0.01);
        assert_eq!(
            (shown.shield, shown.own, shown.health, shown.mood, shown.secret),
            (10.0, 30.0, 10, Mood::Calm, 0)
        );
        let there = at(1.0, 0.1, [&from, &to, &newest]);
        assert_eq!((there.shield, there.health, there.mood), (50.0, 50, Mood::Alert));
    }

    #[test]
    fn a_field_with_a_velocity_follows_the_curve() {
        // A ball thrown up: a parabola is a cubic curve too.
        let ball = |time: f32| Thing {
            position: Vec2::new(10.0 * time, 40.0 * time - 20.0 * time * time),
            velocity: Vec2::new(10.0, 40.0 - 40.0 * time),
            ..Thing::default()
        };
        let (from, to) = (ball(0.5), ball(1.5));
        for part in [0.0, 0.1, 0.5, 0.9, 1.0] {
            let shown = at(part, 1.0, [&from, &to, &to]).position;
            let expected = ball(0.5 + part as f32).position;
            assert!(shown.distance(expected) < 0.02, "{part}: {shown} instead of {expected}");
        }
    }

    #[test]
    fn a_value_that_leaps_is_not_shown_between() {
        let from = Thing { level: 10.0, heading: 1.0, ..Thing::default() };
        let near = Thing { level: 16.25, heading: 2.0, position: Vec2::new(6.25, 0.0), ..Thing::default() };
        let far = Thing { level: 16.26, heading: 2.0, position: Vec2::new(0.0, 6.26), ..Thing::default() };
        let shown = after(1, 0.5, 0.0, [&from, &near, &near]);
        assert!((shown.level - 13.125).abs() < 0.01 && (shown.position.x - 3.125).abs() < 0.01, "{shown:?}");
        let shown = after(1, 0.5, 0.0, [&from, &far, &far]);
        assert!((shown.heading - 1.5).abs() < 0.001, "an angle never leaps");
        assert_eq!((shown.level, shown.position), (10.0, Vec2::ZERO));
        assert_eq!(after(1, 1.0, 0.0, [&from, &far, &far]).level, 16.26);
        let shown = after(2, 0.5, 0.0, [&from, &far, &far]);
        assert!(
            (shown.level - 13.13).abs() < 0.01,
            "in two ticks it can have moved through the values between"
        );
    }

    proptest! {
        #[test]
        fn the_state_between_any_two_rows_is_a_valid_row(
            [from, to, newest] in prop::array::uniform3(prop::collection::vec(any::<u32>(), 14)),
            part in 0.0f64..=1.0, ticks in 0u32..32, seconds in 0.0f64..2.0,
        ) {
            let mut columns = Vec::new();
            for field in Thing::FIELDS {
                field.kind.append_columns(&mut columns);
            }
            prop_assert_eq!(columns.len(), 14);
            let rows = [from, to, newest].map(|row| -> Vec<u32> {
                row.iter().zip(&columns).map(|(value, column)| value % (column.max + 1)).collect()
            });
            let [from, to, newest] = &rows;
            let mut row = vec![0; 14];
            interpolate(Thing::FIELDS, Between { from, to, newest, part, ticks, seconds }, &mut row);
            prop_assert!(row.iter().zip(&columns).all(|(value, column)| *value <= column.max), "{:?}", row);
        }
    }
}
