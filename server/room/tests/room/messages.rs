//! Messages beside the snapshots: events, commands and their replies, chat, and large messages in fragments.

use std::sync::Arc;

use crate::herd::{Command, Event, Herd};
use drumline_room::{Channel, ChatRules, GameSpec, PlayerId, RequestId, Room, RoomConfig, Setup};
use drumline_shared::Mirror;
use drumline_shared::encoding::{decode, encode};
use drumline_shared::error::MessageError;
use drumline_shared::wire::control::{Chat, Outcome, Refused, ServerMessage, read_control};
use drumline_shared::wire::fragment::Assembler;

const ADA: PlayerId = PlayerId::first(0);
const BEN: PlayerId = PlayerId::first(1);
const CY: PlayerId = PlayerId::first(2);

/// A room and its players' clients.
struct Stage {
    room: Room,
    clients: Vec<Client>,
    /// By player: the number of the last command or chat message.
    requests: [u32; 8],
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
            max_players: players,
            tick_rate_hz: 30,
            setup: Setup::new(5),
            budget_bytes,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules { burst: 3, ..ChatRules::default() },
        };
        let mut room = Room::new(Arc::clone(&spec), config);
        let client = |_| Client {
            mirror: Mirror::new(spec.layout.clone(), 30),
            assembler: Assembler::default(),
            received: Vec::new(),
            most_bytes: 0,
            kinds: Vec::new(),
        };
        let clients = (0..players).map(client).collect();
        for player in 0..players {
            room.join(&*format!("p{player}")).unwrap();
        }
        Self { room, clients, requests: [0; 8] }
    }

    /// Advances one tick and lets every client receive its messages.
    fn tick(&mut self) {
        self.room.tick();
        for player in 0..self.clients.len() as u16 {
            self.follow(PlayerId::first(player));
        }
    }

    /// Lets a client receive a tick's messages, then the snapshot, then fragments.
    fn follow(&mut self, player: PlayerId) {
        let (room, client) = (&mut self.room, &mut self.clients[player.index()]);
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

    fn next_request(&mut self, player: PlayerId, reply: bool) -> RequestId {
        let number = &mut self.requests[player.index()];
        *number += 1;
        RequestId { player, number: *number, reply }
    }

    /// Sends a command that wants no reply.
    fn command(&mut self, player: PlayerId, command: &Command) {
        let request = self.next_request(player, false);
        self.room.handle_command(request, &encode(command)).unwrap();
    }

    /// Sends a command that wants a reply.
    fn request(&mut self, player: PlayerId, command: &Command) {
        let request = self.next_request(player, true);
        self.room.handle_command(request, &encode(command)).unwrap();
    }

    /// Sends a chat message that wants a reply.
    fn chat(&mut self, player: PlayerId, channel: Channel, text: &str) {
        let request = self.next_request(player, true);
        self.room.handle_chat(request, channel, text).unwrap();
    }

    /// The calls that a player has received: tick and caller.
    fn calls(&self, player: PlayerId) -> Vec<(u32, PlayerId)> {
        let events = self.clients[player.index()].received.iter().filter_map(|message| match message {
            ServerMessage::Event(event) => Some((event.tick, decode(&event.body).unwrap())),
            _ => None,
        });
        events
            .filter_map(|(tick, event)| if let Event::Call { by } = event { Some((tick, by)) } else { None })
            .collect()
    }

    fn replies(&self, player: PlayerId) -> Vec<(u32, Outcome)> {
        let received = self.clients[player.index()].received.iter();
        received
            .filter_map(|message| match message {
                ServerMessage::Reply { request, outcome } => Some((*request, outcome.clone())),
                _ => None,
            })
            .collect()
    }

    fn chats(&self, player: PlayerId) -> Vec<(u32, u32, String)> {
        let received = self.clients[player.index()].received.iter();
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
    stage.command(ADA, &Command::Call);
    stage.tick();
    stage.command(BEN, &Command::Whisper(CY));
    stage.command(ADA, &Command::Whisper(PlayerId::first(77)));
    stage.command(CY, &Command::Team(0));
    stage.tick();
    assert_eq!(stage.calls(ADA), [(1, ADA), (2, CY)]);
    assert_eq!(stage.calls(BEN), [(1, ADA)]);
    assert_eq!(stage.calls(CY), [(1, ADA), (2, BEN), (2, CY)]);
}

#[test]
fn commands_are_processed_and_answered_in_the_order_of_their_arrival() {
    let mut stage = Stage::new(2, 4096);
    for _ in 1..=10 {
        stage.request(ADA, &Command::Call);
    }
    stage.request(BEN, &Command::Call);
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
    for _ in 1..=66 {
        stage.request(ADA, &Command::Call);
    }
    let next = RequestId { player: ADA, number: 67, reply: true };
    assert!(matches!(stage.room.handle_command(next, &[99]), Err(MessageError::Malformed(_))));
    assert_eq!(stage.room.handle_command(next, &[0, 0]), Err(MessageError::TrailingBytes));
    stage.tick();
    // The refusal uses no number: 65 is sent again, and 66, which was ignored, after it.
    assert_eq!(stage.replies(ADA)[0], (65, Outcome::Refused(Refused::TooMany)));
    stage.requests[0] = 64;
    stage.request(ADA, &Command::Call);
    stage.request(ADA, &Command::Call);
    for _ in 0..9 {
        stage.tick();
    }
    let answered: Vec<u32> = stage.replies(ADA)[1..].iter().map(|(request, _)| *request).collect();
    assert_eq!(answered, (1..=66).collect::<Vec<_>>());
    let stats = stage.room.stats();
    assert_eq!((stats.commands_refused, stats.malformed_commands), (1, 2));
}

#[test]
fn a_command_is_executed_once_however_often_it_arrives_and_a_gap_is_an_error() {
    let mut stage = Stage::new(1, 4096);
    let send = |stage: &mut Stage, number| {
        let request = RequestId { player: ADA, number, reply: true };
        stage.room.handle_command(request, &encode(&Command::Call))
    };
    for number in [1, 1, 2, 1, 2, 0] {
        send(&mut stage, number).unwrap();
    }
    stage.tick();
    send(&mut stage, 2).unwrap();
    assert!(matches!(send(&mut stage, 4), Err(MessageError::Malformed(_))));
    let request = RequestId { player: ADA, number: 4, reply: false };
    assert!(matches!(stage.room.handle_chat(request, Channel::Room, "x"), Err(MessageError::Malformed(_))));
    stage.tick();
    assert_eq!(stage.calls(ADA), [(1, ADA), (1, ADA)]);
    assert_eq!(stage.replies(ADA).len(), 2);
    let received = stage.clients[0].received.iter();
    let confirmed = received.filter_map(|message| match message {
        ServerMessage::Received { command } => Some(*command),
        _ => None,
    });
    assert_eq!(confirmed.collect::<Vec<_>>(), [2], "once a tick, and only if it rose");
}

#[test]
fn a_reply_may_be_sent_later_and_on_another_connection() {
    let mut stage = Stage::new(2, 4096);
    stage.request(ADA, &Command::Later(3));
    stage.request(BEN, &Command::Later(3));
    stage.tick();
    stage.room.hold(BEN);
    stage.tick();
    stage.room.resume(BEN, None);
    stage.tick();
    stage.tick();
    let reply = [(1, Outcome::Done(encode(&0u32)))];
    assert_eq!((stage.replies(ADA), stage.replies(BEN)), (reply.to_vec(), reply.to_vec()));
}

#[test]
fn a_player_that_resumes_receives_missed_events_and_commands_of_a_player_that_left_are_dropped() {
    let mut stage = Stage::new(2, 4096);
    stage.tick();
    stage.room.hold(BEN);
    stage.command(ADA, &Command::Call);
    stage.tick();
    assert_eq!(stage.calls(BEN), []);
    stage.room.resume(BEN, None);
    stage.command(BEN, &Command::Call);
    stage.room.leave(BEN);
    let new = stage.room.join("new").unwrap();
    assert_eq!((new.seat(), new.generation()), (BEN.seat(), 1));
    stage.requests[1] = 0;
    stage.clients[1].mirror = Mirror::new(GameSpec::of::<Herd>().layout, 30);
    stage.tick();
    assert_eq!(stage.calls(ADA).len(), 1, "a command of a player that has left is dropped");

    stage.room.hold(new);
    stage.command(ADA, &Command::Call);
    stage.tick();
    stage.room.resume(new, None);
    stage.tick();
    assert_eq!(stage.calls(new), [(4, ADA)]);
}

#[test]
fn chat_goes_to_the_room_or_the_team_and_is_refused_with_a_reason() {
    let mut stage = Stage::new(5, 4096);
    stage.chat(ADA, Channel::Room, " a wolf ");
    stage.chat(CY, Channel::Team, "psst");
    stage.tick();
    assert_eq!(stage.chats(ADA), [(1, 0, "a sheep".to_owned()), (1, 2, "psst".to_owned())]);
    assert_eq!(stage.chats(BEN), [(1, 0, "a sheep".to_owned())]);
    assert_eq!(stage.replies(ADA), [(1, Outcome::Done(Vec::new()))]);

    stage.chat(ADA, Channel::Room, "help!");
    stage.chat(ADA, Channel::Room, &"x".repeat(201));
    stage.chat(ADA, Channel::Room, "\u{202e}");
    stage.chat(ADA, Channel::Team, "1");
    stage.chat(ADA, Channel::Room, "2");
    stage.chat(ADA, Channel::Room, "3");
    stage.chat(PlayerId::first(4), Channel::Team, "anybody?");
    stage.chat(BEN, Channel::Room, "\u{202e}");
    stage.tick();
    let reasons: Vec<(u32, Outcome)> = stage.replies(ADA)[1..].to_vec();
    let refused = |request, reason| (request, Outcome::Refused(reason));
    // Messages that break the rules are refused on arrival; the others are answered by the tick.
    let expected = [
        refused(3, Refused::TooLong),
        // The rate counts refused ones too, and is checked first: a flood costs no look at its text.
        refused(4, Refused::TooFast),
        refused(5, Refused::TooFast),
        refused(6, Refused::TooFast),
        refused(7, Refused::TooFast),
        refused(2, Refused::NotAllowed),
    ];
    assert_eq!(reasons, expected);
    assert_eq!(stage.replies(BEN), [refused(1, Refused::BadText)]);
    assert_eq!(stage.replies(PlayerId::first(4)), [refused(1, Refused::NoTeam)]);
    let stats = stage.room.stats();
    assert_eq!((stats.chats_sent, stats.chats_refused), (2, 8));
}

#[test]
fn a_large_message_is_sent_in_fragments_behind_the_snapshots_of_some_ticks() {
    const BYTES: u32 = 255 * 1024;
    let mut stage = Stage::new(1, 300);
    for _ in 0..20 {
        stage.tick();
    }
    stage.request(ADA, &Command::Story(BYTES));
    stage.request(ADA, &Command::Call);
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
    assert!(ticks < 20, "{ticks} ticks: the client takes more than a fragment each");
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
    stage.command(ADA, &Command::Story(50_000));
    stage.tick();
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
}

#[test]
fn an_event_that_is_too_large_is_not_sent_and_counted() {
    let mut stage = Stage::new(1, 4096);
    stage.request(ADA, &Command::Story(300 * 1024));
    stage.tick();
    assert_eq!(stage.room.stats().events_dropped, 1);
    assert_eq!(stage.replies(ADA).len(), 1, "and all else is");
    assert_eq!(stage.room.kick_reason(ADA), None);
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let run = || {
        let mut stage = Stage::new(3, 1000);
        for tick in 0..200u32 {
            let player = PlayerId::first((tick % 3) as u16);
            match tick % 7 {
                0 => stage.request(player, &Command::Story(tick * 40)),
                1 => stage.request(player, &Command::Team(1)),
                2 => stage.request(player, &Command::Later(tick + 5)),
                3 => stage.chat(player, Channel::Room, &format!("at {tick}")),
                _ => stage.request(player, &Command::Whisper(BEN)),
            }
            stage.tick();
        }
        stage.clients.into_iter().map(|client| client.received).collect::<Vec<_>>()
    };
    let received = run();
    assert!(received.iter().all(|received| received.len() > 100));
    assert_eq!(received, run());
}
