//! The worked examples of docs/PROTOCOL.md are the bytes that this code writes.
//!
//! The bytes of each example must be in the document, in hexadecimal. The game is the one that the document describes.

use drumline_shared::encoding::encode;
use drumline_shared::frame::area_hash;
use drumline_shared::frame::{AreaFrame, Frame};
use drumline_shared::layout::Prior;
use drumline_shared::layout::defaults::DEFAULT_PRIORS;
use drumline_shared::layout::{AreaClass, InputLayout, Layout};
use drumline_shared::recorder::Recorder;
use drumline_shared::schema::shape::{MessageSchema, Named, Shape};
use drumline_shared::schema::{Audience, InputSchema, Schema};
use drumline_shared::wire::control::{
    Channel, Chat, ClientMessage, Event, ListedPlayer, Outcome, PlayerList, PlayerStatus, Refused,
    ServerMessage, Welcome, write_control,
};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::wire::snapshot::{AreaUpdate, InputAck, Snapshot};
use drumline_shared::world::ClampedValues;
use drumline_shared::{Replicate, Single, Table, World};
use glam::Vec2;
use serde::Serialize;

#[derive(Debug, Clone, Copy, Default, Replicate)]
enum Team {
    #[default]
    Red,
    Blue,
    Green,
}

#[derive(Debug, Clone, Default, Replicate)]
struct Dot {
    #[sync(range = 0.0..=100.0, step = 0.5, predict = linear)]
    position: Vec2,
    team: Team,
}

#[derive(Debug, Clone, Default, Replicate)]
struct Clock {
    #[sync(range = 0..=59)]
    seconds: u8,
}

#[derive(Default, World)]
struct Dots {
    dots: Table<Dot>,
    clock: Single<Clock>,
}

#[derive(Debug, Clone, Default, Replicate)]
struct Push {
    #[sync(range = -1..=1)]
    dx: i8,
    jump: bool,
}

/// The game's events.
#[derive(Serialize)]
enum GameEvent {
    Goal {
        by: u16,
        score: (u8, u8),
    },
    #[expect(dead_code, reason = "the example has another")]
    Over,
}

/// The game's commands.
#[derive(Serialize)]
enum GameCommand {
    Cheer { text: String },
}

fn messages() -> MessageSchema {
    let named = |name: &str, shape| Named { name: name.to_owned(), shape };
    let shapes = vec![
        Shape::U16,
        Shape::U8,
        Shape::Tuple(vec![1, 1]),
        Shape::Struct(vec![named("by", 0), named("score", 2)]),
        Shape::Unit,
        Shape::Enum(vec![named("goal", 3), named("over", 4)]),
        Shape::Text,
        Shape::Struct(vec![named("text", 6)]),
        Shape::Enum(vec![named("cheer", 7)]),
    ];
    MessageSchema { shapes, event: 5, command: 8, reply: 0, ..MessageSchema::default() }
}

fn schema() -> Schema {
    Schema { tables: Dots::TABLES.into(), input: InputSchema::of::<Push>(), messages: messages() }
}

fn layout() -> Layout {
    Layout::new(&schema()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// The three ticks of the worked example: two dots; then both move; then both go on, one changes its team, and a third arrives.
fn frames() -> Vec<Frame> {
    let layout = layout();
    let mut world = Dots::default();
    let capture = |world: &Dots, tick| {
        let mut frame = Frame::empty(&layout);
        world.capture(&mut frame, &mut ClampedValues::default());
        frame.tick = tick;
        frame
    };
    let first = world.dots.insert(Dot { position: Vec2::new(10.0, 20.0), team: Team::Blue });
    let second = world.dots.insert(Dot { position: Vec2::new(50.0, 0.0), team: Team::Red });
    world.clock.seconds = 7;
    let mut frames = vec![capture(&world, 1000)];
    world.dots.get_mut(first).unwrap().position += Vec2::new(1.0, -0.5);
    world.dots.get_mut(second).unwrap().position += Vec2::new(2.0, 0.0);
    frames.push(capture(&world, 1001));
    world.dots.get_mut(first).unwrap().position += Vec2::new(1.0, -0.5);
    world.dots.get_mut(second).unwrap().position += Vec2::new(2.5, 0.0);
    world.dots.get_mut(first).unwrap().team = Team::Red;
    world.dots.insert(Dot { position: Vec2::new(0.0, 0.5), team: Team::Green });
    frames.push(capture(&world, 1002));
    frames
}

/// A snapshot for a client that has four areas in its list. The content of the blocks does not matter.
fn several_areas() -> Vec<u8> {
    let snapshot = Snapshot {
        ticks: 3,
        leaves: vec![2],
        enters: vec![AreaClass::new(true, Audience::All)],
        areas: vec![
            AreaUpdate::AsPredicted,
            AreaUpdate::Skipped,
            AreaUpdate::Block(0..2),
            AreaUpdate::Block(2..3),
        ],
        ..Snapshot::default()
    };
    let mut message = Vec::new();
    snapshot.write(&[0xaa, 0xbb, 0xcc], &mut message);
    assert_eq!(Snapshot::default().read(&message, 4), Ok(()));
    message
}

const DOCUMENT: &str = include_str!("../../../docs/PROTOCOL.md");

#[test]
fn the_default_priors_are_in_the_document() {
    let (_, section) = DOCUMENT.split_once("### Default priors").unwrap();
    let (section, _) = section.split_once("## 8.").unwrap();
    let lines = section.lines().filter(|line| line.starts_with("    "));
    let priors: Vec<Prior> =
        lines.flat_map(str::split_whitespace).map(|prior| prior.parse().unwrap()).collect();
    assert_eq!(priors, DEFAULT_PRIORS);
}

fn welcome(schema: &Schema) -> Welcome {
    Welcome {
        protocol: 1,
        game: "dots".into(),
        room: "k7m2pa".into(),
        mode: String::new(),
        player: 3,
        spectator: false,
        max_players: 16,
        tick_rate_hz: 30,
        tick: 999,
        session: "k1.k7m2pa.3".into(),
        resume_seconds: 20,
        reload_seconds: 8,
        chat: true,
        presses: Vec::new(),
        epoch: 1,
        last_input: 0,
        last_command: 0,
        next_message: 1,
        schema_hash: schema.hash(),
        schema: schema.clone(),
    }
}

#[test]
fn every_worked_example_is_in_the_document() {
    let schema = schema();
    let frames = frames();
    let players = PlayerList {
        complete: false,
        players: vec![
            ListedPlayer { player: 3, name: "Ada".into(), status: PlayerStatus::Away, bot: false },
            ListedPlayer { player: 4, name: String::new(), status: PlayerStatus::Left, bot: false },
        ],
    };
    let input_layout = InputLayout::of::<Push>();
    let mut input = Vec::new();
    let mut row = [0; 2];
    Push { dx: 1, jump: false }.quantize(&mut row);
    let header = InputHeader { number: 258, acked_tick: 1002, tick: 1004, view_eighths: 21 };
    write_input(&input_layout, header, &row, &mut input);
    let mut recorder = Recorder::new(layout());
    let ack = Some(InputAck { number: 257, slack_ticks: -1 });
    let examples = [
        ("schema", hex(&encode(&schema))),
        ("schema hash", format!("{:016x}", schema.hash())),
        ("welcome", hex(&write_control(&ServerMessage::Welcome(welcome(&schema).into())))),
        (
            "event",
            hex(&write_control(&ServerMessage::Event(Event {
                tick: 1000,
                body: encode(&GameEvent::Goal { by: 3, score: (3, 1) }),
            }))),
        ),
        (
            "reply",
            hex(&write_control(&ServerMessage::Reply { request: 7, outcome: Outcome::Done(encode(&12u16)) })),
        ),
        (
            "refusal",
            hex(&write_control(&ServerMessage::Reply {
                request: 8,
                outcome: Outcome::Refused(Refused::TooFast),
            })),
        ),
        (
            "chat from the server",
            hex(&write_control(&ServerMessage::Chat(Chat {
                tick: 1003,
                player: 3,
                name: "Ada".into(),
                channel: Channel::Team,
                text: "hi".into(),
            }))),
        ),
        ("players", hex(&write_control(&ServerMessage::Players(players)))),
        ("draining", hex(&write_control(&ServerMessage::Draining { seconds: 300 }))),
        ("received", hex(&write_control(&ServerMessage::Received { command: 7 }))),
        (
            "latest",
            hex(&write_control(&ServerMessage::Latest(Event {
                tick: 1000,
                body: encode(&GameEvent::Goal { by: 3, score: (3, 1) }),
            }))),
        ),
        (
            "command",
            hex(&write_control(&ClientMessage::Command {
                request: 7,
                reply: true,
                body: encode(&GameCommand::Cheer { text: "go".into() }),
            })),
        ),
        (
            "chat from the client",
            hex(&write_control(&ClientMessage::Chat {
                request: 8,
                reply: false,
                channel: Channel::Team,
                text: "hi".into(),
            })),
        ),
        ("pong", hex(&write_control(&ServerMessage::Pong { nonce: 7, tick: 1002 }))),
        ("ping", hex(&write_control(&ClientMessage::Ping { nonce: 7 }))),
        ("resync", hex(&write_control(&ClientMessage::Resync { tick: 1002 }))),
        ("ack", hex(&write_control(&ClientMessage::Ack { tick: 1002 }))),
        ("keyframe", hex(&recorder.write(&frames[0], true, None))),
        (
            "keyframe's hash",
            format!("{:08x}", area_hash(&layout(), AreaClass::PUBLIC, AreaFrame::whole(&frames[0]))),
        ),
        ("first delta", hex(&recorder.write(&frames[1], false, ack))),
        ("second delta", hex(&recorder.write(&frames[2], false, ack))),
        ("several areas", hex(&several_areas())),
        ("input", hex(&input)),
    ];
    let folded: String = DOCUMENT.split_whitespace().collect::<Vec<_>>().join(" ");
    let missing = examples.iter().filter(|(_, bytes)| !folded.contains(bytes.as_str()));
    let missing: Vec<_> = missing.map(|(name, bytes)| format!("{name}: {bytes}")).collect();
    assert!(missing.is_empty(), "docs/PROTOCOL.md lacks these examples:\n{}", missing.join("\n"));
}
