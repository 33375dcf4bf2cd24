//! Golden vectors: the bytes that these sources write, in `shared/vectors/kitchen.json`. Every implementation must read them.
//!
//! The test fails when the bytes change. If that is intended, write the file anew with `UPDATE_VECTORS=1`, and consider a new
//! `PROTOCOL_VERSION`.

use std::f64::consts::TAU;
use std::fmt::Write;
use std::path::Path;

use crate::kitchen::{Chaos, Kitchen, Mood, Thing, capture, layout, schema};
use drumline_shared::encoding::encode;
use drumline_shared::frame::area_hash;
use drumline_shared::frame::{AreaFrame, Rows};
use drumline_shared::interpolate::{Between, interpolate};
use drumline_shared::layout::{AreaClass, InputLayout};
use drumline_shared::quantize::{
    Angle, IntRange, Range, SmallestThree, dequantize_text, quantize_text, text_columns,
};
use drumline_shared::recorder::Recorder;
use drumline_shared::schema::{Field, FieldKind, Interpolate, Predict, Schema};
use drumline_shared::wire::control::{
    Channel, Chat, ClientMessage, Event, Outcome, PROTOCOL_VERSION, Refused, ServerMessage, Welcome,
    write_control, write_welcome,
};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::wire::snapshot::{InputAck, Snapshot};
use drumline_shared::{Mirror, Replicate};
use glam::{Quat, Vec2, Vec3};
use serde_json::{Value, json};

#[test]
fn the_committed_vectors_are_what_these_sources_write() {
    let document = render(&[
        ("schema_hash", json!(format!("{:016x}", schema().hash()))),
        ("welcome", json!(hex(&write_control(&ServerMessage::Welcome(welcome().into()))))),
        ("control", control()),
        ("quantize", quantize()),
        ("inputs", inputs()),
        ("snapshots", snapshots()),
        ("between", between()),
    ]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/kitchen.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let differing = committed.lines().zip(document.lines()).position(|(old, new)| old != new);
    assert_eq!(differing, None, "the line of {} (from zero) that has changed", path.display());
    assert_eq!(committed.len(), document.len());
}

/// JSON with each element of an outer list on a line of its own, so that a change shows as the lines that it touches.
fn render(sections: &[(&str, Value)]) -> String {
    let mut text = String::from("{\n");
    for (index, (name, value)) in sections.iter().enumerate() {
        let comma = if index + 1 < sections.len() { "," } else { "" };
        match value {
            Value::Array(lines) => {
                let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
                writeln!(text, "\"{name}\": [\n{}\n]{comma}", lines.join(",\n")).unwrap();
            }
            other => writeln!(text, "\"{name}\": {other}{comma}").unwrap(),
        }
    }
    text + "}\n"
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn welcome() -> Welcome {
    Welcome {
        protocol: PROTOCOL_VERSION,
        game: "kitchen".into(),
        room: "küche".into(),
        mode: "duo".into(),
        player: 3,
        spectator: false,
        max_players: 300,
        tick_rate_hz: 30,
        tick: 0,
        session: "k1.a-token_of.a.seat".into(),
        resume_seconds: 300,
        reload_seconds: 8,
        chat: true,
        presses: Vec::new(),
        epoch: 1,
        last_input: 70_000,
        last_command: 300,
        next_message: 251,
        schema_hash: schema().hash(),
        schema: schema(),
    }
}

#[test]
fn a_welcome_with_an_encoded_schema_has_the_same_bytes() {
    let whole = write_control(&ServerMessage::Welcome(welcome().into()));
    let head = Welcome { schema: Schema::default(), ..welcome() };
    assert_eq!(write_welcome(head, &encode(&schema())), whole);
}

fn control() -> Value {
    let ping = |nonce| {
        let bytes = write_control(&ClientMessage::Ping { nonce });
        json!({ "from": "client", "type": "ping", "nonce": nonce, "hex": hex(&bytes) })
    };
    let resync = |tick| {
        let bytes = write_control(&ClientMessage::Resync { tick });
        json!({ "from": "client", "type": "resync", "tick": tick, "hex": hex(&bytes) })
    };
    let ack = |tick| {
        let bytes = write_control(&ClientMessage::Ack { tick });
        json!({ "from": "client", "type": "ack", "tick": tick, "hex": hex(&bytes) })
    };
    let event = |tick, body: &[u8]| {
        let bytes = write_control(&ServerMessage::Event(Event { tick, body: body.to_vec() }));
        json!({ "from": "server", "type": "event", "tick": tick, "body": hex(body), "hex": hex(&bytes) })
    };
    let done = |request, body: &[u8]| {
        let outcome = Outcome::Done(body.to_vec());
        let bytes = write_control(&ServerMessage::Reply { request, outcome });
        json!({ "from": "server", "type": "reply", "request": request, "body": hex(body), "hex": hex(&bytes) })
    };
    let refused = |request, reason, name: &str| {
        let outcome = Outcome::Refused(reason);
        let bytes = write_control(&ServerMessage::Reply { request, outcome });
        json!({ "from": "server", "type": "reply", "request": request, "refused": name, "hex": hex(&bytes) })
    };
    let chat = |tick, channel, to: &str, text: &str| {
        let (player, name, text) = (1000, "Zoë".to_owned(), text.to_owned());
        let chat = Chat { tick, player, name: name.clone(), channel, text: text.clone() };
        let bytes = write_control(&ServerMessage::Chat(chat));
        json!({
            "from": "server", "type": "chat", "tick": tick, "player": player, "name": name, "channel": to, "text": text,
            "hex": hex(&bytes),
        })
    };
    let command = |request, reply, body: &[u8]| {
        let bytes = write_control(&ClientMessage::Command { request, reply, body: body.to_vec() });
        json!({
            "from": "client", "type": "command", "request": request, "reply": reply, "body": hex(body), "hex": hex(&bytes),
        })
    };
    let say = |request, reply, channel, to: &str, text: &str| {
        let bytes = write_control(&ClientMessage::Chat { request, reply, channel, text: text.into() });
        json!({
            "from": "client", "type": "chat", "request": request, "reply": reply, "channel": to, "text": text,
            "hex": hex(&bytes),
        })
    };
    let latest = |tick, body: &[u8]| {
        let bytes = write_control(&ServerMessage::Latest(Event { tick, body: body.to_vec() }));
        json!({ "from": "server", "type": "latest", "tick": tick, "body": hex(body), "hex": hex(&bytes) })
    };
    let received = hex(&write_control(&ServerMessage::Received { command: 70_000 }));
    let draining = hex(&write_control(&ServerMessage::Draining { seconds: 300 }));
    let answer = hex(&write_control(&ServerMessage::Pong { nonce: 9, tick: 100_000 }));
    json!([
        ping(250),
        ping(251),
        ping(u32::MAX),
        resync(65_536),
        ack(70_000),
        event(7, &encode(&(0u32, 300u16, "Zoë"))),
        event(65_535, &[7; 270]),
        { "from": "server", "type": "pong", "nonce": 9, "tick": 100_000, "hex": answer },
        done(250, &[]),
        done(u32::MAX, &[1, 0, 251]),
        refused(3, Refused::TooMany, "too_many"),
        refused(3, Refused::TooFast, "too_fast"),
        refused(3, Refused::TooLong, "too_long"),
        refused(3, Refused::BadText, "bad_text"),
        refused(3, Refused::NotAllowed, "not_allowed"),
        refused(3, Refused::NoChat, "no_chat"),
        refused(3, Refused::NoTeam, "no_team"),
        refused(3, Refused::TooLarge, "too_large"),
        chat(70_000, Channel::Room, "room", "grüße 😀"),
        chat(1, Channel::Team, "team", ""),
        { "from": "server", "type": "draining", "seconds": 300, "hex": draining },
        { "from": "server", "type": "received", "command": 70_000, "hex": received },
        latest(300, &[1, 2, 3]),
        command(1, false, &[0]),
        command(70_000, true, &[9; 300]),
        say(2, false, Channel::Room, "room", "hi"),
        say(251, true, Channel::Team, "team", "über 😀"),
    ])
}

/// Cases of every kind of field, each `[value, columns, the value of those columns]`. Integers are strings: readers of JSON
/// disagree beyond 53 bits.
fn quantize() -> Value {
    let moods = ["Calm", "Alert", "Angry"];
    let mood_cases = moods.iter().zip(0..).map(|(mood, index)| json!([mood, [index], mood]));
    json!([
        float(
            Range::new(0.0, 2000.0, 0.0625),
            &[-5.0, 0.0, 0.03125, 0.03124, 1234.5678, 1999.97, 2000.0, 1e30, -1e30]
        ),
        float(Range::new(-1.0, 1.0, 0.3), &[-1.0, -0.85, -0.84, 0.0, 0.949_999, 0.95, 1.0]),
        float(Range::new(-100.0, 100.0, 0.01), &[-99.995, 0.005, 0.015, 33.333, 99.996]),
        angle(1),
        angle(10),
        angle(24),
        vector(2),
        vector(3),
        quat(2),
        quat(9),
        quat(20),
        int(IntRange::new(0, 100), &[-7, 0, 100, 101]),
        int(IntRange::new(-128, 127), &[-128, -1, 127, 500]),
        int(IntRange::new(i32::MIN.into(), i32::MAX.into()), &[i32::MIN.into(), -1, i32::MAX.into()]),
        int(IntRange::new(-1, 1 << 32), &[-1, 0, 1 << 31, 1 << 32, 1 << 33]),
        int(
            IntRange::new(i64::MIN.into(), i64::MAX.into()),
            &[i64::MIN.into(), -1, 0, i64::MAX.into(), 1 << 64]
        ),
        int(IntRange::new(0, u64::MAX.into()), &[-1, 0, 9_007_199_254_740_993, u64::MAX.into()]),
        cases_of(FieldKind::Bool, [json!([false, [0], false]), json!([true, [1], true])]),
        cases_of(FieldKind::Enum(moods.map(Into::into).to_vec().into()), mood_cases),
        text(1),
        text(10),
        text(24),
    ])
}

fn cases_of(kind: FieldKind, cases: impl IntoIterator<Item = Value>) -> Value {
    let label = format!("{kind:?}");
    let cases: Vec<Value> = cases.into_iter().collect();
    json!({ "kind": label, "field": hex(&encode(&Field::new("value", kind, Predict::Last))), "cases": cases })
}

fn float(range: Range, values: &[f64]) -> Value {
    let case =
        |&value: &f64| json!([value, [range.quantize(value)], range.dequantize(range.quantize(value))]);
    cases_of(FieldKind::Float(range), values.iter().map(case))
}

fn angle(bits: u8) -> Value {
    let angle = Angle::new(bits);
    let values = [0.0, 0.003, -0.003, 1.5, 3.15, -3.15, TAU, TAU - 1e-4, 100.25, -1e6];
    let case = |value: f64| json!([value, [angle.quantize(value)], angle.dequantize(angle.quantize(value))]);
    cases_of(FieldKind::Angle(angle), values.map(case))
}

fn vector(count: usize) -> Value {
    let axes = [Range::new(-50.0, 50.0, 0.1), Range::new(0.0, 10.0, 0.5), Range::new(-1.0, 1.0, 0.01)];
    let kind = if count == 2 { FieldKind::Vec2([axes[0], axes[1]]) } else { FieldKind::Vec3(axes) };
    let axes = &axes[..count];
    let case = |value: [f64; 3]| {
        let columns: Vec<u32> = axes.iter().zip(value).map(|(axis, part)| axis.quantize(part)).collect();
        let back: Vec<f64> = axes.iter().zip(&columns).map(|(axis, &part)| axis.dequantize(part)).collect();
        json!([value[..count], columns, back])
    };
    let values = [[0.0, 0.0, 0.0], [-50.0, 10.0, 1.0], [12.345, 0.25, -0.995], [-1e9, 1e9, 0.005]];
    cases_of(kind, values.map(case))
}

fn quat(bits: u8) -> Value {
    let codec = SmallestThree::new(bits);
    let case = |parts: [f32; 4]| {
        let columns = codec.quantize(Quat::from_array(parts));
        json!([parts, columns, codec.dequantize(columns).to_array()])
    };
    let rotations = [
        [0.0, 0.0, 0.0, 1.0],
        [0.0, 0.0, 0.0, -1.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.5, 0.5, 0.5, 0.5],
        [0.7, -0.7, 0.1, 0.0],
        [-0.9, 0.2, -0.3, 0.25],
        [3.0, -4.0, 12.0, 5.0],
        [0.0, 0.6, 0.0, -0.8],
    ];
    cases_of(FieldKind::Quat(codec), rotations.map(case))
}

fn int(range: IntRange, values: &[i128]) -> Value {
    let case = |&value: &i128| {
        let quantized = range.quantize(value);
        let mut columns = vec![quantized as u32];
        if range.is_wide() {
            columns.push((quantized >> 32) as u32);
        }
        json!([value.to_string(), columns, range.dequantize(quantized).to_string()])
    };
    cases_of(FieldKind::Int(range), values.iter().map(case))
}

fn text(max_bytes: usize) -> Value {
    let texts =
        ["", "a", "exactly 10", "eleven long", "日本語テスト", "Zoë 😀😀", "\u{feff}mark", "nul\0", "ééééé!"];
    let case = |text: &str| {
        let mut columns = vec![0; text_columns(max_bytes)];
        quantize_text(text, max_bytes, &mut columns);
        json!([text, columns, dequantize_text(&columns)])
    };
    cases_of(FieldKind::Text(max_bytes as u32), texts.map(case))
}

/// A thing as JavaScript reads it; its 64-bit integer is a string.
fn thing_value(thing: &Thing) -> Value {
    let Thing {
        level, heading, position, place, rotation, tilt, health, score, seen, alive, mood, name, ..
    } = thing;
    let quat = |part: &Quat| json!({ "x": part.x, "y": part.y, "z": part.z, "w": part.w });
    json!({
        "level": level,
        "heading": heading,
        "position": { "x": position.x, "y": position.y },
        "place": { "x": place.x, "y": place.y, "z": place.z },
        "rotation": quat(rotation),
        "tilt": quat(tilt),
        "health": health,
        "score": score,
        "seen": seen.to_string(),
        "alive": alive,
        "mood": format!("{mood:?}"),
        "name": name,
    })
}

fn quantized(thing: &Thing, layout: &InputLayout) -> Vec<u32> {
    let mut row = vec![0; layout.neutral.len()];
    thing.quantize(&mut row);
    row
}

fn inputs() -> Value {
    let layout = InputLayout::new(&schema().input).unwrap();
    let mut chaos = Chaos::new(11);
    let extreme = Thing {
        level: -1e9,
        heading: -0.001,
        position: Vec2::new(-1.0, 5000.0),
        place: Vec3::splat(1e6),
        rotation: Quat::from_array([-3.0, 0.0, 0.0, 0.1]),
        tilt: Quat::from_array([0.5, -0.5, 0.5, -0.5]),
        health: 255,
        score: i32::MIN,
        seen: u64::MAX,
        alive: true,
        mood: Mood::Angry,
        name: "cut after te".into(),
        secret: 0,
    };
    let headers = [
        (1, 0, 2, 0),
        (2, 0, 0, 1),
        (65_535, 100, 90, 255),
        (65_536, 70_000, 70_127, 16),
        (70_000, 131_072, 130_944, 128),
    ];
    let mut message = Vec::new();
    let mut input = |(number, acked_tick, tick, view_eighths), thing: &Thing| {
        let columns = quantized(thing, &layout);
        write_input(&layout, InputHeader { number, acked_tick, tick, view_eighths }, &columns, &mut message);
        json!({
            "number": number, "acked_tick": acked_tick, "tick": tick, "view_eighths": view_eighths,
            "value": thing_value(thing), "columns": columns, "hex": hex(&message),
        })
    };
    let mut inputs = vec![input((1, 0, 1, 0), &Thing::default()), input((9, 40, 42, 21), &extreme)];
    inputs.extend(headers.map(|header| input(header, &chaos.thing())));
    Value::Array(inputs)
}

/// The snapshots of a connection as a room would send them: mostly tick by tick, with skips, a second keyframe, some hashes, and
/// priors that are learned on the way.
fn snapshots() -> Value {
    let layout = layout();
    let mut chaos = Chaos::new(2026);
    let mut world = Kitchen::default();
    let mut mirror = Mirror::new(layout.clone(), 30);
    let mut recorder = Recorder::new(layout.clone());
    let mut lines = Vec::new();
    for tick in 1..=56u32 {
        chaos.step(&mut world);
        if tick.is_multiple_of(8) {
            recorder.learn(tick);
        }
        // No snapshot is sent on these. After the first and the last of them several follow two ticks apart.
        if matches!(tick, 7 | 9 | 11 | 20..=26 | 41 | 43) {
            continue;
        }
        let frame = capture(&world, tick);
        if tick == 33 {
            recorder.restart();
        }
        let whole_or_far = tick == 1 || tick == 33 || tick - mirror.tick() > 1;
        let ack = (tick > 3)
            .then_some(InputAck { number: tick * 40, slack_ticks: [2, 0, -1, -127, 31][tick as usize % 5] });
        let message = recorder.write(&frame, whole_or_far || tick.is_multiple_of(10), ack);
        let mut snapshot = Snapshot::default();
        snapshot.read(&message, 1).unwrap();
        let applied = mirror.apply(&message).unwrap();
        assert_eq!(mirror.public(), &frame);
        let hash = area_hash(&layout, AreaClass::PUBLIC, AreaFrame::whole(&frame));
        lines.push(json!({
            "hex": hex(&message),
            "tick": tick,
            "ticks": applied.ticks,
            "keyframe": applied.keyframe,
            "priors": snapshot.priors.is_some(),
            "hash": format!("{hash:08x}"),
            "hashes_checked": applied.hashes_checked,
            "ack": applied.ack.map(|ack| [i64::from(ack.number), i64::from(ack.slack_ticks)]),
            "tables": (0..frame.tables()).map(|table| rows(frame.rows(table))).collect::<Vec<_>>(),
            "first_thing": frame.rows(0).iter().next().map(|(_, row)| thing_value(&Thing::dequantize(row))),
        }));
    }
    Value::Array(lines)
}

/// States between two rows of an entity that are some ticks apart, by the fields' own rules and with all fields `Smooth`.
fn between() -> Value {
    let mut chaos = Chaos::new(77);
    let mut world = Kitchen::default();
    let mut frames = Vec::new();
    for tick in 1..=24 {
        chaos.step(&mut world);
        frames.push(capture(&world, tick));
    }
    let mut lines = Vec::new();
    for (index, part) in (0..18).zip([0.0, 0.2, 0.5, 0.875, 1.0, 0.37].into_iter().cycle()) {
        let ticks = index % 3 + 1;
        let [from, to, newest] = [index, index + ticks, index + 5].map(|index| &frames[index]);
        for (table, smooth) in [(0, false), (0, true), (2, false)] {
            let smoothed = |field: &Field| {
                let interpolate = if smooth { Interpolate::Smooth } else { field.interpolate };
                Field { interpolate, ..field.clone() }
            };
            let fields: Vec<Field> = schema().tables[table].fields.iter().map(smoothed).collect();
            let lasting = from.rows(table).iter().find_map(|(entity, row)| {
                Some((row, to.rows(table).get(entity)?, newest.rows(table).get(entity)?))
            });
            let Some((from, to, newest)) = lasting else { continue };
            let mut row = vec![0; from.len()];
            let (seconds, ticks) = (ticks as f64 / 30.0, ticks as u32);
            interpolate(&fields, Between { from, to, newest, part, ticks, seconds }, &mut row);
            lines.push(json!({
                "table": table, "smooth": smooth, "ticks": ticks, "seconds": seconds, "part": part,
                "from": from, "to": to, "newest": newest, "row": row,
            }));
        }
    }
    Value::Array(lines)
}

/// `[[slot, generation, [columns…]], …]`
fn rows(table: Rows) -> Value {
    table.iter().map(|(entity, row)| json!([entity.slot, entity.generation, row])).collect()
}
