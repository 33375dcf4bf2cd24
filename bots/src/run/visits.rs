//! A bot's visits: it arrives, joins, plays, leaves, and returns, as the scenario's arrival pattern has it.

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use crate::behaviour::roles::Role;
use crate::client::bot::{Bot, BotConfig, PlayEnd};
use crate::client::connect::{Connection, JoinTarget};
use crate::client::join_error::JoinError;
use crate::client::shared_room::SharedRoom;
use crate::client::thread_context::ThreadContext;
use crate::measure::live_counters::LiveCounters;
use crate::measure::stats::count_cause;
use crate::net::path::Path;
use crate::plan::Plan;
use crate::report::figures::FINISHED;
use crate::run::worker::Worker;

/// The place of a bot in the run.
#[derive(Clone)]
pub(super) struct Place {
    /// Its room.
    pub room: Rc<SharedRoom>,
    /// The room's number.
    pub room_number: u32,
    /// The bot's number in the room.
    pub index: u32,
}

/// When a visit begins and ends.
#[derive(Clone, Copy)]
struct VisitTimes {
    due: Instant,
    /// `None` if the bot stays to the end.
    leave_at: Option<Instant>,
    /// True if the bot was in its room before.
    is_return: bool,
}

impl Worker {
    /// Runs a bot through all of its visits.
    pub(super) async fn run_bot(self: Rc<Self>, place: Place) -> Result<(), JoinError> {
        let scenario = &self.thread.plan.scenario;
        let number = self.bot_number(&place);
        let mut phase = self.thread.phase.clone();
        let mut was_here = false;
        for visit in (0..).map_while(|n| scenario.arrival.visit(number, scenario.bots(), n)) {
            let mut times = VisitTimes { due: Instant::now(), leave_at: None, is_return: was_here };
            if !scenario.arrival.completes_before_measurement() {
                let began = phase.began().await;
                let at = |seconds: f64| began + Duration::from_secs_f64(seconds);
                (times.due, times.leave_at) = (at(visit.arrive), visit.leave.map(at));
                tokio::select! {
                    () = tokio::time::sleep_until(times.due) => {}
                    () = phase.done() => return Ok(()),
                }
            }
            if self.run_visit(&place, times, &mut was_here).await? == VisitEnd::RunOver {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Runs one visit, in which a bot may leave and join anew any number of times.
    async fn run_visit(
        &self,
        place: &Place,
        mut times: VisitTimes,
        was_here: &mut bool,
    ) -> Result<VisitEnd, JoinError> {
        let mut phase = self.thread.phase.clone();
        let mut rejoins = false;
        loop {
            times.is_return = *was_here;
            let joined = tokio::select! {
                joined = self.join(place, times) => joined,
                () = phase.done() => {
                    // A bot that left to join anew has ended as it should, even if the run ends first.
                    if rejoins {
                        count_cause(&mut self.context.stats.borrow_mut().closes, FINISHED, 1);
                    }
                    return Ok(VisitEnd::RunOver);
                }
            };
            let end = match joined {
                Ok((bot, connection)) => {
                    *was_here = true;
                    self.context.counters.present.fetch_add(1, Relaxed);
                    let end = bot.play(connection).await;
                    self.context.counters.present.fetch_sub(1, Relaxed);
                    end
                }
                Err(error) if self.all_must_join() && !*was_here => return Err(error),
                Err(error) => {
                    self.count_failure(place, &error);
                    PlayEnd::Gone
                }
            };
            rejoins = end == PlayEnd::Rejoins;
            if !rejoins {
                return Ok(VisitEnd::Over);
            }
            times.due = Instant::now();
        }
    }

    /// Joins the room, and opens it if no bot has, or if it was closed.
    async fn join(&self, place: &Place, times: VisitTimes) -> Result<(Bot, Connection), JoinError> {
        let room = &place.room;
        loop {
            let known = room.id.borrow().clone();
            let joined = if let Some(id) = &known {
                self.take_seat(place, id.clone(), times).await
            } else {
                let _opening = room.opening.lock().await;
                // Another bot may have opened it meanwhile.
                if room.id.borrow().is_some() {
                    continue;
                }
                self.take_seat(place, "new".to_owned(), times).await
            };
            match joined {
                // All bots had left, and the server closed the room: this bot opens another.
                Err(JoinError::Refused { status: 404, .. }) if known.is_some() && !room.is_given => {
                    room.id.borrow_mut().take_if(|id| Some(&*id) == known.as_ref());
                }
                joined => return joined,
            }
        }
    }

    /// Joins a room by its id, or `new`, when it is this bot's turn.
    async fn take_seat(
        &self,
        place: &Place,
        room: String,
        times: VisitTimes,
    ) -> Result<(Bot, Connection), JoinError> {
        let (target, config) = (self.target(place, room), self.config(place, times.leave_at));
        // Bots that arrive at a time of their own do not wait for others.
        let permit = self.all_must_join().then(|| self.join_permits.acquire());
        let _permit = match permit {
            Some(permit) => Some(permit.await.expect("the semaphore is never closed")),
            None => None,
        };
        let due = if self.all_must_join() { Instant::now() } else { times.due };
        let joined = Bot::join(target, config, due, times.is_return).await?;
        let stats = &mut *self.context.stats.borrow_mut();
        stats.joins += 1;
        if !times.is_return {
            stats.bots_connected += 1;
            LiveCounters::count(&self.context.counters.joined);
        }
        Ok(joined)
    }

    fn target(&self, place: &Place, room: String) -> JoinTarget {
        let Plan { url, trust, .. } = &*self.thread.plan;
        let (role, network) = (self.role(place), self.thread.roles.network(self.bot_number(place)));
        let seed = self.seed(place);
        JoinTarget {
            url: url.trim_end_matches('/').to_owned(),
            trust: trust.clone(),
            spec: Arc::clone(&self.thread.roles.spec),
            room,
            name: format!("bot-{}-{}", place.room_number, place.index),
            stops_reading: self.stalls(place) || role.habit.is_slow(),
            from: self.address(place),
            path: network.filter(|net| !net.is_perfect()).map(|net| Rc::new(Path::new(&net, seed))),
            seed,
        }
    }

    fn config(&self, place: &Place, leave_at: Option<Instant>) -> BotConfig {
        let role = self.role(place);
        let stall = Duration::from_secs(u64::from(self.thread.plan.scenario.stall_seconds));
        BotConfig {
            behaviour: (role.make)(self.seed(place)),
            habit: role.habit,
            stall: self.stalls(place).then_some(stall),
            leave_at,
            phase: self.thread.phase.clone(),
            context: Rc::clone(&self.context),
            room: Rc::clone(&place.room),
        }
    }

    fn count_failure(&self, place: &Place, error: &JoinError) {
        let ThreadContext { stats, counters, .. } = &*self.context;
        count_cause(&mut stats.borrow_mut().join_failures, &error.cause(), 1);
        LiveCounters::count(&counters.join_failures);
        counters.problem(&format!("bot-{}-{} could not join: {error}", place.room_number, place.index));
    }

    /// True if all bots have to be in before the measurement.
    fn all_must_join(&self) -> bool {
        self.thread.plan.scenario.arrival.completes_before_measurement()
    }

    /// The bot's number in the whole run. The first bots of all rooms come before any second one.
    fn bot_number(&self, place: &Place) -> u64 {
        u64::from(place.index) * u64::from(self.thread.plan.scenario.rooms) + u64::from(place.room_number)
    }

    fn role(&self, place: &Place) -> &Role {
        self.thread.roles.role(self.bot_number(place))
    }

    /// True if the bot stops reading once.
    fn stalls(&self, place: &Place) -> bool {
        place.index == 0 && place.room_number < self.thread.plan.scenario.stall_bots
    }

    /// The bot's own local address, if the plan gives addresses to bots.
    fn address(&self, place: &Place) -> Option<Ipv4Addr> {
        let Plan { from, scenario, .. } = &*self.thread.plan;
        let number = place.room_number * scenario.per_room + place.index;
        from.map(|first| Ipv4Addr::from_bits(first.to_bits().wrapping_add(number)))
    }

    /// The bot's own seed: a Weyl sequence with the golden ratio, so that neighbours' seeds differ in many bits.
    fn seed(&self, place: &Place) -> u64 {
        let number = u64::from(place.room_number) << 32 | u64::from(place.index);
        self.thread.plan.scenario.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// How a visit has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VisitEnd {
    /// The bot has left, or could not join.
    Over,
    /// The run ended while the bot was joining.
    RunOver,
}
