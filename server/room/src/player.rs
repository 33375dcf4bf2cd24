//! One seated player: their inputs, what they were given and have acknowledged, and what they see.

use std::collections::VecDeque;

use bytes::Bytes;
use drumline_shared::limits::{ACK_TIMEOUT_SECONDS, FRAME_RING, MAX_PENDING_EVENTS, MAX_UNACKED_SECONDS};

use crate::budget::Budget;
use crate::input_buffer::{InputBuffer, InputCounts};
use crate::view::View;

/// A seated player.
#[derive(Debug)]
pub struct Player {
    /// Their inputs.
    pub inputs: InputBuffer,
    /// What they see.
    pub view: View,
    /// How many bytes a snapshot may have.
    pub budget: Budget,
    /// The tick of the last snapshot given to the player; none before the first, and before a keyframe.
    given: Option<u32>,
    /// The tick of the newest snapshot that the player is known to have received, and the tick on which that
    /// became known.
    acked_tick: u32,
    acked_at: u32,
    /// Whether the player has asked for a keyframe, and when they were last given one for asking.
    resync_asked: bool,
    resynced_at: Option<u32>,
    events: VecDeque<Bytes>,
    events_overflowed: bool,
    /// Whether the seat is held for a player whose connection is lost: they are given nothing, and not told to go.
    held: bool,
}

/// How a player is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayerStats {
    /// Whether there is a connection; else the seat is held.
    pub connected: bool,
    /// What has become of their inputs so far.
    pub inputs: InputCounts,
    /// How early the last consumed input was; negative if it was late.
    pub slack_ticks: Option<i8>,
    /// Ticks from the newest snapshot that is known to have been received to the newest one given.
    pub unacked_ticks: u32,
    /// How many bytes a snapshot may have now.
    pub budget_bytes: usize,
}

/// Why a player should be told to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expulsion {
    /// Events wait beyond the limit, or nothing has been acknowledged for [`ACK_TIMEOUT_SECONDS`].
    TooSlow,
    /// Inputs were dropped for too long.
    InputFlood,
}

impl Player {
    /// A player who sits down at a tick.
    #[must_use]
    pub fn new(inputs: InputBuffer, view: View, budget: Budget, tick: u32) -> Self {
        Self {
            inputs,
            view,
            budget,
            given: None,
            acked_tick: tick,
            acked_at: tick,
            resync_asked: false,
            resynced_at: None,
            events: VecDeque::new(),
            events_overflowed: false,
            held: false,
        }
    }

    /// Notes that the connection is lost.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// Begins anew with another connection, on which nothing has been given yet. A client that has exactly what the player was
    /// last given goes on from it.
    pub fn resume(&mut self, mirror_tick: Option<u32>, tick: u32) {
        self.given = self.given.filter(|&given| mirror_tick == Some(given));
        // The keyframe that comes now is what was asked for.
        self.resync_asked &= self.given.is_some();
        (self.acked_tick, self.acked_at) = (tick, tick);
        self.budget.restart(tick);
        self.inputs.restart();
        (self.events_overflowed, self.held) = (false, false);
    }

    /// How the player is doing.
    #[must_use]
    pub fn stats(&self) -> PlayerStats {
        PlayerStats {
            connected: !self.held,
            inputs: *self.inputs.counts(),
            slack_ticks: self.inputs.ack().map(|ack| ack.slack_ticks),
            unacked_ticks: self.unacked_ticks(),
            budget_bytes: self.budget.bytes(),
        }
    }

    /// Notes that a snapshot has been received. A tick that was never given proves nothing.
    pub fn ack(&mut self, acked_tick: u32, now: u32) {
        if acked_tick > self.acked_tick && Some(acked_tick) <= self.given {
            self.acked_tick = acked_tick;
            self.acked_at = now;
        }
    }

    /// Notes that the player asks for a keyframe; whether that is news.
    pub fn ask_for_keyframe(&mut self) -> bool {
        !std::mem::replace(&mut self.resync_asked, true)
    }

    /// Gives the player the snapshot of a tick, if there is to be one: whether and what the last one was. None while more than
    /// [`MAX_UNACKED_SECONDS`] of them are not acknowledged, or the seat is held.
    pub fn give(&mut self, tick: u32, tick_rate_hz: u32) -> Option<LastGiven> {
        if self.held {
            return None;
        }
        if self.resync_asked && self.resynced_at.is_none_or(|last| tick >= last + tick_rate_hz) {
            self.resync_asked = false;
            self.resynced_at = Some(tick);
            self.given = None;
        }
        let unacked_ticks = self.unacked_ticks();
        if self.given == Some(tick) || unacked_ticks >= MAX_UNACKED_SECONDS * tick_rate_hz {
            return None;
        }
        let missed = self.given.is_some_and(|given| tick - given > 1);
        self.budget.follow(tick, tick_rate_hz, missed || unacked_ticks > tick_rate_hz / 2);
        let last = self.given.replace(tick).filter(|given| tick - given < FRAME_RING as u32);
        Some(last.map_or(LastGiven::Forgotten, LastGiven::At))
    }

    /// Ticks from the newest snapshot that is known to have been received to the newest one given.
    fn unacked_ticks(&self) -> u32 {
        self.given.map_or(0, |given| given.saturating_sub(self.acked_tick))
    }

    /// Has an event wait for the player; whether none was dropped. Beyond the limit a player whose seat is held loses the oldest
    /// one, and any other is to go.
    pub fn push_event(&mut self, event: Bytes) -> bool {
        let fits = self.events.len() < MAX_PENDING_EVENTS;
        if !fits && self.held {
            self.events.pop_front();
        }
        if fits || self.held {
            self.events.push_back(event);
        } else {
            self.events_overflowed = true;
        }
        fits
    }

    /// The next event that waits, unless the seat is held.
    pub fn pop_event(&mut self) -> Option<Bytes> {
        if self.held { None } else { self.events.pop_front() }
    }

    /// Whether the player should go, and why. Nobody should while their seat is held.
    #[must_use]
    pub fn verdict(&self, tick: u32, tick_rate_hz: u32) -> Option<Expulsion> {
        if self.held {
            return None;
        }
        let mute_ticks = if self.unacked_ticks() > 0 { tick - self.acked_at } else { 0 };
        if self.events_overflowed || mute_ticks > ACK_TIMEOUT_SECONDS * tick_rate_hz {
            Some(Expulsion::TooSlow)
        } else if self.inputs.is_hopeless() {
            Some(Expulsion::InputFlood)
        } else {
            None
        }
    }
}

/// What a player's last snapshot was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastGiven {
    /// There is none that the next can go on from: it stands on its own.
    Forgotten,
    /// Of this tick.
    At(u32),
}
