//! The load: many clients on one thread, the same for every kind of server.
//!
//! It exchanges lines with the process that measures: it prints `ready` when all clients play, reads `go` and later `stop`,
//! and prints `result` with the figures.

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::process;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;
use serde::{Deserialize, Serialize};

use super::system::System;
use super::wire::{self, Received, Wire};
use super::{Outcome, PERIOD, proc};
use drumline_worlds::pilots::{DriftPilot, Pilot};

/// How long the last client may wait for its first update after it has connected.
const JOIN_LIMIT: Duration = Duration::from_secs(30);
/// The longest interval that is recorded exactly, in microseconds.
const LONGEST_US: u64 = 60_000_000;
/// The event queue's key of standard input; a client's key is its number.
const STDIN: u64 = u64::MAX;

/// The clients' figures of the measured time.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct LoadResult {
    /// The measured time.
    pub seconds: f64,
    /// Updates of all clients.
    pub updates: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Between two updates of a client, in milliseconds: the median.
    pub interval_ms_p50: f64,
    /// 99 of 100 intervals are at most this.
    pub interval_ms_p99: f64,
    /// The longest interval.
    pub interval_ms_max: f64,
    /// Hashes compared, from the first update on.
    pub hashes: u64,
    /// Updates that were wrong, from the first on.
    pub mismatches: u64,
    /// The share of its core that the load itself used.
    pub cpu_share: f64,
}

struct Client {
    wire: Box<dyn Wire>,
    pilot: DriftPilot,
    last_update: Option<Instant>,
}

/// The measurement under way.
struct Window {
    began: Instant,
    cpu_ns: u64,
}

/// The clients and their clock.
pub struct Load {
    system: System,
    address: SocketAddr,
    update_bytes: usize,
    wanted: usize,
    epoll: OwnedFd,
    clients: Vec<Client>,
    /// Clients that have got an update.
    playing: usize,
    /// When the next input is due, and whose it is.
    next_input: Instant,
    next_client: usize,
    window: Option<Window>,
    received: Received,
    intervals_us: Histogram<u64>,
    result: LoadResult,
}

impl Load {
    /// A load of `clients` clients, not connected yet.
    ///
    /// # Errors
    /// If the operating system has no event queue left.
    pub fn new(system: System, address: SocketAddr, clients: usize, update_bytes: usize) -> Outcome<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, io::stdin(), epoll::EventData::new_u64(STDIN), epoll::EventFlags::IN)?;
        Ok(Self {
            system,
            address,
            update_bytes,
            wanted: clients,
            epoll,
            clients: Vec::with_capacity(clients),
            playing: 0,
            next_input: Instant::now(),
            next_client: 0,
            window: None,
            received: Received::default(),
            intervals_us: Histogram::new_with_bounds(1, LONGEST_US, 3)?,
            result: LoadResult::default(),
        })
    }

    /// Connects all clients, plays until `stop` comes in, and prints their figures.
    ///
    /// # Errors
    /// If a client is not let in, or a connection ends.
    pub fn run(mut self) -> Outcome<()> {
        self.join()?;
        println!("ready");
        while self.play(true)?.is_continue() {}
        println!("result {}", serde_json::to_string(&self.result)?);
        Ok(())
    }

    /// Connects one client after the other, and lets the earlier ones play meanwhile.
    fn join(&mut self) -> Outcome<()> {
        for number in 0..self.wanted {
            let wire = wire::connect(self.system, self.address, number, self.update_bytes)?;
            let event = epoll::EventData::new_u64(number as u64);
            epoll::add(&self.epoll, wire.socket(), event, epoll::EventFlags::IN)?;
            let pilot = DriftPilot::steady(number as u64);
            self.clients.push(Client { wire, pilot, last_update: None });
            let _ = self.play(false)?;
        }
        let began = Instant::now();
        while self.playing < self.wanted {
            if began.elapsed() > JOIN_LIMIT {
                let (playing, wanted) = (self.playing, self.wanted);
                return Err(format!("only {playing} of {wanted} clients got an update").into());
            }
            let _ = self.play(true)?;
        }
        Ok(())
    }

    /// Handles what has arrived and sends the inputs that are due. Waits for one of the two first if it may.
    fn play(&mut self, may_wait: bool) -> Outcome<ControlFlow<()>> {
        let left = self.next_input.saturating_duration_since(Instant::now());
        let left = if may_wait { left } else { Duration::ZERO };
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let mut events: Vec<epoll::Event> = Vec::with_capacity(256);
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in events {
            // The events are packed: the key is read by value.
            let key = event.data;
            match key.u64() {
                STDIN => {
                    if self.execute_line()?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                client => self.receive(client as usize)?,
            }
        }
        self.send_due()?;
        Ok(ControlFlow::Continue(()))
    }

    fn receive(&mut self, number: usize) -> Outcome<()> {
        let client = &mut self.clients[number];
        client
            .wire
            .receive(&mut self.received)
            .map_err(|error| format!("client {number} lost its connection: {error}"))?;
        let now = Instant::now();
        for bytes in self.received.updates.drain(..) {
            let last = client.last_update.replace(now);
            self.playing += usize::from(last.is_none());
            if self.window.is_some() {
                self.result.updates += 1;
                self.result.bytes += bytes as u64;
                if let Some(last) = last {
                    self.intervals_us.saturating_record(now.duration_since(last).as_micros() as u64);
                }
            }
        }
        Ok(())
    }

    /// Sends the inputs that are due. The clients' turns are spread evenly over the period.
    fn send_due(&mut self) -> Outcome<()> {
        let step = PERIOD / self.wanted.max(1) as u32;
        let now = Instant::now();
        while self.next_input <= now {
            let number = self.next_client;
            if let Some(client) = self.clients.get_mut(number) {
                client
                    .wire
                    .send(client.pilot.steer())
                    .map_err(|error| format!("client {number} cannot send: {error}"))?;
            }
            self.next_input += step;
            self.next_client = (number + 1) % self.wanted;
        }
        Ok(())
    }

    /// Executes the next line of standard input: `go` begins the measurement, any other ends the load.
    fn execute_line(&mut self) -> Outcome<ControlFlow<()>> {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        let cpu_ns = proc::cpu_ns(process::id())?;
        if line.trim() == "go" {
            self.window = Some(Window { began: Instant::now(), cpu_ns });
            return Ok(ControlFlow::Continue(()));
        }
        if let Some(window) = self.window.take() {
            let elapsed = window.began.elapsed();
            let ms = |us: u64| us as f64 / 1000.0;
            let result = &mut self.result;
            result.seconds = elapsed.as_secs_f64();
            result.cpu_share = (cpu_ns - window.cpu_ns) as f64 / elapsed.as_nanos() as f64;
            result.interval_ms_p50 = ms(self.intervals_us.value_at_quantile(0.5));
            result.interval_ms_p99 = ms(self.intervals_us.value_at_quantile(0.99));
            result.interval_ms_max = ms(self.intervals_us.max());
            result.hashes = self.received.hashes;
            result.mismatches = self.received.mismatches;
        }
        Ok(ControlFlow::Break(()))
    }
}
