//! The context of a server's rooms: everything that they share.

use std::sync::Arc;
use std::time::Duration;

use crate::measure::metrics::Metrics;
use crate::net::connection_slot::ReturnPlaces;

use super::bans::Bans;
use super::drain::Drain;
use super::entry::events::Events;
#[cfg(feature = "faults")]
use super::fault::Fault;
use super::limits::ConnectionLimits;
use super::seats::session_tokens::SessionTokens;
use super::settings::SameAccount;

/// The context that each room's driver is handed.
#[derive(Debug, Clone)]
pub struct RoomContext {
    /// The server's metrics.
    pub metrics: Arc<Metrics>,
    /// The limits on players' connections.
    pub limits: ConnectionLimits,
    /// The tokens of all sessions.
    pub tokens: Arc<SessionTokens>,
    /// The places for connections of players who come back while all slots are taken.
    pub returns: Arc<ReturnPlaces>,
    /// The server's drain.
    pub drain: Arc<Drain>,
    /// The banned networks and accounts.
    pub bans: Arc<Bans>,
    /// The fate of an account that joins a room in which it has a seat.
    pub same_account: SameAccount,
    /// Where rooms tell what happens in them.
    pub events: Events,
    /// The time that a room stays open without players.
    pub empty_limit: Duration,
    /// A fault that a test injects.
    #[cfg(feature = "faults")]
    pub fault: Option<Fault>,
}
