//! Hostile clients, each with one kind of attack, for tests and benchmarks of a server's guards.
//!
//! They write the bytes of the protocol by hand, since they break it.

mod attacks;
mod tls;
mod wire;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

/// A kind of attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// Connects and sends nothing.
    Silence,
    /// Sends the head of a request byte by byte.
    SlowHead,
    /// Sends the body of a request byte by byte.
    SlowBody,
    /// Connects and disconnects, with a reset or without.
    Drop,
    /// Sends bytes that are not a request.
    Garbage,
    /// Sends a head without end.
    HugeHead,
    /// Sends more requests than it reads answers.
    Pipeline,
    /// Connects from a page of another origin.
    WrongOrigin,
    /// Resumes a session that never existed.
    ForgedSession,
    /// Presents a ticket that the server never issued.
    ForgedTicket,
    /// Takes seats, one after another, without leaving them in order.
    JoinStorm,
    /// Takes a seat and never reads.
    NeverReads,
    /// Takes a seat and sends inputs for all kinds of ticks, as fast as it can.
    FloodOfInputs,
    /// Takes a seat and sends pings as fast as it can.
    FloodOfPings,
    /// Takes a seat and sends frames that are not allowed, such as text.
    BadFrames,
    /// Takes a seat and announces or sends frames that are too large.
    HugeFrames,
    /// Takes a seat and sends a message in fragments that never end.
    EndlessFragments,
    /// Takes a seat and sends messages without meaning.
    BadMessages,
    /// Takes a seat and says more than anybody reads.
    ChatBurst,
    /// Opens a room of its own and stays in it, silent.
    RoomHoarding,
    /// Joins the rooms of others and leaves in order, over and over.
    JoinFlood,
    /// Takes a seat and acknowledges snapshots at odd times, so that it needs other baselines than everybody else.
    AckGames,
    /// Begins TLS handshakes, and disconnects once the server has done its part of the work.
    TlsHandshakes,
}

impl Harm {
    /// The kinds against a server without TLS. Over TLS, nothing but [`TlsHandshakes`](Self::TlsHandshakes) is tried.
    pub const PLAIN: [Self; 22] = [
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
        Self::ChatBurst,
        Self::RoomHoarding,
        Self::JoinFlood,
        Self::AckGames,
    ];

    /// Its name, for tables.
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
            Self::ChatBurst => "chat burst",
            Self::RoomHoarding => "room hoarding",
            Self::JoinFlood => "join flood",
            Self::AckGames => "ack games",
            Self::TlsHandshakes => "TLS handshakes",
        }
    }
}

/// The outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It could not connect.
    NotConnected,
    /// The server answered with this HTTP status, and the connection ended.
    Status(u16),
    /// The server closed the WebSocket with this code.
    Closed(u16),
    /// The connection ended without an answer.
    Cut,
    /// The client itself disconnected.
    Left,
}

/// The outcomes of all attempts.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<(Harm, Outcome), u64>>);

impl Tally {
    fn count(&self, harm: Harm, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((harm, outcome)).or_default() += 1;
    }

    /// Number of attempts by kind and outcome.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(Harm, Outcome), u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A hostile client.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// The address of a server that runs the arena.
    pub address: SocketAddr,
    /// The client's local address; `None`: the system chooses.
    pub from: Option<IpAddr>,
    /// Its kind of attack.
    pub harm: Harm,
    /// The longest pause between two attempts; the shortest is a tenth of it.
    pub pause: Duration,
    /// The longest time that an attempt may take.
    pub patience: Duration,
    /// The seed of its randomness.
    pub seed: u64,
}

impl Hostile {
    /// Attacks over and over, until dropped.
    pub async fn run(self, tally: Arc<Tally>) {
        let mut rng = Pcg32::seed_from_u64(self.seed);
        loop {
            let share = rng.random_range(0.1..=1.0);
            tokio::time::sleep(self.pause.mul_f64(share)).await;
            let attempt = attacks::attempt(&self, &mut rng);
            // An attempt that takes too long ends without closing anything.
            let outcome = tokio::time::timeout(self.patience, attempt).await.unwrap_or(Outcome::Left);
            tally.count(self.harm, outcome);
        }
    }
}
