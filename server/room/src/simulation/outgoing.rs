//! Messages of one tick, on their way to their recipients.

use bytes::Bytes;
use drumline_shared::encoding::encode_within;
use drumline_shared::limits::{MAX_MESSAGE_BYTES, MAX_SENT_BYTES_PER_TICK, MAX_SENT_PER_TICK};
use drumline_shared::wire::control::{
    Channel, Chat, Event, ListedPlayer, Outcome, PlayerList, ServerMessage, write_control,
};
use serde::Serialize;

use crate::player_id::PlayerId;
use crate::record::RequestId;
use crate::simulation::request::Request;

/// Bytes of a message around a game's own value: kind, variant, tick or request, length.
const HEAD_BYTES: usize = 16;

/// The recipients of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Every player.
    All,
    /// One player.
    Player(PlayerId),
    /// The players of a team.
    Team(u16),
    /// The player who made a request, on the connection that it came on.
    Request(RequestId),
}

/// The kind of a message: each has limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// An event of the game.
    Event,
    /// The reply to a command or a chat message.
    Reply,
    /// A chat message.
    Chat,
    /// The players of the room, or changes of them.
    Players,
}

/// A serialized message and its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The recipients.
    pub to: To,
    /// The kind.
    pub kind: MessageKind,
    /// The message, serialized once for all.
    pub bytes: Bytes,
}

/// The messages of one tick, in their order.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    messages: Vec<OutgoingMessage>,
    /// Events and replies of the game, and their bytes.
    count: usize,
    bytes: usize,
    dropped: u32,
    names_teams: bool,
}

impl Outgoing {
    pub(crate) fn event<T: Serialize>(&mut self, to: To, tick: u32, event: &T) {
        let body = encode_within(event, MAX_MESSAGE_BYTES - HEAD_BYTES);
        self.push_limited(
            to,
            MessageKind::Event,
            body.map(|body| ServerMessage::Event(Event { tick, body })),
        );
    }

    #[expect(clippy::needless_pass_by_value, reason = "a request is used up: there is one reply at most")]
    pub(crate) fn reply<T: Serialize>(&mut self, request: Request, reply: &T) {
        if request.wants_reply() {
            let request = request.id();
            let body = encode_within(reply, MAX_MESSAGE_BYTES - HEAD_BYTES);
            let reply = |body| ServerMessage::Reply { request: request.number, outcome: Outcome::Done(body) };
            self.push_limited(To::Request(request), MessageKind::Reply, body.map(reply));
        }
    }

    /// Answers a request that is not the game's business, if an answer is wanted.
    pub(crate) fn answer(&mut self, request: RequestId, outcome: Outcome) {
        if request.number != 0 {
            let reply = ServerMessage::Reply { request: request.number, outcome };
            self.push(To::Request(request), MessageKind::Reply, write_control(&reply).into());
        }
    }

    /// Sends a chat message. The rate limit of its speaker bounds them, so they do not count against the game's own messages.
    pub(crate) fn chat(
        &mut self,
        tick: u32,
        player: PlayerId,
        name: &str,
        channel: Channel,
        text: String,
        to: To,
    ) {
        let chat = Chat { tick, player: player.0, name: name.to_owned(), channel, text };
        self.push(to, MessageKind::Chat, write_control(&ServerMessage::Chat(chat)).into());
    }

    /// Sends every client the players who have changed.
    pub(crate) fn players(&mut self, players: Vec<ListedPlayer>) {
        let list = ServerMessage::Players(PlayerList { complete: false, players });
        self.push(To::All, MessageKind::Players, write_control(&list).into());
    }

    /// Adds a message of the game, unless it is too large or the tick has too many.
    fn push_limited(&mut self, to: To, kind: MessageKind, message: Option<ServerMessage>) {
        let message = message.map(|message| Bytes::from(write_control(&message)));
        let fits = |message: &Bytes| {
            self.count < MAX_SENT_PER_TICK && self.bytes + message.len() <= MAX_SENT_BYTES_PER_TICK
        };
        match message.filter(fits) {
            Some(message) => {
                self.count += 1;
                self.bytes += message.len();
                self.push(to, kind, message);
            }
            None => self.dropped += 1,
        }
    }

    fn push(&mut self, to: To, kind: MessageKind, bytes: Bytes) {
        self.names_teams |= matches!(to, To::Team(_));
        self.messages.push(OutgoingMessage { to, kind, bytes });
    }

    /// Starts another tick, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        (self.count, self.bytes, self.dropped, self.names_teams) = (0, 0, 0, false);
    }

    pub(crate) fn messages(&self) -> &[OutgoingMessage] {
        &self.messages
    }

    /// Messages that were too large or too many.
    pub(crate) fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Returns true if a message is for a team.
    pub(crate) fn names_teams(&self) -> bool {
        self.names_teams
    }
}
