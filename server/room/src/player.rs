//! One seated player: their inputs, what they were given, told and have acknowledged, and what they see.

use bytes::Bytes;
use drumline_shared::input::VIEW_EIGHTHS;
use drumline_shared::limits::{FRAME_RING, MAX_EVENTS_PER_TICK, MAX_UNACKED_SECONDS};

use crate::budget::Budget;
use crate::chat::ChatMeter;
use crate::input_buffer::{InputBuffer, InputCounts, Look};
use crate::outbox::Outbox;
use crate::rewind::Moment;
use crate::view::View;

/// A seated player, or a spectator in their place.
#[derive(Debug)]
pub struct Player {
    /// Whether they play.
    pub role: Role,
    /// Their inputs.
    pub inputs: InputBuffer,
    /// What they see.
    pub view: View,
    /// How many bytes a snapshot may have.
    pub budget: Budget,
    /// The tick of the last snapshot given to the player; none before the first, and before a keyframe.
    given: Option<u32>,
    /// Which ticks' snapshots were given to the player lately.
    seen: Seen,
    /// The tick of the newest snapshot that the player is known to have received, and the tick on which that
    /// became known.
    acked_tick: u32,
    acked_at: u32,
    /// Whether the player has asked for a keyframe, and when they were last given one for asking.
    resync_asked: bool,
    resynced_at: Option<u32>,
    /// What waits to be told to the player, and whether it was too much.
    pub outbox: Outbox,
    overflowed: bool,
    /// Events of the tick on which the player was last told one.
    told: u32,
    told_on: u32,
    /// Their name, and how much they have said.
    pub name: String,
    pub(crate) chat: ChatMeter,
    /// The number of their connection among all of the room.
    pub connection: u32,
    presence: Presence,
}

/// What somebody does in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// They play.
    Player,
    /// They only look on: the game does not know of them.
    Spectator,
}

/// Whether a player has a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// They have.
    Here,
    /// It is lost, and the seat is held: they are given nothing, and not told to go.
    Away,
    /// They have come back, and have not been given events yet.
    Back,
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
    /// Messages wait beyond the limit, or nothing has been acknowledged for [too long](crate::Room::set_ack_timeout).
    TooSlow,
    /// Inputs were dropped for too long.
    InputFlood,
}

impl Player {
    /// One who sits down at a tick.
    #[must_use]
    pub fn new(
        role: Role,
        inputs: InputBuffer,
        (view, budget): (View, Budget),
        tick: u32,
        name: String,
        connection: u32,
    ) -> Self {
        Self {
            role,
            inputs,
            view,
            budget,
            given: None,
            seen: Seen::default(),
            acked_tick: tick,
            acked_at: tick,
            resync_asked: false,
            resynced_at: None,
            outbox: Outbox::default(),
            overflowed: false,
            told: 0,
            told_on: 0,
            name,
            chat: ChatMeter::default(),
            connection,
            presence: Presence::Here,
        }
    }

    /// Notes that the connection is lost.
    pub fn hold(&mut self) {
        self.presence = Presence::Away;
    }

    /// Begins anew with another connection, on which nothing has been given yet. A client that has exactly what the player was
    /// last given goes on from it.
    pub fn resume(&mut self, mirror_tick: Option<u32>, tick: u32, connection: u32) {
        self.given = self.given.filter(|&given| mirror_tick == Some(given));
        // The keyframe that comes now is what was asked for.
        self.resync_asked &= self.given.is_some();
        (self.acked_tick, self.acked_at) = (tick, tick);
        self.budget.restart(tick);
        self.inputs.restart();
        self.outbox.restart();
        self.connection = connection;
        (self.overflowed, self.presence) = (false, Presence::Back);
    }

    /// How the player is doing.
    #[must_use]
    pub fn stats(&self) -> PlayerStats {
        PlayerStats {
            connected: self.presence != Presence::Away,
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
    /// [`MAX_UNACKED_SECONDS`] of them are not acknowledged, for a spectator half as many, or the seat is held.
    pub fn give(&mut self, tick: u32, tick_rate_hz: u32) -> Option<LastGiven> {
        if self.presence == Presence::Away {
            return None;
        }
        if self.resync_asked && self.resynced_at.is_none_or(|last| tick >= last + tick_rate_hz) {
            self.resync_asked = false;
            self.resynced_at = Some(tick);
            self.given = None;
        }
        let unacked_ticks = self.unacked_ticks();
        let most_unacked = match self.role {
            Role::Player => MAX_UNACKED_SECONDS * tick_rate_hz,
            Role::Spectator => (MAX_UNACKED_SECONDS * tick_rate_hz / 2).max(1),
        };
        if self.given == Some(tick) || unacked_ticks >= most_unacked {
            return None;
        }
        let missed = self.given.is_some_and(|given| tick - given > 1);
        self.budget.follow(tick, tick_rate_hz, missed || unacked_ticks > tick_rate_hz / 2);
        self.seen.add(tick);
        let last = self.given.replace(tick).filter(|given| tick - given < FRAME_RING as u32);
        Some(last.map_or(LastGiven::Forgotten, LastGiven::At))
    }

    /// What the player saw when they made the input that is consumed on a tick, at most so many ticks before the present.
    #[must_use]
    pub fn moment(&self, tick: u32, reach_ticks: f64) -> Moment {
        let present = tick - 1;
        match (self.inputs.look(tick), self.seen.newest) {
            (Some(look), Some(newest)) => self.seen.moment(look, newest, present, reach_ticks),
            _ => Moment::present(present),
        }
    }

    /// Ticks from the newest snapshot that is known to have been received to the newest one given.
    fn unacked_ticks(&self) -> u32 {
        self.given.map_or(0, |given| given.saturating_sub(self.acked_tick))
    }

    /// Has an event of a tick wait for the player; whether none was dropped.
    pub fn tell(&mut self, event: Bytes, tick: u32) -> bool {
        if self.told_on != tick {
            (self.told_on, self.told) = (tick, 0);
        }
        self.told += 1;
        self.told <= MAX_EVENTS_PER_TICK && self.push(event, false)
    }

    /// Has a reply wait for the player, if they still have the connection on which it was asked for; whether none was dropped.
    pub fn reply(&mut self, reply: Bytes, connection: u32) -> bool {
        let expected = self.connection == connection && self.presence != Presence::Away;
        !expected || self.push(reply, true)
    }

    /// Has a message wait for the player; whether none was dropped. Beyond the limit a player who is away, or only just back,
    /// loses the oldest ones, and any other is to go.
    pub fn push(&mut self, message: Bytes, is_reply: bool) -> bool {
        let fits = self.outbox.fits(&message);
        if self.presence == Presence::Here && !fits {
            self.overflowed = true;
            return false;
        }
        while !self.outbox.fits(&message) && self.outbox.drop_oldest() {}
        self.outbox.push(message, is_reply);
        fits
    }

    /// Messages that wait.
    #[must_use]
    pub fn messages_waiting(&self) -> usize {
        self.outbox.waiting()
    }

    /// The next message that goes whole, unless the seat is held.
    pub fn pop_message(&mut self, tick: u32) -> Option<Bytes> {
        if self.presence == Presence::Away {
            return None;
        }
        self.presence = Presence::Here;
        self.outbox.pop_whole(tick)
    }

    /// Appends the next fragment of a large message, if one may go; whether one does.
    pub fn pop_fragment(&mut self, out: &mut Vec<u8>) -> bool {
        self.presence != Presence::Away && self.outbox.pop_fragment(out)
    }

    /// Whether the player should go, and why. Nobody should while their seat is held.
    #[must_use]
    pub fn verdict(&self, tick: u32, ack_timeout_ticks: u32) -> Option<Expulsion> {
        if self.presence == Presence::Away {
            return None;
        }
        let mute_ticks = if self.unacked_ticks() > 0 { tick - self.acked_at } else { 0 };
        if self.overflowed || mute_ticks > ack_timeout_ticks {
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

/// The ticks whose snapshots a player was given, as far as frames are remembered: between these a client shows the world.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    newest: Option<u32>,
    /// A bit for each tick from the newest one back, its own the lowest.
    ticks: u32,
}

impl Seen {
    /// Adds a tick after all others.
    fn add(&mut self, tick: u32) {
        let passed = self.newest.map_or(u32::BITS, |newest| tick - newest);
        self.ticks = self.ticks.checked_shl(passed).unwrap_or(0) | 1;
        self.newest = Some(tick);
    }

    /// The last of the ticks that is not after one; none if that is before them all, or too long ago to be known.
    fn not_after(&self, tick: u32) -> Option<u32> {
        let newest = self.newest?;
        let older = self.ticks.checked_shr(newest.saturating_sub(tick))?;
        (older != 0).then(|| tick.min(newest) - older.trailing_zeros())
    }

    /// The first of the ticks that is after one.
    fn after(&self, tick: u32) -> Option<u32> {
        let newer = self.newest?.checked_sub(tick)?;
        let ticks = self.ticks & 1u32.checked_shl(newer).map_or(u32::MAX, |bit| bit - 1);
        (ticks != 0).then(|| tick + newer - ticks.ilog2())
    }

    /// The moment that a player looked at. What they say may be a lie: all they gain by it is to be at the end of the reach.
    fn moment(&self, look: Look, newest: u32, present: u32, reach_ticks: f64) -> Moment {
        let is_forgotten = look.acked_tick.saturating_add(u32::BITS) <= newest;
        // Who acknowledges what they never got may as well have seen all.
        let acked_tick = match self.not_after(look.acked_tick) {
            Some(given) => given,
            None if is_forgotten => look.acked_tick,
            None => newest,
        };
        let earliest = (f64::from(present) - reach_ticks).max(0.0);
        let view_ticks = f64::from(look.view_eighths) / f64::from(VIEW_EIGHTHS);
        // Without further inputs they look on, as far behind as before.
        let looked_on = f64::from(acked_tick) + f64::from(look.ticks_ago);
        let tick = (looked_on - view_ticks).clamp(earliest, f64::from(present));
        // Frames before the earliest moment's may be gone.
        let from = self.not_after(tick as u32).unwrap_or(0).max(earliest as u32);
        let to = self.after(tick as u32).unwrap_or(tick as u32 + 1).min(present);
        let had = self.not_after(looked_on as u32).unwrap_or(0);
        Moment { tick, from, to, newest: had.max(from) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(ticks: &[u32]) -> Seen {
        let mut seen = Seen::default();
        for &tick in ticks {
            seen.add(tick);
        }
        seen
    }

    /// What a player saw who says so, on tick 101, with a reach of 20 ticks.
    fn moment(seen: &Seen, acked_tick: u32, view_eighths: u8) -> (f64, u32, u32, u32) {
        moment_after(seen, acked_tick, view_eighths, 0)
    }

    /// … and who has sent no other input for so many ticks.
    fn moment_after(seen: &Seen, acked_tick: u32, view_eighths: u8, ticks_ago: u32) -> (f64, u32, u32, u32) {
        let look = Look { acked_tick, view_eighths, ticks_ago };
        let Moment { tick, from, to, newest } = seen.moment(look, seen.newest.unwrap(), 100, 20.0);
        (tick, from, to, newest)
    }

    #[test]
    fn a_moment_lies_between_two_snapshots_that_the_player_was_given() {
        let all: Vec<u32> = (60..=100).collect();
        assert_eq!(moment(&seen(&all), 95, 18), (92.75, 92, 93, 95));
        assert_eq!(moment(&seen(&all), 95, 16), (93.0, 93, 94, 95));
        assert_eq!(moment(&seen(&all), 100, 0), (100.0, 100, 100, 100));
        let some = seen(&[80, 90, 91, 94, 99]);
        assert_eq!(moment(&some, 94, 4), (93.5, 91, 94, 94));
        assert_eq!(moment(&some, 90, 12), (88.5, 80, 90, 90));
    }

    #[test]
    fn who_sends_no_input_looks_on() {
        let some = seen(&[80, 90, 91, 94, 99]);
        assert_eq!(moment_after(&some, 90, 12, 1), (89.5, 80, 90, 91));
        assert_eq!(moment_after(&some, 90, 12, 2), (90.5, 90, 91, 91));
        assert_eq!(moment_after(&some, 60, 16, 30), (88.0, 80, 90, 90), "that was long ago");
        assert_eq!(moment_after(&some, 90, 12, 50), (100.0, 99, 100, 99), "nobody looks into the future");
    }

    #[test]
    fn who_says_what_cannot_be_is_shown_what_can() {
        let all: Vec<u32> = (60..=98).collect();
        let (late, some) = (seen(&all), seen(&[95, 97]));
        assert_eq!(moment(&late, 100, 8), (97.0, 97, 98, 98), "not given yet");
        assert_eq!(moment(&some, 96, 0), (95.0, 95, 97, 95), "passed over: the one before is what they had");
        assert_eq!(moment(&some, 90, 8), (96.0, 95, 97, 97), "never given");
        assert_eq!(moment(&late, 95, 255), (80.0, 80, 81, 95), "beyond the reach");
        assert_eq!(moment(&late, 40, 0), (80.0, 80, 81, 80), "so long ago that it is forgotten");
        assert_eq!(moment(&seen(&[3]), 3, 0), (80.0, 80, 81, 80), "nothing since");
    }

    proptest! {
        #[test]
        fn the_bits_tell_what_a_list_of_the_ticks_would(given in prop::collection::btree_set(0u32..100, 1..60)) {
            let given: Vec<u32> = given.into_iter().collect();
            let (seen, newest) = (seen(&given), *given.last().unwrap());
            for tick in newest.saturating_sub(31)..newest + 2 {
                let known = |other: &u32| newest - other < u32::BITS;
                let before = given.iter().copied().rfind(|&other| other <= tick);
                prop_assert_eq!(seen.not_after(tick), before.filter(known));
                prop_assert_eq!(seen.after(tick), given.iter().copied().find(|&other| other > tick));
            }
        }

        #[test]
        fn whatever_is_said_a_moment_is_within_the_reach_and_has_its_frames(
            given in prop::collection::btree_set(0u32..200, 1..60), since in 0u32..20, acked_tick in any::<u32>(),
            near in any::<bool>(), view_eighths in any::<u8>(), ticks_ago in 0u32..40, reach in 0.0f64..=31.0,
        ) {
            let given: Vec<u32> = given.into_iter().collect();
            let newest = *given.last().unwrap();
            let present = newest + since;
            let acked_tick = if near { acked_tick % (present + 1) } else { acked_tick };
            let look = Look { acked_tick, view_eighths, ticks_ago };
            let Moment { tick, from, to, newest: had } = seen(&given).moment(look, newest, present, reach);
            let earliest = (f64::from(present) - reach).max(0.0);
            prop_assert!(earliest <= tick && tick <= f64::from(present));
            prop_assert!(earliest as u32 <= from && f64::from(from) <= tick);
            prop_assert!(tick < f64::from(to) || tick == f64::from(present));
            prop_assert!(from <= had && had <= present && to <= present);
        }
    }
}
