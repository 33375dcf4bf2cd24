//! The coordinator: it starts or greets the processes of a fleet, and runs bots on them.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::behaviour::registry::Swarm;
use crate::client::join_error::JoinError;
use crate::fleet::member::{Link, Member, MemberEvent, MemberId};
use crate::fleet::protocol::{
    Failure, FromMember, ToMember, VERSION, read_greeting, read_message, write_message,
};
use crate::measure::collector::{Delivery, When};
use crate::measure::live::Live;
use crate::plan::Plan;
use crate::plan::scenario_file::ScenarioError;
use crate::report::figures::Environment;
use crate::report::figures::Report;
use crate::run::error::FleetError;
use crate::run::error::SwarmError;
use crate::run::runner::{Runner, RunnerStatus, RunnerSummary};
use crate::run::supervisor::supervise;
use crate::run::thread_pool::Share;

/// The address that stands for a child process's own pipes.
pub const PIPES: &str = "-";
/// This environment variable is set for child processes of a fleet: they must not start a fleet themselves.
const STARTED: &str = "DRUMLINE_FLEET";
/// Messages of all members that may wait to be processed. Beyond that, members are held up.
const WAITING_MESSAGES: usize = 1024;
/// A working process sends its status five times per second. One that is silent for this long counts as lost.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// Recent problems that are kept, of all processes.
const PROBLEMS: usize = 20;

/// Several processes that run bots.
#[derive(Debug)]
pub struct Fleet {
    members: Vec<Member>,
    /// Number of members that there have ever been.
    members_ever: usize,
    messages: Receiver<MemberEvent>,
    sender: SyncSender<MemberEvent>,
    run: Run,
}

/// The current run.
#[derive(Debug, Default)]
struct Run {
    bots: u64,
    seconds: u32,
    threads: u32,
    processes: u32,
}

impl Swarm {
    /// As [`run`](Self::run), on the processes of a fleet.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if a process was lost before. A process that is lost during the run ends it early,
    /// and is named in the report.
    pub fn run_on(
        &self,
        fleet: &mut Fleet,
        plan: &Plan,
        observe: &mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    ) -> Result<Report, SwarmError> {
        let plan = plan.settled();
        // A scenario that is not valid is reported once here, rather than by each process.
        self.assign_roles(&plan.scenario).map_err(ScenarioError::Flags)?;
        fleet.begin(&plan)?;
        supervise(&plan, fleet, observe)
    }
}

impl Fleet {
    pub(super) fn empty() -> Self {
        let (sender, messages) = sync_channel(WAITING_MESSAGES);
        Self { members: Vec::new(), members_ever: 0, messages, sender, run: Run::default() }
    }

    /// Starts child processes of this program, which must do nothing but call [`Swarm::main`](crate::Swarm::main).
    ///
    /// # Errors
    /// [`FleetError`] if the operating system refuses, or the children are not such programs.
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
            // Ctrl-C in the terminal is for this process alone, which then ends the run with its report.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            let mut child = command.spawn()?;
            let pipes = child.stdout.take().zip(child.stdin.take());
            let (mut from, to) = pipes.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
            let (name, mut link) = (format!("process {number}"), Link::Child(child, to));
            let environment = greet(&mut from, link.writer(), &name)?;
            fleet.add_member(name, environment, from, link);
        }
        Ok(fleet)
    }

    /// Adds a process that has been greeted.
    pub(super) fn add_member(
        &mut self,
        name: String,
        environment: Environment,
        from: impl Read + Send + 'static,
        link: Link,
    ) {
        let number = self.members_ever;
        self.members_ever += 1;
        self.members.push(Member::new(
            MemberId { number, name },
            environment,
            from,
            link,
            self.sender.clone(),
        ));
    }

    /// Removes lost members, while others are still being waited for.
    pub(super) fn remove_lost(&mut self) {
        self.deliver(&mut |_| {});
        self.members.retain(|member| member.lost.is_none());
    }

    /// Starts a run: its bots begin to join.
    ///
    /// # Errors
    /// [`FleetError::Lost`] if a process has been lost.
    pub(crate) fn begin(&mut self, plan: &Plan) -> Result<(), FleetError> {
        // Messages of the previous run may still be waiting.
        self.deliver(&mut |_| {});
        self.check_all_present()?;
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
            member.send(&ToMember::Work(Box::new(plan.clone()), share(process)));
        }
        // If one member cannot be reached, the others must not run either.
        self.check_all_present().inspect_err(|_| self.finish())
    }

    /// Number of members.
    pub(super) fn len(&self) -> u32 {
        self.members.len() as u32
    }

    fn check_all_present(&self) -> Result<(), FleetError> {
        let lost = self.members.iter().find_map(Member::loss);
        lost.map_or(Ok(()), |lost| Err(FleetError::Lost(lost)))
    }

    fn workers(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.share.is_some())
    }
}

impl Run {
    /// Returns true if a delivery can be from this run and from the process with this share.
    fn accepts(&self, delivery: &Delivery, share: Option<u32>) -> bool {
        let is_its_thread = delivery.thread < self.threads && Some(delivery.thread % self.processes) == share;
        is_its_thread && !matches!(delivery.when, When::Second(second) if second >= self.seconds)
    }
}

impl Runner for Fleet {
    fn threads(&self) -> usize {
        self.run.threads as usize
    }

    fn deliver(&mut self, take: &mut dyn FnMut(Delivery)) {
        for MemberEvent { number, message } in self.messages.try_iter() {
            let Some(member) = self.members.iter_mut().find(|member| member.number == number) else {
                continue;
            };
            member.last_message_at = Instant::now();
            match message {
                Ok(FromMember::Delivery(delivery)) if self.run.accepts(&delivery, member.share) => {
                    take(delivery);
                }
                Ok(FromMember::Delivery(_)) => {
                    member.lose("it sent measurements that do not belong to its run".to_owned());
                }
                Ok(FromMember::Status(status)) => member.status = status,
                Ok(FromMember::Ended(result)) => member.result = Some(result),
                Err(why) => member.lose(why),
            }
        }
        for member in self.members.iter_mut().filter(|member| member.is_busy()) {
            if member.last_message_at.elapsed() > SILENCE_LIMIT {
                member.lose(format!("no message for {} s", SILENCE_LIMIT.as_secs()));
            }
        }
    }

    fn status(&self) -> RunnerStatus {
        let mut all = RunnerStatus { all_ended: true, ..RunnerStatus::default() };
        for member in self.workers() {
            let RunnerStatus { counts, tick, problems, any_ended, .. } = &member.status;
            all.counts += *counts;
            all.tick = all.tick.into_iter().chain(*tick).min();
            all.problems.extend(problems.iter().map(|problem| format!("{}: {problem}", member.name)));
            all.any_ended |= *any_ended || !member.is_busy();
            all.all_ended &= !member.is_busy();
        }
        all.problems.drain(..all.problems.len().saturating_sub(PROBLEMS));
        all
    }

    fn measure(&mut self) {
        self.members.iter_mut().for_each(|member| member.send(&ToMember::Measure));
    }

    fn finish(&mut self) {
        self.members.iter_mut().for_each(|member| member.send(&ToMember::Finish));
    }

    fn summarize(&mut self) -> Result<RunnerSummary, SwarmError> {
        let (bot, bots) = (self.status().counts.joined + 1, self.run.bots);
        let lost = self.workers().filter_map(Member::loss).collect();
        let mut all = RunnerSummary { lost, ..RunnerSummary::default() };
        for member in self.workers() {
            all.processes.push(member.environment.clone());
            match &member.result {
                Some(Ok(summary)) => {
                    all.memory_before = all.memory_before.saturating_add(summary.memory_before);
                    all.memory = all.memory.saturating_add(summary.memory);
                }
                Some(Err(Failure::Join(cause))) => {
                    let source = JoinError::Elsewhere(format!("{cause} ({})", member.name));
                    return Err(SwarmError::Join { bot, bots, source });
                }
                Some(Err(Failure::Begin(cause))) => {
                    let (name, cause) = (member.name.clone(), cause.clone());
                    return Err(FleetError::CannotBegin { name, cause }.into());
                }
                None => {}
            }
        }
        Ok(all)
    }
}

/// Reads who a process is, and answers whether it is accepted.
pub(super) fn greet(from: &mut dyn Read, to: &mut dyn Write, name: &str) -> Result<Environment, FleetError> {
    let theirs: String = read_greeting(from)?;
    if theirs != VERSION {
        let error = FleetError::Version { name: name.to_owned(), theirs, ours: VERSION.to_owned() };
        write_message(to, &Err::<(), String>(error.to_string()))?;
        return Err(error);
    }
    write_message(to, &Ok::<(), String>(()))?;
    Ok(read_message(from)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::generator_health::HealthSecond;
    use crate::measure::stats::Stats;

    #[test]
    fn only_measurements_of_a_processs_own_threads_and_of_the_runs_seconds_are_accepted() {
        let run = Run { bots: 64, seconds: 10, threads: 5, processes: 2 };
        let accepts = |thread, when, share| {
            let (stats, health) = (Box::<Stats>::default(), HealthSecond::default());
            run.accepts(&Delivery { thread, when, stats, health, rooms: Vec::new() }, share)
        };
        assert!(accepts(0, When::Second(9), Some(0)) && accepts(3, When::After, Some(1)));
        assert!(!accepts(0, When::Second(10), Some(0)) && !accepts(0, When::Second(u32::MAX), Some(0)));
        assert!(!accepts(1, When::Before, Some(0)) && !accepts(1, When::Before, None));
        assert!(!accepts(5, When::Before, Some(1)) && !accepts(u32::MAX, When::Before, Some(1)));
    }
}
