//! Golden vectors of nested state, in `shared/vectors/nested.json`: the bytes that these sources write, and the rows that every
//! implementation must read from them.
//!
//! The test fails when the bytes change. If that is intended, write the file anew with `UPDATE_VECTORS=1`, and consider a new
//! `PROTOCOL_VERSION`.

use std::fmt::Write;
use std::path::Path;

use drumline_shared::encoding::encode;
use drumline_shared::frame::area_hash;
use drumline_shared::interpolate::{Between, interpolate};
use drumline_shared::schema::{InputSchema, Interpolate};
use serde_json::{Value, json};

use super::*;

/// Random worlds, and for the first of them also states between two of their rows.
const SEEDS: u64 = 200;
const SEEDS_BETWEEN: u64 = 150;
const FRAMES: u32 = 12;
/// Further worlds, of one long list each, and their frames.
const LISTS: u64 = 24;
const LIST_FRAMES: u32 = 40;

#[test]
fn the_committed_vectors_of_nested_state_are_what_these_sources_write() {
    let lists = (0..LISTS).map(|seed| world(&mut World::of(list_schema(), seed), LIST_FRAMES, None));
    let worlds = (0..SEEDS).map(|seed| world(&mut World::new(seed), FRAMES, None));
    let worlds: Vec<Value> = worlds.chain(lists).collect();
    let kinds: Vec<Value> = kinds().into_iter().map(kind).collect();
    let between: Vec<Value> = (0..SEEDS_BETWEEN).flat_map(between).collect();
    let section = |name, lines: Vec<Value>| {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        format!("\"{name}\": [\n{}\n]", lines.join(",\n"))
    };
    let sections = [section("kinds", kinds), section("worlds", worlds), section("between", between)];
    let document = format!("{{\n{}\n}}\n", sections.join(",\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/nested.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let differing = committed.lines().zip(document.lines()).position(|(old, new)| old != new);
    assert_eq!(differing, None, "the line of {} (from zero) that has changed", path.display());
    assert_eq!(committed.len(), document.len());
}

/// A field of every kind that has values inside it or is new with them, each in a world of its own.
fn kinds() -> Vec<(&'static str, FieldKind)> {
    let one = |name, kind| Field::new(name, kind, Predict::Last);
    let axis = Range::new(0.0, 100.0, 0.5);
    let power = || one("power", FieldKind::Int(IntRange::new(0, 9)));
    let place = || Field::new("place", FieldKind::Vec2([axis; 2]), Predict::Linear);
    let item = |kind: FieldKind| Nested::from(vec![one("", kind)]);
    let part = || FieldKind::Struct(vec![place(), power(), one("on", FieldKind::Bool)].into());
    let variant =
        |name: &'static str, fields: Vec<Field>| Variant { name: name.into(), fields: fields.into() };
    let weapon = || {
        let variants = vec![
            variant("None", vec![]),
            variant("Laser", vec![power()]),
            variant("Beam", vec![place(), one("turn", FieldKind::Quat(SmallestThree::new(9)))]),
        ];
        FieldKind::Variants(variants.into())
    };
    vec![
        ("player", FieldKind::Player),
        ("entity", FieldKind::Entity("a".into())),
        ("option", FieldKind::Option(item(place().kind))),
        ("struct", part()),
        ("array", FieldKind::Array(3, item(FieldKind::Float(axis)))),
        ("list", FieldKind::List(5, item(power().kind))),
        ("list of structs", FieldKind::List(4, item(part()))),
        ("variants", weapon()),
        ("option of an entity", FieldKind::Option(item(FieldKind::Entity("a".into())))),
        ("list of lists", FieldKind::List(3, item(FieldKind::List(3, item(FieldKind::Text(5)))))),
        ("array of options", FieldKind::Array(2, item(FieldKind::Option(item(weapon()))))),
    ]
}

/// A list of structs that have lists.
fn list_schema() -> Schema {
    let number = |name, predict| Field::new(name, FieldKind::Int(IntRange::new(0, 500)), predict);
    let item = |field: Field| Nested::from(vec![field]);
    let inner = FieldKind::List(4, item(number("", Predict::Last)));
    let fields = vec![number("first", Predict::Linear), Field::new("second", inner, Predict::Last)];
    let list = FieldKind::List(12, item(field(FieldKind::Struct(fields.into()), Predict::Last)));
    schema(vec![named(0, field(list, Predict::Last))])
}

fn kind((name, kind): (&str, FieldKind)) -> Value {
    let schema = schema(vec![Field::new("value", kind, Predict::Last)]);
    world(&mut World::of(schema, 1), FRAMES, Some(name))
}

/// The snapshots of a world, and the hash of each frame. A world with a name gets the rows too.
fn world(world: &mut World, frames: u32, name: Option<&str>) -> Value {
    let layout = world.layout.clone();
    let mut recorder = Recorder::new(layout.clone());
    let mut mirror = Mirror::new(layout.clone(), 30);
    let frames: Vec<Value> = world
        .frames(frames)
        .iter()
        .map(|frame| {
            let message = recorder.write(frame, frame.tick == 1 || frame.tick % 5 == 0, None);
            mirror.apply(&message).unwrap();
            assert_eq!(mirror.public(), frame);
            let hash = area_hash(&layout, AreaClass::PUBLIC, AreaFrame::whole(frame));
            let (hex, hash) = (hex(&message), format!("{hash:08x}"));
            let rows = || -> Value {
                frame.rows(0).iter().map(|(id, row)| json!([id.slot, id.generation, row])).collect()
            };
            if name.is_some() { json!([hex, hash, rows()]) } else { json!([hex, hash]) }
        })
        .collect();
    json!({ "name": name, "schema": hex(&encode(&world.schema)), "frames": frames })
}

/// States between rows of an entity of a random world, whose values are interpolated by random rules.
fn between(seed: u64) -> Vec<Value> {
    let mut world = World::new(seed);
    let frames = world.frames(40);
    let mut rng = Pcg32::seed_from_u64(seed);
    let fields = any_rules(&world.fields, &mut rng);
    let mut lines = Vec::new();
    for part in [0.0, 0.3, 0.5, 1.0] {
        let index = rng.random_range(0..frames.len() - 3);
        let [from, to, newest] = [0, 1, 3].map(|ahead| &frames[index + ahead]);
        let lasting = from
            .rows(0)
            .iter()
            .find_map(|(entity, row)| Some((row, to.rows(0).get(entity)?, newest.rows(0).get(entity)?)));
        let Some((from, to, newest)) = lasting else { continue };
        let mut row = vec![0; from.len()];
        // As if many ticks lay between the rows, so that most values have not leapt.
        let ticks = if part == 0.5 { 1 } else { 12 };
        let seconds = f64::from(ticks) / 30.0;
        interpolate(&fields, Between { from, to, newest, part, ticks, seconds }, &mut row);
        let mut schema = schema(fields.clone());
        schema.input = InputSchema::default();
        lines.push(json!({
            "schema": hex(&encode(&schema)), "ticks": ticks, "part": part,
            "from": from, "to": to, "newest": newest, "row": row,
        }));
    }
    lines
}

fn any_rules(fields: &[Field], rng: &mut Pcg32) -> Vec<Field> {
    let rule = |rng: &mut Pcg32| match rng.random_range(0..6) {
        0 => Interpolate::Step,
        1 => Interpolate::None,
        _ => Interpolate::Smooth,
    };
    let nested = |fields: &Nested, rng: &mut Pcg32| Nested::from(any_rules(fields, rng));
    let mut all = Vec::new();
    for field in fields {
        let kind = match &field.kind {
            FieldKind::Option(item) => FieldKind::Option(nested(item, rng)),
            FieldKind::Struct(fields) => FieldKind::Struct(nested(fields, rng)),
            FieldKind::Array(length, item) => FieldKind::Array(*length, nested(item, rng)),
            FieldKind::List(max_len, item) => FieldKind::List(*max_len, nested(item, rng)),
            FieldKind::Variants(variants) => {
                let variants = variants.iter().map(|variant| Variant {
                    name: variant.name.clone(),
                    fields: nested(&variant.fields, rng),
                });
                FieldKind::Variants(variants.collect::<Vec<_>>().into())
            }
            leaf => leaf.clone(),
        };
        all.push(Field { kind, interpolate: rule(rng), ..field.clone() });
    }
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
