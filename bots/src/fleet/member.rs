//! A process of a fleet, as the one that watches sees it.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Instant;

use crate::fleet::wire::{Failure, News, Order, hear, say};
use crate::hands::{Conclusion, Standing};
use crate::report::Environment;

/// News of a member, by its number; or why there will be no more.
pub type MemberNews = (usize, Result<News, String>);

/// The way to a process; without it, the process ends.
#[derive(Debug)]
pub enum Link {
    /// One that the fleet has started, and its standard input.
    Child(Child, ChildStdin),
    /// One that has connected.
    Peer(TcpStream),
}

/// A process of a fleet.
#[derive(Debug)]
pub struct Member {
    /// Its number in the fleet, which no other ever has.
    pub number: usize,
    /// What it is called.
    pub name: String,
    /// Where it runs.
    pub environment: Environment,
    /// Its share of the run that is going on, if it has one, …
    pub share: Option<u32>,
    /// … how it stands there, …
    pub standing: Standing,
    /// … when it was last heard of, …
    pub heard: Instant,
    /// … and what came of it.
    pub concluded: Option<Result<Conclusion, Failure>>,
    /// Why it is lost, if it is.
    pub lost: Option<String>,
    link: Link,
}

impl Member {
    /// One that has been greeted, and tells its news from now on.
    pub fn new(
        (number, name): (usize, String),
        environment: Environment,
        from: impl Read + Send + 'static,
        link: Link,
        news: SyncSender<MemberNews>,
    ) -> Self {
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            loop {
                let heard = hear(&mut from).map_err(|error| error.to_string());
                let is_last = heard.is_err();
                if news.send((number, heard)).is_err() || is_last {
                    return;
                }
            }
        });
        Self {
            number,
            name,
            environment,
            share: None,
            standing: Standing::default(),
            heard: Instant::now(),
            concluded: None,
            lost: None,
            link,
        }
    }

    /// Gives it a share of the next run, or none.
    pub fn prepare(&mut self, share: Option<u32>) {
        (self.share, self.concluded) = (share, None);
        (self.standing, self.heard) = (Standing::default(), Instant::now());
    }

    /// That it is lost, in words, if it is.
    #[must_use]
    pub fn loss(&self) -> Option<String> {
        Some(format!("{}: {}", self.name, self.lost.as_ref()?))
    }

    /// Whether something is still to be heard of it in this run.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.share.is_some() && self.concluded.is_none() && self.lost.is_none()
    }

    /// Gives it an order, if it has a share of the run.
    pub fn order(&mut self, order: &Order) {
        if self.share.is_some()
            && let Err(error) = say(self.link.writer(), order)
        {
            self.lose(error.to_string());
        }
    }

    /// It is lost; the first reason stands.
    pub fn lose(&mut self, why: String) {
        self.lost.get_or_insert(why);
    }
}

impl Link {
    /// Where what it is to hear is written.
    pub fn writer(&mut self) -> &mut dyn Write {
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
