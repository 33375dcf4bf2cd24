//! Lag compensation: the world as a client displayed it, some ticks ago.
//!
//! An input says which snapshot the client had and how far behind it the display was, so the point is known to an eighth of a
//! tick without a guess at round trips. It is worked out when the input is consumed: time in the input buffer is not held
//! against the shooter. A report may be a lie, which cannot be told from a slow connection, so the game's own limit bounds
//! what it gains. Rows are interpolated as integers and then made structs; that loses half a step at most, and no type needs
//! code of its own.

use drumline_shared::frame::{EntityId, Frame};
use drumline_shared::interpolate::{Between, interpolate};
use drumline_shared::limits::{MAX_COLUMNS, TickLimits};
use drumline_shared::schema::{TableSchema, width};
use drumline_shared::{Entity, Replicate};

use crate::player_id::PlayerId;
use crate::record::{EIGHTHS, InputRecords, RewindPoint};

/// How far back a game rewinds, in eighths of a tick: never farther than a client's snapshots are remembered.
#[must_use]
pub(super) fn reach_eighths(rewind_ms: u32, tick_rate_hz: u32) -> u32 {
    let eighths = u64::from(rewind_ms) * u64::from(tick_rate_hz) * u64::from(EIGHTHS) / 1000;
    (eighths as u32).min((TickLimits::of(tick_rate_hz).frame_ring - 1) * EIGHTHS)
}

/// The newest frame of the whole world, and those before it within a reach. Only one, if the game does not rewind.
#[derive(Debug)]
pub(crate) struct RecentFrames {
    frames: Vec<Frame>,
}

impl RecentFrames {
    pub(crate) fn new(tables: &[TableSchema], reach_eighths: u32) -> Self {
        let count = reach_eighths.div_ceil(EIGHTHS) as usize + 1;
        Self { frames: vec![Frame::empty_tables(tables); count] }
    }

    /// The frame of a tick to be filled, in the place of the oldest one.
    pub(crate) fn start(&mut self, tick: u32) -> &mut Frame {
        let (count, index) = (self.frames.len(), tick as usize % self.frames.len());
        // The memory of the largest frame goes round: else each would take it when the world happens to be large on its turn.
        if let Ok([frame, before]) = self.frames.get_disjoint_mut([index, (index + count - 1) % count]) {
            frame.reserve_as(before);
        }
        let frame = &mut self.frames[index];
        frame.tick = tick;
        frame
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.frames.iter().map(Frame::memory_bytes).sum()
    }

    pub(super) fn get(&self, tick: u32) -> &Frame {
        let frame = &self.frames[tick as usize % self.frames.len()];
        debug_assert_eq!(frame.tick, tick, "every frame within the reach is kept");
        frame
    }
}

/// The past that a tick can rewind to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past<'a> {
    /// The tick of the newest frame.
    pub(crate) present: u32,
    pub(crate) tables: &'a [TableSchema],
    pub(crate) frames: &'a RecentFrames,
    /// The inputs of the tick, with the point that each player saw.
    pub(crate) inputs: &'a InputRecords,
}

impl<'a> Past<'a> {
    /// The newest frame: the world after the last tick.
    pub(super) fn newest(self) -> &'a Frame {
        self.frames.get(self.present)
    }

    pub(super) fn rewound(self, player: PlayerId, dt: f32) -> Rewound<'a> {
        let point = self.inputs.rewind(player).unwrap_or(RewindPoint::end_of(self.present));
        let RewindPoint { eighths, from, to, newest } = point;
        let ticks = to.saturating_sub(from);
        let tick = eighths as f64 / f64::from(EIGHTHS);
        Rewound {
            tables: self.tables,
            tick,
            from: self.frames.get(from),
            to: self.frames.get(to),
            newest: self.frames.get(newest),
            part: if ticks > 0 { (tick - f64::from(from)) / f64::from(ticks) } else { 0.0 },
            ticks,
            seconds: f64::from(ticks) * f64::from(dt),
        }
    }
}

/// The world as a player saw it when they made their input; see [`Tick::rewound`](crate::Tick::rewound). It is read-only: apply
/// the effects of a hit to the present world.
#[derive(Debug, Clone, Copy)]
pub struct Rewound<'a> {
    tables: &'a [TableSchema],
    tick: f64,
    /// The frame before the point.
    from: &'a Frame,
    /// The frame after it.
    to: &'a Frame,
    /// The newest frame that the client had.
    newest: &'a Frame,
    part: f64,
    ticks: u32,
    seconds: f64,
}

impl<'a> Rewound<'a> {
    /// The point in time, in ticks: the end of tick 7 is 7.0.
    #[must_use]
    pub fn tick(&self) -> f64 {
        self.tick
    }

    /// The rows of a table, by ascending slot, interpolated between the two snapshots around the point in time. They are within
    /// half of a field's step of the client's own interpolation. The entities are those of the earlier snapshot, including those
    /// that were removed since. Skipped fields have their defaults. A `String` field allocates for each row.
    ///
    /// Entities whose update did not fit the player's snapshot appear at their true position, not where the player last saw them.
    ///
    /// # Panics
    /// If the world has no table of this name, or its rows are not of type `T`.
    pub fn rows<T: Replicate>(&self, table: &str) -> impl Iterator<Item = (Entity, T)> + use<'a, T> {
        let (rewound, table) = (*self, self.table::<T>(table));
        self.from
            .rows(table)
            .iter()
            .map(move |(entity, row)| (Entity::from_id(entity), rewound.row(table, entity, row)))
    }

    /// The row of an entity; `None` if the entity was not in the world then.
    ///
    /// # Panics
    /// If the world has no table of this name, or its rows are not of type `T`.
    #[must_use]
    pub fn get<T: Replicate>(&self, table: &str, entity: Entity) -> Option<T> {
        let (table, entity) = (self.table::<T>(table), entity.id());
        self.from.rows(table).get(entity).map(|row| self.row(table, entity, row))
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
        let Some(to) = self.to.rows(table).get(entity) else {
            // It despawns between the two frames, and does not move until then.
            return T::dequantize(from);
        };
        let newest = self.newest.rows(table).get(entity).unwrap_or(to);
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
    fn a_reach_is_rounded_down_to_eighths_and_never_beyond_the_ring() {
        assert_eq!(reach_eighths(0, 240), 0);
        assert_eq!(reach_eighths(250, 30), 60);
        assert_eq!(reach_eighths(1033, 30), 247);
        assert_eq!(reach_eighths(1033, 240), 241 * 8);
    }

    #[test]
    fn as_many_frames_are_kept_as_the_game_rewinds() {
        let mut frames = RecentFrames::new(&[], 0);
        assert_eq!(frames.frames.len(), 1);
        for tick in 0..5 {
            frames.start(tick);
            assert_eq!(frames.get(tick).tick, tick);
        }
        let mut frames = RecentFrames::new(&[], 60);
        for tick in 0..50u32 {
            frames.start(tick);
            for before in tick.saturating_sub(8)..=tick {
                assert_eq!(frames.get(before).tick, before);
            }
        }
        assert_eq!(frames.frames.len(), 9);
    }
}
