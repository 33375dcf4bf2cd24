//! A process of a fleet: runs its share of each run that it is told of.

use std::fs::File;
use std::io::{self, BufReader, Read, Write, stderr, stdin, stdout};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::behaviour::registry::Swarm;
use crate::fleet::FleetError;
use crate::fleet::gather::{GREETING_LIMIT, keep_alive};
use crate::fleet::wire::{Failure, News, Order, VERSION, hear, say};
use crate::hands::Hands;
use crate::report::Environment;
use crate::scenario::ScenarioError;
use crate::swarm::{Plan, STEP, SwarmError};
use crate::threads::{Share, Threads};

/// For how long it is tried to connect: whoever is to watch may be started a little later.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// Time between two attempts.
const CONNECT_PERIOD: Duration = Duration::from_millis(500);
/// Orders that may wait: a run has three.
const ORDERS: usize = 4;

impl Swarm {
    /// Runs its share of the runs of a fleet whose watcher [listens](super::Gathering) at an address, as `host:port`, until that
    /// one has ended. `tell` is told what it does.
    ///
    /// # Errors
    /// [`FleetError`] if it cannot connect, or is not wanted.
    pub fn connect(&self, address: &str, tell: &mut dyn FnMut(&str)) -> Result<(), FleetError> {
        let began = Instant::now();
        let stream = loop {
            match TcpStream::connect(address) {
                Ok(stream) => break stream,
                Err(error) if may_come(&error) && began.elapsed() < CONNECT_LIMIT => {
                    thread::sleep(CONNECT_PERIOD);
                }
                Err(source) => return Err(FleetError::Connect { address: address.to_owned(), source }),
            }
        };
        keep_alive(&stream)?;
        stream.set_read_timeout(Some(GREETING_LIMIT))?;
        introduce(&mut &stream, &mut &stream)?;
        stream.set_read_timeout(None)?;
        tell(&format!("connected to {address}; waiting for work"));
        self.serve(stream.try_clone()?, stream, tell);
        Ok(())
    }

    /// The same, over this process's standard input and output, for the fleet that has started it.
    ///
    /// # Errors
    /// [`FleetError`] if it is not wanted.
    pub(crate) fn serve_parent(&self) -> Result<(), FleetError> {
        // What behaviours print is none of this conversation.
        let out = rustix::io::dup(stdout()).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdout(stderr()).map_err(io::Error::from)?;
        let mut out = File::from(out);
        introduce(&mut stdin(), &mut out)?;
        self.serve(stdin(), out, &mut |_| {});
        Ok(())
    }

    /// Does what it is told until the watcher has gone.
    fn serve(&self, from: impl Read + Send + 'static, mut to: impl Write, tell: &mut dyn FnMut(&str)) {
        let (sender, orders) = sync_channel(ORDERS);
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            while let Ok(order) = hear::<Order>(&mut from) {
                if sender.send(order).is_err() {
                    return;
                }
            }
        });
        while let Ok(order) = orders.recv() {
            // Orders may come late for a run that has ended by itself.
            let Order::Work(plan, share) = order else { continue };
            tell(&format!(
                "runs its share of {} bots as process {} of {}",
                plan.scenario.bots(),
                share.process + 1,
                share.processes
            ));
            // If nobody listens, there is nothing to do any more.
            if self.work(&Arc::new(*plan), share, &orders, &mut to).is_err() {
                break;
            }
            tell("done; waiting for work");
        }
    }

    /// Runs a share until it has ended, or whoever watches has gone.
    fn work(
        &self,
        plan: &Arc<Plan>,
        share: Share,
        orders: &Receiver<Order>,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let mut threads = match self.start(plan, share) {
            Ok(threads) => threads,
            Err(error) => return say(to, &News::Concluded(Err(Failure::Begin(error.to_string())))),
        };
        loop {
            match orders.recv_timeout(STEP) {
                Ok(Order::Measure) => threads.measure(),
                Ok(Order::Finish) => threads.finish(),
                Ok(Order::Work(..)) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
            // Asked before what is delivered: once all has ended, all is.
            let standing = threads.standing();
            let mut said = Ok(());
            threads.deliver(&mut |delivery| {
                if said.is_ok() {
                    said = say(to, &News::Delivery(delivery));
                }
            });
            said?;
            let all_ended = standing.all_ended;
            say(to, &News::Standing(standing))?;
            if all_ended {
                break;
            }
        }
        let concluded = threads.conclude().map_err(|error| match error {
            SwarmError::Join { source, .. } => Failure::Join(source.to_string()),
            error => Failure::Begin(error.to_string()),
        });
        say(to, &News::Concluded(concluded))
    }

    fn start(&self, plan: &Arc<Plan>, share: Share) -> Result<Threads, SwarmError> {
        let cast = Arc::new(self.cast(&plan.scenario).map_err(ScenarioError::Flags)?);
        Ok(Threads::start(plan, &cast, share)?)
    }
}

/// Says who this process is, and hears whether it is wanted.
fn introduce(from: &mut dyn Read, to: &mut dyn Write) -> Result<(), FleetError> {
    say(to, &VERSION)?;
    hear::<Result<(), String>>(from)?.map_err(FleetError::Unwanted)?;
    Ok(say(to, &Environment::here())?)
}

/// Whether whoever is to watch may only not be there yet.
fn may_come(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut};
    matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable | TimedOut)
}
