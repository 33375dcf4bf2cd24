//! The command line.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use clap::Parser;

use crate::net::NetProfile;
use crate::stream::Trust;

/// What a swarm is asked to do.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "drumline-bots",
    version,
    about = "A swarm of real clients that loads a Drumline server and checks it"
)]
pub struct Options {
    /// The server; wss:// needs --ca
    #[arg(long, default_value = "ws://127.0.0.1:7777", value_name = "URL")]
    pub url: String,

    /// The certificates that are trusted, in PEM
    #[arg(long, value_name = "FILE", value_parser = |file: &str| Trust::read(file))]
    pub ca: Option<Trust>,

    /// The game to play
    #[arg(long, default_value = "arena", value_name = "NAME")]
    pub game: String,

    /// Rooms to open
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub rooms: u32,

    /// Bots in each room
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub per_room: u32,

    /// The room to join, instead of new ones
    #[arg(long, value_name = "ID", conflicts_with = "rooms")]
    pub room: Option<String>,

    /// Bots of a thread that join at a time
    #[arg(long, default_value_t = 64, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub at_once: u32,

    /// Seconds to measure, once all bots are connected
    #[arg(long, default_value_t = 10, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,

    /// The seed of all behaviour, and of the network's
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    pub seed: u64,

    /// Threads to spread the rooms over
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub threads: u32,

    /// Bots, one in each of the first rooms, that stop reading for a while one second into the measurement
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub stall_bots: u32,

    /// Seconds for which they stop
    #[arg(long, default_value_t = 5, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub stall_seconds: u32,

    /// The network between bots and server: delay=60ms,jitter=20ms,stall=1%:300ms,bandwidth=256kbit,drop=conn:0.1/s, or some
    /// of these
    #[arg(long, value_name = "PROFILE")]
    pub net: Option<NetProfile>,

    /// The address that the first bot connects from; the others connect from those after it. All of 127.0.0.0/8 is this
    /// machine's
    #[arg(long, value_name = "IP")]
    pub from: Option<Ipv4Addr>,

    /// Where to write the figures as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

impl Options {
    /// Rooms to fill.
    #[must_use]
    pub fn rooms(&self) -> u32 {
        if self.room.is_some() { 1 } else { self.rooms }
    }

    /// Bots in all.
    #[must_use]
    pub fn bots(&self) -> u64 {
        u64::from(self.rooms()) * u64::from(self.per_room)
    }
}
