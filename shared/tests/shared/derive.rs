//! Derived structs and enums with every kind of field, three deep: their values as columns and back.

use drumline_shared::quantize::PackedQuat;
use drumline_shared::schema::{Column, FieldKind, width};
use drumline_shared::{Entity, Home, Place, Press, Replicate, Table, World, world};
use glam::{Quat, Vec2, Vec3};
use proptest::collection::vec;
use proptest::prelude::*;

const MAX_CARGO: usize = 4;

#[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
enum Mood {
    #[default]
    Calm,
    Alert,
    Angry {},
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Item {
    kind: u8,
    #[sync(max_bytes = 6)]
    name: String,
    mood: Option<Mood>,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
enum Order {
    #[default]
    Idle,
    Go {
        #[sync(range = -50.0..=50.0, step = 0.5)]
        row: Vec2,
        // Named like variables of the derived code.
        columns: u8,
        #[sync(skip)]
        value: String,
    },
    Carry {
        #[sync(max_len = 2)]
        items: Vec<Item>,
        r#type_of: bool,
    },
    Wait {},
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Everything {
    #[sync(range = -100.0..=100.0, step = 0.25, velocity = speed)]
    level: f32,
    #[sync(range = -10.0..=10.0, step = 0.5)]
    speed: f64,
    #[sync(angle, bits = 10)]
    heading: f64,
    #[sync(x(range = -50.0..=50.0, step = 0.5), y(range = 0.0..=10.0, step = 0.5), z(range = -1.0..=1.0, step = 0.3, zero = off))]
    place: Vec3,
    #[sync(bits = 9)]
    packed: PackedQuat,
    #[sync(range = -3..=Self::MAX_HEALTH)]
    health: i8,
    seen: u64,
    alive: bool,
    mood: Mood,
    #[sync(table = ships)]
    target: Option<Entity>,
    #[sync(max_len = MAX_CARGO)]
    cargo: Vec<Item>,
    #[sync(range = 0.0..=1.0, step = 0.25, predict = linear)]
    lights: [Option<f32>; 3],
    #[sync(max_len = 3, range = -4.0..=4.0, step = 0.5)]
    path: Option<Vec<Vec2>>,
    orders: [Order; 2],
    order: Option<Order>,
    wide: Option<[i64; 2]>,
    dash: Press,
    #[sync(skip)]
    secret: u32,
}

impl Everything {
    const MAX_HEALTH: i8 = 100;
}

const WIDTH: usize = width(Everything::FIELDS);

fn columns_of(value: &Everything) -> Vec<u32> {
    // A row may hold anything before.
    let mut row = vec![0xDEAD_BEEF; WIDTH];
    value.quantize(&mut row);
    row
}

/// Numbers that are in range, beyond it, and none at all.
fn float() -> impl Strategy<Value = f32> {
    prop_oneof![8 => -60.0f32..60.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY), 1 => -1e9f32..1e9]
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![Just(Mood::Calm), Just(Mood::Alert), Just(Mood::Angry {})]
}

fn item() -> impl Strategy<Value = Item> {
    (any::<u8>(), ".{0,5}", proptest::option::of(mood())).prop_map(|(kind, name, mood)| Item {
        kind,
        name,
        mood,
    })
}

fn vec2() -> impl Strategy<Value = Vec2> {
    (float(), float()).prop_map(|(x, y)| Vec2::new(x, y))
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![
        Just(Order::Idle),
        (vec2(), any::<u8>()).prop_map(|(row, columns)| Order::Go { row, columns, value: "kept".into() }),
        (vec(item(), 0..4), any::<bool>()).prop_map(|(items, type_of)| Order::Carry { items, type_of }),
        Just(Order::Wait {}),
    ]
}

fn entity() -> impl Strategy<Value = Entity> {
    (any::<u16>(), 0u32..1 << 30).prop_map(|(slot, generation)| {
        Entity::from_id(drumline_shared::EntityId { slot: u32::from(slot), generation })
    })
}

prop_compose! {
    fn everything()(
        numbers in (float(), float(), float(), (float(), float(), float())),
        packed in (any::<u8>(), [0u32..600, 0..600, 0..600]),
        integers in (any::<i8>(), any::<u64>(), any::<bool>(), any::<u8>()),
        mood in mood(),
        target in proptest::option::of(entity()),
        cargo in vec(item(), 0..7),
        lights in proptest::array::uniform3(proptest::option::of(float())),
        path in proptest::option::of(vec(vec2(), 0..5)),
        orders in [order(), order()],
        order in proptest::option::of(order()),
        wide in proptest::option::of(any::<[i64; 2]>()),
    ) -> Everything {
        let (level, speed, heading, (x, y, z)) = numbers;
        let (health, seen, alive, dash) = integers;
        Everything {
            level, speed: speed.into(), heading: heading.into(), place: Vec3::new(x, y, z),
            packed: PackedQuat { largest: packed.0, parts: packed.1 },
            health, seen, alive, mood, target, cargo, lights, path, orders, order, wide,
            dash: Press(dash), secret: 7,
        }
    }
}

proptest! {
    #[test]
    fn columns_survive_a_trip_through_values(value in everything()) {
        let row = columns_of(&value);
        let layout = drumline_shared::layout::RowLayout::new(Everything::FIELDS).unwrap();
        prop_assert_eq!(layout.columns.len(), WIDTH);
        for (value, Column { max, .. }) in row.iter().zip(&layout.columns) {
            prop_assert!(value <= max);
        }
        let back = Everything::dequantize(&row);
        prop_assert_eq!(columns_of(&back), row);
        prop_assert_eq!(back.secret, 0);
        prop_assert_eq!(&back.mood, &value.mood);
        prop_assert_eq!(back.target, value.target);
        prop_assert_eq!(back.dash, value.dash);
        let kept = value.cargo.len().min(MAX_CARGO);
        prop_assert_eq!(back.cargo.len(), kept);
        for (back, item) in back.cargo.iter().zip(&value.cargo) {
            prop_assert_eq!((back.kind, back.mood), (item.kind, item.mood));
            prop_assert!(item.name.starts_with(&back.name));
        }
        // A second trip changes nothing, and nothing of it needs to be clamped.
        let mut again = vec![9; WIDTH];
        prop_assert!(!back.quantize(&mut again).any());
        prop_assert_eq!(Everything::dequantize(&again), back);
    }
}

/// The columns of a value of a type.
fn quantized<T: world::FieldType>(value: &T) -> (Vec<u32>, bool) {
    let mut columns = vec![0xDEAD_BEEF; const { &T::KIND }.width()];
    let clamped = value.write_columns(&mut columns);
    (columns, clamped)
}

/// The value of such columns.
fn dequantized<T: world::FieldType>(columns: &[u32]) -> T {
    T::of_columns(columns)
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Pair {
    first: Option<u8>,
    #[sync(max_len = 2)]
    rest: Vec<u16>,
}

#[test]
fn what_is_not_there_is_zero() {
    let pair = |first, rest: &[u16]| quantized(&Pair { first, rest: rest.to_vec() });
    assert_eq!(pair(None, &[]), (vec![0; 5], false));
    assert_eq!(pair(Some(7), &[8]), (vec![1, 7, 1, 8, 0], false));
    assert_eq!(pair(Some(0), &[8, 9, 10]), (vec![1, 0, 2, 8, 9], true), "the list is cut");
    let (columns, _) = quantized(&Order::Go { row: Vec2::new(-50.0, 0.5), columns: 3, value: String::new() });
    assert_eq!(columns[..4], [1, 0, 101, 3]);
    assert!(columns[4..].iter().all(|&column| column == 0));
    let (idle, _) = quantized(&Order::Idle);
    assert!(idle.iter().all(|&column| column == 0));
    let (carry, _) = quantized(&Order::Carry { items: Vec::new(), type_of: true });
    assert_eq!((carry[0], carry.iter().sum::<u32>()), (2, 3));
    assert_eq!(quantized(&Mood::Angry {}), (vec![2], false));
}

#[test]
fn skipped_fields_of_a_variant_have_their_defaults() {
    let go = |value: &str| Order::Go { row: Vec2::ZERO, columns: 1, value: value.into() };
    assert_eq!(dequantized::<Order>(&quantized(&go("kept")).0), go(""));
}

/// The names of the fields that were clamped.
fn clamped(value: &Everything) -> Vec<&'static str> {
    let names = value.quantize(&mut [0; WIDTH]).fields().map(|index| match &Everything::FIELDS[index].name {
        std::borrow::Cow::Borrowed(name) => *name,
        std::borrow::Cow::Owned(_) => unreachable!("a derived name"),
    });
    names.collect()
}

#[test]
fn clamped_fields_are_named() {
    let fine = Everything { level: 100.1, heading: 99.0, ..Everything::default() };
    assert_eq!(clamped(&fine), Vec::<&str>::new(), "less than half a step is rounding");
    let item = |name: &str| Item { name: name.into(), ..Item::default() };
    let everything = Everything {
        level: f32::NAN,
        speed: 11.0,
        heading: f64::INFINITY,
        place: Vec3::new(0.0, -1.0, 0.0),
        packed: PackedQuat { largest: 4, parts: [0; 3] },
        health: -4,
        cargo: vec![item("much too long")],
        lights: [None, Some(2.0), None],
        path: Some(vec![Vec2::ZERO; 4]),
        orders: [Order::Idle, Order::Go { row: Vec2::NAN, columns: 0, value: String::new() }],
        order: Some(Order::Carry { items: vec![item("fits"); 3], type_of: false }),
        ..Everything::default()
    };
    let expected = [
        "level", "speed", "heading", "place", "packed", "health", "cargo", "lights", "path", "orders",
        "order",
    ];
    assert_eq!(clamped(&everything), expected);
    let back = Everything::dequantize(&columns_of(&everything));
    assert_eq!((back.level, back.speed, back.heading), (0.0, 10.0, 0.0), "a NaN rests");
    assert_eq!(back.cargo, [item("much t")]);
    assert_eq!(back.path, Some(vec![Vec2::ZERO; 3]));
}

#[test]
fn kinds_say_what_is_inside() {
    use FieldKind::{Array, Entity, Enum, List, Option, Press, Struct, Variants};
    let kind = |name: &str| {
        let field = Everything::FIELDS.iter().find(|field| field.name == name).unwrap();
        field.kind.clone()
    };
    assert!(matches!(kind("dash"), Press));
    assert!(matches!(kind("mood"), Enum(names) if names[..] == ["Calm", "Alert", "Angry"]));
    let Option(item) = kind("target") else { panic!("an option") };
    assert!(matches!(&item[..], [field] if field.name.is_empty() && field.kind == Entity("ships".into())));
    let List(4, item) = kind("cargo") else { panic!("a list") };
    assert!(matches!(&item[0].kind, Struct(fields) if fields[..] == *Item::FIELDS));
    let Array(3, item) = kind("lights") else { panic!("an array") };
    let Option(float) = &item[0].kind else { panic!("an option") };
    assert_eq!(float[0].predict, drumline_shared::schema::Predict::Linear);
    let Array(2, item) = kind("orders") else { panic!("an array") };
    let Variants(variants) = &item[0].kind else { panic!("variants") };
    let names =
        |index: usize| variants[index].fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(0), names(1), names(2)),
        (vec![], vec!["row".into(), "columns".into()], vec!["items".into(), "type_of".into()])
    );
}

#[derive(Debug, Default, Replicate)]
struct Turned {
    #[sync(bits = 9)]
    body: Option<Quat>,
}

#[test]
fn a_rotation_in_an_option_keeps_its_kind() {
    let half = Quat::from_rotation_y(1.5);
    let (columns, clamped) = quantized(&Turned { body: Some(half) });
    assert!(!clamped);
    assert!(Turned::dequantize(&columns).body.unwrap().dot(half).abs() > 0.999);
    assert_eq!(quantized(&Turned::default()), (vec![0; 5], false));
}

#[derive(Replicate)]
struct Guard {
    #[sync(range = 0.0..=100.0, step = 0.5)]
    position: Vec3,
    floor: i32,
    keeper: Option<u32>,
    side: Mood,
}

#[derive(Default, World)]
struct Castle {
    #[sync(at = position, level = floor, owner = keeper, team = side)]
    guards: Table<Guard>,
    #[sync(at = position)]
    ghosts: Table<Guard>,
}

#[test]
fn entities_are_on_levels_and_have_owners_and_teams() {
    let mut castle = Castle::default();
    let position = Vec3::new(1.0, 2.0, 3.0);
    for (floor, keeper, side) in
        [(2, Some(7), Mood::Alert), (-1, Some(70_000), Mood::Calm), (70_000, None, Mood::Calm)]
    {
        castle.guards.insert(Guard { position, floor, keeper, side });
    }
    castle.ghosts.insert(Guard { position, floor: 2, keeper: None, side: Mood::Calm });
    let homes = |table| {
        let mut homes = Vec::new();
        castle.locate(table, &mut homes);
        homes
    };
    let point = Vec2::new(1.0, 3.0);
    let home = |level, owner, team| Home { place: Place::OnLevel { level, point }, owner, team: Some(team) };
    assert_eq!(homes(0), [home(2, Some(7), 1), home(0, Some(70_000), 0), home(u16::MAX, None, 0)]);
    assert_eq!(homes(1), [Home { place: Place::At(point), owner: None, team: None }]);
}
