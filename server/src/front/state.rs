//! The state that the front's handlers share.

use std::sync::Arc;
use std::time::Instant;

use drumline_room::Joiner;

use crate::lobby::Lobby;
use crate::net::peer::PeerAddr;
use crate::net::tls::Certificate;
use crate::rooms::refusal::Refusal;
use crate::rooms::seats::tickets::Tickets;

use super::access::metrics::MetricsConfig;
use super::admin::state::AdminState;
use super::admission::Admission;
use super::auth::Authenticator;
use super::files::Files;

/// The front's state.
#[derive(Clone)]
pub struct Front {
    /// The rooms.
    pub lobby: Arc<Lobby>,
    /// The unused tickets.
    pub tickets: Arc<Tickets>,
    /// Identifies clients.
    pub auth: Arc<Authenticator>,
    /// True if the operator requires tickets.
    pub require_ticket: bool,
    /// The pages and the client library.
    pub files: Arc<Files>,
    /// The access to the metrics.
    pub metrics: Arc<MetricsConfig>,
    /// The limits on connections and requests.
    pub admission: Arc<Admission>,
    /// The certificate; `None` without TLS.
    pub certificate: Option<Arc<Certificate>>,
    /// The state of the admin API.
    pub admin: Arc<AdminState>,
}

impl Front {
    /// Returns true if players can only join with a ticket. Clients prove their identity where tickets are issued.
    #[must_use]
    pub fn requires_ticket(&self) -> bool {
        self.require_ticket || !self.auth.is_anonymous()
    }

    /// Checks that a client is not banned, by its address and, once it is known, by its account.
    ///
    /// # Errors
    /// [`Refusal::Banned`].
    pub fn check_ban(&self, peer: PeerAddr, joiner: Option<&Joiner>) -> Result<(), Refusal> {
        let account = joiner.and_then(|joiner| joiner.identity.as_ref()).map(|identity| &*identity.subject);
        Ok(self.lobby.bans().check(peer.ip, account, Instant::now())?)
    }

    /// Open connections, players' and others.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.admission.connections()
    }
}
