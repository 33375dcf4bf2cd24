//! A player's session: the claim to a seat that outlives connections.
//!
//! Most losses of a connection last a second or two, and leaving the world for that is worse than standing still. If the network
//! fails, the seat is therefore held, and the game learns nothing; any other end frees it. The room's driver holds the session,
//! with or without a connection. Whatever ends the session (time, a close frame, the room's end, a panic) revokes its tokens
//! first and then frees the seat.

use std::sync::Arc;

use drumline_room::PlayerId;
use drumline_shared::wire::session::SessionToken;

use crate::net::connection_slot::ConnectionSlot;
use crate::rooms::entry::RoomEntry;
use crate::rooms::handle::RoomHandle;

use super::seat::{Seat, SpectatorPlace};
use super::session_tokens::SessionTokens;

/// A player's claim to a seat, or a spectator's to a place. A spectator's has no token and ends with its connection.
///
/// Each resume issues a new token. The token that was used stays valid until the first message on the new connection, because
/// the welcome with the new one could be lost. A session has at most two valid tokens.
#[derive(Debug)]
pub struct Session {
    /// The player's seat in the room, or the spectator's place.
    pub player: PlayerId,
    /// The slot of the latest connection. A held seat keeps it: otherwise clients that come and go could fill the server without
    /// connections.
    slot: Arc<ConnectionSlot>,
    /// True once the client has sent a message.
    has_sent: bool,
    claim: Claim,
}

/// The claim of a session.
#[derive(Debug)]
enum Claim {
    Player(PlayerClaim),
    Spectator(SpectatorPlace),
}

/// A player's claim, by tokens.
#[derive(Debug)]
struct PlayerClaim {
    token: SessionToken,
    /// The token that was used last, until the client has shown that it has the new one.
    former: Option<SessionToken>,
    tokens: Arc<SessionTokens>,
    room: Arc<RoomHandle>,
    _seat: Seat,
}

impl Session {
    /// The session of a new player in `room`.
    #[must_use]
    pub fn new(
        player: PlayerId,
        seat: Seat,
        room: Arc<RoomHandle>,
        tokens: &Arc<SessionTokens>,
        slot: Arc<ConnectionSlot>,
    ) -> Self {
        let token = tokens.issue(&room);
        let tokens = Arc::clone(tokens);
        let claim = PlayerClaim { token, former: None, tokens, room, _seat: seat };
        Self { player, slot, has_sent: false, claim: Claim::Player(claim) }
    }

    /// The session of a new spectator.
    #[must_use]
    pub fn of_spectator(id: PlayerId, place: SpectatorPlace, slot: Arc<ConnectionSlot>) -> Self {
        Self { player: id, slot, has_sent: false, claim: Claim::Spectator(place) }
    }

    /// The room that it is for.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        match &self.claim {
            Claim::Player(claim) => &claim.room.entry,
            Claim::Spectator(place) => place.entry(),
        }
    }

    /// Returns true if it is a spectator's.
    #[must_use]
    pub fn is_spectator(&self) -> bool {
        matches!(self.claim, Claim::Spectator(_))
    }

    /// The slot of its latest connection.
    #[must_use]
    pub fn slot(&self) -> Arc<ConnectionSlot> {
        Arc::clone(&self.slot)
    }

    /// The token for the client's welcome; zeros for a spectator.
    #[must_use]
    pub fn token(&self) -> SessionToken {
        match &self.claim {
            Claim::Player(claim) => claim.token,
            Claim::Spectator(_) => SessionToken([0; 16]),
        }
    }

    /// Seconds for which the seat is held, for the client's welcome; 0 for a spectator.
    #[must_use]
    pub fn resume_seconds(&self) -> u16 {
        match &self.claim {
            Claim::Player(claim) => claim.tokens.resume_seconds(),
            Claim::Spectator(_) => 0,
        }
    }

    /// Returns true if a token is valid for this session.
    #[must_use]
    pub fn accepts(&self, token: SessionToken) -> bool {
        match &self.claim {
            Claim::Player(claim) => claim.token == token || claim.former == Some(token),
            Claim::Spectator(_) => false,
        }
    }

    /// Issues a new token, because `used` has been used for a new connection, and takes over that connection's slot.
    pub fn rotate(&mut self, used: SessionToken, slot: Arc<ConnectionSlot>) {
        self.slot = slot;
        if let Claim::Player(claim) = &mut self.claim {
            claim.rotate(used);
        }
    }

    /// Returns true if the seat is to be held when the network fails.
    ///
    /// A client that has never sent a message has nothing to come back to; holding its seat would let clients that connect and
    /// vanish fill a room. A spectator has no seat.
    #[must_use]
    pub fn can_resume(&self) -> bool {
        self.has_sent && !self.is_spectator()
    }

    /// Notes that the client has sent a message: it has the welcome, and the token in it.
    pub fn confirm(&mut self) {
        self.has_sent = true;
        if let Claim::Player(claim) = &mut self.claim
            && let Some(former) = claim.former.take()
        {
            claim.tokens.revoke(former);
        }
    }
}

impl PlayerClaim {
    fn rotate(&mut self, used: SessionToken) {
        let new = self.tokens.issue(&self.room);
        let others = [Some(std::mem::replace(&mut self.token, new)), self.former.replace(used)];
        for other in others.into_iter().flatten().filter(|other| *other != used) {
            self.tokens.revoke(other);
        }
    }
}

impl Drop for PlayerClaim {
    fn drop(&mut self) {
        // Before the seat, which is free once the fields are dropped.
        for token in [Some(self.token), self.former].into_iter().flatten() {
            self.tokens.revoke(token);
        }
    }
}
