//! A bot: a real client, from the handshake to the last snapshot.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use drumline_room::{Rng, SeedableRng};
use drumline_shared::layout::InputLayout;
use drumline_shared::mirror::Mirror;
use drumline_shared::wire::control::Welcome;
use drumline_shared::wire::fragment::Assembler;
use tokio::time::Instant;

use crate::behaviour::DynBehaviour;
use crate::behaviour::connection_habit::ConnectionHabit;
use crate::client::connect::{Connection, JoinTarget, SeatRequest};
use crate::client::inputs::Inputs;
use crate::client::join_error::JoinError;
use crate::client::lead::Lead;
use crate::client::listen::ConnectionEnd;
use crate::client::resume::{ResumeError, Session};
use crate::client::shared_room::SharedRoom;
use crate::client::thread_context::ThreadContext;
use crate::measure::live_counters::LiveCounters;
use crate::measure::phase::PhaseWatch;
use crate::measure::room_stats::ShownTick;
use crate::measure::stats::count_cause;
use crate::report::figures::FINISHED;

/// Longest time that a join may take.
const JOIN_LIMIT: Duration = Duration::from_secs(20);
/// Separates the seed of a bot's deliberate losses from its other seeds.
const FLAPS: u64 = 0x666c_6170_0f3c_95d1;

/// A bot in its room.
pub struct Bot {
    pub(crate) target: JoinTarget,
    pub(crate) session: Session,
    pub(crate) config: BotConfig,
    /// The tick that the bot shows, for its room's measurements.
    pub(crate) shown: Rc<ShownTick>,
    pub(crate) mirror: Mirror,
    /// A large message that arrives in fragments.
    pub(crate) assembler: Assembler,
    pub(crate) inputs: Inputs,
    /// The newest input, as columns.
    pub(crate) row: Vec<u32>,
    /// When it was due to join; `None` once it has received a snapshot.
    pub(crate) joining_since: Option<Instant>,
    /// True once the server has acknowledged an input. A server holds no seat for a client that has never sent anything.
    pub(crate) is_acknowledged: bool,
    /// True while the mirror is known to be wrong.
    pub(crate) awaits_keyframe: bool,
    /// The tick of the last snapshot.
    pub(crate) last_tick: Option<u32>,
    /// When the last snapshot arrived; `None` if the interval to the next one says nothing about the server.
    pub(crate) last_snapshot_at: Option<Instant>,
    /// When it started to read again after its stall; `None` once it shows the newest tick again.
    pub(crate) recovering_since: Option<Instant>,
    /// True if the bot itself caused the last loss of its connection.
    pub(crate) provoked_loss: bool,
    /// The length of its stall, until it happens.
    pub(crate) stall: Option<Duration>,
    /// The end of its current time of reading, if it reads slowly.
    pub(crate) reads_until: Option<Instant>,
    /// When it loses its connection next, if it does so on purpose.
    pub(crate) next_flap: Option<Instant>,
    pub(crate) rng: Rng,
}

/// The configuration of a bot.
pub struct BotConfig {
    /// Decides its inputs.
    pub behaviour: Box<dyn DynBehaviour>,
    /// How it treats its connection.
    pub habit: ConnectionHabit,
    /// For how long it stops reading once; `None` if it does not.
    pub stall: Option<Duration>,
    /// When it leaves; `None` if it stays to the end.
    pub leave_at: Option<Instant>,
    /// The phase of the run.
    pub phase: PhaseWatch,
    /// The state that it shares with the bots of its thread.
    pub context: Rc<ThreadContext>,
    /// The state that it shares with the bots of its room.
    pub room: Rc<SharedRoom>,
}

/// How a bot's play has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayEnd {
    /// It joins anew at once.
    Rejoins,
    /// It is gone.
    Gone,
}

impl Bot {
    /// Connects and takes a seat. `due` is when it was due to join; `is_return` if it was in the room before.
    ///
    /// # Errors
    /// [`JoinError`] if the bot does not get a seat.
    pub async fn join(
        target: JoinTarget,
        config: BotConfig,
        due: Instant,
        is_return: bool,
    ) -> Result<(Self, Connection), JoinError> {
        let (connection, welcome) = Connection::open(&target, SeatRequest::Join, JOIN_LIMIT).await?;
        let mut bot = Self::new(target, config, &welcome, connection.round_trip, is_return);
        bot.joining_since = Some(due);
        bot.config.context.counters.note_tick(bot.tick());
        bot.plan_flap();
        Ok((bot, connection))
    }

    /// A bot that has received its welcome.
    pub(crate) fn new(
        target: JoinTarget,
        config: BotConfig,
        welcome: &Welcome,
        round_trip: Duration,
        is_return: bool,
    ) -> Self {
        let input_layout = InputLayout::new(&target.spec.schema.input).expect("a game is within the limits");
        if config.room.id.borrow().is_none() {
            config.room.opened(welcome.room.clone());
        }
        let shown = config.room.stats.enter(welcome.tick_rate_hz, is_return);
        Self {
            session: Session::new(welcome, target.seed),
            // The layout is shared, so that a thousand bots do not hold a thousand copies.
            mirror: Mirror::new(Arc::clone(&target.spec.layout), welcome.tick_rate_hz),
            assembler: Assembler::default(),
            row: vec![0; input_layout.neutral.len()],
            inputs: Inputs::new(input_layout, Lead::new(round_trip, welcome.tick_rate_hz)),
            joining_since: None,
            is_acknowledged: false,
            awaits_keyframe: false,
            last_tick: None,
            last_snapshot_at: None,
            recovering_since: None,
            provoked_loss: false,
            stall: config.stall,
            reads_until: None,
            next_flap: None,
            rng: Rng::seed_from_u64(target.seed ^ FLAPS),
            shown,
            config,
            target,
        }
    }

    /// The length of the room's tick.
    pub(crate) fn tick(&self) -> Duration {
        self.session.tick
    }

    /// Returns true if the bot stops reading on purpose: then its times say nothing about those of other clients.
    pub(crate) fn skips_reading(&self) -> bool {
        self.config.stall.is_some() || self.config.habit.is_slow()
    }

    /// Plays until the run ends or its connection does, and resumes lost connections.
    pub async fn play(mut self, mut connection: Connection) -> PlayEnd {
        let entered = Instant::now();
        let end = loop {
            match self.listen(&mut connection).await {
                // The server cut it off, and its close frame was lost in the flood.
                ConnectionEnd::Lost(cause) if self.config.habit.exceeds_limits() => {
                    break ConnectionEnd::Provoked(cause);
                }
                ConnectionEnd::Lost(cause) if self.session.is_held() => {
                    drop(connection);
                    // Boxed: otherwise every bot would hold memory for a handshake while it plays.
                    match Box::pin(self.resume(cause)).await {
                        Ok(resumed) => connection = resumed,
                        Err(error) => break ConnectionEnd::Closed(error.to_string()),
                    }
                }
                // Without a session to resume it joins as a new client.
                ConnectionEnd::Lost(_) if self.provoked_loss => break ConnectionEnd::Rejoin,
                ConnectionEnd::Lost(cause) => break ConnectionEnd::Closed(cause),
                end @ (ConnectionEnd::Finished | ConnectionEnd::Left) => {
                    if let Some(path) = &self.target.path {
                        path.allow_cuts(false);
                    }
                    connection.close().await;
                    break end;
                }
                ConnectionEnd::Rejoin => {
                    connection.leave().await;
                    break ConnectionEnd::Rejoin;
                }
                end => break end,
            }
        };
        self.conclude(end, entered)
    }

    /// Records how the play has ended.
    fn conclude(self, end: ConnectionEnd, entered: Instant) -> PlayEnd {
        let measured = self.config.phase.measured_since(entered);
        self.config.room.stats.leave(&self.shown, measured);
        let ThreadContext { stats, counters, .. } = &*self.config.context;
        let stats = &mut *stats.borrow_mut();
        stats.bot_seconds += measured.as_secs_f64();
        if self.session.is_interrupted() && !matches!(end, ConnectionEnd::Rejoin) {
            stats.resume_failures += 1;
            LiveCounters::count(&counters.resume_failures);
        }
        match end {
            ConnectionEnd::Finished | ConnectionEnd::Left => count_cause(&mut stats.closes, FINISHED, 1),
            ConnectionEnd::Rejoin => return PlayEnd::Rejoins,
            ConnectionEnd::Provoked(cause) => count_cause(&mut stats.closes_provoked, &cause, 1),
            ConnectionEnd::Closed(cause) | ConnectionEnd::Lost(cause) => {
                count_cause(&mut stats.closes, &cause, 1);
                LiveCounters::count(&counters.closes);
                counters.problem(&format!("{}: {cause}", self.target.name));
            }
        }
        PlayEnd::Gone
    }

    async fn resume(&mut self, cause: String) -> Result<Connection, ResumeError> {
        self.inputs.connection_lost(self.provoked_loss);
        self.assembler = Assembler::default();
        if self.provoked_loss {
            // The bot's own doing: what it misses meanwhile says nothing about the server.
            self.shown.counts.set(false);
            self.last_snapshot_at = None;
        }
        // A mirror that is known to be wrong needs a keyframe, and cannot resume from its tick.
        let tick = self.last_tick.filter(|_| !self.awaits_keyframe);
        self.session.resume(&self.target, tick, cause).await
    }
}
