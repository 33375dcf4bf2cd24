//! One bot: a real client, from the handshake to the last snapshot.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use drumline_room::{Rng, RngExt, SeedableRng};
use drumline_shared::layout::RowLayout;
use drumline_shared::mirror::Mirror;
use drumline_shared::wire::control::Welcome;
use drumline_shared::wire::fragment::Assembler;
use futures_util::StreamExt;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};

use crate::behaviour::Mind;
use crate::board::Board;
use crate::conduct::Conduct;
use crate::connection::{Connection, JoinError, Request, Ticket};
use crate::course::CourseWatch;
use crate::crew::Crew;
use crate::inputs::Inputs;
use crate::lead::Lead;
use crate::resume::{ResumeError, SILENCE_LIMIT, Session};
use crate::room::{Room, Seat};
use crate::stats::{FINISHED, count_cause};

/// How long a join may take.
const JOIN_LIMIT: Duration = Duration::from_secs(20);
/// The codes of closes that say that the network is at fault: data was not taken, nothing was heard.
const NETWORK_CLOSES: [u16; 2] = [4002, 4003];
/// How long into the measurement bots that stop reading once do it.
const STALLS_AFTER: Duration = Duration::from_secs(1);
/// What parts the seed of a bot's own losses from others of the bot's.
const FLAPS: u64 = 0x666c_6170_0f3c_95d1;

/// A bot in its room.
pub struct Bot {
    pub(crate) ticket: Ticket,
    pub(crate) session: Session,
    pub(crate) play: Play,
    pub(crate) seat: Rc<Seat>,
    pub(crate) mirror: Mirror,
    /// A large message that comes in fragments.
    pub(crate) assembler: Assembler,
    pub(crate) inputs: Inputs,
    pub(crate) row: Vec<u32>,
    /// Since when it has been joining, until it has seen something.
    pub(crate) joining_since: Option<Instant>,
    /// Whether the server has heard of it. Before that it has no seat to come back to.
    pub(crate) is_heard: bool,
    /// Set while the mirror is known to be wrong.
    pub(crate) awaits_keyframe: bool,
    /// The tick of the last snapshot, …
    pub(crate) shown: Option<u32>,
    /// … and when it came, if what comes next can be compared with that.
    pub(crate) updated: Option<Instant>,
    /// Since when it reads on after it stopped once, until it shows the newest tick again.
    pub(crate) reads_on: Option<Instant>,
    /// Whether the bot itself brought the last loss about.
    pub(crate) provoked: bool,
    /// For how long it is still going to stop reading.
    stall: Option<Duration>,
    /// Until when it reads, if it does not always.
    reads_until: Option<Instant>,
    /// When it loses its connection next, if it does so on purpose.
    flaps_at: Option<Instant>,
    rng: Rng,
}

/// What a bot plays with.
pub struct Play {
    /// Its mind.
    pub mind: Box<dyn Mind>,
    /// How it treats its connection.
    pub conduct: Conduct,
    /// For how long it stops reading once, if it does.
    pub stall: Option<Duration>,
    /// When it goes, if not at the end.
    pub leave: Option<Instant>,
    /// What the swarm is doing.
    pub course: CourseWatch,
    /// What all bots of the thread share.
    pub crew: Rc<Crew>,
    /// What all bots of the room share.
    pub room: Rc<Room>,
}

/// Why a bot does not listen to a connection any more.
pub enum End {
    /// The swarm is done.
    Finished,
    /// Its time is over.
    Left,
    /// It leaves to come back.
    Away,
    /// It is over, for this cause.
    Closed(String),
    /// The same, by the bot's own doing.
    Provoked(String),
    /// The network is at fault, or the bot plays that it is.
    Lost(String),
}

/// How a bot's play has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It comes back at once.
    Away,
    /// It does not.
    Gone,
}

impl Bot {
    /// Connects and takes a seat; `due` is when it was to come. `again` says whether it has been in the room before.
    ///
    /// # Errors
    /// [`JoinError`] says what went wrong.
    pub async fn join(
        ticket: Ticket,
        play: Play,
        due: Instant,
        again: bool,
    ) -> Result<(Self, Connection), JoinError> {
        let (connection, welcome) = Connection::open(&ticket, Request::Join, JOIN_LIMIT).await?;
        let mut bot = Self::new(ticket, play, &welcome, connection.round_trip, again);
        bot.joining_since = Some(due);
        bot.play.crew.board.note_tick(bot.tick());
        bot.plan_flap();
        Ok((bot, connection))
    }

    /// A bot that has been welcomed.
    pub(crate) fn new(
        ticket: Ticket,
        play: Play,
        welcome: &Welcome,
        round_trip: Duration,
        again: bool,
    ) -> Self {
        let input_layout = RowLayout::new(&*ticket.spec.schema.input).expect("a game is within the limits");
        if play.room.id.borrow().is_none() {
            play.room.opened(welcome.room.clone());
        }
        let seat = play.room.enter(welcome.tick_rate_hz, again);
        Self {
            session: Session::new(welcome, ticket.seed),
            // A thousand bots share what they know of the game.
            mirror: Mirror::new(Arc::clone(&ticket.spec.layout)),
            assembler: Assembler::default(),
            row: vec![0; input_layout.columns.len()],
            inputs: Inputs::new(input_layout, Lead::new(round_trip, welcome.tick_rate_hz)),
            joining_since: None,
            is_heard: false,
            awaits_keyframe: false,
            shown: None,
            updated: None,
            reads_on: None,
            provoked: false,
            stall: play.stall,
            reads_until: None,
            flaps_at: None,
            rng: Rng::seed_from_u64(ticket.seed ^ FLAPS),
            seat,
            play,
            ticket,
        }
    }

    /// How long a tick of the room is.
    pub(crate) fn tick(&self) -> Duration {
        self.session.tick
    }

    /// Plays until the swarm is done, or it is over, and comes back when the connection is lost.
    pub async fn play(mut self, mut connection: Connection) -> Outcome {
        let entered = Instant::now();
        let end = loop {
            match self.listen(&mut connection).await {
                End::Lost(cause) if self.play.conduct.is_beyond_limits() => break End::Provoked(cause),
                End::Lost(cause) if self.session.is_held() => {
                    drop(connection);
                    // Boxed: else every bot would hold memory for a handshake while it plays.
                    match Box::pin(self.resume(cause)).await {
                        Ok(resumed) => connection = resumed,
                        Err(error) => break End::Closed(error.to_string()),
                    }
                }
                // Who comes back without a session comes as a stranger.
                End::Lost(_) if self.provoked => break End::Away,
                End::Lost(cause) => break End::Closed(cause),
                end @ (End::Finished | End::Left) => {
                    if let Some(path) = &self.ticket.path {
                        path.spare(true);
                    }
                    connection.close().await;
                    break end;
                }
                End::Away => {
                    connection.leave().await;
                    break End::Away;
                }
                end => break end,
            }
        };
        self.conclude(end, entered)
    }

    /// Notes how the play has ended.
    fn conclude(self, end: End, entered: Instant) -> Outcome {
        let measured = self.play.course.measured_since(entered);
        self.play.room.leave(&self.seat, measured);
        let Crew { stats, board, .. } = &*self.play.crew;
        let stats = &mut *stats.borrow_mut();
        stats.bot_seconds += measured.as_secs_f64();
        if self.session.is_interrupted() && !matches!(end, End::Away) {
            stats.resume_failures += 1;
            Board::count(&board.resume_failures);
        }
        match end {
            End::Finished | End::Left => count_cause(&mut stats.closes, FINISHED, 1),
            End::Away => return Outcome::Away,
            End::Provoked(cause) => count_cause(&mut stats.closes_provoked, &cause, 1),
            End::Closed(cause) | End::Lost(cause) => {
                count_cause(&mut stats.closes, &cause, 1);
                Board::count(&board.closes);
                board.trouble(&format!("{}: {cause}", self.ticket.name));
            }
        }
        Outcome::Gone
    }

    async fn resume(&mut self, cause: String) -> Result<Connection, ResumeError> {
        self.inputs.lose(self.provoked);
        self.assembler = Assembler::default();
        if self.provoked {
            // Nobody is to blame for what is not shown meanwhile.
            self.seat.counts.set(false);
            self.updated = None;
        }
        let shown = self.shown.filter(|_| !self.awaits_keyframe);
        self.session.resume(&self.ticket, shown, cause).await
    }

    /// Takes what comes from the connection.
    async fn listen(&mut self, connection: &mut Connection) -> End {
        let mut course = self.play.course.clone();
        let mut done = pin!(course.done());
        let mut heard = Instant::now();
        // One alarm for all that may be due: it rings when the first may be, and is then set anew.
        let mut alarm = pin!(tokio::time::sleep_until(self.next_alarm(heard)));
        loop {
            let may_finish = !self.session.is_interrupted();
            let message = tokio::select! {
                biased;
                message = connection.socket.next() => message,
                () = &mut done, if may_finish => {
                    self.note_open_ends();
                    return End::Finished;
                }
                () = &mut alarm => {
                    if let Some(end) = self.due(heard, may_finish) {
                        return end;
                    }
                    alarm.as_mut().reset(self.next_alarm(heard));
                    continue;
                }
            };
            heard = Instant::now();
            let taken = match message {
                Some(Ok(Message::Binary(bytes))) => self.take(&bytes, heard, connection).await,
                Some(Ok(Message::Close(frame))) => Err(self.close_end(frame.as_ref())),
                Some(Ok(_)) => Ok(()),
                Some(Err(error)) => Err(error.into()),
                None => Err(End::Lost("lost".to_owned())),
            };
            if let Err(end) = taken {
                return end;
            }
            if let Some(pause) = self.next_pause(heard) {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = &mut done, if may_finish => return End::Finished,
                }
                heard = Instant::now();
                self.reads_on = self.play.stall.map(|_| heard);
            }
        }
    }

    /// When something may be due next.
    fn next_alarm(&self, heard: Instant) -> Instant {
        let silence = heard + SILENCE_LIMIT;
        // Before the world is in sight and the server has heard of it, nothing is due: then that is looked for
        // later.
        let soonest = Instant::now() + Duration::from_millis(50);
        let due = [self.play.leave, self.flaps_at].into_iter().flatten().min();
        due.map_or(silence, |due| due.max(soonest).min(silence))
    }

    /// What is due now.
    fn due(&mut self, heard: Instant, may_leave: bool) -> Option<End> {
        let now = Instant::now();
        if now.duration_since(heard) >= SILENCE_LIMIT {
            self.provoked = false;
            return Some(End::Lost("lost: nothing heard for too long".to_owned()));
        }
        if !may_leave || self.joining_since.is_some() || !self.is_heard {
            return None;
        }
        if self.play.leave.is_some_and(|leave| leave <= now) {
            return Some(End::Left);
        }
        if self.flaps_at.is_some_and(|flaps_at| flaps_at <= now) {
            return self.flap();
        }
        None
    }

    /// Decides when it loses its connection on purpose, if it does.
    fn plan_flap(&mut self) {
        let Conduct::Flapper(flapper) = self.play.conduct else { return };
        let wait = flapper.every_seconds * self.rng.random_range(0.5..1.5);
        self.flaps_at = Some(Instant::now() + Duration::from_secs_f64(wait));
    }

    /// Loses its connection on purpose.
    fn flap(&mut self) -> Option<End> {
        let Conduct::Flapper(flapper) = self.play.conduct else { return None };
        self.plan_flap();
        self.provoked = true;
        let goodbye = self.rng.random_bool(flapper.goodbyes);
        Some(if goodbye { End::Away } else { End::Lost("lost on purpose".to_owned()) })
    }

    /// For how long it is not going to read now, if it does not.
    fn next_pause(&mut self, now: Instant) -> Option<Duration> {
        if self.stall.is_some() && self.play.course.measured_for() > STALLS_AFTER {
            return self.stall.take();
        }
        let Conduct::Slow(slow) = self.play.conduct else { return None };
        let reads_for = Duration::from_secs_f64(slow.read_seconds);
        let until = self.reads_until.get_or_insert(now + reads_for.mul_f64(self.rng.random_range(0.0..1.0)));
        if now < *until {
            return None;
        }
        let pause = Duration::from_secs_f64(slow.pause_seconds);
        *until = now + pause + reads_for;
        Some(pause)
    }

    fn close_end(&mut self, frame: Option<&CloseFrame>) -> End {
        let Some(frame) = frame else { return End::Closed("closed without a code".to_owned()) };
        let code = u16::from(frame.code);
        let cause = format!("{code} {}", frame.reason);
        if NETWORK_CLOSES.contains(&code) {
            // Who does not read has it coming.
            self.provoked = self.is_blind();
            End::Lost(cause)
        } else if self.play.conduct.provokes(code) {
            End::Provoked(cause)
        } else {
            End::Closed(cause)
        }
    }

    /// Whether it does not read for a while on purpose: then what it is given says nothing of what others are.
    pub(crate) fn is_blind(&self) -> bool {
        self.play.stall.is_some() || self.play.conduct.is_slow()
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
