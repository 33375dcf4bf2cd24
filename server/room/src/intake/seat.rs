//! One seat as the intake knows it.

use drumline_shared::wire::snapshot::InputAck;

use super::chat_meter::ChatMeter;
use super::input_buffer::{InputBuffer, InputCounts};
use super::request_numbers::RequestNumbers;
use super::sent::SentSnapshots;
use crate::player_id::PlayerId;
use crate::record::Presence;

/// A taken seat, or a spectator's place.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) player: PlayerId,
    pub(super) role: Role,
    pub(super) inputs: InputBuffer,
    pub(super) sent: SentSnapshots,
    pub(super) chat: ChatMeter,
    pub(super) presence: Presence,
    pub(super) requests: RequestNumbers,
    /// The join has been recorded: the simulation knows the player.
    pub(super) is_recorded: bool,
}

/// The part that a client takes in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It plays.
    Player,
    /// It plays by inputs that the game gives: it has no client.
    Bot,
    /// It sees everything and does nothing. The simulation does not know of it.
    Spectator,
}

/// A player's connection, as the intake measures it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatStats {
    /// The player is connected; else the seat is held.
    pub connected: bool,
    /// Counts of the player's inputs.
    pub inputs: InputCounts,
    /// Ticks by which the last consumed input was early; negative if it was late.
    pub slack_ticks: Option<i8>,
    /// Ticks from the newest snapshot that is known to have been received to the last one sent.
    pub unacked_ticks: u32,
}

/// The reason why a player should be kicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KickReason {
    /// Nothing has been acknowledged for [too long](crate::Room::set_ack_timeout), or more bytes of messages than
    /// [`RoomConfig::outbox_bytes`](crate::RoomConfig) for seconds.
    TooSlow,
    /// Too many inputs in a row were dropped.
    InputFlood,
}

impl Seat {
    pub(super) fn is_away(&self) -> bool {
        self.presence == Presence::Away
    }

    pub(super) fn ack(&self) -> Option<InputAck> {
        self.inputs.ack()
    }

    pub(super) fn stats(&self) -> SeatStats {
        SeatStats {
            connected: !self.is_away(),
            inputs: *self.inputs.counts(),
            slack_ticks: self.ack().map(|ack| ack.slack_ticks),
            unacked_ticks: self.sent.unacked_ticks(),
        }
    }

    /// The reason why the player should be kicked; `None` if there is none, or the seat is held.
    pub(super) fn kick_reason(&self, tick: u32, ack_timeout_ticks: u32) -> Option<KickReason> {
        if self.is_away() {
            None
        } else if self.sent.silent_ticks(tick) > ack_timeout_ticks {
            Some(KickReason::TooSlow)
        } else if self.inputs.is_flooding() {
            Some(KickReason::InputFlood)
        } else {
            None
        }
    }
}
