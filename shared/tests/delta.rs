//! Deltas bring any frame to any other, cost what they should, and never trust their bytes.

mod common;

use common::{Chaos, Kitchen, capture, layout, schema};
use drumline_shared::delta::{Baseline, DecodeError};
use drumline_shared::frame::{EntityId, Frame};
use drumline_shared::hash::frame_hash;
use drumline_shared::learner::Learner;
use drumline_shared::mirror::MirrorError;
use drumline_shared::schema::Layout;
use drumline_shared::snapshot::{BodyReader, BodyWriter, PREFIX_BYTES, read_prefix, write_prefix};
use drumline_shared::{Entity, Mirror, Replicate, Table, World};
use proptest::prelude::*;

/// A snapshot of a room that has learned nothing yet.
fn snapshot(layout: &Layout, baseline: Option<Baseline>, frame: &Frame, hash: Option<u32>) -> Vec<u8> {
    let mut writer = BodyWriter::new(layout);
    let (head, body) = writer.write(layout, baseline, frame, hash, &Learner::new(&layout.default_priors));
    [&write_prefix(head, None)[..], body].concat()
}

fn encode(layout: &Layout, baseline: Baseline, frame: &Frame) -> Vec<u8> {
    snapshot(layout, Some(baseline), frame, None)
}

fn decode(layout: &Layout, baseline: Baseline, message: &[u8]) -> Result<Frame, DecodeError> {
    let mut frame = Frame::empty(layout);
    let mut reader = BodyReader::new(layout);
    let (header, coder) = reader.read_header(read_prefix(message)?)?;
    reader.read_tables(layout, baseline, coder, &mut frame)?;
    frame.tick = baseline.frame.tick.wrapping_add(header.ticks);
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
    fn any_later_frame_is_reached_with_any_history_of(
        seed in any::<u64>(), from in 0usize..29, ahead in 1usize..30, history in 0usize..3,
    ) {
        let frames = history_of(seed, 30);
        let layout = layout();
        let to = (from + ahead).min(29);
        let before = |steps: usize| (history >= steps && from >= steps).then(|| &frames[from - steps]);
        let baseline = Baseline { frame: &frames[from], older: before(1), oldest: before(2) };
        let bytes = encode(&layout, baseline, &frames[to]);
        let back = decode(&layout, baseline, &bytes).unwrap();
        prop_assert_eq!(frame_hash(&back), frame_hash(&frames[to]));
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
        let baseline = Baseline { frame: &frames[2], older: Some(&frames[1]), oldest: Some(&frames[0]) };
        let mut bytes = encode(&layout, baseline, &frames[3]);
        for (index, bit) in flips {
            let index = index.index(bytes.len());
            bytes[index] ^= 1 << bit;
        }
        if let Ok(mut frame) = decode(&layout, baseline, &bytes) {
            // Whatever was accepted is a valid frame: it can be sent on.
            frame.tick = baseline.frame.tick + 1;
            let again = encode(&layout, baseline, &frame);
            prop_assert_eq!(decode(&layout, baseline, &again), Ok(frame));
        }
        bytes.truncate(cut.index(bytes.len()));
        let _ = decode(&layout, baseline, &bytes);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in 0u8..4) {
        let mut message = vec![kind, 0, 0];
        message.extend(&bytes);
        let mut mirror = Mirror::new(layout());
        let frames = history_of(1, 1);
        let keyframe = snapshot(&layout(), None, &frames[0], None);
        prop_assert!(mirror.apply(&keyframe).is_ok());
        if mirror.apply(&message).is_err() {
            prop_assert_eq!(mirror.frame(), &frames[0]);
        }
    }
}

#[test]
fn a_mirror_follows_keyframe_deltas_and_skips() {
    let layout = layout();
    let frames = history_of(5, 60);
    let mut mirror = Mirror::new(layout.clone());
    let early = snapshot(&layout, Some(Baseline::new(&frames[0])), &frames[1], None);
    assert_eq!(mirror.apply(&early), Err(MirrorError::Decode(DecodeError::NoBaseline)));

    let hash = |frame| Some(frame_hash(frame));
    mirror.apply(&snapshot(&layout, None, &frames[0], hash(&frames[0]))).unwrap();
    let mut given = vec![0];
    for next in [1, 2, 3, 4, 7, 10, 13, 20, 21, 22, 23, 29, 59] {
        let last = given[given.len() - 1];
        // History is for receivers whose last snapshots lie as far apart as the next one.
        let before = |of: usize, back: usize| {
            let tick = *given.get(given.len().checked_sub(back + 1)?)?;
            (of - tick == next - last).then_some(tick)
        };
        let older = before(last, 1);
        let oldest = older.and_then(|older| before(older, 2));
        let [older, oldest] = [older, oldest].map(|tick| tick.map(|tick| &frames[tick]));
        let baseline = Baseline { frame: &frames[last], older, oldest };
        let message = snapshot(&layout, Some(baseline), &frames[next], hash(&frames[next]));
        let applied = mirror.apply(&message).unwrap();
        assert_eq!((applied.tick, applied.hash_checked), (frames[next].tick, true));
        assert_eq!(mirror.frame(), &frames[next]);
        given.push(next);
    }
}

#[test]
fn a_wrong_hash_is_reported_and_healed_by_a_keyframe() {
    let layout = layout();
    let frames = history_of(6, 3);
    let mut mirror = Mirror::new(layout.clone());
    mirror.apply(&snapshot(&layout, None, &frames[0], None)).unwrap();
    let baseline = Some(Baseline::new(&frames[0]));
    let wrong = snapshot(&layout, baseline, &frames[1], Some(1));
    let mirror_hash = frame_hash(&frames[1]);
    assert_eq!(
        mirror.apply(&wrong),
        Err(MirrorError::HashMismatch { tick: 2, server: 1, mirror: mirror_hash })
    );
    let right = snapshot(&layout, baseline, &frames[1], None);
    assert_eq!(mirror.apply(&right), Err(MirrorError::Decode(DecodeError::NoBaseline)));
    mirror.apply(&snapshot(&layout, None, &frames[2], Some(frame_hash(&frames[2])))).unwrap();
    assert_eq!(mirror.frame(), &frames[2]);
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
    let schema =
        drumline_shared::schema::Schema { tables: Bodies::TABLES.into(), input: Body::FIELDS.into() };
    let layout = schema.layout().unwrap();
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
        world.capture(&mut frame);
        frame.tick = tick;
        frame
    };
    let first = step(&mut world, None, 1);
    let second = step(&mut world, None, 2);
    let third = step(&mut world, None, 3);
    let fourth = step(&mut world, None, 4);
    let baseline = Baseline { frame: &third, older: Some(&second), oldest: Some(&first) };
    // Sixteen bodies in steady motion, and nobody has learned yet that they are.
    assert_eq!(encode(&layout, baseline, &fourth).len(), PREFIX_BYTES + 1);

    world.bodies.get_mut(keys[3]).unwrap().health = 99;
    let fifth = step(&mut world, Some(keys[3]), 5);
    let baseline = Baseline { frame: &fourth, older: Some(&third), oldest: Some(&second) };
    // One has stopped (-40 and +20 steps) and lost a point of health.
    assert_eq!(encode(&layout, baseline, &fifth).len(), PREFIX_BYTES + 6);

    world.bodies.remove(keys[0]);
    let sixth = step(&mut world, None, 6);
    let gone = encode(&layout, Baseline::new(&fifth), &sixth);
    assert_eq!(gone.len(), PREFIX_BYTES + 24);
}

/// The same work for a room that has learned: what is as ever becomes free.
#[test]
fn steady_motion_costs_nothing_once_it_is_learned() {
    let schema =
        drumline_shared::schema::Schema { tables: Bodies::TABLES.into(), input: Body::FIELDS.into() };
    let layout = schema.layout().unwrap();
    let mut writer = BodyWriter::new(&layout);
    let mut learner = Learner::new(&layout.default_priors);
    let mut mirror = Mirror::new(layout.clone());
    let mut world = Bodies::default();
    for index in 0..16 {
        world.bodies.insert(Body { position: glam::Vec2::splat(100.0 + index as f32), health: 100 });
    }
    let mut frames: Vec<Frame> = Vec::new();
    let mut sizes = Vec::new();
    for tick in 1..=40 {
        for body in world.bodies.values_mut() {
            body.position += glam::Vec2::new(2.5, -1.25);
        }
        let mut frame = Frame::empty(&layout);
        world.capture(&mut frame);
        frame.tick = tick;
        if tick.is_multiple_of(20) {
            learner.learn(writer.tallies(), tick);
        }
        let before = |steps: usize| frames.iter().rev().nth(steps - 1);
        let baseline = before(1).map(|frame| Baseline { frame, older: before(2), oldest: before(3) });
        let (head, body) = writer.write(&layout, baseline, &frame, None, &learner);
        let message = [&write_prefix(head, None)[..], body].concat();
        mirror.apply(&message).unwrap();
        assert_eq!(mirror.frame(), &frame);
        sizes.push(message.len() - PREFIX_BYTES);
        frames.push(frame);
    }
    assert_eq!(sizes[4..19], [1; 15], "ticks 5 to 19: nothing is learned yet");
    assert_eq!(sizes[19], 3, "tick 20 brings the priors");
    assert_eq!(sizes[20..39], [1; 19], "from then on all is as expected");
}

#[test]
fn a_slot_used_again_is_another_entity() {
    let layout = layout();
    let mut world = Kitchen::default();
    let mut chaos = Chaos::new(3);
    let first = world.things.insert(chaos.thing());
    let before = capture(&world, 1);
    world.things.remove(first);
    let second = world.things.insert(chaos.thing());
    let after = capture(&world, 2);
    assert_eq!(first.id().slot, second.id().slot);
    let baseline = Baseline::new(&before);
    let back = decode(&layout, baseline, &encode(&layout, baseline, &after)).unwrap();
    assert_eq!(back.tables()[0].entities(), [EntityId { slot: 0, generation: 1 }]);
    assert_eq!(back.tables()[0].get(first.id()), None);
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
fn two_hundred_fields_are_no_limit() {
    assert_eq!(Wide::FIELDS.len(), 200);
    let schema =
        drumline_shared::schema::Schema { tables: WideWorld::TABLES.into(), input: Wide::FIELDS.into() };
    let layout = schema.layout().unwrap();
    let mut world = WideWorld::default();
    let key = world.rows.insert(Wide::numbered(1));
    let mut first = Frame::empty(&layout);
    world.capture(&mut first);
    world.rows.get_mut(key).unwrap().f199 = 60_000;
    let mut second = Frame::empty(&layout);
    second.tick = 1;
    world.capture(&mut second);
    let baseline = Baseline::new(&first);
    let back = decode(&layout, baseline, &encode(&layout, baseline, &second)).unwrap();
    let row = Wide::dequantize(back.tables()[0].row(0));
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
