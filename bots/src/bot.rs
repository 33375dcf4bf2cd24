//! One bot: a real client, from the handshake to the last snapshot.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_room::GameSpec;
use drumline_shared::delta::DecodeError;
use drumline_shared::input::{InputHeader, write_input};
use drumline_shared::layout::RowLayout;
use drumline_shared::limits::MAX_SERVER_MESSAGE_BYTES;
use drumline_shared::messages::{
    ClientMessage, KIND_CONTROL, SUBPROTOCOL, ServerMessage, read_control, write_control,
};
use drumline_shared::mirror::{Applied, Decoder, Mirror, MirrorError};
use drumline_shared::snapshot::InputAck;
use futures_util::{SinkExt, StreamExt};
use thiserror::Error;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri, header};
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::behaviour::Behaviour;
use crate::stats::{FINISHED, Stats};
use crate::swarm::{Phase, PhaseWatch};

/// How many ticks after the newest snapshot an input is meant for, at first; the slack that the server returns
/// corrects it.
const FIRST_LEAD_TICKS: u32 = 2;
/// The furthest ahead that a bot sends.
const MAX_LEAD_TICKS: u32 = 10;
/// The receive buffer of a bot that is going to stall: what fits in it never reaches the server's notice.
const STALL_RECEIVE_BUFFER: u32 = 4096;
/// How long a join may take.
const JOIN_TIMEOUT: Duration = Duration::from_secs(20);

/// A bot cannot join.
#[derive(Debug, Error)]
pub enum JoinError {
    /// The URL is no `ws://host:port`.
    #[error("`{0}` is not an address like ws://127.0.0.1:7777")]
    BadUrl(String),
    /// No connection.
    #[error("cannot connect to {host}: {source}; is the server running?")]
    Connect {
        /// Host and port.
        host: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The server refused the handshake.
    #[error("the server refused to let a bot in: {status} {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The answer's body.
        body: String,
    },
    /// The connection broke, or was not WebSocket.
    #[error("the handshake failed: {0}")]
    Handshake(#[from] Box<WsError>),
    /// The first message was no welcome.
    #[error("the server's first message is no welcome")]
    NoWelcome,
    /// Nothing came.
    #[error("no welcome within {} seconds", JOIN_TIMEOUT.as_secs())]
    TimedOut,
}

/// Where and as what a bot joins.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// `ws://host:port`.
    pub url: String,
    /// The game, as the bot was built with.
    pub spec: Arc<GameSpec>,
    /// A room's id, or `new`.
    pub room: String,
    /// The bot's name.
    pub name: String,
    /// Whether the bot is going to stop reading for a while, and for how long.
    pub stall: Option<Duration>,
}

/// A bot in its room.
pub struct Bot {
    socket: WebSocketStream<TcpStream>,
    /// The room's id.
    pub room: String,
    /// The bot's seat.
    player: u16,
    stall: Option<Duration>,
    mirror: Mirror,
    input_layout: RowLayout,
    row: Vec<u32>,
    message: Vec<u8>,
    lead_ticks: u32,
    /// The newest input's number when the lead was last changed.
    lead_changed_at: u32,
    input_number: u32,
    /// When each of the last 256 inputs was sent, by the low bits of its number.
    sent: Box<[Option<Instant>; 256]>,
    acked_number: Option<u8>,
    /// Set while the mirror is known to be wrong.
    awaits_keyframe: bool,
    /// When the last snapshot came, and its tick.
    last_update: Option<(Instant, u32)>,
}

impl Bot {
    /// Connects and takes a seat.
    ///
    /// # Errors
    /// [`JoinError`] says what went wrong.
    pub async fn join(ticket: &Ticket) -> Result<Self, JoinError> {
        tokio::time::timeout(JOIN_TIMEOUT, Self::connect(ticket)).await.unwrap_or(Err(JoinError::TimedOut))
    }

    async fn connect(ticket: &Ticket) -> Result<Self, JoinError> {
        let Ticket { url, spec, room, name, stall } = ticket;
        let (game, schema_hash) = (spec.name, spec.schema_hash);
        let address = format!("{url}/play/{game}?room={room}&name={name}&schema={schema_hash:016x}");
        let bad_url = || JoinError::BadUrl(url.clone());
        let uri: Uri = address.parse().map_err(|_| bad_url())?;
        let host = uri.authority().filter(|_| uri.scheme_str() == Some("ws")).ok_or_else(bad_url)?;
        let stream = connect(host.as_str(), stall.is_some())
            .await
            .map_err(|source| JoinError::Connect { host: host.to_string(), source })?;
        let mut request = address.into_client_request().map_err(Box::new)?;
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        let config = WebSocketConfig::default()
            .read_buffer_size(4096)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_SERVER_MESSAGE_BYTES));
        let (mut socket, _) =
            client_async_with_config(request, stream, Some(config)).await.map_err(join_error)?;
        let first = socket.next().await.ok_or(JoinError::NoWelcome)?.map_err(Box::new)?;
        let Ok(ServerMessage::Welcome(welcome)) = read_control(&first.into_data()) else {
            return Err(JoinError::NoWelcome);
        };
        if welcome.schema_hash != schema_hash {
            return Err(JoinError::NoWelcome);
        }
        let input_layout = RowLayout::new(&*spec.schema.input).expect("a game is within the limits");
        Ok(Self {
            socket,
            stall: *stall,
            // A thousand bots share what they know of the game.
            mirror: Mirror::new(Arc::clone(&spec.layout)),
            row: vec![0; input_layout.columns.len()],
            input_layout,
            message: Vec::new(),
            lead_ticks: FIRST_LEAD_TICKS,
            lead_changed_at: 0,
            input_number: 0,
            sent: Box::new([None; 256]),
            acked_number: None,
            awaits_keyframe: false,
            last_update: None,
            room: welcome.room,
            player: welcome.player,
        })
    }

    /// Plays until the swarm is done. `pulse` is the newest tick that any bot of the room has seen; all bots of a thread share a
    /// decoder.
    pub async fn play(
        mut self,
        mut behaviour: Box<dyn Behaviour>,
        mut phases: PhaseWatch,
        pulse: Rc<Cell<u32>>,
        decoder: Rc<RefCell<Decoder>>,
        stats: Rc<RefCell<Stats>>,
    ) {
        let stalls = self.stall.is_some();
        let mut resumed: Option<Instant> = None;
        let cause = loop {
            let message = tokio::select! {
                message = self.socket.next() => message,
                () = phases.done() => break FINISHED.to_owned(),
            };
            let bytes = match message {
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Close(frame))) => break close_cause(frame.as_ref()),
                Some(Ok(_)) => continue,
                Some(Err(error)) => break format!("lost: {error}"),
                None => break "lost".to_owned(),
            };
            let now = Instant::now();
            let measuring = phases.is(Phase::Measuring);
            if measuring {
                stats.borrow_mut().bytes += wire_bytes(bytes.len());
            }
            if bytes.first() == Some(&KIND_CONTROL) {
                continue;
            }
            let applied = self.mirror.apply_with(&mut decoder.borrow_mut(), &bytes);
            match applied {
                Ok(applied) => {
                    self.awaits_keyframe = false;
                    let newest = pulse.get().max(applied.tick);
                    pulse.set(newest);
                    if let Some(since) = resumed.take_if(|_| applied.tick + 2 >= newest) {
                        stats.borrow_mut().recoveries_ms.push(since.elapsed().as_secs_f64() * 1000.0);
                    }
                    self.note(&applied, bytes.len(), now, measuring, stalls, &mut stats.borrow_mut());
                    behaviour.act(&self.mirror, self.player, &mut self.row);
                    if let Err(error) = self.send_input(applied.tick, now).await {
                        break format!("lost: {error}");
                    }
                }
                // Deltas already under way when a mirror was found wrong are of no use to it.
                Err(MirrorError::Decode(DecodeError::NoBaseline)) if self.awaits_keyframe => {}
                Err(error) => {
                    self.awaits_keyframe = true;
                    stats.borrow_mut().mismatches += 1;
                    if let Err(error) = self.ask_for_keyframe(error).await {
                        break format!("lost: {error}");
                    }
                }
            }
            if let Some(stall) = self.stall.filter(|_| phases.measured_for() > Duration::from_secs(1)) {
                self.stall = None;
                tokio::time::sleep(stall).await;
                resumed = Some(Instant::now());
            }
        };
        if cause == FINISHED {
            // The server may be gone already; a goodbye that fails is no finding.
            let _ = self.socket.close(None).await;
        }
        stats.borrow_mut().count_close(&cause);
    }

    /// Measures an applied snapshot.
    fn note(
        &mut self,
        applied: &Applied,
        bytes: usize,
        now: Instant,
        measuring: bool,
        stalls: bool,
        stats: &mut Stats,
    ) {
        let (last_update, last_tick) = self.last_update.replace((now, applied.tick)).unzip();
        let interval = last_update.map(|last| now.duration_since(last));
        let skipped = last_tick.map_or(0, |last| applied.tick.saturating_sub(last + 1));
        if measuring {
            stats.updates += 1;
            stats.update_bytes += wire_bytes(bytes);
            stats.ticks_coalesced += u64::from(skipped);
            if let Some(interval) = interval.filter(|_| !stalls) {
                Stats::record(&mut stats.intervals_us, interval);
            }
        }
        stats.hashes_checked += u64::from(applied.hashes_checked);
        let Some(ack) = applied.ack else { return };
        let number = ack.number as u8;
        if self.acked_number.replace(number) == Some(number) {
            return;
        }
        if let Some(sent) = self.sent[usize::from(number)].take().filter(|_| measuring && !stalls) {
            Stats::record(&mut stats.latencies_us, now.duration_since(sent));
        }
        self.steer(ack);
    }

    /// Keeps inputs one tick ahead of their need: with no slack the next hiccup makes one late, with more they
    /// only wait.
    fn steer(&mut self, ack: InputAck) {
        // Inputs sent before the last change do not show its effect yet.
        let since_change = (ack.number as u8).wrapping_sub(self.lead_changed_at as u8) as i8;
        if since_change <= 0 || ack.slack_ticks == 1 {
            return;
        }
        self.lead_changed_at = self.input_number;
        let change = if ack.slack_ticks < 1 { 1 } else { -1 };
        self.lead_ticks = self.lead_ticks.saturating_add_signed(change).clamp(1, MAX_LEAD_TICKS);
    }

    async fn send_input(&mut self, acked_tick: u32, now: Instant) -> Result<(), WsError> {
        self.input_number += 1;
        self.sent[self.input_number as usize % 256] = Some(now);
        let header = InputHeader {
            number: self.input_number,
            acked_tick,
            tick: acked_tick + self.lead_ticks,
            view_eighths: 0,
        };
        write_input(&self.input_layout, header, &self.row, &mut self.message);
        self.socket.send(Message::Binary(self.message.clone().into())).await
    }

    async fn ask_for_keyframe(&mut self, error: MirrorError) -> Result<(), WsError> {
        let tick = match error {
            MirrorError::HashMismatch { tick, .. } => tick,
            MirrorError::Decode(_) => self.mirror.tick(),
        };
        self.socket.send(Message::Binary(write_control(&ClientMessage::Resync { tick }).into())).await
    }
}

async fn connect(host: &str, small_buffer: bool) -> std::io::Result<TcpStream> {
    let address = tokio::net::lookup_host(host).await?.next().ok_or(std::io::ErrorKind::NotFound)?;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if small_buffer {
        socket.set_recv_buffer_size(STALL_RECEIVE_BUFFER)?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn join_error(error: WsError) -> JoinError {
    match error {
        WsError::Http(response) => JoinError::Refused {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()).into_owned(),
        },
        other => JoinError::Handshake(Box::new(other)),
    }
}

fn close_cause(frame: Option<&tokio_tungstenite::tungstenite::protocol::CloseFrame>) -> String {
    frame.map_or_else(
        || "closed without a code".to_owned(),
        |frame| format!("{} {}", u16::from(frame.code), frame.reason),
    )
}

/// A message's bytes on the wire from a server: RFC 6455, 5.2, without a mask.
fn wire_bytes(payload: usize) -> u64 {
    let header = match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    (payload + header) as u64
}
