//! One thread of bots: it starts the bots of its rooms, and delivers their measurements every second.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::behaviour::roles::RoleAssignment;
use crate::client::join_error::JoinError;
use crate::client::shared_room::SharedRoom;
use crate::client::thread_context::ThreadContext;
use crate::measure::collector::{Delivery, When};
use crate::measure::generator_health::HealthProbe;
use crate::measure::live_counters::LiveCounters;
use crate::measure::phase::PhaseWatch;
use crate::plan::Plan;
use crate::run::visits::Place;

/// The period in which the staleness of every bot is sampled. It is not a multiple of any usual tick: otherwise all samples
/// would fall on the same moment of a tick.
const SAMPLE_PERIOD: Duration = Duration::from_millis(97);
/// A second of which less than this was measured is not part of the series.
const SHORTEST_SECOND: Duration = Duration::from_millis(500);

/// The work of a thread.
pub struct ThreadPlan {
    /// The thread's number, over all processes.
    pub thread: u32,
    /// Number of threads of all processes.
    pub threads: u32,
    /// The plan of the run.
    pub plan: Arc<Plan>,
    /// The roles of all bots.
    pub roles: Arc<RoleAssignment>,
    /// The phase of the run.
    pub phase: PhaseWatch,
    /// Counters for observers of the run.
    pub counters: Arc<LiveCounters>,
    /// Receives the thread's measurements.
    pub deliveries: Sender<Delivery>,
}

/// Runs the rooms of one thread.
pub(super) struct Worker {
    pub(super) thread: ThreadPlan,
    pub(super) context: Rc<ThreadContext>,
    /// The thread's rooms.
    rooms: Vec<Rc<SharedRoom>>,
    /// A permit for each bot that may be joining at the same time.
    pub(super) join_permits: Semaphore,
    health: HealthProbe,
}

impl ThreadPlan {
    /// Fills the rooms, and plays until the run ends.
    ///
    /// # Errors
    /// If all bots have to be in before the measurement, the error of the first that cannot join.
    pub async fn run(self) -> Result<(), JoinError> {
        let scenario = &self.plan.scenario;
        let numbers = (0..scenario.rooms).filter(|room| room % self.threads == self.thread);
        let rooms: Vec<(u32, Rc<SharedRoom>)> =
            numbers.map(|number| (number, Rc::new(SharedRoom::new(self.plan.room.clone())))).collect();
        let worker = Rc::new(Worker {
            context: Rc::new(ThreadContext::new(&self.roles.spec.layout, Arc::clone(&self.counters))),
            rooms: rooms.iter().map(|(_, room)| Rc::clone(room)).collect(),
            join_permits: Semaphore::new(scenario.joins_at_once as usize),
            health: HealthProbe::new(),
            thread: self,
        });
        // Dropped at the end, which aborts its tasks.
        let mut background = JoinSet::new();
        background.spawn_local(Rc::clone(&worker).probe_health());
        background.spawn_local(Rc::clone(&worker).sample_staleness());
        let seconds = tokio::task::spawn_local(Rc::clone(&worker).deliver_seconds());
        let mut bots = JoinSet::new();
        for (room_number, room) in rooms {
            for index in 0..worker.thread.plan.scenario.per_room {
                let place = Place { room: Rc::clone(&room), room_number, index };
                bots.spawn_local(Rc::clone(&worker).run_bot(place));
            }
        }
        join_all(bots).await?;
        // All bots may be gone before the end of the run.
        let _ = seconds.await;
        worker.deliver(When::After);
        Ok(())
    }
}

impl Worker {
    async fn probe_health(self: Rc<Self>) {
        self.health.run().await;
    }

    /// Samples the staleness of every bot on a fixed clock. A sample that is taken late counts for the time at which it was due,
    /// so nothing that holds up this thread hides what the bots show.
    async fn sample_staleness(self: Rc<Self>) {
        let mut phase = self.thread.phase.clone();
        let mut due = phase.began().await;
        let mut updates = 0;
        loop {
            due += SAMPLE_PERIOD;
            tokio::time::sleep_until(due).await;
            if self.context.measuring.get() {
                let stats = &mut *self.context.stats.borrow_mut();
                for room in &self.rooms {
                    room.stats.sample_staleness(due, &mut stats.staleness);
                }
                // The live counter is brought up to date here rather than for each snapshot. The stats begin each second at
                // zero.
                let more = stats.updates.checked_sub(updates).unwrap_or(stats.updates);
                updates = stats.updates;
                self.context.counters.updates.fetch_add(more, Relaxed);
            }
        }
    }

    /// Delivers the measurements of each second.
    async fn deliver_seconds(self: Rc<Self>) {
        let mut phase = self.thread.phase.clone();
        let began = phase.began().await;
        self.deliver(When::Before);
        self.context.measuring.set(true);
        let mut second = 0;
        while second < self.thread.plan.scenario.seconds {
            let end = began + Duration::from_secs(u64::from(second) + 1);
            tokio::select! {
                () = tokio::time::sleep_until(end) => self.deliver(When::Second(second)),
                () = phase.done() => break,
            }
            second += 1;
        }
        self.context.measuring.set(false);
        let measured = phase.measured_since(began);
        if measured >= Duration::from_secs(u64::from(second)) + SHORTEST_SECOND {
            self.deliver(When::Second(second));
        }
    }

    /// Delivers the measurements since the previous delivery.
    fn deliver(&self, when: When) {
        let figures = |room: &Rc<SharedRoom>| match when {
            When::After => room.total(),
            When::Before | When::Second(_) => room.take_second(),
        };
        let delivery = Delivery {
            thread: self.thread.thread,
            when,
            stats: Box::new(self.context.stats.take()),
            health: self.health.second(),
            rooms: self.rooms.iter().filter_map(figures).collect(),
        };
        // An error means that the run has failed, and nobody wants its measurements.
        let _ = self.thread.deliveries.send(delivery);
    }
}

/// Waits for all tasks, or for the first that fails.
async fn join_all(mut tasks: JoinSet<Result<(), JoinError>>) -> Result<(), JoinError> {
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
    }
    Ok(())
}
