//! The swarm: rooms filled with bots, a measured stretch of play, and what came of it.

use std::cell::{Cell, RefCell};
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use drumline_room::GameSpec;
use drumline_shared::mirror::Decoder;
use thiserror::Error;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinSet, LocalSet};

use crate::behaviour::{KNOWN_GAMES, MakeBehaviour, known_game};
use crate::bot::{Bot, Play};
use crate::connection::{Connection, JoinError, Ticket};
use crate::options::Options;
use crate::path::Path;
use crate::stats::{Report, Stats};

/// A swarm cannot run.
#[derive(Debug, Error)]
pub enum SwarmError {
    /// No behaviour for the game.
    #[error("bots do not know the game `{0}`; they know: {known}", known = KNOWN_GAMES.join(", "))]
    UnknownGame(String),
    /// A bot could not join.
    #[error("bot {bot} of {bots} could not join: {source}")]
    Join {
        /// Bots that had joined before it, and itself.
        bot: u64,
        /// All bots.
        bots: u64,
        /// Why.
        source: JoinError,
    },
    /// The operating system refused a thread or an event queue.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// What the swarm is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Bots are joining, and play as soon as they are in.
    Joining,
    /// All are in; what they see is measured.
    Measuring,
    /// Bots say goodbye.
    Done,
}

/// A bot's view of the phase.
#[derive(Debug, Clone)]
pub struct PhaseWatch {
    receiver: watch::Receiver<(Phase, Instant)>,
}

impl PhaseWatch {
    /// Whether this is the phase now.
    #[must_use]
    pub fn is(&self, phase: Phase) -> bool {
        self.receiver.borrow().0 == phase
    }

    /// How long the measurement has been going on; zero in the other phases.
    #[must_use]
    pub fn measured_for(&self) -> Duration {
        let (phase, since) = *self.receiver.borrow();
        if phase == Phase::Measuring { since.elapsed() } else { Duration::ZERO }
    }

    /// Waits for the end.
    pub async fn done(&mut self) {
        // An error means that the swarm itself is gone: that is an end too.
        let _ = self.receiver.wait_for(|(phase, _)| *phase == Phase::Done).await;
    }
}

/// Where a run stands, for whoever shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// So many bots are in.
    Joined(u64),
    /// So much of the measurement is over.
    Measured(Duration),
}

/// Runs a swarm, telling `progress` about five times a second how far it is.
///
/// # Errors
/// [`SwarmError`] if it cannot be brought together; what goes wrong later is in the report.
pub fn run(options: &Options, mut progress: impl FnMut(Progress)) -> Result<Report, SwarmError> {
    let Some((spec, make)) = known_game(&options.game) else {
        return Err(SwarmError::UnknownGame(options.game.clone()));
    };
    let spec = Arc::new(spec);
    let bots = options.bots();
    let joined = Arc::new(AtomicU64::new(0));
    let (phase, receiver) = watch::channel((Phase::Joining, Instant::now()));
    let mut threads = Vec::new();
    for index in 0..options.threads.min(options.rooms()) {
        let plan = ThreadPlan {
            options: options.clone(),
            spec: Arc::clone(&spec),
            make,
            rooms: (0..options.rooms()).filter(|room| room % options.threads == index).collect(),
            joined: Arc::clone(&joined),
            phases: PhaseWatch { receiver: receiver.clone() },
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        threads.push(thread::spawn(move || LocalSet::new().block_on(&runtime, plan.run())));
    }
    let step = Duration::from_millis(200);
    while joined.load(Relaxed) < bots && !threads.iter().any(thread::JoinHandle::is_finished) {
        progress(Progress::Joined(joined.load(Relaxed)));
        thread::sleep(step);
    }
    progress(Progress::Joined(joined.load(Relaxed)));
    let began = Instant::now();
    phase.send_replace((Phase::Measuring, began));
    let wanted = Duration::from_secs(u64::from(options.seconds));
    while began.elapsed() < wanted && !threads.iter().any(thread::JoinHandle::is_finished) {
        thread::sleep(step.min(wanted.saturating_sub(began.elapsed())));
        progress(Progress::Measured(began.elapsed().min(wanted)));
    }
    let measured = began.elapsed();
    phase.send_replace((Phase::Done, Instant::now()));
    let mut stats = Stats::default();
    for thread in threads {
        let finished = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        stats.merge(finished.map_err(|source| SwarmError::Join {
            bot: joined.load(Relaxed) + 1,
            bots,
            source,
        })?);
    }
    Ok(stats.report(measured.as_secs_f64()))
}

/// The rooms of one thread.
struct ThreadPlan {
    options: Options,
    spec: Arc<GameSpec>,
    make: MakeBehaviour,
    rooms: Vec<u32>,
    joined: Arc<AtomicU64>,
    phases: PhaseWatch,
}

/// What runs the rooms of one thread.
struct Worker {
    plan: ThreadPlan,
    /// One for each bot that may be joining.
    turns: Semaphore,
    decoder: Rc<RefCell<Decoder>>,
    stats: Rc<RefCell<Stats>>,
}

impl ThreadPlan {
    /// Fills the rooms, so many bots at a time, and plays until the swarm is done.
    async fn run(self) -> Result<Stats, JoinError> {
        let turns = Semaphore::new(self.options.at_once as usize);
        let decoder = Rc::new(RefCell::new(Decoder::new(&self.spec.layout)));
        let worker = Rc::new(Worker { plan: self, turns, decoder, stats: Rc::default() });
        let mut rooms = JoinSet::new();
        for &room in &worker.plan.rooms {
            rooms.spawn_local(Rc::clone(&worker).fill(room));
        }
        all(rooms).await?;
        Ok(worker.stats.take())
    }
}

impl Worker {
    /// Opens a room, fills it, and plays in it.
    async fn fill(self: Rc<Self>, room: u32) -> Result<(), JoinError> {
        let wanted = self.plan.options.room.clone().unwrap_or("new".into());
        let first = self.join(room, 0, wanted).await?;
        let id = first.0.room().to_owned();
        let pulse = Rc::new(Cell::new(0));
        let mut bots = JoinSet::new();
        for index in 1..self.plan.options.per_room {
            let (worker, id, pulse) = (Rc::clone(&self), id.clone(), Rc::clone(&pulse));
            bots.spawn_local(async move {
                let bot = worker.join(room, index, id).await?;
                worker.play(bot, room, index, pulse).await;
                Ok(())
            });
        }
        bots.spawn_local(async move {
            self.play(first, room, 0, pulse).await;
            Ok(())
        });
        all(bots).await
    }

    /// Joins a room when it is this bot's turn.
    async fn join(&self, room: u32, index: u32, id: String) -> Result<(Bot, Connection), JoinError> {
        let stalls = index == 0 && room < self.plan.options.stall_bots;
        let seed = self.seed(room, index);
        let ticket = Ticket {
            url: self.plan.options.url.trim_end_matches('/').to_owned(),
            trust: self.plan.options.ca.clone(),
            spec: Arc::clone(&self.plan.spec),
            room: id,
            name: format!("bot-{room}-{index}"),
            stall: stalls.then(|| Duration::from_secs(u64::from(self.plan.options.stall_seconds))),
            from: self.address(room, index),
            path: self.plan.options.net.map(|net| Rc::new(Path::new(&net, seed))),
            seed,
        };
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        let bot = Bot::join(ticket).await?;
        self.plan.joined.fetch_add(1, Relaxed);
        self.stats.borrow_mut().bots_connected += 1;
        Ok(bot)
    }

    async fn play(&self, (bot, connection): (Bot, Connection), room: u32, index: u32, pulse: Rc<Cell<u32>>) {
        let play = Play {
            behaviour: (self.plan.make)(self.seed(room, index)),
            phases: self.plan.phases.clone(),
            pulse,
            decoder: Rc::clone(&self.decoder),
            stats: Rc::clone(&self.stats),
        };
        bot.play(connection, play).await;
    }

    /// Each bot its own, if they do not have the usual one.
    fn address(&self, room: u32, index: u32) -> Option<Ipv4Addr> {
        let number = room * self.plan.options.per_room + index;
        self.plan.options.from.map(|first| Ipv4Addr::from_bits(first.to_bits().wrapping_add(number)))
    }

    /// Each bot its own: a Weyl step for each, by the golden ratio.
    fn seed(&self, room: u32, index: u32) -> u64 {
        let number = u64::from(room) << 32 | u64::from(index);
        self.plan.options.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Waits for all of them, or for the first that fails.
async fn all(mut tasks: JoinSet<Result<(), JoinError>>) -> Result<(), JoinError> {
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
    }
    Ok(())
}
