//! A fleet: a swarm's bots in several processes, on this machine or on others, watched over by one.
//!
//! Each process has whole rooms, and sends what its threads measured as it is: histograms are merged bucket by bucket, so the
//! figures are those that one process would have come to. Whoever watches tells all when to begin and when to end; seconds are
//! counted by each from when it heard that. A process that is lost ends the run early, and makes it a failure.

mod gather;
mod serve;
mod wire;

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use bincode::error::DecodeError;
use thiserror::Error;

use crate::collect::Delivery;
use crate::connection::JoinError;
use crate::hands::{Conclusion, Hands, Standing};
use crate::report::Environment;
use crate::swarm::{Plan, SwarmError};
use crate::threads::Share;
pub use gather::Gathering;
use wire::{Failure, News, Order, VERSION, hear, say};

/// What stands for a fleet's own pipes where an address is asked for.
pub const PIPES: &str = "-";
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
    /// What was heard makes no sense.
    #[error("what a process of the swarm says makes no sense: {0}")]
    Nonsense(#[from] DecodeError),
    /// Whoever watches does not want this process.
    #[error("the swarm does not want this process: {0}")]
    Unwanted(String),
    /// A process is not the same program.
    #[error("{name} is of version {theirs}, and this is {VERSION}: run the same program everywhere")]
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
    news: Receiver<(usize, Result<News, String>)>,
    sender: SyncSender<(usize, Result<News, String>)>,
    /// Of the run that is going on.
    bots: u64,
    threads: usize,
}

/// The way to a process; without it, the process ends.
#[derive(Debug)]
enum Link {
    /// One that the fleet has started, and its standard input.
    Child(Child, ChildStdin),
    /// One that has connected.
    Peer(TcpStream),
}

/// A process of a fleet.
#[derive(Debug)]
struct Member {
    name: String,
    environment: Environment,
    link: Link,
    /// Whether it has a part in the run, …
    works: bool,
    /// … how it stands there, when that was heard, …
    standing: Standing,
    heard: Instant,
    /// … and what came of it.
    concluded: Option<Result<Conclusion, Failure>>,
    /// Why it is lost, if it is.
    lost: Option<String>,
}

impl Fleet {
    fn empty() -> Self {
        let (sender, news) = sync_channel(NEWS);
        Self { members: Vec::new(), news, sender, bots: 0, threads: 0 }
    }

    /// Starts this program again, so many times: it is to be one that ends with [`Swarm::main`](crate::Swarm::main).
    ///
    /// # Errors
    /// [`FleetError`] if the operating system refuses, or they are no such programs.
    pub fn spawn(processes: u32) -> Result<Self, FleetError> {
        let mut fleet = Self::empty();
        for number in 1..=processes {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["--connect", PIPES]).stdin(Stdio::piped()).stdout(Stdio::piped());
            // An interrupt from the terminal is for this process, which then ends the run with its report.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            let mut child = command.spawn()?;
            let pipes = child.stdout.take().zip(child.stdin.take());
            let (from, to) = pipes.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
            fleet.add(format!("process {number}"), from, Link::Child(child, to))?;
        }
        Ok(fleet)
    }

    /// Adds a process that says what it should.
    fn add(
        &mut self,
        name: String,
        from: impl Read + Send + 'static,
        mut link: Link,
    ) -> Result<(), FleetError> {
        let mut from = BufReader::new(from);
        let theirs: String = hear(&mut from)?;
        if theirs != VERSION {
            let error = FleetError::Version { name, theirs };
            say(link.writer(), &Err::<(), String>(error.to_string()))?;
            return Err(error);
        }
        say(link.writer(), &Ok::<(), String>(()))?;
        let environment = hear(&mut from)?;
        let (index, sender) = (self.members.len(), self.sender.clone());
        thread::spawn(move || {
            loop {
                let news = hear(&mut from).map_err(|error| error.to_string());
                let is_last = news.is_err();
                if sender.send((index, news)).is_err() || is_last {
                    return;
                }
            }
        });
        self.members.push(Member {
            name,
            environment,
            link,
            works: false,
            standing: Standing::default(),
            heard: Instant::now(),
            concluded: None,
            lost: None,
        });
        Ok(())
    }

    /// Has the bots of a run join.
    ///
    /// # Errors
    /// [`FleetError::Lost`] if a process is not there any more.
    pub(crate) fn begin(&mut self, plan: &Plan) -> Result<(), FleetError> {
        // What is still to be heard of the run before it.
        self.deliver(&mut |_| {});
        let processes = self.members.len().min(plan.scenario.rooms as usize);
        let share = |process| Share { process: process as u32, processes: processes as u32 };
        self.bots = plan.scenario.bots();
        self.threads = share(0).threads(&plan.scenario) as usize;
        for (index, member) in self.members.iter_mut().enumerate() {
            (member.works, member.concluded) = (index < processes, None);
            (member.standing, member.heard) = (Standing::default(), Instant::now());
            if member.works {
                member.order(&Order::Work(Box::new(plan.clone()), share(index)));
            }
        }
        match self.lost().next() {
            Some(lost) => Err(FleetError::Lost(lost)),
            None => Ok(()),
        }
    }

    fn workers(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.works)
    }

    fn order(&mut self, order: &Order) {
        self.members.iter_mut().filter(|member| member.works).for_each(|member| member.order(order));
    }

    fn lost(&self) -> impl Iterator<Item = String> {
        let named = |member: &Member| Some(format!("{}: {}", member.name, member.lost.as_ref()?));
        self.members.iter().filter_map(named)
    }
}

impl Hands for Fleet {
    fn threads(&self) -> usize {
        self.threads
    }

    fn deliver(&mut self, take: &mut dyn FnMut(Delivery)) {
        for (index, news) in self.news.try_iter() {
            let member = &mut self.members[index];
            member.heard = Instant::now();
            match news {
                Ok(News::Delivery(delivery)) => take(delivery),
                Ok(News::Standing(standing)) => member.standing = standing,
                Ok(News::Concluded(concluded)) => member.concluded = Some(concluded),
                Err(words) => member.lose(&words),
            }
        }
        for member in self.members.iter_mut().filter(|member| member.is_busy()) {
            if member.heard.elapsed() > SILENCE_LIMIT {
                member.lose(&format!("nothing was heard of it for {} s", SILENCE_LIMIT.as_secs()));
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
        self.order(&Order::Measure);
    }

    fn finish(&mut self) {
        self.order(&Order::Finish);
    }

    fn conclude(&mut self) -> Result<Conclusion, SwarmError> {
        let (bot, bots) = (self.standing().counts.joined + 1, self.bots);
        let mut all = Conclusion { lost: self.lost().collect(), ..Conclusion::default() };
        for member in self.workers() {
            all.processes.push(member.environment.clone());
            match &member.concluded {
                Some(Ok(conclusion)) => {
                    all.memory_before += conclusion.memory_before;
                    all.memory += conclusion.memory;
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

impl Member {
    /// Whether something is still to be heard of it in this run.
    fn is_busy(&self) -> bool {
        self.works && self.concluded.is_none() && self.lost.is_none()
    }

    fn order(&mut self, order: &Order) {
        if let Err(error) = say(self.link.writer(), order) {
            self.lose(&error.to_string());
        }
    }

    fn lose(&mut self, words: &str) {
        self.lost.get_or_insert_with(|| words.to_owned());
    }
}

impl Link {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Child(_, pipe) => pipe,
            Self::Peer(stream) => stream,
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // If it fails, the process has ended already; nothing more is wanted of it.
        match self {
            Self::Child(child, _) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            Self::Peer(stream) => {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}
