//! A player's session: the claim to a seat that outlives connections.
//!
//! Most losses of a connection last a second or two, and leaving the world for that is worse than standing still. The seat is
//! therefore held, and the game learns nothing, unless the client has left or has broken a rule. The room's driver holds the
//! session, with or without a connection. Whatever ends the session (time, a close frame, the room's end, a panic) revokes its
//! tokens first and then frees the seat.

use std::sync::Arc;

use drumline_room::PlayerId;

use crate::net::connection_slot::ConnectionSlot;
use crate::rooms::entry::RoomEntry;
use crate::rooms::handle::RoomHandle;

use super::seat::{Seat, SpectatorPlace};
use super::session_tokens::{HoldTimes, SessionClaims, SessionKey, SessionTokens};

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
    key: SessionKey,
    /// The newest token's rotation, from 1.
    rotation: u32,
    /// The rotation of the token that was used last, until the client has shown that it has the new one.
    former: Option<u32>,
    tokens: Arc<SessionTokens>,
    room: Arc<RoomHandle>,
    seat: Arc<Seat>,
}

/// A new player, for whom a session begins.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// The player.
    pub player: PlayerId,
    /// The player's account; `None` if there is none.
    pub account: Option<&'a str>,
    /// The seat.
    pub seat: Arc<Seat>,
    /// The room.
    pub room: Arc<RoomHandle>,
}

/// The proof that a client may take a seat that its player has already.
#[derive(Debug)]
pub enum Proof<'a> {
    /// A token of the session.
    Token(&'a SessionClaims),
    /// The seat itself, which a client with the player's account has found.
    Seat(&'a Arc<Seat>),
}

impl Session {
    /// The session of a new player.
    #[must_use]
    pub fn new(new: NewSession<'_>, tokens: &Arc<SessionTokens>, slot: Arc<ConnectionSlot>) -> Self {
        let NewSession { player, account, seat, room } = new;
        let key = tokens.session_key(&room.entry, player, account);
        let claim = PlayerClaim { key, rotation: 1, former: None, tokens: Arc::clone(tokens), room, seat };
        claim.publish();
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

    /// The token for the client's welcome; empty for a spectator.
    #[must_use]
    pub fn token(&self) -> String {
        match &self.claim {
            Claim::Player(claim) => claim.tokens.text(&claim.key, claim.rotation),
            Claim::Spectator(_) => String::new(),
        }
    }

    /// The times for which the seat is held, for the client's welcome; 0 for a spectator.
    #[must_use]
    pub fn hold(&self) -> HoldTimes {
        match &self.claim {
            Claim::Player(claim) => claim.tokens.hold(),
            Claim::Spectator(_) => HoldTimes { resume_seconds: 0, reload_seconds: 0 },
        }
    }

    /// Returns true if a proof is good for this session.
    #[must_use]
    pub fn accepts(&self, proof: &Proof<'_>) -> bool {
        match (&self.claim, proof) {
            (Claim::Player(claim), Proof::Token(token)) => claim.rotation_of(token).is_some(),
            (Claim::Player(claim), Proof::Seat(seat)) => Arc::ptr_eq(&claim.seat, seat),
            (Claim::Spectator(_), _) => false,
        }
    }

    /// Issues a new token, because a proof has been used for a new connection. The new connection's slot replaces the session's,
    /// unless it is only one for the way back: then the session keeps its own.
    pub fn rotate(&mut self, used: &Proof<'_>, slot: Arc<ConnectionSlot>) {
        if slot.missing().is_none() {
            self.slot = slot;
        }
        if let Claim::Player(claim) = &mut self.claim {
            claim.rotate(used);
        }
    }

    /// Notes whether the player's connection is lost and the seat held.
    pub fn set_held(&self, held: bool) {
        if let Claim::Player(claim) = &self.claim {
            claim.seat.set_held(held);
        }
    }

    /// Returns true if the seat may be held when the connection is lost.
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
            && claim.former.take().is_some()
        {
            claim.publish();
        }
    }
}

impl PlayerClaim {
    /// The rotation of a valid token of this session; `None` if the token is none.
    fn rotation_of(&self, token: &SessionClaims) -> Option<u32> {
        let rotation = self.key.rotation_of(token)?;
        (rotation == self.rotation || self.former == Some(rotation)).then_some(rotation)
    }

    fn rotate(&mut self, used: &Proof<'_>) {
        self.former = match used {
            Proof::Token(token) => self.rotation_of(token),
            // A client with the account needs no token to try again.
            Proof::Seat(_) => None,
        };
        self.rotation += 1;
        self.publish();
    }

    fn publish(&self) {
        self.tokens.publish(&self.room.entry.sessions, &self.key, self.rotation, self.former);
    }
}

impl Drop for PlayerClaim {
    fn drop(&mut self) {
        // Before the seat, which is free once the fields are dropped.
        self.tokens.revoke(&self.room.entry.sessions, &self.key);
    }
}
