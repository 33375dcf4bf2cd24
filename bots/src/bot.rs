//! One bot: a real client, from the handshake to the last snapshot.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use drumline_shared::delta::DecodeError;
use drumline_shared::fragment::{Assembler, KIND_FRAGMENT};
use drumline_shared::layout::RowLayout;
use drumline_shared::messages::{ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control};
use drumline_shared::mirror::{Applied, Decoder, Mirror, MirrorError};
use futures_util::{SinkExt, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};

use crate::behaviour::Behaviour;
use crate::connection::{Connection, JoinError, Request, Ticket};
use crate::inputs::Inputs;
use crate::lead::Lead;
use crate::resume::{ResumeError, SILENCE_LIMIT, Session};
use crate::stats::{FINISHED, Stats};
use crate::swarm::{Phase, PhaseWatch};

/// How long a join may take.
const JOIN_LIMIT: Duration = Duration::from_secs(20);
/// The codes of closes that say that the network is at fault: data was not taken, nothing was heard.
const NETWORK_CLOSES: [u16; 2] = [4002, 4003];

/// A bot in its room.
pub struct Bot {
    ticket: Ticket,
    session: Session,
    /// For how long it is still going to stop reading.
    stall: Option<Duration>,
    /// Since when it reads on after that, until it shows the newest tick again.
    reads_on: Option<Instant>,
    mirror: Mirror,
    /// A large message that comes in fragments.
    assembler: Assembler,
    inputs: Inputs,
    row: Vec<u32>,
    /// Set while the mirror is known to be wrong.
    awaits_keyframe: bool,
    /// When the last snapshot came, and its tick.
    last_update: Option<(Instant, u32)>,
}

/// What a bot plays with.
pub struct Play {
    /// Its mind.
    pub behaviour: Box<dyn Behaviour>,
    /// What the swarm is doing.
    pub phases: PhaseWatch,
    /// The newest tick that any bot of the room has seen.
    pub pulse: Rc<Cell<u32>>,
    /// The decoder that all bots of a thread share.
    pub decoder: Rc<RefCell<Decoder>>,
    /// What they measure.
    pub stats: Rc<RefCell<Stats>>,
}

/// Why a bot does not listen to a connection any more.
enum End {
    /// The swarm is done.
    Finished,
    /// It is over, for this cause.
    Closed(String),
    /// The network is at fault.
    Lost(String),
}

impl Bot {
    /// Connects and takes a seat.
    ///
    /// # Errors
    /// [`JoinError`] says what went wrong.
    pub async fn join(ticket: Ticket) -> Result<(Self, Connection), JoinError> {
        let (connection, welcome) = Connection::open(&ticket, Request::Join, JOIN_LIMIT).await?;
        if let Some(path) = &ticket.path {
            path.spare(false);
        }
        let input_layout = RowLayout::new(&*ticket.spec.schema.input).expect("a game is within the limits");
        let bot = Self {
            session: Session::new(&welcome, ticket.seed),
            stall: ticket.stall,
            reads_on: None,
            // A thousand bots share what they know of the game.
            mirror: Mirror::new(Arc::clone(&ticket.spec.layout)),
            assembler: Assembler::default(),
            row: vec![0; input_layout.columns.len()],
            inputs: Inputs::new(input_layout, Lead::new(connection.round_trip, welcome.tick_rate_hz)),
            awaits_keyframe: false,
            last_update: None,
            ticket,
        };
        Ok((bot, connection))
    }

    /// The room's id.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.session.room
    }

    /// Plays until the swarm is done, and comes back when the connection is lost.
    pub async fn play(mut self, mut connection: Connection, mut play: Play) {
        let cause = loop {
            match self.listen(&mut connection, &mut play).await {
                End::Finished => {
                    if let Some(path) = &self.ticket.path {
                        path.spare(true);
                    }
                    connection.close().await;
                    break FINISHED.to_owned();
                }
                End::Closed(cause) => break cause,
                End::Lost(cause) if !self.session.is_held() => break cause,
                End::Lost(cause) => {
                    drop(connection);
                    // Boxed: else every bot would hold memory for a handshake while it plays.
                    match Box::pin(self.resume(cause)).await {
                        Ok(resumed) => connection = resumed,
                        Err(error) => break error.to_string(),
                    }
                }
            }
        };
        let mut stats = play.stats.borrow_mut();
        stats.resume_failures += u64::from(self.session.is_interrupted());
        stats.count_close(&cause);
    }

    async fn resume(&mut self, cause: String) -> Result<Connection, ResumeError> {
        self.inputs.lose();
        self.assembler = Assembler::default();
        let shown = self.last_update.filter(|_| !self.awaits_keyframe).map(|(_, tick)| tick);
        self.session.resume(&self.ticket, shown, cause).await
    }

    /// Takes what comes from the connection.
    async fn listen(&mut self, connection: &mut Connection, play: &mut Play) -> End {
        let mut phases = play.phases.clone();
        let mut done = pin!(phases.done());
        let mut heard = Instant::now();
        let mut silence = pin!(tokio::time::sleep(SILENCE_LIMIT));
        loop {
            let may_finish = !self.session.is_interrupted();
            let message = tokio::select! {
                biased;
                message = connection.socket.next() => message,
                () = &mut done, if may_finish => return End::Finished,
                () = &mut silence => {
                    if heard.elapsed() >= SILENCE_LIMIT {
                        return End::Lost("lost: nothing heard for too long".to_owned());
                    }
                    silence.as_mut().reset(heard + SILENCE_LIMIT);
                    continue;
                }
            };
            heard = Instant::now();
            let taken = match message {
                Some(Ok(Message::Binary(bytes))) => self.take(&bytes, heard, connection, play).await,
                Some(Ok(Message::Close(frame))) => Err(close_end(frame.as_ref())),
                Some(Ok(_)) => Ok(()),
                Some(Err(error)) => Err(error.into()),
                None => Err(End::Lost("lost".to_owned())),
            };
            if let Err(end) = taken {
                return end;
            }
            if let Some(stall) = self.stall.filter(|_| play.phases.measured_for() > Duration::from_secs(1)) {
                self.stall = None;
                tokio::time::sleep(stall).await;
                heard = Instant::now();
                self.reads_on = Some(heard);
            }
        }
    }

    /// Takes a message.
    async fn take(
        &mut self,
        bytes: &[u8],
        now: Instant,
        connection: &mut Connection,
        play: &mut Play,
    ) -> Result<(), End> {
        let measuring = play.phases.is(Phase::Measuring);
        if measuring {
            play.stats.borrow_mut().bytes += wire_bytes(bytes.len());
        }
        match bytes.first() {
            Some(&KIND_CONTROL) => return Ok(()),
            Some(&head) if head & KIND_FRAGMENT == KIND_FRAGMENT => return self.put_together(bytes),
            _ => {}
        }
        let applied = self.mirror.apply_with(&mut play.decoder.borrow_mut(), bytes);
        match applied {
            Ok(applied) => {
                self.awaits_keyframe = false;
                let newest = play.pulse.get().max(applied.tick);
                play.pulse.set(newest);
                self.note(&applied, bytes.len(), now, newest, measuring, &mut play.stats.borrow_mut())?;
                play.behaviour.act(&self.mirror, self.session.player, &mut self.row);
                let message = match self.inputs.write(applied.tick, &self.row, now) {
                    Some(input) => input.to_vec(),
                    None => write_control(&ClientMessage::Ack { tick: applied.tick }),
                };
                connection.socket.send(Message::Binary(message.into())).await?;
            }
            // Deltas already under way when a mirror was found wrong are of no use to it.
            Err(MirrorError::Decode(DecodeError::NoBaseline)) if self.awaits_keyframe => {}
            Err(error) => {
                self.awaits_keyframe = true;
                play.stats.borrow_mut().mismatches += 1;
                connection.socket.send(self.ask_for_keyframe(error)).await?;
            }
        }
        Ok(())
    }

    /// Takes a fragment of a message.
    fn put_together(&mut self, fragment: &[u8]) -> Result<(), End> {
        match self.assembler.take(fragment) {
            Ok(None) => Ok(()),
            Ok(Some(message)) if read_control::<ServerMessage>(&message).is_ok() => Ok(()),
            Ok(Some(_)) => Err(End::Closed("a message in fragments is none".to_owned())),
            Err(error) => Err(End::Closed(error.to_string())),
        }
    }

    /// Measures an applied snapshot, while the room's newest is `newest`.
    fn note(
        &mut self,
        applied: &Applied,
        bytes: usize,
        now: Instant,
        newest: u32,
        measuring: bool,
        stats: &mut Stats,
    ) -> Result<(), End> {
        if self.session.is_interrupted() && !self.inputs.are_known(applied.ack) {
            return Err(End::Closed(ResumeError::OtherInputs.to_string()));
        }
        if let Some(outage) = self.session.see() {
            Stats::record(&mut stats.resumes_us, outage);
        }
        if let Some(since) = self.reads_on.take_if(|_| applied.tick + 2 >= newest) {
            stats.recoveries_ms.push(since.elapsed().as_secs_f64() * 1000.0);
        }
        // What a bot that stalls on purpose is given says nothing of what others are.
        let stalls = self.ticket.stall.is_some();
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
        let shown_before = last_tick.unwrap_or_default();
        let told = applied.ack.and_then(|ack| self.inputs.hear(ack, shown_before, applied.tick, now));
        if let Some(told) = told.filter(|_| measuring && !stalls) {
            Stats::record(&mut stats.latencies_us, told.latency);
            stats.inputs_met += u64::from(told.met);
            stats.inputs_missed += u64::from(told.missed);
        }
        Ok(())
    }

    fn ask_for_keyframe(&self, error: MirrorError) -> Message {
        let tick = match error {
            MirrorError::HashMismatch { tick, .. } => tick,
            MirrorError::Decode(_) => self.mirror.tick(),
        };
        Message::Binary(write_control(&ClientMessage::Resync { tick }).into())
    }
}

impl From<WsError> for End {
    fn from(error: WsError) -> Self {
        use tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake as Reset;
        let cause = format!("lost: {error}");
        match error {
            WsError::Io(_)
            | WsError::Protocol(Reset)
            | WsError::ConnectionClosed
            | WsError::AlreadyClosed => Self::Lost(cause),
            // The server has sent what is no WebSocket, or too much.
            _ => Self::Closed(cause),
        }
    }
}

fn close_end(frame: Option<&CloseFrame>) -> End {
    let Some(frame) = frame else { return End::Closed("closed without a code".to_owned()) };
    let code = u16::from(frame.code);
    let cause = format!("{code} {}", frame.reason);
    if NETWORK_CLOSES.contains(&code) { End::Lost(cause) } else { End::Closed(cause) }
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
