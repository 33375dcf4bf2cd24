//! The rooms of one thread: bots that come and go, and what is measured of them, second by second.

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::arrival::Visit;
use crate::board::Board;
use crate::bot::{Bot, Outcome, Play};
use crate::cast::Cast;
use crate::collect::{Delivery, When};
use crate::connection::{Connection, JoinError, Ticket};
use crate::course::CourseWatch;
use crate::crew::Crew;
use crate::health::Pulse;
use crate::path::Path;
use crate::room::Room;
use crate::stats::{FINISHED, count_cause};
use crate::swarm::Plan;

/// How often every bot is looked at: not a multiple of any usual tick, else it would always be at the same moment of one.
const LOOK: Duration = Duration::from_millis(97);
/// A second of which less than this was measured is none of the series.
const SHORTEST_SECOND: Duration = Duration::from_millis(500);

/// What a thread is to do.
pub struct ThreadPlan {
    /// Which thread it is, …
    pub thread: u32,
    /// … of so many in all.
    pub threads: u32,
    /// What is run.
    pub plan: Arc<Plan>,
    /// Who plays what.
    pub cast: Arc<Cast>,
    /// What the swarm is doing.
    pub course: CourseWatch,
    /// For whoever watches.
    pub board: Arc<Board>,
    /// Where measurements go.
    pub deliveries: Sender<Delivery>,
}

/// What runs the rooms of one thread.
struct Worker {
    thread: ThreadPlan,
    crew: Rc<Crew>,
    /// This thread's, with their numbers.
    rooms: Vec<(u32, Rc<Room>)>,
    /// One for each bot that may be joining.
    turns: Semaphore,
    pulse: Pulse,
}

/// A bot's number in its room, and its room.
#[derive(Clone)]
struct Place {
    room: Rc<Room>,
    room_number: u32,
    index: u32,
}

impl ThreadPlan {
    /// Fills the rooms and plays until the swarm is done.
    ///
    /// # Errors
    /// If all are to be in before the measurement, the first that does not get in.
    pub async fn run(self) -> Result<(), JoinError> {
        let scenario = &self.plan.scenario;
        let mine = (0..scenario.rooms).filter(|room| room % self.threads == self.thread);
        let rooms = mine.map(|number| (number, Rc::new(Room::new(self.plan.room.clone())))).collect();
        let worker = Rc::new(Worker {
            crew: Rc::new(Crew::new(&self.cast.spec.layout, Arc::clone(&self.board))),
            rooms,
            turns: Semaphore::new(scenario.joins_at_once as usize),
            pulse: Pulse::new(),
            thread: self,
        });
        let mut chores = JoinSet::new();
        chores.spawn_local(Rc::clone(&worker).beat());
        chores.spawn_local(Rc::clone(&worker).look());
        let seconds = tokio::task::spawn_local(Rc::clone(&worker).count_seconds());
        let mut bots = JoinSet::new();
        for (room_number, room) in &worker.rooms {
            for index in 0..worker.thread.plan.scenario.per_room {
                let place = Place { room: Rc::clone(room), room_number: *room_number, index };
                bots.spawn_local(Rc::clone(&worker).attend(place));
            }
        }
        all(bots).await?;
        // Bots may all be gone before the end.
        let _ = seconds.await;
        worker.deliver(When::After);
        Ok(())
    }
}

impl Worker {
    /// A bot's whole life: it comes, plays, goes, and comes again, as the scenario has it.
    async fn attend(self: Rc<Self>, place: Place) -> Result<(), JoinError> {
        let scenario = &self.thread.plan.scenario;
        let number = u64::from(place.index) * u64::from(scenario.rooms) + u64::from(place.room_number);
        let mut course = self.thread.course.clone();
        let (mut was_here, mut away) = (false, false);
        for visit in (0..).map_while(|n| scenario.arrival.visit(number, scenario.bots(), n)) {
            let mut due = Instant::now();
            let mut leave = None;
            if !scenario.arrival.is_before_measurement() {
                let began = course.began().await;
                (due, leave) = times(began, visit);
                tokio::select! {
                    () = tokio::time::sleep_until(due) => {}
                    () = course.done() => return Ok(()),
                }
            }
            loop {
                let join = self.join(&place, number, due, leave, was_here);
                let joined = tokio::select! {
                    joined = join => joined,
                    () = course.done() => {
                        // Who is away when all go does not come back to say goodbye.
                        if away {
                            count_cause(&mut self.crew.stats.borrow_mut().closes, FINISHED, 1);
                        }
                        return Ok(());
                    }
                };
                let outcome = match joined {
                    Ok((bot, connection)) => {
                        was_here = true;
                        self.crew.board.present.fetch_add(1, Relaxed);
                        let outcome = bot.play(connection).await;
                        self.crew.board.present.fetch_sub(1, Relaxed);
                        outcome
                    }
                    Err(error) if scenario.arrival.is_before_measurement() && !was_here => return Err(error),
                    Err(error) => {
                        self.count_failure(&place, &error);
                        Outcome::Gone
                    }
                };
                away = outcome == Outcome::Away;
                if !away {
                    break;
                }
                due = Instant::now();
            }
        }
        Ok(())
    }

    /// Joins the room, and opens it if nobody has, or if it is gone.
    async fn join(
        &self,
        place: &Place,
        number: u64,
        due: Instant,
        leave: Option<Instant>,
        again: bool,
    ) -> Result<(Bot, Connection), JoinError> {
        let room = &place.room;
        loop {
            let known = room.id.borrow().clone();
            let joined = if let Some(id) = &known {
                self.take_seat(place, number, id.clone(), due, leave, again).await
            } else {
                let _opening = room.opening.lock().await;
                if room.id.borrow().is_some() {
                    continue;
                }
                self.take_seat(place, number, "new".to_owned(), due, leave, again).await
            };
            match joined {
                // All had left, and the room was closed: this bot is the first again.
                Err(JoinError::Refused { status: 404, .. }) if known.is_some() && !room.is_given => {
                    room.id.borrow_mut().take_if(|id| Some(&*id) == known.as_ref());
                }
                joined => return joined,
            }
        }
    }

    /// Joins when it is this bot's turn.
    async fn take_seat(
        &self,
        place: &Place,
        number: u64,
        room: String,
        due: Instant,
        leave: Option<Instant>,
        again: bool,
    ) -> Result<(Bot, Connection), JoinError> {
        let Plan { url, trust, scenario, .. } = &*self.thread.plan;
        let &Place { room_number, index, .. } = place;
        let (part, network) = self.thread.cast.deal(number);
        let stalls = index == 0 && room_number < scenario.stall_bots;
        let seed = self.seed(room_number, index);
        let play = Play {
            mind: (part.make)(seed),
            conduct: part.conduct,
            stall: stalls.then(|| Duration::from_secs(u64::from(scenario.stall_seconds))),
            leave,
            course: self.thread.course.clone(),
            crew: Rc::clone(&self.crew),
            room: Rc::clone(&place.room),
        };
        let ticket = Ticket {
            url: url.trim_end_matches('/').to_owned(),
            trust: trust.clone(),
            spec: Arc::clone(&self.thread.cast.spec),
            room,
            name: format!("bot-{room_number}-{index}"),
            stops_reading: stalls || part.conduct.is_slow(),
            from: self.address(place),
            path: network.filter(|net| !net.is_perfect()).map(|net| Rc::new(Path::new(&net, seed))),
            seed,
        };
        // Who comes at a moment of their own does not wait for others.
        let turn = scenario.arrival.is_before_measurement().then(|| self.turns.acquire());
        let _turn = match turn {
            Some(turn) => Some(turn.await.expect("the semaphore is never closed")),
            None => None,
        };
        let due = if scenario.arrival.is_before_measurement() { Instant::now() } else { due };
        let joined = Bot::join(ticket, play, due, again).await?;
        let stats = &mut *self.crew.stats.borrow_mut();
        stats.joins += 1;
        if !again {
            stats.bots_connected += 1;
            Board::count(&self.crew.board.joined);
        }
        Ok(joined)
    }

    fn count_failure(&self, place: &Place, error: &JoinError) {
        let Crew { stats, board, .. } = &*self.crew;
        count_cause(&mut stats.borrow_mut().join_failures, &error.cause(), 1);
        Board::count(&board.join_failures);
        board.trouble(&format!("bot-{}-{} could not join: {error}", place.room_number, place.index));
    }

    /// Each bot its own address, if they do not have the usual one.
    fn address(&self, place: &Place) -> Option<Ipv4Addr> {
        let Plan { from, scenario, .. } = &*self.thread.plan;
        let number = place.room_number * scenario.per_room + place.index;
        from.map(|first| Ipv4Addr::from_bits(first.to_bits().wrapping_add(number)))
    }

    /// Each bot its own: a Weyl step for each, by the golden ratio.
    fn seed(&self, room: u32, index: u32) -> u64 {
        let number = u64::from(room) << 32 | u64::from(index);
        self.thread.plan.scenario.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    async fn beat(self: Rc<Self>) {
        self.pulse.beat().await;
    }

    /// Looks at every bot on a clock that nothing holds up: a look that comes late is one of when it was due.
    async fn look(self: Rc<Self>) {
        let mut course = self.thread.course.clone();
        let mut due = course.began().await;
        let mut updates = 0;
        loop {
            due += LOOK;
            tokio::time::sleep_until(due).await;
            if self.crew.measuring.get() {
                let stats = &mut *self.crew.stats.borrow_mut();
                for (_, room) in &self.rooms {
                    room.look(due, &mut stats.staleness);
                }
                // A new second begins at zero.
                let more = stats.updates.checked_sub(updates).unwrap_or(stats.updates);
                updates = stats.updates;
                self.crew.board.updates.fetch_add(more, Relaxed);
            }
        }
    }

    /// Delivers what was measured, second by second.
    async fn count_seconds(self: Rc<Self>) {
        let mut course = self.thread.course.clone();
        let began = course.began().await;
        self.deliver(When::Before);
        self.crew.measuring.set(true);
        let mut second = 0;
        while second < self.thread.plan.scenario.seconds {
            let end = began + Duration::from_secs(u64::from(second) + 1);
            tokio::select! {
                () = tokio::time::sleep_until(end) => self.deliver(When::Second(second)),
                () = course.done() => break,
            }
            second += 1;
        }
        self.crew.measuring.set(false);
        let measured = course.measured_since(began);
        if measured >= Duration::from_secs(u64::from(second)) + SHORTEST_SECOND {
            self.deliver(When::Second(second));
        }
    }

    /// Delivers what was measured since this was done last.
    fn deliver(&self, when: When) {
        let rooms = self.rooms.iter().filter(|(_, room)| room.id.borrow().is_some());
        let rooms = rooms.map(|(_, room)| if when == When::After { room.total() } else { room.second() });
        let delivery = Delivery {
            thread: self.thread.thread,
            when,
            stats: Box::new(self.crew.stats.take()),
            health: self.pulse.second(),
            rooms: rooms.collect(),
        };
        // Nobody takes it any more if the run has failed.
        let _ = self.thread.deliveries.send(delivery);
    }
}

/// When a visit begins and ends.
fn times(began: Instant, visit: Visit) -> (Instant, Option<Instant>) {
    let at = |seconds: f64| began + Duration::from_secs_f64(seconds);
    (at(visit.come), visit.leave.map(at))
}

/// Waits for all of them, or for the first that fails.
async fn all(mut tasks: JoinSet<Result<(), JoinError>>) -> Result<(), JoinError> {
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
    }
    Ok(())
}
