//! A process of a fleet, as its coordinator sees it.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Instant;

use crate::fleet::protocol::{Failure, FromMember, ToMember, read_message, write_message};
use crate::report::figures::Environment;
use crate::run::runner::{RunnerStatus, RunnerSummary};

/// An event of a member.
#[derive(Debug)]
pub struct MemberEvent {
    /// The member's number.
    pub number: usize,
    /// The message, or why there will be no more.
    pub message: Result<FromMember, String>,
}

/// A member's number and name.
#[derive(Debug)]
pub struct MemberId {
    /// Its number in the fleet, which is never reused.
    pub number: usize,
    /// Its name.
    pub name: String,
}

/// The connection to a process. Dropping it ends the process.
#[derive(Debug)]
pub enum Link {
    /// A child process, and its standard input.
    Child(Child, ChildStdin),
    /// A process that has connected.
    Peer(TcpStream),
}

/// A process of a fleet.
#[derive(Debug)]
pub struct Member {
    /// Its number in the fleet, which is never reused.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Its machine.
    pub environment: Environment,
    /// Its share of the current run, if it has one.
    pub share: Option<u32>,
    /// Its status in the current run.
    pub status: RunnerStatus,
    /// When its last message arrived.
    pub last_message_at: Instant,
    /// How its run ended, once it has.
    pub result: Option<Result<RunnerSummary, Failure>>,
    /// Why it was lost, if it was.
    pub lost: Option<String>,
    link: Link,
}

impl Member {
    /// A member that has been greeted. A thread of its own reads its messages.
    pub fn new(
        id: MemberId,
        environment: Environment,
        from: impl Read + Send + 'static,
        link: Link,
        messages: SyncSender<MemberEvent>,
    ) -> Self {
        let MemberId { number, name } = id;
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            loop {
                let message = read_message(&mut from).map_err(|error| error.to_string());
                let is_last = message.is_err();
                if messages.send(MemberEvent { number, message }).is_err() || is_last {
                    return;
                }
            }
        });
        Self {
            number,
            name,
            environment,
            share: None,
            status: RunnerStatus::default(),
            last_message_at: Instant::now(),
            result: None,
            lost: None,
            link,
        }
    }

    /// Prepares for the next run, with a share of it or without.
    pub fn prepare(&mut self, share: Option<u32>) {
        (self.share, self.result) = (share, None);
        (self.status, self.last_message_at) = (RunnerStatus::default(), Instant::now());
    }

    /// A description of its loss, if it was lost.
    #[must_use]
    pub fn loss(&self) -> Option<String> {
        Some(format!("{}: {}", self.name, self.lost.as_ref()?))
    }

    /// Returns true if more messages of it are expected in this run.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.share.is_some() && self.result.is_none() && self.lost.is_none()
    }

    /// Sends a message, if it has a share of the run.
    pub fn send(&mut self, message: &ToMember) {
        if self.share.is_some()
            && let Err(error) = write_message(self.link.writer(), message)
        {
            self.lose(error.to_string());
        }
    }

    /// Marks it as lost. The first reason stands.
    pub fn lose(&mut self, why: String) {
        self.lost.get_or_insert(why);
    }
}

impl Link {
    /// Where messages to the process are written.
    pub fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Child(_, pipe) => pipe,
            Self::Peer(stream) => stream,
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // An error means that the process has already ended, which is all that is wanted.
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
