//! A fleet: a swarm's bots in several processes, on this machine or on others, watched over by one.
//!
//! Each process has whole rooms, and sends what its threads measured as it is: histograms are merged bucket by bucket, so the
//! figures are those that one process would have come to. Whoever watches tells all when to begin and when to end; seconds are
//! counted by each from when it heard that. A process that is lost ends the run early, and makes it a failure.

mod gather;
mod member;
mod serve;
mod wire;

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::collect::{Delivery, When};
use crate::connection::JoinError;
use crate::hands::{Conclusion, Hands, Standing};
use crate::report::Environment;
use crate::swarm::{Plan, SwarmError};
use crate::threads::Share;
pub use gather::Gathering;
use member::{Link, Member, MemberNews};
use wire::{Failure, News, Order, VERSION, hear, say};

/// What stands for a fleet's own pipes where an address is asked for.
pub const PIPES: &str = "-";
/// Set for processes that a fleet has started: they start none.
const STARTED: &str = "DRUMLINE_FLEET";
/// News that may wait to be taken; who has more waits.
const NEWS: usize = 1024;
/// How long a process that works may say nothing: it has something to say five times a second.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// Troubles of all processes that are remembered.
const TROUBLES: usize = 20;

/// A fleet cannot be brought together, or does not hold together.
#[derive(Debug, Error)]
pub enum FleetError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address} for processes: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is nobody to connect to.
    #[error("cannot connect to {address}: {source}; is `drumline-bots --listen` running there?")]
    Connect {
        /// The address.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A process cannot be started, or not be talked to.
    #[error("cannot talk to a process of the swarm: {0}")]
    Io(#[from] io::Error),
    /// There is to be no process in it.
    #[error("a fleet needs a process at least")]
    Empty,
    /// A process of a fleet would start a fleet.
    #[error(
        "a process of a swarm starts no others; let `Swarm::main` be the first thing that the program does"
    )]
    Nested,
    /// Whoever watches does not want this process.
    #[error("the swarm does not want this process: {0}")]
    Unwanted(String),
    /// A process is not the same program.
    #[error("{name} is of version {theirs:?}, and this is {VERSION:?}: run the same program everywhere")]
    Version {
        /// Where it is.
        name: String,
        /// Its version.
        theirs: String,
    },
    /// A process could not begin.
    #[error("{name} could not begin: {words}")]
    CannotBegin {
        /// Which.
        name: String,
        /// Why.
        words: String,
    },
    /// A process was lost.
    #[error("a process of the swarm was lost: {0}")]
    Lost(String),
}

/// Several processes that run bots.
#[derive(Debug)]
pub struct Fleet {
    members: Vec<Member>,
    /// Members that there have ever been.
    enlisted: usize,
    news: Receiver<MemberNews>,
    sender: SyncSender<MemberNews>,
    run: Run,
}

/// The run that is going on.
#[derive(Debug, Default)]
struct Run {
    bots: u64,
    seconds: u32,
    threads: u32,
    processes: u32,
}

impl Fleet {
    fn empty() -> Self {
        let (sender, news) = sync_channel(NEWS);
        Self { members: Vec::new(), enlisted: 0, news, sender, run: Run::default() }
    }

    /// Starts this program again, so many times: it is to be one of which [`Swarm::main`](crate::Swarm::main) is all.
    ///
    /// # Errors
    /// [`FleetError`] if the operating system refuses, or they are no such programs.
    pub fn spawn(processes: u32) -> Result<Self, FleetError> {
        if processes == 0 {
            return Err(FleetError::Empty);
        }
        if std::env::var_os(STARTED).is_some() {
            return Err(FleetError::Nested);
        }
        let mut fleet = Self::empty();
        for number in 1..=processes {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["--connect", PIPES]).env(STARTED, "1");
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            // An interrupt from the terminal is for this process, which then ends the run with its report.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            let mut child = command.spawn()?;
            let pipes = child.stdout.take().zip(child.stdin.take());
            let (mut from, to) = pipes.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
            let (name, mut link) = (format!("process {number}"), Link::Child(child, to));
            let environment = greet(&mut from, link.writer(), &name)?;
            fleet.enlist(name, environment, from, link);
        }
        Ok(fleet)
    }

    /// Adds a process that has been greeted.
    fn enlist(
        &mut self,
        name: String,
        environment: Environment,
        from: impl Read + Send + 'static,
        link: Link,
    ) {
        let number = self.enlisted;
        self.enlisted += 1;
        self.members.push(Member::new((number, name), environment, from, link, self.sender.clone()));
    }

    /// Lets those go that are lost, while others are still waited for.
    fn forget_the_lost(&mut self) {
        self.deliver(&mut |_| {});
        self.members.retain(|member| member.lost.is_none());
    }

    /// Has the bots of a run join.
    ///
    /// # Errors
    /// [`FleetError::Lost`] if a process is not there any more.
    pub(crate) fn begin(&mut self, plan: &Plan) -> Result<(), FleetError> {
        // What is still to be heard of the run before it.
        self.deliver(&mut |_| {});
        self.all_are_here()?;
        let scenario = &plan.scenario;
        let processes = (self.members.len() as u32).min(scenario.rooms);
        let share = |process| Share { process, processes };
        self.run = Run {
            bots: scenario.bots(),
            seconds: scenario.seconds,
            threads: share(0).threads(scenario),
            processes,
        };
        for (process, member) in (0..).zip(&mut self.members) {
            member.prepare((process < processes).then_some(process));
            member.order(&Order::Work(Box::new(plan.clone()), share(process)));
        }
        // If one cannot be told, the others are to do nothing either.
        self.all_are_here().inspect_err(|_| self.finish())
    }

    fn all_are_here(&self) -> Result<(), FleetError> {
        let lost = self.members.iter().find_map(Member::loss);
        lost.map_or(Ok(()), |lost| Err(FleetError::Lost(lost)))
    }

    fn workers(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.share.is_some())
    }
}

impl Run {
    /// Whether something of this run can come from the process of this share.
    fn admits(&self, delivery: &Delivery, share: Option<u32>) -> bool {
        let is_its_thread = delivery.thread < self.threads && Some(delivery.thread % self.processes) == share;
        is_its_thread && !matches!(delivery.when, When::Second(second) if second >= self.seconds)
    }
}

impl Hands for Fleet {
    fn threads(&self) -> usize {
        self.run.threads as usize
    }

    fn deliver(&mut self, take: &mut dyn FnMut(Delivery)) {
        for (number, news) in self.news.try_iter() {
            let Some(member) = self.members.iter_mut().find(|member| member.number == number) else {
                continue;
            };
            member.heard = Instant::now();
            match news {
                Ok(News::Delivery(delivery)) if self.run.admits(&delivery, member.share) => take(delivery),
                Ok(News::Delivery(_)) => {
                    member.lose("it delivered what it had not been asked for".to_owned());
                }
                Ok(News::Standing(standing)) => member.standing = standing,
                Ok(News::Concluded(concluded)) => member.concluded = Some(concluded),
                Err(why) => member.lose(why),
            }
        }
        for member in self.members.iter_mut().filter(|member| member.is_busy()) {
            if member.heard.elapsed() > SILENCE_LIMIT {
                member.lose(format!("nothing was heard of it for {} s", SILENCE_LIMIT.as_secs()));
            }
        }
    }

    fn standing(&self) -> Standing {
        let mut all = Standing { all_ended: true, ..Standing::default() };
        for member in self.workers() {
            let Standing { counts, tick, troubles, any_ended, .. } = &member.standing;
            all.counts += *counts;
            all.tick = all.tick.into_iter().chain(*tick).min();
            all.troubles.extend(troubles.iter().map(|trouble| format!("{}: {trouble}", member.name)));
            all.any_ended |= *any_ended || !member.is_busy();
            all.all_ended &= !member.is_busy();
        }
        all.troubles.drain(..all.troubles.len().saturating_sub(TROUBLES));
        all
    }

    fn measure(&mut self) {
        self.members.iter_mut().for_each(|member| member.order(&Order::Measure));
    }

    fn finish(&mut self) {
        self.members.iter_mut().for_each(|member| member.order(&Order::Finish));
    }

    fn conclude(&mut self) -> Result<Conclusion, SwarmError> {
        let (bot, bots) = (self.standing().counts.joined + 1, self.run.bots);
        let lost = self.workers().filter_map(Member::loss).collect();
        let mut all = Conclusion { lost, ..Conclusion::default() };
        for member in self.workers() {
            all.processes.push(member.environment.clone());
            match &member.concluded {
                Some(Ok(conclusion)) => {
                    all.memory_before = all.memory_before.saturating_add(conclusion.memory_before);
                    all.memory = all.memory.saturating_add(conclusion.memory);
                }
                Some(Err(Failure::Join(words))) => {
                    let source = JoinError::Elsewhere(format!("{words} ({})", member.name));
                    return Err(SwarmError::Join { bot, bots, source });
                }
                Some(Err(Failure::Begin(words))) => {
                    let (name, words) = (member.name.clone(), words.clone());
                    return Err(FleetError::CannotBegin { name, words }.into());
                }
                None => {}
            }
        }
        Ok(all)
    }
}

/// Hears who a process is, and tells it whether it is wanted.
fn greet(from: &mut dyn Read, to: &mut dyn Write, name: &str) -> Result<Environment, FleetError> {
    let theirs: String = wire::hear_little(from)?;
    if theirs != VERSION {
        let error = FleetError::Version { name: name.to_owned(), theirs };
        say(to, &Err::<(), String>(error.to_string()))?;
        return Err(error);
    }
    say(to, &Ok::<(), String>(()))?;
    Ok(hear(from)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::HealthSecond;
    use crate::stats::Stats;

    #[test]
    fn a_process_delivers_what_its_own_threads_measured_in_the_runs_seconds() {
        let run = Run { bots: 64, seconds: 10, threads: 5, processes: 2 };
        let admits = |thread, when, share| {
            let (stats, health) = (Box::<Stats>::default(), HealthSecond::default());
            run.admits(&Delivery { thread, when, stats, health, rooms: Vec::new() }, share)
        };
        assert!(admits(0, When::Second(9), Some(0)) && admits(3, When::After, Some(1)));
        assert!(!admits(0, When::Second(10), Some(0)) && !admits(0, When::Second(u32::MAX), Some(0)));
        assert!(!admits(1, When::Before, Some(0)) && !admits(1, When::Before, None));
        assert!(!admits(5, When::Before, Some(1)) && !admits(u32::MAX, When::Before, Some(1)));
    }
}
