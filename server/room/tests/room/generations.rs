//! A seat that is taken again: its new player is another one, whatever the game leaves of the former.

use std::sync::Arc;

use drumline_room::{
    ChatRules, DEFAULT_OUTBOX_BYTES, Game, GameSpec, JoinRefused, PlayerId, RequestId, Room, RoomConfig,
    SessionTerms, Setup, Tick, game,
};
use drumline_shared::encoding::encode;
use drumline_shared::wire::control::{PlayerStatus, ServerMessage, read_control};
use drumline_shared::{Mirror, Replicate, Single, Table, World};

#[derive(Debug, Default, PartialEq, Replicate)]
struct Note {
    author: PlayerId,
    #[sync(audience = owner)]
    secret: u16,
}

#[derive(Debug, Default, PartialEq, Replicate)]
struct Contest {
    winner: Option<PlayerId>,
    asked: u8,
}

#[derive(Default, World)]
struct Desk {
    #[sync(owner = author)]
    notes: Table<Note>,
    contest: Single<Contest>,
}

const NOTES: usize = 0;
const CONTEST: usize = 1;

#[derive(Debug, Default, Replicate)]
struct Idle {
    waits: bool,
}

/// A game that forgets nobody: it removes nothing when a player leaves, and whispers to the first player for ever.
#[derive(Default)]
struct Diary {
    desk: Desk,
    first: Option<PlayerId>,
}

#[game]
impl Game for Diary {
    const NAME: &'static str = "diary";
    type World = Desk;
    type Input = Idle;
    type Event = u8;
    type Command = u8;

    fn new(_setup: &Setup) -> Self {
        Self::default()
    }

    fn world(&self) -> &Desk {
        &self.desk
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        let first = *self.first.get_or_insert(player);
        self.desk.contest.winner = Some(first);
        self.desk.notes.insert(Note { author: player, secret: 7 });
        Ok(())
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (_, asked, _) in tick.commands() {
            self.desk.contest.asked += asked;
        }
        if let Some(first) = self.first {
            tick.send(first, &1);
        }
    }
}

fn room() -> Room {
    let config = RoomConfig {
        max_players: 2,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: 4096,
        outbox_bytes: DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    Room::new(Arc::new(GameSpec::of::<Diary>()), config)
}

/// The state that a client has after the next snapshot, and the messages before it.
fn receive(room: &mut Room, player: PlayerId, mirror: &mut Mirror) -> Vec<ServerMessage> {
    let messages = std::iter::from_fn(|| room.poll_message(player));
    let messages = messages.map(|message| read_control(&message).unwrap()).collect();
    mirror.apply(room.poll_snapshot(player).unwrap()).unwrap();
    messages
}

fn mirror() -> Mirror {
    Mirror::new(GameSpec::of::<Diary>().layout, 30)
}

/// Notes whose secrets a client sees.
fn secrets(mirror: &Mirror) -> Vec<PlayerId> {
    mirror.rows::<Note>(NOTES).filter(|(_, note)| note.secret == 7).map(|(_, note)| note.author).collect()
}

#[test]
fn the_next_player_of_a_seat_is_not_taken_for_the_former() {
    let mut room = room();
    let first = room.join("first").unwrap();
    let mut before = mirror();
    room.tick();
    let messages = receive(&mut room, first, &mut before);
    assert!(messages.iter().any(|message| matches!(message, ServerMessage::Event(_))));
    assert_eq!(secrets(&before), [first]);

    room.leave(first);
    let next = room.join("next").unwrap();
    assert_eq!((next.seat(), next.generation()), (first.seat(), 1));
    let Ok(ServerMessage::Welcome(welcome)) = read_control(&room.welcome(next, SessionTerms::default()))
    else {
        panic!("a welcome")
    };
    assert_eq!((welcome.player, first.number()), (2048, 0));
    room.tick();
    let mut after = mirror();
    let messages = receive(&mut room, next, &mut after);
    assert!(!messages.iter().any(|message| matches!(message, ServerMessage::Event(_))), "{messages:?}");
    assert_eq!(after.rows::<Note>(NOTES).count(), 2, "the game has kept both notes");
    assert_eq!(secrets(&after), [next], "and each is its own author's");
    let contest = after.rows::<Contest>(CONTEST).next().unwrap().1;
    assert_eq!(contest.winner, Some(first), "nobody else has won");
}

#[test]
fn others_are_told_that_one_player_has_left_and_another_has_come() {
    let mut room = room();
    let first = room.join("first").unwrap();
    let other = room.join("other").unwrap();
    let mut seen = mirror();
    room.tick();
    receive(&mut room, other, &mut seen);
    room.leave(first);
    let next = room.join("next").unwrap();
    room.tick();
    let messages = receive(&mut room, other, &mut seen);
    let listed = messages.iter().find_map(|message| match message {
        ServerMessage::Players(list) => Some(&list.players),
        _ => None,
    });
    let listed: Vec<_> = listed.unwrap().iter().map(|listed| (listed.player, listed.status)).collect();
    assert_eq!(listed, [(first.number(), PlayerStatus::Left), (next.number(), PlayerStatus::Connected)]);
}

#[test]
fn what_a_former_player_has_asked_for_is_not_done_for_the_next() {
    let mut room = room();
    let first = room.join("first").unwrap();
    room.tick();
    let ask = |player| RequestId { player, number: 1, reply: true };
    room.handle_command(ask(first), &encode(&5u8)).unwrap();
    room.leave(first);
    // The driver may still name the former player.
    room.leave(first);
    let next = room.join("next").unwrap();
    room.leave(first);
    assert_eq!(room.players().map(|(player, _)| player).collect::<Vec<_>>(), [next]);
    room.handle_command(ask(next), &encode(&1u8)).unwrap();
    room.tick();
    let mut seen = mirror();
    let messages = receive(&mut room, next, &mut seen);
    let replies = messages.iter().filter(|message| matches!(message, ServerMessage::Reply { .. }));
    assert_eq!(replies.count(), 0, "the game replies to nobody");
    assert_eq!(seen.rows::<Contest>(CONTEST).next().unwrap().1.asked, 1);
}
