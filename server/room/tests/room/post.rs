//! A game that does nothing but send messages, and a client of it that keeps the protocol's rules of delivery.

use std::collections::VecDeque;
use std::sync::Arc;

use drumline_room::{
    Channel, ChatRules, Game, GameSpec, JoinRefused, PlayerId, Request, RequestId, Room, RoomConfig, Sent,
    SessionTerms, Setup, Tick, game,
};
use drumline_shared::encoding::{decode, encode};
use drumline_shared::wire::control::{Outcome, Refused, ServerMessage, read_control};
use drumline_shared::wire::fragment::{Assembler, KIND_FRAGMENT};
use drumline_shared::{Message, Mirror, Replicate, Single, World};
use serde::{Deserialize, Serialize};

#[derive(Default, Replicate)]
pub struct Clock {
    pub ticks: u32,
}

#[derive(Default, World)]
pub struct PostWorld {
    clock: Single<Clock>,
}

#[derive(Default, Replicate)]
pub struct NoInput {}

/// A parcel: its number among those of its sender (a player's seat, or 1000 for the game itself), and some weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Parcel {
    pub from: u16,
    pub number: u32,
    pub weight: String,
}

impl Parcel {
    fn new(from: u16, number: u32, bytes: u32) -> Self {
        Self { from, number, weight: "x".repeat(bytes as usize) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Sends all players a parcel of so many bytes. The reply is one as heavy.
    Send { bytes: u32 },
    /// Sends all players so many parcels, and replies how many were on their way.
    Burst { parcels: u32, bytes: u32 },
    /// Locks the room, or opens it.
    Lock(bool),
}

/// The parcels that the game sends by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mail {
    /// Parcels that a player gets on joining, and the bytes of each.
    pub at_join: u32,
    pub join_bytes: u32,
    /// Parcels to all players on each tick.
    pub a_tick: u32,
}

/// The number of the game's own parcels.
pub const GAME: u16 = 1000;

#[derive(Default)]
pub struct Post {
    world: PostWorld,
    mail: Mail,
    new: Vec<PlayerId>,
    /// The number of parcels of each sender.
    sent: Vec<u32>,
    sent_by_game: u32,
}

#[game]
impl Game for Post {
    const NAME: &'static str = "post";
    type World = PostWorld;
    type Input = NoInput;
    type Event = Parcel;
    type Command = Order;
    type Reply = Parcel;

    fn new(setup: &Setup) -> Self {
        let numbers: Vec<u32> = setup.mode.split(',').filter_map(|text| text.parse().ok()).collect();
        let mail = match numbers[..] {
            [at_join, join_bytes, a_tick] => Mail { at_join, join_bytes, a_tick },
            _ => Mail::default(),
        };
        Self { mail, sent: vec![0; 1024], ..Self::default() }
    }

    fn world(&self) -> &PostWorld {
        &self.world
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.new.push(player);
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.new.retain(|new| *new != player);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.world.clock.ticks += 1;
        for player in std::mem::take(&mut self.new) {
            for number in 1..=self.mail.at_join {
                let sent = tick.send(player, &Parcel::new(GAME + 1, number, self.mail.join_bytes));
                assert_eq!(sent, Sent::Queued);
            }
        }
        for _ in 0..self.mail.a_tick {
            self.sent_by_game += 1;
            tick.broadcast(&Parcel::new(GAME, self.sent_by_game, 10));
        }
        for (by, order, request) in tick.commands() {
            self.obey(tick, by, &order, request);
        }
    }
}

impl Post {
    fn obey(&mut self, tick: &mut Tick<Self>, by: PlayerId, order: &Order, request: Request) {
        let number = &mut self.sent[by.index()];
        match *order {
            Order::Lock(locked) => tick.lock(locked),
            Order::Send { bytes } => {
                *number += 1;
                tick.broadcast(&Parcel::new(by.seat(), *number, bytes));
                tick.reply(request, &Parcel::new(by.seat(), *number, bytes));
            }
            Order::Burst { parcels, bytes } => {
                let mut queued = 0;
                for _ in 0..parcels {
                    *number += 1;
                    queued +=
                        u32::from(tick.broadcast(&Parcel::new(by.seat(), *number, bytes)) == Sent::Queued);
                }
                tick.reply(request, &Parcel::new(by.seat(), queued, 0));
            }
        }
    }
}

/// A room of the game.
pub fn room(players: u16, mail: Mail) -> Room {
    let Mail { at_join, join_bytes, a_tick } = mail;
    let config = RoomConfig {
        max_players: players,
        tick_rate_hz: 30,
        setup: Setup { mode: format!("{at_join},{join_bytes},{a_tick}"), ..Setup::new(3) },
        budget_bytes: 4096,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules { burst: 4, ..ChatRules::default() },
    };
    Room::new(Arc::new(GameSpec::of::<Post>()), config)
}

/// A client that numbers what it sends, keeps it until it is confirmed, and drops what it receives twice.
pub struct Client {
    pub player: PlayerId,
    pub mirror: Mirror,
    assembler: Assembler,
    /// The number of the next reliable message on this connection, and of the next that is new.
    next: u32,
    wanted: u32,
    /// Messages that a welcome has told to be lost.
    pub lost: u32,
    /// The number of the last request; those that are not confirmed, and how many of them have gone on this connection.
    last_request: u32,
    kept: VecDeque<(u32, Letter)>,
    sent: usize,
    /// Requests that may be unconfirmed on the wire.
    pub window: usize,
    pub events: Vec<Parcel>,
    pub replies: Vec<(u32, Outcome)>,
    pub chats: Vec<String>,
    /// Messages that arrived twice and were dropped, and commands that were refused for now.
    pub doubles: u32,
    pub refused: u32,
}

/// The content of a request.
#[derive(Debug, Clone)]
pub enum Letter {
    Order(Order),
    Chat(String),
}

impl Client {
    /// Joins a room. It has the welcome, and nothing else.
    pub fn join(room: &mut Room, name: &str) -> Self {
        let player = room.join(name).unwrap();
        let mut client = Self {
            player,
            mirror: Mirror::new(GameSpec::of::<Post>().layout, 30),
            assembler: Assembler::default(),
            next: 1,
            wanted: 1,
            lost: 0,
            last_request: 0,
            kept: VecDeque::new(),
            sent: 0,
            window: 64,
            events: Vec::new(),
            replies: Vec::new(),
            chats: Vec::new(),
            doubles: 0,
            refused: 0,
        };
        client.welcome(room);
        client
    }

    /// Receives the welcome of a new connection.
    pub fn welcome(&mut self, room: &Room) {
        let message = room.welcome(self.player, SessionTerms::default());
        let Ok(ServerMessage::Welcome(welcome)) = read_control(&message) else { panic!("a welcome") };
        assert_eq!(welcome.epoch, 1);
        self.confirm(welcome.last_command);
        self.lost += welcome.next_message.saturating_sub(self.wanted);
        self.next = welcome.next_message;
        self.wanted = self.wanted.max(welcome.next_message);
        self.assembler = Assembler::default();
        self.sent = 0;
    }

    fn confirm(&mut self, number: u32) {
        while self.kept.front().is_some_and(|(kept, _)| *kept <= number) {
            self.kept.pop_front();
            self.sent = self.sent.saturating_sub(1);
        }
    }

    /// Writes a request. It goes with [`flush`](Self::flush).
    pub fn write(&mut self, letter: Letter) {
        self.last_request += 1;
        self.kept.push_back((self.last_request, letter));
    }

    /// Returns the requests that go now.
    pub fn flush(&mut self) -> Vec<(RequestId, Letter)> {
        let until = self.kept.len().min(self.window);
        let from = self.sent.min(until);
        self.sent = self.sent.max(until);
        let due = self.kept.range(from..until);
        due.map(|(number, letter)| {
            (RequestId { player: self.player, number: *number, reply: true }, letter.clone())
        })
        .collect()
    }

    /// Requests that are not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.kept.len()
    }

    /// Receives any message but the welcome.
    pub fn receive(&mut self, bytes: &[u8]) {
        match bytes[0] & 3 {
            0 => self.receive_control(bytes),
            KIND_FRAGMENT => {
                if let Some(message) = self.assembler.take(bytes).unwrap() {
                    self.receive_control(&message);
                }
            }
            _ => {
                self.mirror.apply(bytes).unwrap();
            }
        }
    }

    fn receive_control(&mut self, bytes: &[u8]) {
        let message: ServerMessage = read_control(bytes).unwrap();
        if message.is_reliable() {
            let number = self.next;
            self.next += 1;
            if number < self.wanted {
                self.doubles += 1;
                return;
            }
            self.wanted = number + 1;
        }
        match message {
            ServerMessage::Event(event) => self.events.push(decode(&event.body).unwrap()),
            ServerMessage::Reply { outcome: Outcome::Refused(Refused::TooMany), .. } => {
                self.refused += 1;
                self.sent = 0;
            }
            ServerMessage::Reply { request, outcome } => self.replies.push((request, outcome)),
            ServerMessage::Chat(chat) => self.chats.push(chat.text),
            ServerMessage::Received { command } => self.confirm(command),
            ServerMessage::Players(_) => {}
            other => panic!("unexpected: {other:?}"),
        }
    }

    /// The numbers of a sender's parcels that have arrived, in their order.
    pub fn parcels_of(&self, from: u16) -> Vec<u32> {
        self.events.iter().filter(|parcel| parcel.from == from).map(|parcel| parcel.number).collect()
    }
}

/// Hands a request to the room.
pub fn hand_over(room: &mut Room, request: RequestId, letter: &Letter) {
    match letter {
        Letter::Order(order) => room.handle_command(request, &encode(order)).unwrap(),
        Letter::Chat(text) => room.handle_chat(request, Channel::Room, text).unwrap(),
    }
}

/// Takes all that the room has for a client on a tick, as its driver does.
pub fn take(room: &mut Room, player: PlayerId) -> Vec<Vec<u8>> {
    let mut taken = Vec::new();
    while let Some(message) = room.poll_message(player) {
        taken.push(message.to_vec());
    }
    if let Some(snapshot) = room.poll_snapshot(player) {
        taken.push(snapshot.to_vec());
    }
    while let Some(fragment) = room.poll_fragment(player) {
        taken.push(fragment.to_vec());
    }
    taken
}

/// Lets a client live a tick on a perfect line: it receives all, acknowledges, and sends its requests.
pub fn follow(room: &mut Room, client: &mut Client) {
    for message in take(room, client.player) {
        client.receive(&message);
    }
    room.handle_ack(client.player, client.mirror.tick());
    for (request, letter) in client.flush() {
        hand_over(room, request, &letter);
    }
}
