//! Messages beside the snapshots: events, commands and their replies, chat, and large messages in fragments.

use std::sync::Arc;

use crate::herd::{Command, Event, Herd};
use drumline_room::{Channel, ChatRules, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::Mirror;
use drumline_shared::encoding::{decode, encode};
use drumline_shared::error::MessageError;
use drumline_shared::wire::control::{Chat, Outcome, Refused, ServerMessage, read_control};
use drumline_shared::wire::fragment::Assembler;

const ADA: PlayerId = PlayerId(0);
const BEN: PlayerId = PlayerId(1);
const CY: PlayerId = PlayerId(2);

/// A room and its players' clients.
struct Stage {
    room: Room,
    clients: Vec<Client>,
}

struct Client {
    mirror: Mirror,
    assembler: Assembler,
    received: Vec<ServerMessage>,
    /// The most bytes of snapshots and fragments in one tick.
    most_bytes: usize,
    /// The kinds of the last tick's messages, in order.
    kinds: Vec<u8>,
}

impl Stage {
    fn new(players: u16, budget_bytes: u32) -> Self {
        let spec = Arc::new(GameSpec::of::<Herd>());
        let config = RoomConfig {
            id: "r".into(),
            max_players: players,
            tick_rate_hz: 30,
            setup: Setup::new(5),
            budget_bytes,
            chat: ChatRules { burst: 3, ..ChatRules::default() },
        };
        let mut room = Room::new(Arc::clone(&spec), config);
        let client = |_| Client {
            mirror: Mirror::new(spec.layout.clone()),
            assembler: Assembler::default(),
            received: Vec::new(),
            most_bytes: 0,
            kinds: Vec::new(),
        };
        let clients = (0..players).map(client).collect();
        for player in 0..players {
            room.join(&*format!("p{player}")).unwrap();
        }
        Self { room, clients }
    }

    /// Advances one tick and lets every client receive its messages.
    fn tick(&mut self) {
        self.room.tick();
        for player in 0..self.clients.len() as u16 {
            self.follow(PlayerId(player));
        }
    }

    /// Lets a client receive a tick's messages, then the snapshot, then fragments.
    fn follow(&mut self, player: PlayerId) {
        let (room, client) = (&mut self.room, &mut self.clients[usize::from(player.0)]);
        let mut bytes = 0;
        client.kinds.clear();
        while let Some(message) = room.poll_message(player) {
            client.receive(&message);
            client.kinds.push(message[0] & 3);
        }
        if let Some(snapshot) = room.poll_snapshot(player) {
            let tick = client.mirror.apply(snapshot).unwrap().tick;
            client.kinds.push(1);
            bytes += snapshot.len();
            room.handle_ack(player, tick);
        }
        while let Some(fragment) = room.poll_fragment(player) {
            bytes += fragment.len();
            client.kinds.push(fragment[0] & 3);
            if let Some(message) = client.assembler.take(fragment).unwrap() {
                client.receive(&message);
            }
        }
        client.most_bytes = client.most_bytes.max(bytes);
    }

    fn command(&mut self, player: PlayerId, request: u32, command: &Command) {
        self.room.handle_command(player, request, &encode(command)).unwrap();
    }

    /// The calls that a player has received: tick and caller.
    fn calls(&self, player: PlayerId) -> Vec<(u32, PlayerId)> {
        let events =
            self.clients[usize::from(player.0)].received.iter().filter_map(|message| match message {
                ServerMessage::Event(event) => Some((event.tick, decode(&event.body).unwrap())),
                _ => None,
            });
        events
            .filter_map(|(tick, event)| if let Event::Call { by } = event { Some((tick, by)) } else { None })
            .collect()
    }

    fn replies(&self, player: PlayerId) -> Vec<(u32, Outcome)> {
        let received = self.clients[usize::from(player.0)].received.iter();
        received
            .filter_map(|message| match message {
                ServerMessage::Reply { request, outcome } => Some((*request, outcome.clone())),
                _ => None,
            })
            .collect()
    }

    fn chats(&self, player: PlayerId) -> Vec<(u32, u16, String)> {
        let received = self.clients[usize::from(player.0)].received.iter();
        received
            .filter_map(|message| match message {
                ServerMessage::Chat(Chat { tick, player, text, .. }) => Some((*tick, *player, text.clone())),
                _ => None,
            })
            .collect()
    }
}

impl Client {
    fn receive(&mut self, message: &[u8]) {
        self.received.push(read_control(message).unwrap());
    }
}

#[test]
fn events_go_to_all_to_one_and_to_a_team() {
    let mut stage = Stage::new(3, 4096);
    stage.command(ADA, 0, &Command::Call);
    stage.tick();
    stage.command(BEN, 0, &Command::Whisper(CY));
    stage.command(ADA, 0, &Command::Whisper(PlayerId(77)));
    stage.command(CY, 0, &Command::Team(0));
    stage.tick();
    assert_eq!(stage.calls(ADA), [(1, ADA), (2, CY)]);
    assert_eq!(stage.calls(BEN), [(1, ADA)]);
    assert_eq!(stage.calls(CY), [(1, ADA), (2, BEN), (2, CY)]);
}

#[test]
fn commands_are_processed_and_answered_in_the_order_of_their_arrival() {
    let mut stage = Stage::new(2, 4096);
    for request in 1..=10 {
        stage.command(ADA, request, &Command::Call);
    }
    stage.command(BEN, 7, &Command::Call);
    stage.tick();
    let calls: Vec<PlayerId> = stage.calls(BEN).into_iter().map(|(_, by)| by).collect();
    assert_eq!(calls, [[ADA; 8].to_vec(), vec![BEN]].concat());
    stage.tick();
    assert_eq!(stage.calls(BEN).len(), 11);
    let answered: Vec<u32> = stage.replies(ADA).into_iter().map(|(request, _)| request).collect();
    assert_eq!(answered, (1..=10).collect::<Vec<_>>());
    assert!(stage.replies(ADA).iter().all(|(_, outcome)| matches!(outcome, Outcome::Done(_))));
    assert_eq!(stage.replies(BEN).len(), 1);
}

#[test]
fn too_many_commands_are_refused_and_a_malformed_one_is_an_error() {
    let mut stage = Stage::new(1, 4096);
    for request in 1..=66 {
        stage.command(ADA, request, &Command::Call);
    }
    let malformed = stage.room.handle_command(ADA, 1, &[99]);
    assert!(matches!(malformed, Err(MessageError::Malformed(_))));
    assert_eq!(stage.room.handle_command(ADA, 1, &[0, 0]), Err(MessageError::TrailingBytes));
    stage.tick();
    let refused = Outcome::Refused(Refused::TooMany);
    assert_eq!(stage.replies(ADA)[..2], [(65, refused.clone()), (66, refused)]);
    let stats = stage.room.stats();
    assert_eq!((stats.commands_refused, stats.malformed_commands), (2, 2));
}

#[test]
fn a_reply_may_be_sent_later_but_not_to_another_connection() {
    let mut stage = Stage::new(2, 4096);
    stage.command(ADA, 5, &Command::Later(3));
    stage.command(BEN, 5, &Command::Later(3));
    stage.tick();
    stage.room.hold(BEN);
    stage.tick();
    stage.room.resume(BEN, None);
    stage.tick();
    stage.tick();
    assert_eq!(stage.replies(ADA), [(5, Outcome::Done(encode(&0u32)))]);
    assert_eq!(stage.replies(BEN), []);
}

#[test]
fn a_player_that_resumes_receives_missed_events_and_commands_of_a_player_that_left_are_dropped() {
    let mut stage = Stage::new(2, 4096);
    stage.tick();
    stage.room.hold(BEN);
    stage.command(ADA, 0, &Command::Call);
    stage.tick();
    assert_eq!(stage.calls(BEN), []);
    stage.room.resume(BEN, None);
    stage.command(BEN, 0, &Command::Call);
    stage.room.leave(BEN);
    assert_eq!(stage.room.join("new"), Ok(BEN));
    stage.clients[1].mirror = Mirror::new(GameSpec::of::<Herd>().layout);
    stage.tick();
    assert_eq!(stage.calls(ADA).len(), 1, "a command of a player that has left is dropped");

    stage.room.hold(BEN);
    stage.command(ADA, 0, &Command::Call);
    stage.tick();
    stage.room.resume(BEN, None);
    stage.tick();
    assert_eq!(stage.calls(BEN), [(4, ADA)]);
}

#[test]
fn chat_goes_to_the_room_or_the_team_and_is_refused_with_a_reason() {
    let mut stage = Stage::new(5, 4096);
    let chat = |stage: &mut Stage, player, request, channel, text: &str| {
        stage.room.handle_chat(player, request, channel, text);
    };
    chat(&mut stage, ADA, 1, Channel::Room, " a wolf ");
    chat(&mut stage, CY, 1, Channel::Team, "psst");
    stage.tick();
    assert_eq!(stage.chats(ADA), [(1, 0, "a sheep".to_owned()), (1, 2, "psst".to_owned())]);
    assert_eq!(stage.chats(BEN), [(1, 0, "a sheep".to_owned())]);
    assert_eq!(stage.replies(ADA), [(1, Outcome::Done(Vec::new()))]);

    chat(&mut stage, ADA, 2, Channel::Room, "help!");
    chat(&mut stage, ADA, 3, Channel::Room, &"x".repeat(201));
    chat(&mut stage, ADA, 4, Channel::Room, "\u{202e}");
    chat(&mut stage, ADA, 5, Channel::Team, "1");
    chat(&mut stage, ADA, 6, Channel::Room, "2");
    chat(&mut stage, ADA, 0, Channel::Room, "3");
    chat(&mut stage, PlayerId(4), 1, Channel::Team, "anybody?");
    stage.tick();
    let reasons: Vec<(u32, Outcome)> = stage.replies(ADA)[1..].to_vec();
    let refused = |request, reason| (request, Outcome::Refused(reason));
    // Messages that break the rules are refused on arrival; the others are answered by the tick.
    let expected = [
        refused(3, Refused::TooLong),
        refused(4, Refused::BadText),
        refused(6, Refused::TooFast),
        refused(2, Refused::NotAllowed),
        (5, Outcome::Done(Vec::new())),
    ];
    assert_eq!(reasons, expected);
    assert_eq!(stage.replies(PlayerId(4)), [refused(1, Refused::NoTeam)]);
    let stats = stage.room.stats();
    assert_eq!((stats.chats_sent, stats.chats_refused), (3, 6));
}

#[test]
fn a_large_message_is_sent_in_fragments_behind_the_snapshots_of_many_ticks() {
    const BYTES: u32 = 255 * 1024;
    let mut stage = Stage::new(1, 300);
    for _ in 0..20 {
        stage.tick();
    }
    let snapshots = stage.clients[0].most_bytes;
    stage.command(ADA, 1, &Command::Story(BYTES));
    stage.command(ADA, 2, &Command::Call);
    let mut ticks = 0;
    while stage.replies(ADA).len() < 2 {
        let before = stage.clients[0].mirror.tick();
        stage.tick();
        let client = &stage.clients[0];
        assert_eq!(client.mirror.tick(), before + 1, "every tick has its snapshot");
        let snapshot = client.kinds.iter().position(|&kind| kind == 1).unwrap();
        assert!(client.kinds[..snapshot].iter().all(|&kind| kind == 0), "{:?}", client.kinds);
        assert!(client.kinds[snapshot + 1..].iter().all(|&kind| kind == 3), "{:?}", client.kinds);
        ticks += 1;
    }
    let most = stage.clients[0].most_bytes;
    assert!(most <= snapshots.max(400) + 1024 + 4 + 200, "{most} bytes of a tick, without it {snapshots}");
    assert!((255..=260).contains(&ticks), "{ticks} ticks, a fragment each");
    let stories = stage.clients[0].received.iter().filter_map(|message| match message {
        ServerMessage::Event(event) => match decode(&event.body).unwrap() {
            Event::Story(story) => Some((event.tick, story.len())),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(stories.collect::<Vec<_>>(), [(21, BYTES as usize)]);
    assert_eq!(stage.calls(ADA), [(21, ADA)], "a message sent after it arrives after it");
}

#[test]
fn a_large_message_starts_again_on_another_connection() {
    let mut stage = Stage::new(1, 4096);
    stage.command(ADA, 0, &Command::Story(50_000));
    for _ in 0..5 {
        stage.tick();
    }
    assert!(stage.clients[0].kinds.contains(&3));
    stage.room.hold(ADA);
    stage.tick();
    stage.room.resume(ADA, None);
    stage.clients[0].assembler = Assembler::default();
    for _ in 0..20 {
        stage.tick();
    }
    let is_story = |message: &&ServerMessage| match message {
        ServerMessage::Event(event) => {
            matches!(decode(&event.body), Ok(Event::Story(story)) if story.len() == 50_000)
        }
        _ => false,
    };
    assert_eq!(stage.clients[0].received.iter().filter(is_story).count(), 1);
    assert!(stage.clients[0].most_bytes <= 8192, "a few fragments a tick: {}", stage.clients[0].most_bytes);
}

#[test]
fn an_event_that_is_too_large_is_dropped_and_counted() {
    let mut stage = Stage::new(1, 4096);
    stage.command(ADA, 1, &Command::Story(300 * 1024));
    stage.tick();
    assert_eq!(stage.room.stats().events_dropped, 1);
    assert_eq!(stage.replies(ADA).len(), 1, "and nothing else is dropped");
    assert_eq!(stage.room.kick_reason(ADA), None);
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let run = || {
        let mut stage = Stage::new(3, 1000);
        for tick in 0..200u32 {
            let player = PlayerId((tick % 3) as u16);
            match tick % 7 {
                0 => stage.command(player, tick, &Command::Story(tick * 40)),
                1 => stage.command(player, tick, &Command::Team(1)),
                2 => stage.command(player, tick, &Command::Later(tick + 5)),
                3 => stage.room.handle_chat(player, tick, Channel::Room, &format!("at {tick}")),
                _ => stage.command(player, tick, &Command::Whisper(BEN)),
            }
            stage.tick();
        }
        stage.clients.into_iter().map(|client| client.received).collect::<Vec<_>>()
    };
    let received = run();
    assert!(received.iter().all(|received| received.len() > 100));
    assert_eq!(received, run());
}
