//! Messages of one tick, on their way to their recipients.

use std::sync::Arc;

use bytes::Bytes;
use drumline_shared::Place;
use drumline_shared::encoding::encode_within;
use drumline_shared::limits::{MAX_MESSAGE_BYTES, MAX_SENT_BYTES_PER_TICK, MAX_SENT_PER_TICK};
use drumline_shared::wire::control::{
    Channel, Chat, Event, ListedPlayer, Outcome, PlayerList, Refused, ServerMessage, write_control,
};
use serde::Serialize;

use crate::player_id::PlayerId;
use crate::record::RequestId;
use crate::simulation::request::Request;

/// Bytes of a message around a game's own value: kind, variant, tick or request, length.
const HEAD_BYTES: usize = 16;

/// The recipients of an event: see [`Tick::send`](crate::Tick::send).
#[derive(Debug, Clone, PartialEq)]
pub enum To {
    /// Every player.
    All,
    /// Every player but one.
    Except(PlayerId),
    /// One player.
    Player(PlayerId),
    /// Some players.
    Each(Arc<[PlayerId]>),
    /// The players of a team. A player's team is that of [`Game::sight`](crate::Game::sight) after this tick.
    Team(u32),
    /// The players who see a place, by their [`Game::sight`](crate::Game::sight) after this tick: a point in their view, or a
    /// numbered zone of theirs. Points are in everybody's view if the game's interest is `Whole`.
    Seeing(Place),
}

impl From<PlayerId> for To {
    fn from(player: PlayerId) -> Self {
        Self::Player(player)
    }
}

impl From<&[PlayerId]> for To {
    fn from(players: &[PlayerId]) -> Self {
        Self::Each(players.into())
    }
}

impl To {
    /// Returns true if the players' sights decide who receives it.
    fn needs_sights(&self) -> bool {
        matches!(self, Self::Team(_) | Self::Seeing(_))
    }
}

/// The kind of a message: each has limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// An event of the game.
    Event,
    /// The reply to a command or a chat message.
    Reply,
    /// An event of which only the newest counts.
    Latest,
    /// A chat message.
    Chat,
    /// The players of the room, or changes of them.
    Players,
}

/// A serialized message and its recipients.
#[derive(Debug, Clone, PartialEq)]
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
    refused: RefusedSends,
    needs_sights: bool,
}

/// The outcome of sending a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way.
    Queued,
    /// It was not sent: it is larger than [`MAX_MESSAGE_BYTES`]. The client of a reply gets a refusal instead.
    TooLarge,
    /// It was not sent: the tick's [`MAX_SENT_PER_TICK`] messages or [`MAX_SENT_BYTES_PER_TICK`] bytes are used up.
    OverTickLimit,
}

/// Counts of a game's messages of one tick that were not sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RefusedSends {
    /// They were larger than a message may be.
    pub too_large: u32,
    /// They were beyond the limits of a tick.
    pub over_tick_limit: u32,
}

impl RefusedSends {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u32 {
        self.too_large + self.over_tick_limit
    }
}

impl Outgoing {
    pub(crate) fn event<T: Serialize>(&mut self, to: To, tick: u32, event: &T) -> Sent {
        let body = encode_within(event, MAX_MESSAGE_BYTES - HEAD_BYTES);
        let message = body.map(|body| ServerMessage::Event(Event { tick, body }));
        self.push_limited(to, MessageKind::Event, message)
    }

    pub(crate) fn latest<T: Serialize>(&mut self, to: To, tick: u32, event: &T) -> Sent {
        let body = encode_within(event, MAX_MESSAGE_BYTES - HEAD_BYTES);
        let message = body.map(|body| ServerMessage::Latest(Event { tick, body }));
        self.push_limited(to, MessageKind::Latest, message)
    }

    #[expect(clippy::needless_pass_by_value, reason = "a request is used up: there is one reply at most")]
    pub(crate) fn reply<T: Serialize>(&mut self, request: Request, reply: &T) -> Sent {
        if !request.wants_reply() {
            return Sent::Queued;
        }
        let request = request.id();
        let body = encode_within(reply, MAX_MESSAGE_BYTES - HEAD_BYTES);
        let reply =
            body.map(|body| ServerMessage::Reply { request: request.number, outcome: Outcome::Done(body) });
        let sent = self.push_limited(To::Player(request.player), MessageKind::Reply, reply);
        if sent != Sent::Queued {
            // The client waits: it learns at least that there is no reply.
            self.answer(request, Outcome::Refused(Refused::TooLarge));
        }
        sent
    }

    /// Answers a request without the game. A refusal is sent even if no reply is wanted.
    pub(crate) fn answer(&mut self, request: RequestId, outcome: Outcome) {
        if request.reply || outcome != Outcome::Done(Vec::new()) {
            let reply = ServerMessage::Reply { request: request.number, outcome };
            self.push(To::Player(request.player), MessageKind::Reply, write_control(&reply).into());
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
        let chat = Chat { tick, player: player.number(), name: name.to_owned(), channel, text };
        self.push(to, MessageKind::Chat, write_control(&ServerMessage::Chat(chat)).into());
    }

    /// Sends every client the players who have changed.
    pub(crate) fn players(&mut self, players: Vec<ListedPlayer>) {
        let list = ServerMessage::Players(PlayerList { complete: false, players });
        self.push(To::All, MessageKind::Players, write_control(&list).into());
    }

    /// Adds a message of the game, unless it is too large (`None`) or the tick has too many.
    fn push_limited(&mut self, to: To, kind: MessageKind, message: Option<ServerMessage>) -> Sent {
        let Some(message) = message.map(|message| Bytes::from(write_control(&message))) else {
            self.refused.too_large += 1;
            return Sent::TooLarge;
        };
        if self.count == MAX_SENT_PER_TICK || self.bytes + message.len() > MAX_SENT_BYTES_PER_TICK {
            self.refused.over_tick_limit += 1;
            return Sent::OverTickLimit;
        }
        self.count += 1;
        self.bytes += message.len();
        self.push(to, kind, message);
        Sent::Queued
    }

    fn push(&mut self, to: To, kind: MessageKind, bytes: Bytes) {
        self.needs_sights |= to.needs_sights();
        self.messages.push(OutgoingMessage { to, kind, bytes });
    }

    /// Starts another tick, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        (self.count, self.bytes, self.needs_sights) = (0, 0, false);
        self.refused = RefusedSends::default();
    }

    pub(crate) fn messages(&self) -> &[OutgoingMessage] {
        &self.messages
    }

    /// Messages of the game that were not sent.
    pub(crate) fn refused(&self) -> RefusedSends {
        self.refused
    }

    /// Returns true if a message goes to players by what they see.
    pub(crate) fn needs_sights(&self) -> bool {
        self.needs_sights
    }
}
