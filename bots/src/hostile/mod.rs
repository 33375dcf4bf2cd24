//! Clients that mean harm: each of a kind, again and again, for tests and measurements of a server's guards.
//!
//! Unlike bots they know no more of the protocol than it takes to break it: bytes are written by hand.

mod acts;
mod wire;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

/// A way of doing harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// Connects and says nothing.
    Silence,
    /// Says a request's head a byte at a time.
    SlowHead,
    /// Says a request's body a byte at a time.
    SlowBody,
    /// Connects and goes, with or without a goodbye.
    Drop,
    /// Sends bytes that are no request.
    Garbage,
    /// Sends a head that has no end.
    HugeHead,
    /// Asks for more than it reads.
    Pipeline,
    /// Comes from a stranger's page.
    WrongOrigin,
    /// Comes back to a seat that it never had.
    ForgedSession,
    /// Presents a ticket that nobody has given it.
    ForgedTicket,
    /// Takes a seat, leaves without a word, and takes another.
    JoinStorm,
    /// Takes a seat and reads nothing.
    NeverReads,
    /// Takes a seat and sends inputs as fast as it can, of all ticks.
    FloodOfInputs,
    /// Takes a seat and sends pings as fast as it can.
    FloodOfPings,
    /// Takes a seat and sends frames that are not allowed, text among them.
    BadFrames,
    /// Takes a seat and announces frames that are too large, or sends them.
    HugeFrames,
    /// Takes a seat and sends a message in pieces that never end.
    EndlessFragments,
    /// Takes a seat and sends messages that mean nothing.
    BadMessages,
}

impl Harm {
    /// All there are.
    pub const ALL: [Self; 18] = [
        Self::Silence,
        Self::SlowHead,
        Self::SlowBody,
        Self::Drop,
        Self::Garbage,
        Self::HugeHead,
        Self::Pipeline,
        Self::WrongOrigin,
        Self::ForgedSession,
        Self::ForgedTicket,
        Self::JoinStorm,
        Self::NeverReads,
        Self::FloodOfInputs,
        Self::FloodOfPings,
        Self::BadFrames,
        Self::HugeFrames,
        Self::EndlessFragments,
        Self::BadMessages,
    ];

    /// A name for tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::SlowHead => "slow head",
            Self::SlowBody => "slow body",
            Self::Drop => "connect and drop",
            Self::Garbage => "garbage",
            Self::HugeHead => "huge head",
            Self::Pipeline => "pipeline",
            Self::WrongOrigin => "wrong origin",
            Self::ForgedSession => "forged session",
            Self::ForgedTicket => "forged ticket",
            Self::JoinStorm => "join storm",
            Self::NeverReads => "never reads",
            Self::FloodOfInputs => "flood of inputs",
            Self::FloodOfPings => "flood of pings",
            Self::BadFrames => "bad frames",
            Self::HugeFrames => "huge frames",
            Self::EndlessFragments => "endless fragments",
            Self::BadMessages => "bad messages",
        }
    }
}

/// What became of an attempt to do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// There was no connection.
    NotConnected,
    /// It was answered with this status, and the connection ended.
    Status(u16),
    /// The WebSocket was closed with this code.
    Closed(u16),
    /// The connection was cut without a word.
    Cut,
    /// The client itself has gone.
    Left,
}

/// What has become of all attempts.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<(Harm, Outcome), u64>>);

impl Tally {
    fn count(&self, harm: Harm, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((harm, outcome)).or_default() += 1;
    }

    /// How often each outcome has come of each harm.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(Harm, Outcome), u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A client that means harm.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// The server, of an arena.
    pub address: SocketAddr,
    /// The client's own address, if it is not the usual one.
    pub from: Option<IpAddr>,
    /// What it does.
    pub harm: Harm,
    /// How long it waits between two attempts, at most; at least a tenth of that.
    pub pause: Duration,
    /// How long an attempt may last.
    pub patience: Duration,
    /// What is random about it comes of this.
    pub seed: u64,
}

impl Hostile {
    /// Does harm, again and again, until this is dropped.
    pub async fn run(self, tally: Arc<Tally>) {
        let mut rng = Pcg32::seed_from_u64(self.seed);
        loop {
            let share = rng.random_range(0.1..=1.0);
            tokio::time::sleep(self.pause.mul_f64(share)).await;
            let attempt = acts::attempt(&self, &mut rng);
            // Who has lost patience goes without a word, like all of them.
            let outcome = tokio::time::timeout(self.patience, attempt).await.unwrap_or(Outcome::Left);
            tally.count(self.harm, outcome);
        }
    }
}
