//! A fleet's process: it runs its share of each run that the coordinator starts.

use std::fs::File;
use std::io::{self, BufReader, Read, Write, stderr, stdin, stdout};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::behaviour::registry::Swarm;
use crate::fleet::protocol::{Failure, FromMember, ToMember, VERSION, read_message, write_message};
use crate::fleet::tcp::{GREETING_LIMIT, keep_alive};
use crate::plan::Plan;
use crate::plan::scenario_file::ScenarioError;
use crate::report::figures::Environment;
use crate::run::error::FleetError;
use crate::run::error::SwarmError;
use crate::run::runner::Runner;
use crate::run::supervisor::STEP;
use crate::run::thread_pool::{Share, ThreadPool};

/// How long it tries to connect: the coordinator may be started a little later.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// Time between two attempts.
const CONNECT_PERIOD: Duration = Duration::from_millis(500);
/// Messages that may wait: a run has three.
const WAITING_MESSAGES: usize = 4;

impl Swarm {
    /// Runs bots for the fleet whose coordinator [listens](super::listener::FleetListener) at an address, as `host:port`, until
    /// the coordinator ends. `log` receives progress messages.
    ///
    /// # Errors
    /// [`FleetError`] if it cannot connect, or is refused.
    pub fn connect(&self, address: &str, log: &mut dyn FnMut(&str)) -> Result<(), FleetError> {
        let began = Instant::now();
        let stream = loop {
            match TcpStream::connect(address) {
                Ok(stream) => break stream,
                Err(error) if is_transient(&error) && began.elapsed() < CONNECT_LIMIT => {
                    thread::sleep(CONNECT_PERIOD);
                }
                Err(source) => return Err(FleetError::Connect { address: address.to_owned(), source }),
            }
        };
        keep_alive(&stream)?;
        stream.set_read_timeout(Some(GREETING_LIMIT))?;
        introduce_self(&mut &stream, &mut &stream)?;
        stream.set_read_timeout(None)?;
        log(&format!("connected to {address}; waiting for work"));
        self.serve(stream.try_clone()?, stream, log);
        Ok(())
    }

    /// The same, over standard input and output, for the parent process that started it.
    ///
    /// # Errors
    /// [`FleetError`] if it is refused.
    pub(crate) fn serve_parent(&self) -> Result<(), FleetError> {
        // The output of behaviours must not mix with the messages, so standard output becomes standard error.
        let out = rustix::io::dup(stdout()).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdout(stderr()).map_err(io::Error::from)?;
        let mut out = File::from(out);
        introduce_self(&mut stdin(), &mut out)?;
        self.serve(stdin(), out, &mut |_| {});
        Ok(())
    }

    /// Serves runs until the coordinator is gone.
    fn serve(&self, from: impl Read + Send + 'static, mut to: impl Write, log: &mut dyn FnMut(&str)) {
        let (sender, messages) = sync_channel(WAITING_MESSAGES);
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            while let Ok(message) = read_message::<ToMember>(&mut from) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        while let Ok(message) = messages.recv() {
            // Messages for a run that has already ended may arrive late.
            let ToMember::Work(plan, share) = message else { continue };
            log(&format!(
                "running its share of {} bots as process {} of {}",
                plan.scenario.bots(),
                share.process + 1,
                share.processes
            ));
            // An error means that the coordinator is gone.
            if self.work(&Arc::new(*plan), share, &messages, &mut to).is_err() {
                break;
            }
            log("done; waiting for work");
        }
    }

    /// Runs a share until it has ended, or the coordinator is gone.
    fn work(
        &self,
        plan: &Arc<Plan>,
        share: Share,
        messages: &Receiver<ToMember>,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let mut threads = match self.start(plan, share) {
            Ok(threads) => threads,
            Err(error) => {
                return write_message(to, &FromMember::Ended(Err(Failure::Begin(error.to_string()))));
            }
        };
        loop {
            match messages.recv_timeout(STEP) {
                Ok(ToMember::Measure) => threads.measure(),
                Ok(ToMember::Finish) => threads.finish(),
                Ok(ToMember::Work(..)) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
            // The status comes first: if all threads have ended by then, all measurements are delivered below.
            let status = threads.status();
            let mut sent = Ok(());
            threads.deliver(&mut |delivery| {
                if sent.is_ok() {
                    sent = write_message(to, &FromMember::Delivery(delivery));
                }
            });
            sent?;
            let all_ended = status.all_ended;
            write_message(to, &FromMember::Status(status))?;
            if all_ended {
                break;
            }
        }
        let result = threads.summarize().map_err(|error| match error {
            SwarmError::Join { source, .. } => Failure::Join(source.to_string()),
            error => Failure::Begin(error.to_string()),
        });
        write_message(to, &FromMember::Ended(result))
    }

    fn start(&self, plan: &Arc<Plan>, share: Share) -> Result<ThreadPool, SwarmError> {
        let roles = Arc::new(self.assign_roles(&plan.scenario).map_err(ScenarioError::Flags)?);
        Ok(ThreadPool::start(plan, &roles, share)?)
    }
}

/// Sends who this process is, and reads whether it is accepted.
fn introduce_self(from: &mut dyn Read, to: &mut dyn Write) -> Result<(), FleetError> {
    write_message(to, &VERSION)?;
    read_message::<Result<(), String>>(from)?.map_err(FleetError::Refused)?;
    Ok(write_message(to, &Environment::here())?)
}

/// Returns true for errors that go away once the coordinator is started.
fn is_transient(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut};
    matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable | TimedOut)
}
