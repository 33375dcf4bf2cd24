//! The exact bytes that changes of nested values take, in a block of the default priors: the table of docs/BENCHMARKS.md.

use drumline_shared::schema::InputSchema;
use drumline_shared::world::ClampedValues;
use drumline_shared::{Replicate, Table, World as _};

use super::{baseline, encode};
use drumline_shared::frame::Frame;
use drumline_shared::layout::Layout;
use drumline_shared::schema::Schema;
use drumline_shared::schema::shape::MessageSchema;

#[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
enum Rarity {
    #[default]
    Common,
    Rare,
    Legendary,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
struct Item {
    kind: u16,
    #[sync(range = 1..=99)]
    count: u8,
    rarity: Rarity,
}

#[derive(Debug, Clone, Default, Replicate)]
enum Weapon {
    #[default]
    None,
    Laser {
        #[sync(range = 0..=100)]
        heat: u8,
    },
    Rockets {
        left: u16,
        #[sync(range = 0.0..=60.0, step = 0.25)]
        reload_seconds: f32,
    },
}

#[derive(Debug, Clone, Default, Replicate)]
struct Trader {
    #[sync(max_len = 32)]
    items: Vec<Item>,
    #[sync(range = 0..=1000)]
    shield: Option<u16>,
    weapon: Weapon,
}

#[derive(Default, drumline_shared::World)]
struct Market {
    traders: Table<Trader>,
}

/// A trader with sixteen items.
fn trader() -> Trader {
    let item = |index: u16| Item { kind: 1000 + 37 * index, count: 5 + index as u8, rarity: Rarity::Rare };
    Trader { items: (0..16).map(item).collect(), shield: Some(500), weapon: Weapon::Laser { heat: 30 } }
}

/// The bytes of a change of the trader, who has rested before.
fn bytes_of(change: impl Fn(&mut Trader)) -> usize {
    let layout = layout();
    let frame = |trader: &Trader, tick| {
        let mut market = Market::default();
        market.traders.insert(trader.clone());
        let mut frame = Frame::empty(&layout);
        frame.tick = tick;
        market.capture(&mut frame, &mut ClampedValues::default());
        frame
    };
    let mut trader = trader();
    let before = [3, 2, 1].map(|tick| frame(&trader, tick));
    change(&mut trader);
    encode(&layout, baseline(&before), &frame(&trader, 4)).len()
}

/// The bytes of a whole value: of a new trader who has nothing else.
fn whole_bytes(trader: Trader) -> usize {
    let layout = layout();
    let mut market = Market::default();
    market.traders.insert(trader);
    let mut frame = Frame::empty(&layout);
    market.capture(&mut frame, &mut ClampedValues::default());
    encode(&layout, baseline([&Frame::empty(&layout)]), &frame).len()
}

fn layout() -> Layout {
    let input = InputSchema::default();
    let schema = Schema { tables: Market::TABLES.into(), input, messages: MessageSchema::default() };
    Layout::new(&schema).unwrap()
}

/// A change, by its name in the document, and the value that it is in.
struct Case {
    name: &'static str,
    change: fn(&mut Trader),
    value: fn(Trader) -> Trader,
}

fn items(trader: Trader) -> Trader {
    Trader { items: trader.items, ..Trader::default() }
}

fn shield(trader: Trader) -> Trader {
    Trader { shield: trader.shield, ..Trader::default() }
}

fn weapon(trader: Trader) -> Trader {
    Trader { weapon: trader.weapon, ..Trader::default() }
}

fn rockets(trader: &mut Trader) {
    trader.weapon = Weapon::Rockets { left: 4, reload_seconds: 1.5 };
}

const CASES: [Case; 9] = [
    Case { name: "a list of 16 structs, unchanged", change: |_| {}, value: items },
    Case {
        name: "push a struct",
        change: |trader| trader.items.push(Item { kind: 3000, count: 1, rarity: Rarity::Legendary }),
        value: items,
    },
    Case {
        name: "remove the first",
        change: |trader| trader.items = trader.items.split_off(1),
        value: items,
    },
    Case { name: "one field of one struct", change: |trader| trader.items[7].count += 1, value: items },
    Case { name: "swap two structs", change: |trader| trader.items.swap(3, 9), value: items },
    Case {
        name: "an option of 0 to 1000 becomes none",
        change: |trader| trader.shield = None,
        value: shield,
    },
    Case { name: "its value goes down by 7", change: |trader| trader.shield = Some(493), value: shield },
    Case { name: "another variant, of two fields", change: rockets, value: weapon },
    Case {
        name: "a field of the variant",
        change: |trader| trader.weapon = Weapon::Laser { heat: 33 },
        value: weapon,
    },
];

#[test]
fn the_costs_in_the_document_are_exact() {
    let document = include_str!("../../../../docs/BENCHMARKS.md");
    let lines = CASES.iter().map(|Case { name, change, value }| {
        let mut changed = trader();
        change(&mut changed);
        format!("| {name} | {} | {} |", bytes_of(change), whole_bytes(value(changed)))
    });
    let missing: Vec<_> = lines.filter(|line| !document.contains(line)).collect();
    assert!(missing.is_empty(), "docs/BENCHMARKS.md lacks these lines:\n{}", missing.join("\n"));
}
