//! A bot's event loop on one connection: it receives messages, and leaves, stalls or loses its connection when due.

use std::pin::pin;
use std::time::Duration;

use drumline_room::RngExt;
use futures_util::StreamExt;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};

use crate::behaviour::connection_habit::ConnectionHabit;
use crate::client::bot::Bot;
use crate::client::connect::Connection;
use crate::client::resume::SILENCE_LIMIT;

/// Close codes that blame the network: the client took no data, or nothing was received from it.
const NETWORK_CLOSES: [u16; 2] = [4002, 4003];
/// The time into the measurement at which stalling bots stop reading.
const STALLS_AFTER: Duration = Duration::from_secs(1);
/// The shortest time between two checks of what is due.
const CHECK_PERIOD: Duration = Duration::from_millis(50);

/// Why a bot stops listening to a connection.
pub enum ConnectionEnd {
    /// The run is over.
    Finished,
    /// The bot's visit is over.
    Left,
    /// The bot leaves, and joins anew.
    Rejoin,
    /// The connection ended for good, for this cause.
    Closed(String),
    /// The same, provoked by the bot.
    Provoked(String),
    /// The connection was lost, for this cause, and may be resumed. The bot may have lost it on purpose.
    Lost(String),
}

impl Bot {
    /// Receives messages until the connection ends.
    pub(crate) async fn listen(&mut self, connection: &mut Connection) -> ConnectionEnd {
        let mut phase = self.config.phase.clone();
        let mut done = pin!(phase.done());
        let mut received_at = Instant::now();
        // One timer for everything that may be due: a timer for each would cost every bot more memory.
        let mut alarm = pin!(tokio::time::sleep_until(self.next_alarm(received_at)));
        loop {
            // A bot that has not seen a snapshot since its outage stays, so that the outage is measured.
            let may_finish = !self.session.is_interrupted();
            let message = tokio::select! {
                // In this order: messages that have arrived come before the end of the run.
                biased;
                message = connection.socket.next() => message,
                () = &mut done, if may_finish => {
                    self.record_open_gaps();
                    return ConnectionEnd::Finished;
                }
                () = &mut alarm => {
                    if let Some(end) = self.due_end(received_at, may_finish) {
                        return end;
                    }
                    alarm.as_mut().reset(self.next_alarm(received_at));
                    continue;
                }
            };
            received_at = Instant::now();
            let received = match message {
                Some(Ok(Message::Binary(bytes))) => self.receive(&bytes, received_at, connection).await,
                Some(Ok(Message::Close(frame))) => Err(self.close_end(frame.as_ref())),
                Some(Ok(_)) => Ok(()),
                Some(Err(error)) => Err(error.into()),
                None => Err(ConnectionEnd::Lost("lost".to_owned())),
            };
            if let Err(end) = received {
                return end;
            }
            if let Some(pause) = self.next_pause(received_at) {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = &mut done, if may_finish => return ConnectionEnd::Finished,
                }
                received_at = Instant::now();
                self.recovering_since = self.config.stall.map(|_| received_at);
            }
        }
    }

    /// When something may be due next.
    fn next_alarm(&self, received_at: Instant) -> Instant {
        let silence = received_at + SILENCE_LIMIT;
        // Nothing is due before the first snapshot and the first acknowledgement. A time that has passed by then is checked
        // again after a while.
        let soonest = Instant::now() + CHECK_PERIOD;
        let due = [self.config.leave_at, self.next_flap].into_iter().flatten().min();
        due.map_or(silence, |due| due.max(soonest).min(silence))
    }

    /// The end that is due now, if one is.
    fn due_end(&mut self, received_at: Instant, may_leave: bool) -> Option<ConnectionEnd> {
        let now = Instant::now();
        if now.duration_since(received_at) >= SILENCE_LIMIT {
            self.provoked_loss = false;
            return Some(ConnectionEnd::Lost("lost: nothing received for too long".to_owned()));
        }
        if !may_leave || self.joining_since.is_some() || !self.is_acknowledged {
            return None;
        }
        if self.config.leave_at.is_some_and(|leave_at| leave_at <= now) {
            return Some(ConnectionEnd::Left);
        }
        if self.next_flap.is_some_and(|flap| flap <= now) {
            return self.flap();
        }
        None
    }

    /// Decides when it loses its connection on purpose next, if it has that habit.
    pub(crate) fn plan_flap(&mut self) {
        let ConnectionHabit::Flapper(flapper) = self.config.habit else { return };
        let wait = flapper.every_seconds * self.rng.random_range(0.5..1.5);
        self.next_flap = Some(Instant::now() + Duration::from_secs_f64(wait));
    }

    /// Loses its connection on purpose.
    fn flap(&mut self) -> Option<ConnectionEnd> {
        let ConnectionHabit::Flapper(flapper) = self.config.habit else { return None };
        self.plan_flap();
        self.provoked_loss = true;
        let closes_in_order = self.rng.random_bool(flapper.goodbyes);
        Some(if closes_in_order {
            ConnectionEnd::Rejoin
        } else {
            ConnectionEnd::Lost("lost on purpose".to_owned())
        })
    }

    /// For how long it stops reading now; `None` if it goes on.
    fn next_pause(&mut self, now: Instant) -> Option<Duration> {
        if self.stall.is_some() && self.config.phase.measured_for() > STALLS_AFTER {
            return self.stall.take();
        }
        let ConnectionHabit::Slow(slow) = self.config.habit else { return None };
        let reads_for = Duration::from_secs_f64(slow.read_seconds);
        // The first pause comes at a random time, so that not all slow bots pause together.
        let until = self.reads_until.get_or_insert(now + reads_for.mul_f64(self.rng.random_range(0.0..1.0)));
        if now < *until {
            return None;
        }
        let pause = Duration::from_secs_f64(slow.pause_seconds);
        *until = now + pause + reads_for;
        Some(pause)
    }

    fn close_end(&mut self, frame: Option<&CloseFrame>) -> ConnectionEnd {
        let Some(frame) = frame else {
            return ConnectionEnd::Closed("closed without a code".to_owned());
        };
        let code = u16::from(frame.code);
        let cause = format!("{code} {}", frame.reason);
        if NETWORK_CLOSES.contains(&code) {
            // A bot that stops reading has to expect this.
            self.provoked_loss = self.skips_reading();
            ConnectionEnd::Lost(cause)
        } else if self.config.habit.provokes(code) {
            ConnectionEnd::Provoked(cause)
        } else {
            ConnectionEnd::Closed(cause)
        }
    }
}

impl From<WsError> for ConnectionEnd {
    fn from(error: WsError) -> Self {
        use tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake as Reset;
        let cause = format!("lost: {error}");
        match error {
            WsError::Io(_)
            | WsError::Protocol(Reset)
            | WsError::ConnectionClosed
            | WsError::AlreadyClosed => Self::Lost(cause),
            // The server broke the WebSocket protocol, or sent too much: resuming would hide that.
            _ => Self::Closed(cause),
        }
    }
}
