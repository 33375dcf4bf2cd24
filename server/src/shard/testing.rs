//! Helpers for this layer's unit tests: a registered room without a thread, and clients on real sockets.

use std::io::{Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_arena::Arena;
use drumline_room::{GameSpec, Room, RoomConfig, Setup, Sleep, Spectators};
use drumline_shared::wire::control::{ServerMessage, Welcome, read_control};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::measure::metrics::Metrics;
use crate::net::closing_connection::ClosingConnection;
use crate::net::connection_slot::{ConnectionSlot, ServerSlots};
use crate::net::pending_connection::PendingConnection;
use crate::net::stream::Stream;
use crate::rooms::context::RoomContext;
use crate::rooms::drain::Drain;
use crate::rooms::entry::events::Events;
use crate::rooms::entry::{RoomEntry, RoomFacts};
use crate::rooms::handle::RoomHandle;
use crate::rooms::limits::Limits;
use crate::rooms::listing::RoomListing;
use crate::rooms::operator_command::OperatorCommand;
use crate::rooms::refusal::Refusal;
use crate::rooms::registration::Registration;
use crate::rooms::registry::RoomRegistry;
use crate::rooms::request::RoomChoice;
use crate::rooms::seats::reservation::{ResumeReservation, SeatReservation, SpectatorReservation};
use crate::rooms::seats::seat::SpectatorKind;
use crate::rooms::seats::session_tokens::{HoldTimes, SessionTokens};
use crate::rooms::seats::signing_key::SigningKey;
use crate::rooms::settings::{LobbyConfig, RoomsConfig, SameAccount};

use super::jobs::JobRunner;
use super::new_room::{NewRoom, RoomParts};

/// Viewers of a test's room, at most.
const VIEWERS: u16 = 3;

/// A room of the arena in a registry of its own.
#[derive(Debug)]
pub struct TestRoom {
    pub spec: Arc<GameSpec>,
    pub registry: Arc<RoomRegistry>,
    pub room: Arc<RoomHandle>,
    pub context: RoomContext,
}

impl TestRoom {
    /// A room with the default settings, and what its driver is opened with.
    pub fn open() -> (Self, NewRoom) {
        Self::with(16, RoomsConfig::default().hold_times())
    }

    /// A room of some seats, which are held for some time.
    pub fn with(max_players: u16, hold: HoldTimes) -> (Self, NewRoom) {
        Self::of(GameSpec::of::<Arena>(), max_players, hold)
    }

    /// A room of an arena that some viewers may watch, so many seconds late.
    pub fn watched(delay_seconds: u16) -> (Self, NewRoom) {
        let mut spec = GameSpec::of::<Arena>();
        spec.spectators = Spectators::Allowed { delay_seconds };
        Self::of(spec, 16, RoomsConfig::default().hold_times())
    }

    /// A room of an arena that sleeps at other times.
    pub fn sleeping(sleep: Sleep) -> (Self, NewRoom) {
        let mut spec = GameSpec::of::<Arena>();
        spec.sleep = sleep;
        Self::of(spec, 16, RoomsConfig::default().hold_times())
    }

    fn of(spec: GameSpec, max_players: u16, hold: HoldTimes) -> (Self, NewRoom) {
        let spec = Arc::new(spec);
        let registry = Arc::new(RoomRegistry::new(
            &LobbyConfig::default(),
            &RoomsConfig { seed: Some(1), ..RoomsConfig::default() },
            Limits::default().of_rooms(None),
            1,
        ));
        let config = RoomConfig {
            max_players,
            tick_rate_hz: 30,
            setup: Setup { id: "test".to_owned(), ..Setup::new(1) },
            budget_bytes: drumline_room::DEFAULT_BUDGET_BYTES,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: drumline_room::ChatRules::default(),
        };
        let entry = RoomEntry::new(RoomFacts::new(&config, spec.name, VIEWERS, 0), Arc::default());
        let (room, inbox) = RoomHandle::new(entry);
        registry.lock().add(Arc::clone(&room), None);
        let context = RoomContext {
            metrics: Arc::new(Metrics::new([spec.name].into_iter(), std::iter::empty())),
            limits: Limits::default().of_connections(),
            tokens: Arc::new(SessionTokens::new(Arc::new(SigningKey::new(None)), hold)),
            returns: Arc::default(),
            drain: Arc::new(Drain::new(Instant::now())),
            bans: Arc::default(),
            same_account: SameAccount::default(),
            events: Events::default(),
            empty_limit: Duration::from_secs(30),
            #[cfg(feature = "faults")]
            fault: None,
        };
        let metrics = Arc::clone(context.metrics.game(spec.name));
        let of_room = Arc::clone(&spec);
        let new = NewRoom {
            make: Box::new(move || Room::new(of_room, config)),
            parts: RoomParts {
                registration: Registration::new(
                    Arc::clone(&registry),
                    Arc::clone(&room),
                    metrics,
                    context.events.clone(),
                ),
                inbox,
                context: context.clone(),
                jobs: JobRunner::unused().of_room("test", spec.jobs),
            },
        };
        (Self { spec, registry, room, context }, new)
    }

    /// The room's listing, as long as it is open.
    pub fn listing(&self) -> Option<RoomListing> {
        let rooms = self.registry.lock();
        rooms.all().next().map(|room| RoomListing::of(&room.entry))
    }

    /// Checks that the room admits a player.
    pub fn check(&self) -> Result<(), Refusal> {
        let choice = RoomChoice::Id(self.room.entry.id.clone());
        self.registry.lock().find(&self.spec, &choice.into()).map(drop)
    }

    /// Reserves a seat.
    pub fn reserve(&self) -> SeatReservation {
        self.registry.lock().take_seat(&self.room.entry.id, None).unwrap()
    }

    /// Reserves a spectator's place.
    pub fn spectate(&self) -> Result<SpectatorReservation, Refusal> {
        SpectatorReservation::new(Arc::clone(&self.room), SpectatorKind::Operator)
    }

    /// Sends a viewer to the room.
    pub fn view(&self) -> Result<Peer, Refusal> {
        let place = SpectatorReservation::new(Arc::clone(&self.room), SpectatorKind::Viewer)?;
        let (connection, client) = connect();
        place.send(connection).expect("the room is open");
        Ok(Peer::new(client))
    }

    /// Sends a new player to the room.
    pub fn join(&self) -> Peer {
        join(self.reserve())
    }

    /// Returns true if a token is valid.
    pub fn knows(&self, token: &str) -> bool {
        self.context.tokens.verify(token).is_some_and(|claims| self.room.entry.sessions.knows(&claims))
    }

    /// Reserves the way back to a player's seat, if the token is valid.
    pub fn way_back(&self, token: &str, mirror_tick: Option<u32>) -> Result<ResumeReservation, Refusal> {
        let claims =
            self.context.tokens.verify(token).filter(|claims| self.room.entry.sessions.knows(claims));
        ResumeReservation::by_token(&self.room, claims.ok_or(Refusal::UnknownSession)?, mirror_tick)
    }

    /// Sends a player back to their seat, if the token is valid.
    pub fn resume(&self, token: &str, mirror_tick: Option<u32>) -> Result<Peer, Refusal> {
        let place = self.way_back(token, mirror_tick)?;
        let (connection, client) = connect();
        place.send(connection);
        Ok(Peer::new(client))
    }

    /// Queues a command of an operator.
    pub fn command(&self, command: OperatorCommand) {
        self.room.queues.commands.try_send(command).unwrap();
    }

    /// The number of connections that have ended for a reason.
    pub fn closes(&self, reason: &str) -> u64 {
        self.context.metrics.closes.counts().get(reason).copied().unwrap_or_default()
    }
}

/// A pending connection, and the client's end of it.
pub fn connect() -> (PendingConnection, TcpStream) {
    connect_among(&ServerSlots::new(1))
}

/// The same, with one of some slots.
pub fn connect_among(slots: &Arc<ServerSlots>) -> (PendingConnection, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_nonblocking(true).unwrap();
    let slot = Arc::new(ConnectionSlot::new([192, 0, 2, 7].into(), slots.take().unwrap(), None));
    (PendingConnection { stream: Stream::Plain(stream), leftover: Vec::new(), slot }, client)
}

/// Sends a new player to their seat's room. If the room has ended, the connection is closed.
pub fn join(seat: SeatReservation) -> Peer {
    let (connection, client) = connect();
    if let Err(undeliverable) = seat.send(connection, "a".into()) {
        let now = Instant::now();
        ClosingConnection::refuse(undeliverable.connection, undeliverable.reason, now).finish_now();
    }
    Peer::new(client)
}

/// A client on a socket.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    /// Bytes that have arrived and are not parsed yet.
    unread: Vec<u8>,
}

/// Everything that a client has received since its last call.
#[derive(Debug, Default)]
pub struct Received {
    /// The payloads of binary frames, without events and lists of players, whose time the room decides.
    pub messages: Vec<Vec<u8>>,
    /// The code of the close frame, which is the last.
    pub closed: Option<u16>,
    /// Its text.
    pub text: String,
    /// True if the connection has ended.
    pub ended: bool,
}

impl Received {
    /// The welcome, which must be the first message.
    pub fn welcome(&self) -> Welcome {
        match read_control(&self.messages[0]) {
            Ok(ServerMessage::Welcome(welcome)) => *welcome,
            other => panic!("a welcome first: {other:?}"),
        }
    }

    /// The kinds of the messages.
    pub fn kinds(&self) -> Vec<u8> {
        self.messages.iter().map(|message| message[0] & 0b11).collect()
    }
}

impl Peer {
    /// A client after its handshake.
    pub fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { stream, unread: Vec::new() }
    }

    /// Waits for this many messages.
    pub fn receive(&mut self, messages: usize) -> Received {
        let mut received = Received::default();
        while received.messages.len() < messages {
            assert!(!received.ended, "there is more to come: {received:?}");
            self.read(&mut received);
        }
        received
    }

    /// Waits for the end of the connection.
    pub fn receive_all(&mut self) -> Received {
        let mut received = Received::default();
        while !received.ended {
            self.read(&mut received);
        }
        received
    }

    fn read(&mut self, received: &mut Received) {
        let mut cursor = Cursor::new(&self.unread[..]);
        if let Some((header, length)) = FrameHeader::parse(&mut cursor).unwrap()
            && cursor.position() + length <= self.unread.len() as u64
        {
            assert_eq!(received.closed, None, "nothing comes after the close frame");
            let start = cursor.position() as usize;
            let end = start + length as usize;
            let payload = &self.unread[start..end];
            match header.opcode {
                OpCode::Data(Data::Binary) => {
                    let is_news =
                        |message| matches!(message, ServerMessage::Event(_) | ServerMessage::Players(_));
                    if !read_control(payload).is_ok_and(is_news) {
                        received.messages.push(payload.to_vec());
                    }
                }
                OpCode::Control(Control::Close) => {
                    received.closed = Some(u16::from_be_bytes([payload[0], payload[1]]));
                    received.text = String::from_utf8(payload[2..].to_vec()).unwrap();
                }
                OpCode::Control(Control::Ping) => {}
                other => panic!("{other:?}"),
            }
            self.unread.drain(..end);
            return;
        }
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer).unwrap();
        self.unread.extend_from_slice(&buffer[..read]);
        received.ended = read == 0;
    }

    /// Sends a frame, under a mask of zeros.
    pub fn send(&mut self, opcode: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        self.stream.write_all(&[&[0x80 | opcode, 0x80 | length, 0, 0, 0, 0][..], payload].concat()).unwrap();
    }
}
