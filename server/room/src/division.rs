//! The division of a world into areas: which rows of which parts lie together in a frame.
//!
//! An area is what is of one class, in one place and for one team or owner. It is there from when something is in it until
//! it has been empty for twice as long as the room remembers frames.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use drumline_shared::frame::{EntityId, Frame};
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::limits::FRAME_RING;
use drumline_shared::schema::Audience;
use drumline_shared::world::Home;
use rustc_hash::FxHashMap;

use crate::frame_ring::DividedFrame;
use crate::grid::{EVERYWHERE, Grid, PlaceKey, place_key};
use crate::spec::AnyGame;

/// An area's number within its room. Numbers are used again, so it is good only together with when the area was
/// [born](Area::born).
pub type AreaIndex = u32;

/// The public area's number.
pub const PUBLIC: AreaIndex = 0;

/// The team or owner of what nobody sees: no seat and no team has this number.
const NOBODY: u32 = u32::MAX;

/// How long departures and empty areas are remembered, in ticks: an area may wait for nearly as long as frames are remembered,
/// and its client then miss as many snapshots.
const REMEMBERED_TICKS: u32 = 2 * FRAME_RING as u32;

/// How long an empty area stays in a client's list, in ticks: something may soon come back.
const LINGER_TICKS: u32 = 8;

/// What an area is: its class, whose it is, and where. The order of the keys depends on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaKey {
    /// Its class.
    pub class: AreaClass,
    /// The team or the owner that it is for; zero if it is for all.
    pub member: u32,
    /// Where it is.
    pub place: PlaceKey,
}

impl AreaKey {
    const PUBLIC: Self = Self { class: AreaClass::PUBLIC, member: 0, place: EVERYWHERE };

    fn of(class: AreaClass, home: Home, place: PlaceKey) -> Self {
        let member = match class.audience() {
            Audience::All => 0,
            Audience::Team => home.team.map_or(NOBODY, u32::from),
            Audience::Owner => home.owner.map_or(NOBODY, u32::from),
        };
        Self { class, member, place: if class.placed() { place } else { EVERYWHERE } }
    }
}

/// One area.
#[derive(Debug)]
pub struct Area {
    /// What it is.
    pub key: AreaKey,
    /// The tick on which it came to be.
    pub born: u32,
    /// Rows in it now.
    pub rows: u32,
    /// Whether it is; else its number is free.
    pub alive: bool,
    /// The tick since which it is as it is.
    pub unchanged_since: u32,
    /// The tick on which it last had rows.
    occupied: u32,
    /// What has left it and lived on elsewhere, in the order of ticks.
    departures: VecDeque<Departure>,
}

/// A row that has moved on to another area.
#[derive(Debug, Clone, Copy)]
struct Departure {
    tick: u32,
    part: u16,
    entity: EntityId,
}

/// Where a part's row is. Kept by slot.
#[derive(Debug, Clone, Copy)]
struct Located {
    generation: u32,
    /// The last tick on which it lived.
    tick: u32,
    area: AreaIndex,
}

/// Where an entity has settled. Kept by slot.
#[derive(Debug, Clone, Copy, Default)]
struct Settled {
    generation: u32,
    place: PlaceKey,
}

/// A world's areas, and which rows are in which.
#[derive(Debug)]
pub struct Division {
    tick: u32,
    grid: Option<Grid>,
    areas: Vec<Area>,
    /// The numbers that are free, the lowest first, so that the highest can be given up.
    free: BinaryHeap<Reverse<AreaIndex>>,
    by_key: FxHashMap<AreaKey, AreaIndex>,
    /// By table and slot.
    settled: Vec<Vec<Settled>>,
    /// By part and slot.
    located: Vec<Vec<Located>>,
    /// Scratch: the homes of a table's rows, their places; each part's rows' areas; each area's next row.
    homes: Vec<Home>,
    places: Vec<PlaceKey>,
    area_of_row: Vec<Vec<AreaIndex>>,
    next_row: Vec<u32>,
}

impl Division {
    /// A world of nothing but its public area.
    #[must_use]
    pub fn new(layout: &Layout, grid: Option<Grid>) -> Self {
        let mut new = Self {
            tick: 0,
            grid,
            areas: Vec::new(),
            free: BinaryHeap::new(),
            by_key: FxHashMap::default(),
            settled: vec![Vec::new(); layout.tables.len()],
            located: vec![Vec::new(); layout.parts.len()],
            homes: Vec::new(),
            places: Vec::new(),
            area_of_row: vec![Vec::new(); layout.parts.len()],
            next_row: Vec::new(),
        };
        new.open(AreaKey::PUBLIC, 0);
        new
    }

    /// The grid, if there is one.
    #[must_use]
    pub fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// How many numbers of areas there are, the free ones included.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.areas.len()
    }

    /// An area.
    ///
    /// # Panics
    /// If there is none of this number.
    #[must_use]
    pub fn area(&self, index: AreaIndex) -> &Area {
        &self.areas[index as usize]
    }

    /// The keys of all areas that are.
    pub fn keys(&self) -> impl Iterator<Item = AreaKey> {
        self.areas.iter().filter(|area| area.alive).map(|area| area.key)
    }

    /// Whether an area of this number, which came to be on this tick, still is.
    #[must_use]
    pub fn is_alive(&self, index: AreaIndex, born: u32) -> bool {
        self.areas.get(index as usize).is_some_and(|area| area.alive && area.born == born)
    }

    /// The area of a key, if there is one.
    #[must_use]
    pub fn find(&self, key: &AreaKey) -> Option<AreaIndex> {
        self.by_key.get(key).copied()
    }

    /// Whether an area has been empty for a while, and a client that was last told of it on a tick knows that it is.
    #[must_use]
    pub fn is_abandoned(&self, index: AreaIndex, told: Option<u32>) -> bool {
        let area = self.area(index);
        area.rows == 0 && self.tick - area.occupied > LINGER_TICKS && told > Some(area.occupied)
    }

    /// The area where what has left another since a tick is now, for each row that has.
    pub fn heirs(&self, index: AreaIndex, since: u32, now: u32) -> impl Iterator<Item = AreaIndex> {
        let departures = self.area(index).departures.iter().rev();
        departures.take_while(move |departure| departure.tick > since).filter_map(move |departure| {
            let located = self.located[usize::from(departure.part)].get(departure.entity.slot as usize)?;
            let lives = located.generation == departure.entity.generation && located.tick == now;
            (lives && located.area != index).then_some(located.area)
        })
    }

    /// Sorts a tick's rows by their areas. `before` is the frame of the tick before, if there is one.
    pub(crate) fn divide(
        &mut self,
        layout: &Layout,
        game: &dyn AnyGame,
        whole: &Frame,
        before: Option<&DividedFrame>,
        divided: &mut DividedFrame,
    ) {
        let tick = divided.frame.tick;
        self.tick = tick;
        for area in &mut self.areas {
            area.rows = 0;
        }
        // First all areas, for a frame's layout depends on how many there are; then the rows.
        for (table, parts) in layout.tables.iter().map(|table| table.parts.clone()).enumerate() {
            let entities = whole.rows(table).entities();
            self.settle(layout, game, table, entities);
            parts.for_each(|part| self.locate(layout, part, entities, tick));
        }
        divided.areas = self.areas.len();
        divided.starts.clear();
        for (index, part) in layout.parts.iter().enumerate() {
            self.lay_out(index, &mut divided.starts);
            let rows = whole.rows(part.table);
            let memory = divided.frame.table_mut(index);
            memory.resize(rows.len());
            for ((entity, row), &area) in rows.iter().zip(&self.area_of_row[index]) {
                let next = &mut self.next_row[area as usize];
                part.take(row, memory.set(*next as usize, entity));
                *next += 1;
            }
        }
        // After a storm of joiners, what it took is given back.
        if divided.starts.capacity() > 4 * divided.starts.len() {
            divided.starts.shrink_to_fit();
        }
        self.close_empty(tick);
        self.note_changes(layout, before, divided);
    }

    /// Notes that the public area, the only one of a world that is not divided, may be other than it was.
    pub fn note_change(&mut self, tick: u32) {
        self.areas[PUBLIC as usize].unchanged_since = tick;
    }

    /// Notes which areas are not as they were. Most of a large world stands still, and need not be encoded to find that out.
    fn note_changes(&mut self, layout: &Layout, before: Option<&DividedFrame>, divided: &DividedFrame) {
        let tick = divided.frame.tick;
        for (index, area) in self.areas.iter_mut().enumerate().filter(|(_, area)| area.alive) {
            let is_as_before = area.born < tick
                && before.is_some_and(|before| {
                    let [before, now] = [before, divided].map(|frame| frame.area(index as AreaIndex));
                    now.is_as(&before, layout, area.key.class)
                });
            if !is_as_before {
                area.unchanged_since = tick;
            }
        }
    }

    /// Finds out where a table's entities are.
    fn settle(&mut self, layout: &Layout, game: &dyn AnyGame, table: usize, entities: &[EntityId]) {
        self.homes.clear();
        self.places.clear();
        let parts = &layout.parts[layout.tables[table].parts.clone()];
        if parts.iter().all(|part| part.class == AreaClass::PUBLIC) {
            self.homes.resize(entities.len(), Home::default());
            self.places.resize(entities.len(), EVERYWHERE);
            return;
        }
        game.locate(table, &mut self.homes);
        assert_eq!(self.homes.len(), entities.len(), "a world locates each of a table's entities");
        let settled = &mut self.settled[table];
        for (entity, home) in entities.iter().zip(&self.homes) {
            let slot = entity.slot as usize;
            if slot >= settled.len() {
                settled.resize(slot + 1, Settled::default());
            }
            let memory = &mut settled[slot];
            let before = (memory.generation == entity.generation).then_some(memory.place);
            let place = place_key(self.grid.as_ref(), home.place, before);
            *memory = Settled { generation: entity.generation, place };
            self.places.push(place);
        }
    }

    /// Finds each row's area, and notes which rows have moved from one to another.
    fn locate(&mut self, layout: &Layout, part: usize, entities: &[EntityId], tick: u32) {
        let class = layout.parts[part].class;
        self.area_of_row[part].clear();
        for (index, &entity) in entities.iter().enumerate() {
            let key = AreaKey::of(class, self.homes[index], self.places[index]);
            let slot = entity.slot as usize;
            let before = self.located[part].get(slot).copied();
            let before = before.filter(|before| {
                before.generation == entity.generation && before.tick.checked_add(1) == Some(tick)
            });
            let area = match before {
                Some(before) if self.areas[before.area as usize].key == key => before.area,
                _ => self.find_or_open(key, tick),
            };
            if let Some(before) = before.filter(|before| before.area != area) {
                let departure = Departure { tick, part: part as u16, entity };
                self.areas[before.area as usize].departures.push_back(departure);
            }
            let located = &mut self.located[part];
            let now = Located { generation: entity.generation, tick, area };
            if slot >= located.len() {
                located.resize(slot + 1, Located { generation: 0, tick: u32::MAX, area: PUBLIC });
            }
            located[slot] = now;
            self.areas[area as usize].rows += 1;
            self.area_of_row[part].push(area);
        }
    }

    /// Lays out a part's rows, each area's after those of the areas before it, and appends where they start.
    fn lay_out(&mut self, part: usize, starts: &mut Vec<u32>) {
        self.next_row.clear();
        self.next_row.resize(self.areas.len(), 0);
        for &area in &self.area_of_row[part] {
            self.next_row[area as usize] += 1;
        }
        let mut start = 0;
        for next in &mut self.next_row {
            starts.push(start);
            start += std::mem::replace(next, start);
        }
        starts.push(start);
    }

    fn find_or_open(&mut self, key: AreaKey, tick: u32) -> AreaIndex {
        match self.by_key.get(&key) {
            Some(&area) => area,
            None => self.open(key, tick),
        }
    }

    fn open(&mut self, key: AreaKey, tick: u32) -> AreaIndex {
        let index = self.free.pop().map(|Reverse(index)| index).unwrap_or_else(|| {
            self.areas.push(Area {
                key,
                born: tick,
                rows: 0,
                alive: false,
                unchanged_since: tick,
                occupied: tick,
                departures: VecDeque::new(),
            });
            self.areas.len() as AreaIndex - 1
        });
        let area = &mut self.areas[index as usize];
        (area.key, area.born, area.occupied, area.unchanged_since) = (key, tick, tick, tick);
        (area.rows, area.alive) = (0, true);
        area.departures.clear();
        self.by_key.insert(key, index);
        index
    }

    /// Forgets what is too long ago, and the areas that have been empty for as long.
    fn close_empty(&mut self, tick: u32) {
        let forgotten = |then: u32| tick - then >= REMEMBERED_TICKS;
        for (index, area) in self.areas.iter_mut().enumerate().skip(1) {
            while area.departures.front().is_some_and(|departure| forgotten(departure.tick)) {
                area.departures.pop_front();
            }
            if area.rows > 0 {
                area.occupied = tick;
            } else if area.alive && forgotten(area.occupied) {
                area.alive = false;
                self.by_key.remove(&area.key);
                self.free.push(Reverse(index as AreaIndex));
            }
        }
        let before = self.areas.len();
        while self.areas.pop_if(|area| !area.alive).is_some() {}
        if self.areas.len() < before {
            self.free.retain(|Reverse(index)| (*index as usize) < self.areas.len());
        }
        if self.areas.capacity() > 4 * self.areas.len() {
            self.areas.shrink_to_fit();
        }
    }
}
