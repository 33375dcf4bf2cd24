//! Deltas lead from any frame to any later one, have exact sizes, and never trust their bytes.

use crate::kitchen::{Chaos, Kitchen, capture, layout, schema};
use drumline_shared::codec::block::{BlockContent, BlockReader, BlockWriter, EncodedBlock};
use drumline_shared::codec::delta::Baseline;
use drumline_shared::error::DecodeError;
use drumline_shared::frame::area_hash;
use drumline_shared::frame::{AreaFrame, EntityId, Frame};
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::limits::MAX_FRAME_COLUMNS;
use drumline_shared::mirror::MirrorError;
use drumline_shared::recorder::Recorder;
use drumline_shared::schema::shape::MessageSchema;
use drumline_shared::schema::{InputSchema, Schema};
use drumline_shared::wire::snapshot::{AreaUpdate, PREFIX_BYTES, Snapshot};
use drumline_shared::world::ClampedValues;
use drumline_shared::{Entity, Mirror, Replicate, Table, World};
use proptest::prelude::*;

/// The frames of a history, the newest first.
fn baseline<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Baseline<'a> {
    let mut frames = frames.into_iter().map(AreaFrame::whole);
    let frame = frames.next().expect("there is a newest one");
    let (older, oldest) = (frames.next(), frames.next());
    Baseline { frame, older, oldest }
}

fn hash_of(layout: &Layout, frame: &Frame) -> u32 {
    area_hash(layout, AreaClass::PUBLIC, AreaFrame::whole(frame))
}

/// A block of a public world in which nothing has been learned.
fn encode(layout: &Layout, baseline: Baseline, frame: &Frame) -> Vec<u8> {
    let area = AreaFrame::whole(frame);
    let content =
        BlockContent { class: AreaClass::PUBLIC, baseline: Some(baseline), area, hash: None, weight: 0 };
    let mut writer = BlockWriter::new(layout);
    writer.write(layout, content).unwrap_or_default().to_vec()
}

fn decode(layout: &Layout, baseline: Baseline, block: &[u8]) -> Result<Frame, DecodeError> {
    let mut frame = Frame::empty(layout);
    let mut left = MAX_FRAME_COLUMNS;
    let class = AreaClass::PUBLIC;
    let mut reader = BlockReader::new(layout);
    let block = EncodedBlock { class, baseline: Some(baseline), bytes: block, priors: None };
    reader.read(layout, block, &mut left, &mut frame)?;
    Ok(frame)
}

fn history_of(seed: u64, ticks: u32) -> Vec<Frame> {
    let mut chaos = Chaos::new(seed);
    let mut world = Kitchen::default();
    (1..=ticks)
        .map(|tick| {
            chaos.step(&mut world);
            capture(&world, tick)
        })
        .collect()
}

proptest! {
    #[test]
    fn any_later_frame_is_reached_with_any_history(
        seed in any::<u64>(), from in 0usize..29, ahead in 1usize..30, history in 0usize..3,
    ) {
        let frames = history_of(seed, 30);
        let layout = layout();
        let to = (from + ahead).min(29);
        let baseline = baseline(frames[..=from].iter().rev().take(1 + history));
        let bytes = encode(&layout, baseline, &frames[to]);
        let mut back = decode(&layout, baseline, &bytes).unwrap();
        back.tick = frames[to].tick;
        prop_assert_eq!(hash_of(&layout, &back), hash_of(&layout, &frames[to]));
        prop_assert_eq!(&back, &frames[to]);
    }

    #[test]
    fn corrupt_bytes_never_panic(
        seed in any::<u64>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let frames = history_of(seed, 4);
        let layout = layout();
        let baseline = baseline(frames[..3].iter().rev());
        let mut bytes = encode(&layout, baseline, &frames[3]);
        for (index, bit) in flips {
            let index = index.index(bytes.len());
            bytes[index] ^= 1 << bit;
        }
        if let Ok(frame) = decode(&layout, baseline, &bytes) {
            // A frame that was accepted is valid: it can be sent on.
            let again = encode(&layout, baseline, &frame);
            prop_assert_eq!(decode(&layout, baseline, &again), Ok(frame));
        }
        bytes.truncate(cut.index(bytes.len()));
        let _ = decode(&layout, baseline, &bytes);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), head in 0u8..64) {
        let mut message = vec![head, 0, 0];
        message.extend(&bytes);
        let mut mirror = Mirror::new(layout(), 30);
        let frames = history_of(1, 1);
        let keyframe = Recorder::new(layout()).write(&frames[0], false, None);
        prop_assert!(mirror.apply(&keyframe).is_ok());
        if mirror.apply(&message).is_err() {
            prop_assert_eq!(mirror.public(), &frames[0]);
            prop_assert_eq!(mirror.tick(), 1);
        }
    }
}

#[test]
fn a_mirror_follows_keyframe_deltas_and_skips() {
    let layout = layout();
    let frames = history_of(5, 60);
    let mut mirror = Mirror::new(layout.clone(), 30);
    let mut recorder = Recorder::new(layout.clone());
    recorder.write(&frames[0], false, None);
    let early = recorder.write(&frames[1], false, None);
    assert_eq!(mirror.apply(&early), Err(MirrorError::Decode(DecodeError::NoBaseline)));
    recorder.restart();
    for next in [0, 1, 2, 3, 4, 7, 10, 13, 20, 21, 22, 23, 29, 59] {
        let message = recorder.write(&frames[next], true, None);
        let applied = mirror.apply(&message).unwrap();
        assert_eq!((applied.tick, applied.hashes_checked), (frames[next].tick, 1));
        assert_eq!((applied.tick, applied.keyframe), (mirror.tick(), next == 0));
        assert_eq!(mirror.public(), &frames[next]);
    }
}

#[test]
fn a_wrong_hash_is_reported_and_healed_by_a_keyframe() {
    let layout = layout();
    let frames = history_of(6, 3);
    let mut mirror = Mirror::new(layout.clone(), 30);
    let mut recorder = Recorder::new(layout.clone());
    mirror.apply(&recorder.write(&frames[0], false, None)).unwrap();
    recorder.write(&frames[1], false, None);
    let area = AreaFrame::whole(&frames[1]);
    let baseline = Some(baseline([&frames[0]]));
    let content = BlockContent { class: AreaClass::PUBLIC, baseline, area, hash: Some(1), weight: 0 };
    let mut writer = BlockWriter::new(&layout);
    let block = writer.write(&layout, content).unwrap();
    let areas = vec![AreaUpdate::Block(0..block.len())];
    let mut wrong = Vec::new();
    Snapshot { ticks: 1, areas, ..Snapshot::default() }.write(block, &mut wrong);
    let mirror_hash = hash_of(&layout, &frames[1]);
    assert_eq!(
        mirror.apply(&wrong),
        Err(MirrorError::HashMismatch { tick: 2, server: 1, mirror: mirror_hash })
    );
    assert_eq!(mirror.public(), &frames[0]);
    let delta = recorder.write(&frames[2], false, None);
    assert_eq!(mirror.apply(&delta), Err(MirrorError::Decode(DecodeError::NoBaseline)));
    recorder.restart();
    mirror.apply(&recorder.write(&frames[2], true, None)).unwrap();
    assert_eq!(mirror.public(), &frames[2]);
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Body {
    #[sync(range = 0.0..=2000.0, step = 0.0625, predict = linear)]
    position: glam::Vec2,
    #[sync(range = 0..=100)]
    health: u8,
}

#[derive(Default, World)]
struct Bodies {
    bodies: Table<Body>,
}

#[test]
fn costs_are_exact() {
    let layout = Layout::new(&Schema {
        tables: Bodies::TABLES.into(),
        input: InputSchema::of::<Body>(),
        messages: MessageSchema::default(),
    })
    .unwrap();
    let mut world = Bodies::default();
    let keys: Vec<_> = (0..16)
        .map(|index| {
            world.bodies.insert(Body { position: glam::Vec2::splat(100.0 + index as f32), health: 100 })
        })
        .collect();
    let step = |world: &mut Bodies, except: Option<Entity>, tick| {
        for (key, body) in world.bodies.iter_mut() {
            if Some(key) != except {
                body.position += glam::Vec2::new(2.5, -1.25);
            }
        }
        let mut frame = Frame::empty(&layout);
        world.capture(&mut frame, &mut ClampedValues::default());
        frame.tick = tick;
        frame
    };
    let first = step(&mut world, None, 1);
    let second = step(&mut world, None, 2);
    let third = step(&mut world, None, 3);
    let fourth = step(&mut world, None, 4);
    // Sixteen bodies in steady motion: everything is as predicted.
    assert_eq!(encode(&layout, baseline([&third, &second, &first]), &fourth).len(), 0);

    world.bodies.get_mut(keys[3]).unwrap().health = 99;
    let fifth = step(&mut world, Some(keys[3]), 5);
    // One has stopped (-40 and +20 steps) and lost a point of health.
    assert_eq!(encode(&layout, baseline([&fourth, &third, &second]), &fifth).len(), 5);

    world.bodies.remove(keys[0]);
    let sixth = step(&mut world, None, 6);
    let departure = encode(&layout, baseline([&fifth]), &sixth);
    assert_eq!(departure.len(), 24);
}

/// The same after learning: frequent changes become nearly free.
#[test]
fn frequent_changes_cost_little_once_they_are_learned() {
    let layout = Layout::new(&Schema {
        tables: Bodies::TABLES.into(),
        input: InputSchema::of::<Body>(),
        messages: MessageSchema::default(),
    })
    .unwrap();
    let mut recorder = Recorder::new(layout.clone());
    let mut mirror = Mirror::new(layout.clone(), 30);
    let mut world = Bodies::default();
    for index in 0..16 {
        world.bodies.insert(Body { position: glam::Vec2::splat(100.0 + index as f32), health: 100 });
    }
    let mut sizes = Vec::new();
    for tick in 1..=60 {
        for (index, body) in world.bodies.values_mut().enumerate() {
            // One of them always turns aside.
            let step = if index as u32 == tick % 16 { -2.5 } else { 2.5 };
            body.position += glam::Vec2::new(step, -1.25);
        }
        let mut frame = Frame::empty(&layout);
        world.capture(&mut frame, &mut ClampedValues::default());
        frame.tick = tick;
        if tick.is_multiple_of(20) {
            recorder.learn(tick);
        }
        let message = recorder.write(&frame, false, None);
        mirror.apply(&message).unwrap();
        assert_eq!(mirror.public(), &frame);
        sizes.push(message.len() - PREFIX_BYTES);
    }
    let sum = |ticks: std::ops::Range<usize>| sizes[ticks].iter().sum::<usize>();
    assert!(sum(21..39) * 10 < sum(4..22) * 8, "{sizes:?}");
    assert!(sum(41..59) <= sum(21..39), "{sizes:?}");
}

#[test]
fn a_reused_slot_is_another_entity() {
    let layout = layout();
    let mut world = Kitchen::default();
    let mut chaos = Chaos::new(3);
    let first = world.things.insert(chaos.thing());
    let before = capture(&world, 1);
    world.things.remove(first);
    let second = world.things.insert(chaos.thing());
    let after = capture(&world, 2);
    assert_eq!(first.id().slot, second.id().slot);
    let baseline = baseline([&before]);
    let back = decode(&layout, baseline, &encode(&layout, baseline, &after)).unwrap();
    assert_eq!(back.rows(0).entities(), [EntityId { slot: 0, generation: 1 }]);
    assert_eq!(back.rows(0).get(first.id()), None);
}

macro_rules! wide_struct {
    ($($name:ident)*) => {
        #[derive(Debug, Clone, Default, PartialEq, Replicate)]
        struct Wide { $($name: u16,)* }

        impl Wide {
            fn numbered(from: u16) -> Self {
                let mut next = from;
                $(let $name = next; next += 1;)*
                let _ = next;
                Self { $($name,)* }
            }
        }
    };
}

wide_struct! {
    f000 f001 f002 f003 f004 f005 f006 f007 f008 f009 f010 f011 f012 f013 f014 f015 f016 f017 f018 f019
    f020 f021 f022 f023 f024 f025 f026 f027 f028 f029 f030 f031 f032 f033 f034 f035 f036 f037 f038 f039
    f040 f041 f042 f043 f044 f045 f046 f047 f048 f049 f050 f051 f052 f053 f054 f055 f056 f057 f058 f059
    f060 f061 f062 f063 f064 f065 f066 f067 f068 f069 f070 f071 f072 f073 f074 f075 f076 f077 f078 f079
    f080 f081 f082 f083 f084 f085 f086 f087 f088 f089 f090 f091 f092 f093 f094 f095 f096 f097 f098 f099
    f100 f101 f102 f103 f104 f105 f106 f107 f108 f109 f110 f111 f112 f113 f114 f115 f116 f117 f118 f119
    f120 f121 f122 f123 f124 f125 f126 f127 f128 f129 f130 f131 f132 f133 f134 f135 f136 f137 f138 f139
    f140 f141 f142 f143 f144 f145 f146 f147 f148 f149 f150 f151 f152 f153 f154 f155 f156 f157 f158 f159
    f160 f161 f162 f163 f164 f165 f166 f167 f168 f169 f170 f171 f172 f173 f174 f175 f176 f177 f178 f179
    f180 f181 f182 f183 f184 f185 f186 f187 f188 f189 f190 f191 f192 f193 f194 f195 f196 f197 f198 f199
}

#[derive(Default, World)]
struct WideWorld {
    rows: Table<Wide>,
}

#[test]
fn two_hundred_fields_are_allowed() {
    assert_eq!(Wide::FIELDS.len(), 200);
    let layout = Layout::new(&Schema {
        tables: WideWorld::TABLES.into(),
        input: InputSchema::of::<Wide>(),
        messages: MessageSchema::default(),
    })
    .unwrap();
    let mut world = WideWorld::default();
    let key = world.rows.insert(Wide::numbered(1));
    let mut first = Frame::empty(&layout);
    world.capture(&mut first, &mut ClampedValues::default());
    world.rows.get_mut(key).unwrap().f199 = 60_000;
    let mut second = Frame::empty(&layout);
    second.tick = 1;
    world.capture(&mut second, &mut ClampedValues::default());
    let baseline = baseline([&first]);
    let back = decode(&layout, baseline, &encode(&layout, baseline, &second)).unwrap();
    let row = Wide::dequantize(back.rows(0).row(0));
    assert_eq!(row, Wide { f199: 60_000, ..Wide::numbered(1) });
}

#[test]
fn the_schema_hash_depends_on_every_part() {
    let hash = schema().hash();
    assert_eq!(hash, schema().hash());
    let mut other = schema();
    other.tables.to_mut()[0].fields.to_mut()[0].name = "altitude".into();
    assert_ne!(other.hash(), hash);
    let mut other = schema();
    other.tables.to_mut().swap(0, 2);
    assert_ne!(other.hash(), hash);
}
