//! Golden vectors of a game's messages, in `shared/vectors/messages.json`: their shapes, and values as bytes and as JavaScript
//! reads them. Write the file anew with `UPDATE_VECTORS=1`.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::path::Path;

use drumline_shared::Message;
use drumline_shared::encoding::{decode, encode};
use drumline_shared::schema::message::Nothing;
use drumline_shared::schema::shape::{MessageSchema, ShapeError};
use glam::{Quat, Vec2, Vec3};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
enum Mood {
    Calm,
    Angry,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
struct Place {
    at_point: Vec2,
    in_space: Vec3,
    turned: Quat,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
struct Name(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
enum GameEvent {
    NothingNew,
    One(Name),
    Two(i8, bool),
    At(Place),
    #[serde(rename = "numbers!")]
    Numbers {
        a: u8,
        b: u16,
        c: u32,
        d: u64,
        e: i8,
        f: i16,
        g: i32,
        h: i64,
        i: f32,
        j: f64,
    },
    Things {
        is_it: Option<bool>,
        some_names: Vec<Name>,
        counts: BTreeMap<u16, i32>,
        array: [Mood; 2],
        bytes: ByteBuf,
        unit: (),
        boxed: Box<Option<u8>>,
        #[serde(rename = "__proto__")]
        odd: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
struct GameCommand {
    whom: u16,
    what: String,
}

fn messages() -> MessageSchema {
    MessageSchema::of::<GameEvent, GameCommand, Mood, (), Nothing>()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A value as bytes, which are read back, and as JavaScript reads it: 64-bit integers as strings, bytes in hex, maps as lists.
fn case<T: Serialize + DeserializeOwned + PartialEq + Debug>(of: &str, value: &T, json: Value) -> Value {
    let bytes = encode(value);
    assert_eq!(&decode::<T>(&bytes).unwrap(), value);
    json!({ "of": of, "hex": hex(&bytes), "value": json })
}

fn cases() -> Vec<Value> {
    let place =
        Place { at_point: Vec2::new(0.5, -2.0), in_space: Vec3::new(1.0, 2.0, 1e30), turned: Quat::IDENTITY };
    let place_json = json!({
        "type": "at", "atPoint": { "x": 0.5, "y": -2.0 }, "inSpace": { "x": 1.0, "y": 2.0, "z": f64::from(1e30f32) },
        "turned": { "x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0 },
    });
    let numbers = |(a, b, c, d): (u8, u16, u32, u64), (e, f, g, h): (i8, i16, i32, i64)| {
        let value = GameEvent::Numbers { a, b, c, d, e, f, g, h, i: 0.25, j: -1e300 };
        let json = json!({
            "type": "numbers!", "a": a, "b": b, "c": c, "d": d.to_string(), "e": e, "f": f, "g": g, "h": h.to_string(),
            "i": 0.25, "j": -1e300,
        });
        case("event", &value, json)
    };
    let things = GameEvent::Things {
        is_it: Some(false),
        some_names: vec![Name("Zoë".into()), Name(String::new())],
        counts: [(7, -7), (300, 70_000)].into(),
        array: [Mood::Angry, Mood::Calm],
        bytes: ByteBuf::from([0, 255]),
        unit: (),
        boxed: Box::new(Some(9)),
        odd: 1,
    };
    let things_json = json!({
        "type": "things", "isIt": false, "someNames": ["Zoë", ""], "counts": [[7, -7], [300, 70_000]],
        "array": ["Angry", "Calm"], "bytes": "00ff", "unit": null, "boxed": 9, "__proto__": 1,
    });
    vec![
        case("event", &GameEvent::NothingNew, json!({ "type": "nothing_new" })),
        case("event", &GameEvent::One(Name("Ada".into())), json!({ "type": "one", "value": "Ada" })),
        case("event", &GameEvent::Two(-128, true), json!({ "type": "two", "value": [-128, true] })),
        case("event", &GameEvent::At(place), place_json),
        numbers((0, 250, 251, 1 << 40), (-1, i16::MAX, -126, i64::MAX)),
        numbers((u8::MAX, u16::MAX, u32::MAX, u64::MAX), (i8::MIN, i16::MIN, i32::MIN, i64::MIN)),
        case("event", &things, things_json),
        case(
            "command",
            &GameCommand { whom: 1000, what: "why?".into() },
            json!({ "whom": 1000, "what": "why?" }),
        ),
        case("reply", &Mood::Angry, json!("Angry")),
    ]
}

#[test]
fn the_committed_vectors_are_what_these_sources_write() {
    assert_eq!(messages().check(), Ok(()));
    let lines: Vec<String> = cases().iter().map(Value::to_string).collect();
    let shapes = hex(&encode(&messages()));
    let document = format!("{{\n\"messages\": \"{shapes}\",\n\"values\": [\n{}\n]\n}}\n", lines.join(",\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/messages.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), document, "{}", path.display());
}

#[test]
fn each_shape_is_listed_once_and_types_without_a_valid_shape_are_refused() {
    let shapes = messages().shapes;
    let distinct: std::collections::HashSet<_> = shapes.iter().collect();
    assert_eq!(distinct.len(), shapes.len());
    assert_eq!(MessageSchema::of::<Vec<()>, (), (), (), ()>().check(), Err(ShapeError::EmptyItems));
    assert_eq!(MessageSchema::of::<[u8; 2000], (), (), (), ()>().check(), Err(ShapeError::ArrayTooLong));
}

/// A type that contains itself.
#[derive(Serialize, Message)]
struct Tree {
    branches: Vec<Tree>,
}

#[test]
#[should_panic(expected = "a message must not contain itself")]
fn a_type_that_contains_itself_is_found() {
    let tree = Tree { branches: Vec::new() };
    assert!(tree.branches.is_empty());
    let _ = MessageSchema::of::<Tree, (), (), (), ()>();
}

proptest! {
    #[test]
    fn any_bytes_give_a_value_or_an_error(variant in 0u8..7, bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let bytes = [&[variant][..], &bytes].concat();
        if let Ok(event) = decode::<GameEvent>(&bytes) {
            let again = encode(&event);
            // A longer form of an integer is read, but not written. Bytes are compared, since NaN does not equal itself.
            prop_assert!(again.len() <= bytes.len());
            prop_assert_eq!(encode(&decode::<GameEvent>(&again).unwrap()), again);
        }
    }
}
