//! The stream that all viewers of a room share.
//!
//! The room encodes it once, as it does for a spectator. Every two seconds it begins anew with a keyframe, so that others can
//! join it there: those starts are kept with the welcome of their tick.

use std::collections::VecDeque;

use bytes::Bytes;
use drumline_room::{PlayerId, Room, SessionTerms};

use crate::net::websocket::put_frame;

/// Seconds from one start to the next.
const START_PERIOD_SECONDS: u32 = 2;
/// Seconds of the stream that are kept beyond the delay and a period: the most that a viewer may be behind.
const SLACK_SECONDS: u32 = 8;

/// The stream.
#[derive(Debug)]
pub struct AudienceStream {
    /// The place in the room whose bytes these are.
    place: PlayerId,
    tick_rate_hz: u32,
    /// Ticks by which viewers are behind.
    delay_ticks: u32,
    items: VecDeque<Item>,
    /// The number of the first of them.
    first: u64,
    started_tick: Option<u32>,
}

/// The bytes of a tick.
#[derive(Debug)]
struct Item {
    tick: u32,
    /// The welcome, if a viewer can begin with this item.
    welcome: Option<Bytes>,
    /// The WebSocket frames.
    frames: Bytes,
}

/// The number of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(u64);

impl Position {
    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The item is no longer kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

impl AudienceStream {
    /// Begins the stream of a room; `None` if it has begun already.
    #[must_use]
    pub fn start(room: &mut Room, tick_rate_hz: u32, delay_seconds: u16) -> Option<Self> {
        let place = room.start_stream()?;
        Some(Self {
            place,
            tick_rate_hz,
            delay_ticks: u32::from(delay_seconds) * tick_rate_hz,
            items: VecDeque::new(),
            first: 0,
            started_tick: None,
        })
    }

    /// Ends the stream.
    pub fn end(self, room: &mut Room) {
        room.leave(self.place);
    }

    /// Takes in the room's newest tick. `frames` lends memory.
    pub fn take_tick(&mut self, room: &mut Room, frames: &mut Vec<u8>) {
        let tick = room.current_tick();
        let period = START_PERIOD_SECONDS * self.tick_rate_hz;
        let is_start = match self.started_tick {
            None => true,
            Some(started) => tick - started >= period && room.renew_stream(self.place),
        };
        let welcome = is_start.then(|| Bytes::from(room.welcome(self.place, SessionTerms::default())));
        frames.clear();
        while let Some(message) = room.poll_message(self.place) {
            put_frame(frames, &message);
        }
        if let Some(snapshot) = room.poll_snapshot(self.place) {
            put_frame(frames, snapshot);
            // Nothing is lost on the way to this memory.
            room.handle_ack(self.place, tick);
        }
        while let Some(fragment) = room.poll_fragment(self.place) {
            put_frame(frames, fragment);
        }
        if is_start {
            self.started_tick = Some(tick);
        }
        self.items.push_back(Item { tick, welcome, frames: Bytes::copy_from_slice(frames) });
        let most = (self.delay_ticks + (START_PERIOD_SECONDS + SLACK_SECONDS) * self.tick_rate_hz) as usize;
        while self.items.len() > most {
            self.items.pop_front();
            self.first += 1;
        }
    }

    /// The newest tick that viewers may see; `None` if none is old enough.
    #[must_use]
    pub fn due_tick(&self, tick: u32) -> Option<u32> {
        tick.checked_sub(self.delay_ticks)
    }

    /// The newest item up to a tick with which a viewer can begin, and its welcome; `None` if there is none yet.
    #[must_use]
    pub fn newest_start(&self, due_tick: u32) -> Option<(Position, &Bytes)> {
        let items = self.items.iter().enumerate().rev();
        items
            .filter(|(_, item)| item.tick <= due_tick)
            .find_map(|(index, item)| Some((Position(self.first + index as u64), item.welcome.as_ref()?)))
    }

    /// The bytes of an item; `None` if it is not due yet.
    ///
    /// # Errors
    /// [`Gone`] if the item is no longer kept.
    pub fn item(&self, Position(number): Position, due_tick: u32) -> Result<Option<&Bytes>, Gone> {
        let index = number.checked_sub(self.first).ok_or(Gone)?;
        let item = self.items.get(index as usize);
        Ok(item.filter(|item| item.tick <= due_tick).map(|item| &item.frames))
    }
}
