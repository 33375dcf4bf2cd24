//! The command line, with its fallbacks in the environment.

use std::net::SocketAddr;

use clap::Parser;
use drumline_room::DEFAULT_BUDGET_BYTES;
use drumline_shared::limits;

use crate::sessions::{DEFAULT_RESUME_SECONDS, MAX_RESUME_SECONDS};

/// What a server is started with.
#[derive(Debug, Clone, Parser)]
#[command(name = "drumline", version, about = "A game room server for the browser")]
pub struct Options {
    /// The address to listen on; port 0 takes any free one
    #[arg(long, env = "DRUMLINE_BIND", default_value = "127.0.0.1:7777", value_name = "ADDR")]
    pub bind: SocketAddr,

    /// Threads that run rooms [default: one for each processor]
    #[arg(long, env = "DRUMLINE_SHARDS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub shards: Option<u16>,

    /// Ticks a second [default: as the game says]
    #[arg(long, env = "DRUMLINE_TICK_HZ", value_name = "HZ",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(limits::MAX_TICK_RATE_HZ)))]
    pub tick_hz: Option<u32>,

    /// Seats in a room [default: as the game says]
    #[arg(long, env = "DRUMLINE_MAX_PLAYERS", value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=i64::from(limits::MAX_PLAYERS)))]
    pub max_players: Option<u16>,

    /// Bytes of a player's snapshot a tick; areas that do not fit wait
    #[arg(long, env = "DRUMLINE_BUDGET_BYTES", value_name = "BYTES", default_value_t = DEFAULT_BUDGET_BYTES,
          value_parser = clap::value_parser!(u32).range(256..=1 << 20))]
    pub budget_bytes: u32,

    /// Seconds for which the seat of a player whose connection is lost is held; 0 frees it at once
    #[arg(long, env = "DRUMLINE_RESUME_SECONDS", value_name = "SECONDS", default_value_t = DEFAULT_RESUME_SECONDS,
          value_parser = clap::value_parser!(u16).range(..=MAX_RESUME_SECONDS))]
    pub resume_seconds: u16,

    /// The seed of every room's seed, for runs that can be repeated [default: random]
    #[arg(long, env = "DRUMLINE_SEED", value_name = "SEED")]
    pub seed: Option<u64>,
}

impl Default for Options {
    /// Any free port on the loopback interface, and the games' own settings.
    fn default() -> Self {
        Self {
            bind: ([127, 0, 0, 1], 0).into(),
            shards: None,
            tick_hz: None,
            max_players: None,
            budget_bytes: DEFAULT_BUDGET_BYTES,
            resume_seconds: DEFAULT_RESUME_SECONDS,
            seed: None,
        }
    }
}
