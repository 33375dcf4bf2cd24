//! Values inside fields: any schema of nested kinds, any changes of them, and bytes that are damaged.

use drumline_shared::Mirror;
use drumline_shared::codec::block::{BlockContent, BlockReader, BlockWriter, EncodedBlock};
use drumline_shared::codec::delta::Baseline;
use drumline_shared::error::DecodeError;
use drumline_shared::frame::{AreaFrame, EntityId, Frame};
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::limits::MAX_FRAME_COLUMNS;
use drumline_shared::quantize::{Angle, IntRange, Range, SmallestThree, quantize_text};
use drumline_shared::recorder::Recorder;
use drumline_shared::schema::shape::MessageSchema;
use drumline_shared::schema::{
    Audience, Field, FieldKind, InputSchema, Nested, Predict, Schema, TableSchema, Variant,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

mod costs;
mod golden;

/// Deepest nesting of the random schemas.
const DEPTH: u32 = 3;

/// Names of fields and variants, so that no two of a value are the same.
const NAMES: [&str; 3] = ["first", "second", "third"];

fn field(kind: FieldKind, predict: Predict) -> Field {
    Field::new("f", kind, predict)
}

fn named(index: usize, field: Field) -> Field {
    Field { name: NAMES[index].into(), ..field }
}

/// A kind without values inside, and one of the ways in which it can be predicted.
fn leaf(rng: &mut Pcg32) -> Field {
    let axis = Range::new(0.0, 100.0, 0.25);
    let kinds = [
        FieldKind::Float(axis),
        FieldKind::Angle(Angle::new(8)),
        FieldKind::Vec2([axis; 2]),
        FieldKind::Vec3([axis; 3]),
        FieldKind::Quat(SmallestThree::new(7)),
        FieldKind::Int(IntRange::new(-3, 200)),
        FieldKind::Int(IntRange::new(0, i128::from(u64::MAX))),
        FieldKind::Bool,
        FieldKind::Enum(vec!["A".into(), "B".into(), "C".into()].into()),
        FieldKind::Text(6),
        FieldKind::Player,
        FieldKind::Entity("a".into()),
    ];
    let kind = kinds[rng.random_range(0..kinds.len())].clone();
    let movable = !matches!(
        kind,
        FieldKind::Bool | FieldKind::Enum(_) | FieldKind::Text(_) | FieldKind::Player | FieldKind::Entity(_)
    );
    field(kind, if movable && rng.random() { Predict::Linear } else { Predict::Last })
}

/// Any kind of at most this depth, of a few columns.
fn any_field(rng: &mut Pcg32, depth: u32) -> Field {
    if depth == 0 {
        return leaf(rng);
    }
    let item = |rng: &mut Pcg32| Nested::from(vec![any_field(rng, depth - 1)]);
    let fields = |rng: &mut Pcg32, least| -> Nested {
        let count = rng.random_range(least..=2);
        (0..count).map(|index| named(index, any_field(rng, depth - 1))).collect::<Vec<_>>().into()
    };
    let kind = match rng.random_range(0..6) {
        0 => FieldKind::Option(item(rng)),
        1 => FieldKind::Struct(fields(rng, 1)),
        2 => FieldKind::Array(rng.random_range(1..=3), item(rng)),
        3 => FieldKind::List(rng.random_range(1..=5), item(rng)),
        4 => {
            let count = rng.random_range(2..=3);
            let variant = |index: usize| Variant { name: NAMES[index].into(), fields: fields(rng, 0) };
            FieldKind::Variants((0..count).map(variant).collect::<Vec<_>>().into())
        }
        _ => return leaf(rng),
    };
    field(kind, Predict::Last)
}

/// A world of one table, a row of which is within the limit of columns.
fn any_schema(rng: &mut Pcg32) -> Schema {
    loop {
        let count = rng.random_range(1..=3);
        let fields: Vec<_> = (0..count).map(|index| named(index, any_field(rng, DEPTH))).collect();
        if fields.iter().map(Field::width).sum::<usize>() <= 400 {
            return schema(fields);
        }
    }
}

fn schema(fields: Vec<Field>) -> Schema {
    let table = TableSchema {
        name: "a".into(),
        single: false,
        placed: false,
        audience: Audience::All,
        fields: fields.into(),
    };
    Schema { tables: vec![table].into(), input: InputSchema::default(), messages: MessageSchema::default() }
}

/// Changes a value in place, as games do: numbers move on, items come and go. `columns` is a value of the kind.
fn change(kind: &FieldKind, columns: &mut [u32], rng: &mut Pcg32) {
    match kind {
        FieldKind::Struct(fields) => change_some(fields, columns, rng),
        FieldKind::Array(_, item) => {
            columns.chunks_mut(item.width()).for_each(|columns| change_maybe(&item[0], columns, rng));
        }
        FieldKind::Option(item) => {
            if rng.random_ratio(1, 3) {
                columns[0] ^= 1;
                columns[1..].fill(0);
            }
            if columns[0] == 1 {
                change(&item[0].kind, &mut columns[1..], rng);
            }
        }
        FieldKind::Variants(variants) => {
            if rng.random_ratio(1, 3) {
                columns[0] = rng.random_range(0..variants.len() as u32);
                columns[1..].fill(0);
            }
            let index = columns[0] as usize;
            let start = 1 + variants[..index].iter().map(|variant| variant.fields.width()).sum::<usize>();
            let fields = &variants[index].fields;
            change_some(fields, &mut columns[start..start + fields.width()], rng);
        }
        FieldKind::List(max_len, item) => change_list(*max_len, &item[0], columns, rng),
        _ => change_leaf(kind, columns, rng),
    }
}

fn change_some(fields: &[Field], columns: &mut [u32], rng: &mut Pcg32) {
    let mut rest = columns;
    for field in fields {
        let (columns, after) = rest.split_at_mut(field.width());
        change_maybe(field, columns, rng);
        rest = after;
    }
}

fn change_maybe(field: &Field, columns: &mut [u32], rng: &mut Pcg32) {
    if rng.random_ratio(1, 2) {
        change(&field.kind, columns, rng);
    }
}

/// Pushes, inserts, removes, swaps, clears and changes items.
fn change_list(max_len: u16, item: &Field, columns: &mut [u32], rng: &mut Pcg32) {
    let width = item.width();
    let (len, items) = columns.split_first_mut().expect("a list has a length");
    let mut list: Vec<Vec<u32>> = items.chunks(width).take(*len as usize).map(<[u32]>::to_vec).collect();
    let at = if list.is_empty() { 0 } else { rng.random_range(0..list.len()) };
    // More come than go, so that lists are long enough for items to move.
    match rng.random_range(0..14) {
        0..=3 if list.len() < usize::from(max_len) => list.push(vec![0; width]),
        4..=6 if list.len() < usize::from(max_len) => list.insert(at, vec![0; width]),
        7 | 8 if !list.is_empty() => drop(list.remove(at)),
        9 if !list.is_empty() => list.swap(0, at),
        10 => list.clear(),
        _ => {}
    }
    // Most stay as they are, so that an item is found again where it has moved to.
    for columns in &mut list {
        if rng.random_ratio(1, 4) {
            change(&item.kind, columns, rng);
        }
    }
    *len = list.len() as u32;
    items.fill(0);
    items[..list.len() * width].copy_from_slice(&list.concat());
}

fn change_leaf(kind: &FieldKind, columns: &mut [u32], rng: &mut Pcg32) {
    if let FieldKind::Text(max_bytes) = kind {
        let text: String =
            (0..rng.random_range(0..=*max_bytes)).map(|_| rng.random_range('a'..='z')).collect();
        quantize_text(&text, *max_bytes as usize, columns);
        return;
    }
    for (column, max) in columns.iter_mut().zip(maxima(kind)) {
        *column = match rng.random_range(0..3) {
            0 => column.saturating_add(2).min(max),
            1 => column.saturating_sub(1),
            _ => rng.random_range(0..=max),
        };
    }
    if matches!(kind, FieldKind::Entity(_)) && columns[0] == 0 {
        columns[1] = 0;
    }
}

/// The greatest value of each column of a leaf.
fn maxima(kind: &FieldKind) -> Vec<u32> {
    let layout = Layout::new(&schema(vec![field(kind.clone(), Predict::Last)])).unwrap();
    layout.parts[0].row.columns.iter().map(|column| column.max).collect()
}

/// A world of a schema, and its changes from tick to tick.
struct World {
    schema: Schema,
    layout: Layout,
    fields: Vec<Field>,
    rows: Vec<(EntityId, Vec<u32>)>,
    rng: Pcg32,
}

impl World {
    fn new(seed: u64) -> Self {
        Self::of(any_schema(&mut Pcg32::seed_from_u64(seed)), seed)
    }

    fn of(schema: Schema, seed: u64) -> Self {
        let layout = Layout::new(&schema).unwrap();
        let fields = schema.tables[0].fields.to_vec();
        Self { schema, layout, fields, rows: Vec::new(), rng: Pcg32::seed_from_u64(seed) }
    }

    fn frame(&mut self, tick: u32) -> Frame {
        let rng = &mut self.rng;
        let width = self.layout.tables[0].width;
        if self.rows.len() < 4 && rng.random_ratio(1, 3) {
            let slot = self.rows.last().map_or(0, |(id, _)| id.slot + rng.random_range(1..3));
            self.rows.push((EntityId { slot, generation: tick }, vec![0; width]));
        }
        if !self.rows.is_empty() && rng.random_ratio(1, 9) {
            self.rows.remove(rng.random_range(0..self.rows.len()));
        }
        // Some rest, so that motion begins and ends.
        for (_, row) in &mut self.rows {
            if rng.random_ratio(2, 3) {
                change_some(&self.fields, row, rng);
            }
        }
        let mut frame = Frame::empty(&self.layout);
        frame.tick = tick;
        for (id, row) in &self.rows {
            frame.table_mut(0).push(*id).copy_from_slice(row);
        }
        frame
    }

    fn frames(&mut self, count: u32) -> Vec<Frame> {
        (1..=count).map(|tick| self.frame(tick)).collect()
    }
}

fn baseline<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Baseline<'a> {
    let mut frames = frames.into_iter().map(AreaFrame::whole);
    let frame = frames.next().expect("there is a newest one");
    let (older, oldest) = (frames.next(), frames.next());
    Baseline { frame, older, oldest }
}

fn encode(layout: &Layout, baseline: Baseline, frame: &Frame) -> Vec<u8> {
    let area = AreaFrame::whole(frame);
    let content =
        BlockContent { class: AreaClass::PUBLIC, baseline: Some(baseline), area, hash: None, weight: 0 };
    BlockWriter::new(layout).write(layout, content).unwrap_or_default().to_vec()
}

fn decode(layout: &Layout, baseline: Baseline, block: &[u8]) -> Result<Frame, DecodeError> {
    let mut frame = Frame::empty(layout);
    let block =
        EncodedBlock { class: AreaClass::PUBLIC, baseline: Some(baseline), bytes: block, priors: None };
    BlockReader::new(layout).read(layout, block, &mut { MAX_FRAME_COLUMNS }, &mut frame)?;
    Ok(frame)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_mirror_follows_any_nested_world(seed in any::<u64>()) {
        let mut world = World::new(seed);
        let frames = world.frames(40);
        let mut recorder = Recorder::new(world.layout.clone());
        let mut mirror = Mirror::new(world.layout.clone(), 30);
        for frame in &frames {
            if world.rng.random_ratio(1, 4) {
                continue;
            }
            let applied = mirror.apply(&recorder.write(frame, true, None));
            prop_assert!(applied.is_ok(), "{:?}", applied);
            prop_assert_eq!(mirror.public(), frame);
        }
    }

    #[test]
    fn any_later_frame_is_reached_with_any_history(
        seed in any::<u64>(), from in 0usize..15, ahead in 1usize..10, history in 0usize..3,
    ) {
        let mut world = World::new(seed);
        let frames = world.frames(25);
        let baseline = baseline(frames[..=from].iter().rev().take(1 + history));
        let to = &frames[from + ahead];
        let mut back = decode(&world.layout, baseline, &encode(&world.layout, baseline, to)).unwrap();
        back.tick = to.tick;
        prop_assert_eq!(&back, to);
    }

    #[test]
    fn damaged_bytes_are_errors_or_valid_rows(
        seed in any::<u64>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut world = World::new(seed);
        let frames = world.frames(12);
        let baseline = baseline(frames[..11].iter().rev());
        let mut bytes = encode(&world.layout, baseline, &frames[11]);
        if !bytes.is_empty() {
            for (index, bit) in flips {
                let index = index.index(bytes.len());
                bytes[index] ^= 1 << bit;
            }
            if let Ok(frame) = decode(&world.layout, baseline, &bytes) {
                // A frame that was accepted is valid: it can be sent on.
                let again = encode(&world.layout, baseline, &frame);
                prop_assert_eq!(decode(&world.layout, baseline, &again), Ok(frame));
            }
            bytes.truncate(cut.index(bytes.len()));
            let _ = decode(&world.layout, baseline, &bytes);
        }
    }

    #[test]
    fn a_schema_survives_its_bytes(seed in any::<u64>()) {
        let schema = any_schema(&mut Pcg32::seed_from_u64(seed));
        let bytes = drumline_shared::encoding::encode(&schema);
        prop_assert_eq!(drumline_shared::encoding::decode::<Schema>(&bytes).unwrap(), schema);
    }
}

#[test]
fn a_schema_that_is_nested_too_deep_is_refused_before_the_stack_ends() {
    // Each level of an option costs a peer a few bytes.
    let mut deep = field(FieldKind::Bool, Predict::Last);
    for _ in 0..9 {
        deep = field(FieldKind::Option(vec![deep].into()), Predict::Last);
    }
    let bytes = drumline_shared::encoding::encode(&schema(vec![deep]));
    assert!(drumline_shared::encoding::decode::<Schema>(&bytes).is_err());
}

#[test]
fn a_schema_of_too_many_columns_is_refused_before_they_are_laid_out() {
    let mut wide = field(FieldKind::Bool, Predict::Last);
    for _ in 0..6 {
        wide = field(FieldKind::Array(u16::MAX, vec![wide].into()), Predict::Last);
    }
    assert!(Layout::new(&schema(vec![wide])).is_err());
}
