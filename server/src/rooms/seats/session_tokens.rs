//! The tokens by which clients resume their sessions.
//!
//! A token is signed, so that any server with the key can recognize a genuine one and find its room. The session alone, which the
//! room's driver holds, decides if it is the newest one. The driver publishes that on the room's [`SessionBoard`], so that the
//! front refuses an old token before the handshake, without a lock.
//!
//! The form is for servers alone; to clients a token is a text. A token is a JSON Web Token of the kind `session`. Its claims:
//!
//! - `room`, the room's id, and `life`, a number that no other room with that id has had;
//! - `seat` and `gen`, the seat and the generation of its player: how many players of the room had come before;
//! - `rot`, the rotation: how many tokens of the session there have been;
//! - `sub`, the player's account, `None` if there is none: `=` and the account's id, or `#` and a digest of a long one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::time::Duration;

use drumline_room::PlayerId;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};

use crate::net::close_reason::Hold;
use crate::rooms::entry::RoomEntry;

use super::signing_key::{SigningKey, TokenKind};

/// The most bytes of an account's id, written as JSON, that stand in a token: a token has at most 512 characters.
const MAX_SUBJECT_BYTES: usize = 160;

/// The claims of a session's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionClaims {
    /// The room's id.
    pub room: String,
    life: u32,
    seat: u16,
    #[serde(rename = "gen")]
    generation: u32,
    #[serde(rename = "rot")]
    rotation: u32,
    #[serde(rename = "sub")]
    subject: Option<String>,
}

/// Issues and verifies tokens, and knows for how long seats are held.
#[derive(Debug)]
pub struct SessionTokens {
    key: Arc<SigningKey>,
    hold: HoldTimes,
    valid: AtomicUsize,
}

/// Seconds for which the seats of players are held; 0 is not at all.
#[derive(Debug, Clone, Copy)]
pub struct HoldTimes {
    /// After a loss of the connection.
    pub resume_seconds: u16,
    /// After the client's page has gone.
    pub reload_seconds: u16,
}

/// The valid tokens of one room, by seat: written by its driver, read by the front.
#[derive(Debug)]
pub struct SessionBoard {
    life: u32,
    seats: Box<[SeatTokens]>,
}

/// The valid tokens of one seat, as generation and rotation; 0 is none.
#[derive(Debug, Default)]
struct SeatTokens {
    current: AtomicU64,
    former: AtomicU64,
}

/// The claims that all tokens of one session have in common.
#[derive(Debug, Clone)]
pub struct SessionKey {
    room: String,
    life: u32,
    seat: u16,
    generation: u32,
    subject: Option<String>,
}

impl HoldTimes {
    /// Returns true if no seat is ever held. Then no token is valid.
    fn are_none(self) -> bool {
        self.resume_seconds == 0 && self.reload_seconds == 0
    }
}

impl SessionTokens {
    /// Tokens that are signed with `key`, of seats that are held for some time.
    #[must_use]
    pub fn new(key: Arc<SigningKey>, hold: HoldTimes) -> Self {
        Self { key, hold, valid: AtomicUsize::new(0) }
    }

    /// Seconds for which seats are held, as clients are told.
    #[must_use]
    pub fn hold(&self) -> HoldTimes {
        self.hold
    }

    /// The time for which a seat is held; `None` if it is not.
    #[must_use]
    pub fn hold_time(&self, hold: Hold) -> Option<Duration> {
        let seconds = match hold {
            Hold::Not => 0,
            Hold::ForReload => self.hold.reload_seconds,
            Hold::ForResume => self.hold.resume_seconds,
        };
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }

    /// The claims of a genuine token; `None` if it is none.
    #[must_use]
    pub fn verify(&self, text: &str) -> Option<SessionClaims> {
        self.key.verify(TokenKind::Session, text)
    }

    /// The token of a session with this rotation.
    #[must_use]
    pub fn text(&self, key: &SessionKey, rotation: u32) -> String {
        self.key.sign(TokenKind::Session, &key.claims(rotation))
    }

    /// The claims that all tokens of a player's session have in common.
    #[must_use]
    pub fn session_key(&self, room: &RoomEntry, player: PlayerId, account: Option<&str>) -> SessionKey {
        let subject = account.map(|account| {
            let is_short = serde_json::to_string(account).is_ok_and(|json| json.len() <= MAX_SUBJECT_BYTES);
            if is_short { format!("={account}") } else { format!("#{}", self.key.digest(account)) }
        });
        SessionKey {
            room: room.id.clone(),
            life: room.sessions.life,
            seat: player.seat(),
            generation: player.generation(),
            subject,
        }
    }

    /// Publishes the valid rotations of a session.
    pub(super) fn publish(&self, board: &SessionBoard, key: &SessionKey, current: u32, former: Option<u32>) {
        if !self.hold.are_none() {
            let count = board.set(key, current, former);
            self.valid.fetch_add(1 + usize::from(former.is_some()), Relaxed);
            self.valid.fetch_sub(count, Relaxed);
        }
    }

    /// Makes all tokens of a session invalid.
    pub(super) fn revoke(&self, board: &SessionBoard, key: &SessionKey) {
        self.valid.fetch_sub(board.clear(key), Relaxed);
    }

    /// The number of valid tokens.
    #[must_use]
    pub fn count(&self) -> usize {
        self.valid.load(Relaxed)
    }
}

impl SessionKey {
    fn claims(&self, rotation: u32) -> SessionClaims {
        let Self { room, life, seat, generation, subject } = self.clone();
        SessionClaims { room, life, seat, generation, rotation, subject }
    }

    /// The rotation of a token, if it is one of this session.
    #[must_use]
    pub fn rotation_of(&self, claims: &SessionClaims) -> Option<u32> {
        (self.claims(claims.rotation) == *claims).then_some(claims.rotation)
    }
}

impl SessionBoard {
    /// The board of a new room with some seats.
    ///
    /// # Panics
    /// If the operating system has no random numbers.
    #[must_use]
    pub fn new(max_players: u16) -> Self {
        let life = SysRng.try_next_u32().expect("the operating system has random numbers");
        Self { life, seats: (0..max_players).map(|_| SeatTokens::default()).collect() }
    }

    /// Returns true if a genuine token is valid, as far as the front can know: the session may end at any moment.
    #[must_use]
    pub fn knows(&self, claims: &SessionClaims) -> bool {
        let word = word(claims.generation, claims.rotation);
        // The current one is read first and written last: a token that becomes the former one is in one of both at any time.
        claims.life == self.life
            && self
                .seats
                .get(usize::from(claims.seat))
                .is_some_and(|seat| seat.current.load(SeqCst) == word || seat.former.load(SeqCst) == word)
    }

    /// Sets the valid tokens of a seat. Returns how many there were.
    fn set(&self, key: &SessionKey, current: u32, former: Option<u32>) -> usize {
        let seat = &self.seats[usize::from(key.seat)];
        let former = former.map_or(0, |rotation| word(key.generation, rotation));
        let before =
            [seat.former.swap(former, SeqCst), seat.current.swap(word(key.generation, current), SeqCst)];
        before.iter().filter(|word| **word != 0).count()
    }

    fn clear(&self, key: &SessionKey) -> usize {
        let seat = &self.seats[usize::from(key.seat)];
        [&seat.former, &seat.current].iter().filter(|word| word.swap(0, SeqCst) != 0).count()
    }
}

/// A generation and a rotation in one word. Rotations begin with 1, so it is never 0.
fn word(generation: u32, rotation: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(rotation)
}
