//! The world as players saw it: what they aimed at, some ticks ago.

use drumline_shared::frame::{EntityId, Frame};
use drumline_shared::interpolate::{Between, interpolate};
use drumline_shared::limits::{FRAME_RING, MAX_COLUMNS};
use drumline_shared::schema::{TableSchema, width};
use drumline_shared::{Entity, Replicate};

use crate::frame_ring::FrameRing;
use crate::game::PlayerId;

/// A moment that a player looked at, between two frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// The moment, in ticks.
    pub tick: f64,
    /// The tick of the frame before it.
    pub from: u32,
    /// The tick of the frame after it.
    pub to: u32,
    /// The tick of the newest frame that the player had.
    pub newest: u32,
}

impl Moment {
    /// The end of a tick.
    #[must_use]
    pub fn present(tick: u32) -> Self {
        Self { tick: f64::from(tick), from: tick, to: tick, newest: tick }
    }
}

/// How many ticks a game looks back, at a tick rate: never farther than frames are kept.
#[must_use]
pub fn reach_ticks(rewind_ms: u32, tick_rate_hz: u32) -> f64 {
    let ticks = f64::from(rewind_ms) * f64::from(tick_rate_hz) / 1000.0;
    ticks.min(f64::from(FRAME_RING as u32 - 1))
}

/// The last frames of a divided world, whole: its areas' frames are no good for looking at a table. One of them, if the game does
/// not look back.
#[derive(Debug)]
pub struct WholeFrames {
    frames: Vec<Frame>,
}

impl WholeFrames {
    /// As many as lie within a reach.
    #[must_use]
    pub fn new(tables: &[TableSchema], reach_ticks: f64) -> Self {
        Self { frames: vec![Frame::empty_tables(tables); reach_ticks.ceil() as usize + 1] }
    }

    /// The frame of a tick to be filled, in the place of the oldest one.
    pub fn start(&mut self, tick: u32) -> &mut Frame {
        let (count, index) = (self.frames.len(), tick as usize % self.frames.len());
        // The memory of the largest goes round, as in the ring of the areas' frames.
        if let Ok([frame, before]) = self.frames.get_disjoint_mut([index, (index + count - 1) % count]) {
            frame.reserve_as(before);
        }
        let frame = &mut self.frames[index];
        frame.tick = tick;
        frame
    }

    fn get(&self, tick: u32) -> &Frame {
        &self.frames[tick as usize % self.frames.len()]
    }
}

/// What a tick can look back on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past<'a> {
    /// The tick of the newest frame.
    pub(crate) present: u32,
    pub(crate) tables: &'a [TableSchema],
    pub(crate) ring: &'a FrameRing,
    /// The whole frames, if the world is divided.
    pub(crate) whole: Option<&'a WholeFrames>,
    /// What each player saw, by seat; none if the game does not look back.
    pub(crate) moments: &'a [Moment],
}

impl<'a> Past<'a> {
    pub(crate) fn rewound(self, player: PlayerId, dt: f32) -> Rewound<'a> {
        let moment = self.moments.get(usize::from(player.0)).copied();
        let Moment { tick, from, to, newest } = moment.unwrap_or(Moment::present(self.present));
        let ticks = to.saturating_sub(from);
        Rewound {
            tables: self.tables,
            tick,
            frames: [from, to, newest].map(|tick| self.frame(tick)),
            part: if ticks > 0 { (tick - f64::from(from)) / f64::from(ticks) } else { 0.0 },
            ticks,
            seconds: f64::from(ticks) * f64::from(dt),
        }
    }

    fn frame(&self, tick: u32) -> &'a Frame {
        match self.whole {
            Some(whole) => whole.get(tick),
            None => &self.ring.get(tick).expect("the ring has every frame within the reach").frame,
        }
    }
}

/// The world as a player saw it when they made their input; see [`Tick::rewound`](crate::Tick::rewound). It is for reading: what
/// is hit there is struck in the game's own world.
#[derive(Debug, Clone, Copy)]
pub struct Rewound<'a> {
    tables: &'a [TableSchema],
    tick: f64,
    /// The one before the moment, the one after it, and the newest that the player had.
    frames: [&'a Frame; 3],
    part: f64,
    ticks: u32,
    seconds: f64,
}

impl<'a> Rewound<'a> {
    /// The moment, in ticks: the end of tick 7 is 7.0.
    #[must_use]
    pub fn tick(&self) -> f64 {
        self.tick
    }

    /// The rows of a table, by ascending slot: between the two snapshots around the moment, each field as clients show it (see
    /// [`Interpolate`](drumline_shared::schema::Interpolate)), to half of its step. An entity is there if it was in the earlier
    /// snapshot, even if it is gone since. Fields that are not replicated have their defaults. A `String` takes memory for each
    /// row. An area that had no room in the player's snapshots is taken as it was, not as it was last told to them.
    ///
    /// # Panics
    /// If the world has no table of this name, or one of other rows than `T`.
    pub fn rows<T: Replicate>(&self, table: &str) -> impl Iterator<Item = (Entity, T)> + use<'a, T> {
        let (rewound, table) = (*self, self.table::<T>(table));
        let [from, ..] = self.frames;
        from.rows(table)
            .iter()
            .map(move |(entity, row)| (Entity::from_id(entity), rewound.row(table, entity, row)))
    }

    /// The row of an entity, if it was there.
    ///
    /// # Panics
    /// If the world has no table of this name, or one of other rows than `T`.
    #[must_use]
    pub fn get<T: Replicate>(&self, table: &str, entity: Entity) -> Option<T> {
        let (table, entity) = (self.table::<T>(table), entity.id());
        let [from, ..] = self.frames;
        from.rows(table).get(entity).map(|row| self.row(table, entity, row))
    }

    fn table<T: Replicate>(&self, name: &str) -> usize {
        let Some(index) = self.tables.iter().position(|table| table.name == name) else {
            panic!("the world has no table `{name}`");
        };
        let fields = &*self.tables[index].fields;
        let is_of_table = std::ptr::eq(fields, T::FIELDS) || *fields == *T::FIELDS;
        assert!(is_of_table, "the rows of `{name}` are not of the type {}", std::any::type_name::<T>());
        index
    }

    fn row<T: Replicate>(&self, table: usize, entity: EntityId, from: &[u32]) -> T {
        let [_, to, newest] = self.frames.map(|frame| frame.rows(table).get(entity));
        let Some(to) = to else {
            // It is about to go, and until then it is as it was.
            return T::dequantize(from);
        };
        let newest = newest.unwrap_or(to);
        let Self { part, ticks, seconds, .. } = *self;
        let between = Between { from, to, newest, part, ticks, seconds };
        if const { width(T::FIELDS) <= FEW_COLUMNS } {
            read::<T, FEW_COLUMNS>(between)
        } else {
            read::<T, MAX_COLUMNS>(between)
        }
    }
}

/// As many columns as most structs have: no more than that need be cleared for their rows.
const FEW_COLUMNS: usize = 32;

fn read<T: Replicate, const COLUMNS: usize>(between: Between) -> T {
    let mut row = [0; COLUMNS];
    let row = &mut row[..const { width(T::FIELDS) }];
    interpolate(T::FIELDS, between, row);
    T::dequantize(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_is_as_long_as_it_is_said_but_never_beyond_the_ring() {
        assert_eq!(reach_ticks(0, 240), 0.0);
        assert_eq!(reach_ticks(250, 30), 7.5);
        assert_eq!(reach_ticks(1033, 30), 30.99);
        assert_eq!(reach_ticks(1033, 240), 31.0);
    }

    #[test]
    fn whole_frames_are_kept_for_those_who_look_back_alone() {
        let mut frames = WholeFrames::new(&[], 0.0);
        assert_eq!(frames.frames.len(), 1);
        for tick in 0..5 {
            frames.start(tick);
            assert_eq!(frames.get(tick).tick, tick);
        }
        let mut frames = WholeFrames::new(&[], 7.5);
        for tick in 0..50u32 {
            frames.start(tick);
            for before in tick.saturating_sub(8)..=tick {
                assert_eq!(frames.get(before).tick, before);
            }
        }
        assert_eq!(frames.frames.len(), 9);
    }
}
