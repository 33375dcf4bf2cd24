//! The division of a world into [areas](super::area): which rows of which parts lie together in a frame.
//!
//! An area is opened by its first row, and closed when it has been empty for twice as long as the room keeps frames.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use drumline_shared::frame::{EntityId, Frame};
use drumline_shared::layout::Layout;
use drumline_shared::world::Home;
use rustc_hash::FxHashMap;

use super::area::{Area, AreaIndex, AreaKey, Departure, PUBLIC};
use super::frame_ring::DividedFrame;
use super::grid::{EVERYWHERE, Grid, PlaceKey, place_key};

/// Ticks for which an empty area stays in a client's list: something may soon come back.
const LINGER_TICKS: u32 = 8;

/// The area of a part's row. Kept by slot.
#[derive(Debug, Clone, Copy)]
struct Located {
    generation: u32,
    /// The last tick on which it lived.
    tick: u32,
    area: AreaIndex,
}

/// The place of an entity. Kept by slot.
#[derive(Debug, Clone, Copy, Default)]
struct Settled {
    generation: u32,
    place: PlaceKey,
}

/// A world's areas, and the area of every row.
#[derive(Debug)]
pub struct Division {
    /// Ticks for which departures and empty areas are kept. An area may wait for nearly as long as frames are kept, and its
    /// client may then miss as many snapshots.
    remembered_ticks: u32,
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
    /// Scratch: the places of a table's rows; the areas of each part's rows; the next row of each area.
    places: Vec<PlaceKey>,
    area_of_row: Vec<Vec<AreaIndex>>,
    next_row: Vec<u32>,
}

impl Division {
    /// A world with nothing but its public area.
    #[must_use]
    pub fn new(layout: &Layout, grid: Option<Grid>, ring: u32) -> Self {
        let mut new = Self {
            remembered_ticks: 2 * ring,
            tick: 0,
            grid,
            areas: Vec::new(),
            free: BinaryHeap::new(),
            by_key: FxHashMap::default(),
            settled: vec![Vec::new(); layout.tables.len()],
            located: vec![Vec::new(); layout.parts.len()],
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

    /// The count of areas' numbers, free ones included.
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

    /// The keys of all open areas.
    pub fn keys(&self) -> impl Iterator<Item = AreaKey> {
        self.areas.iter().filter(|area| area.is_open).map(|area| area.key)
    }

    /// Returns true if the area of this number that was opened on this tick is still open.
    #[must_use]
    pub fn is_open(&self, index: AreaIndex, opened: u32) -> bool {
        self.areas.get(index as usize).is_some_and(|area| area.is_open && area.opened == opened)
    }

    /// The area of a key, if there is one.
    #[must_use]
    pub fn find(&self, key: &AreaKey) -> Option<AreaIndex> {
        self.by_key.get(key).copied()
    }

    /// Returns true if an area has been empty for a while, and a client that was last sent it on tick `sent` knows that it is.
    #[must_use]
    pub fn is_abandoned(&self, index: AreaIndex, sent: Option<u32>) -> bool {
        let area = self.area(index);
        area.rows == 0 && self.tick - area.occupied > LINGER_TICKS && sent > Some(area.occupied)
    }

    /// For each row that has left an area since a tick and still lives: the area where it is now.
    pub fn destinations(&self, index: AreaIndex, since: u32, now: u32) -> impl Iterator<Item = AreaIndex> {
        let departures = self.area(index).departures.iter().rev();
        departures.take_while(move |departure| departure.tick > since).filter_map(move |departure| {
            let located = self.located[usize::from(departure.part)].get(departure.entity.slot as usize)?;
            let lives = located.generation == departure.entity.generation && located.tick == now;
            (lives && located.area != index).then_some(located.area)
        })
    }

    /// Sorts a tick's rows by their areas. `homes` has the home of each row, by table; `before` is the frame of the tick before,
    /// if there is one.
    pub fn divide(
        &mut self,
        layout: &Layout,
        whole: &Frame,
        homes: &[Vec<Home>],
        before: Option<&DividedFrame>,
        divided: &mut DividedFrame,
    ) {
        let tick = divided.frame.tick;
        self.tick = tick;
        for area in &mut self.areas {
            area.rows = 0;
        }
        // First all areas, since a frame's layout depends on their count; then the rows.
        for (table, parts) in layout.tables.iter().map(|table| table.parts.clone()).enumerate() {
            let entities = whole.rows(table).entities();
            let homes = &homes[table];
            self.settle(table, entities, homes);
            parts.for_each(|part| self.locate(layout, part, entities, homes));
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
        // The memory that a storm of joins took is given back.
        if divided.starts.capacity() > 4 * divided.starts.len() {
            divided.starts.shrink_to_fit();
        }
        self.close_empty(tick);
        self.note_changes(layout, before, divided);
    }

    /// Notes that the public area, the only one of a world that is not divided, may have changed.
    pub fn note_change(&mut self, tick: u32) {
        self.areas[PUBLIC as usize].changed = tick;
    }

    /// Notes which areas have changed. Most of a large world stands still, and is then not encoded to find that out.
    fn note_changes(&mut self, layout: &Layout, before: Option<&DividedFrame>, divided: &DividedFrame) {
        let tick = divided.frame.tick;
        for (index, area) in self.areas.iter_mut().enumerate().filter(|(_, area)| area.is_open) {
            let is_unchanged = area.opened < tick
                && before.is_some_and(|before| {
                    let [before, now] = [before, divided].map(|frame| frame.area(index as AreaIndex));
                    now.has_rows_of(&before, layout, area.key.class)
                });
            if !is_unchanged {
                area.changed = tick;
            }
        }
    }

    /// Finds the places of a table's entities. Homes are empty if all parts of the table are public.
    fn settle(&mut self, table: usize, entities: &[EntityId], homes: &[Home]) {
        self.places.clear();
        if homes.is_empty() {
            self.places.resize(entities.len(), EVERYWHERE);
            return;
        }
        let settled = &mut self.settled[table];
        for (entity, home) in entities.iter().zip(homes) {
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
    fn locate(&mut self, layout: &Layout, part: usize, entities: &[EntityId], homes: &[Home]) {
        let tick = self.tick;
        let class = layout.parts[part].class;
        self.area_of_row[part].clear();
        for (index, &entity) in entities.iter().enumerate() {
            let home = homes.get(index).copied().unwrap_or_default();
            let key = AreaKey::of(class, home, self.places[index]);
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
            self.areas.push(Area::closed(key, tick));
            self.areas.len() as AreaIndex - 1
        });
        self.areas[index as usize].open(key, tick);
        self.by_key.insert(key, index);
        index
    }

    /// Drops departures that are too long ago, and closes areas that have been empty for as long.
    fn close_empty(&mut self, tick: u32) {
        let remembered_ticks = self.remembered_ticks;
        let forgotten = |then: u32| tick - then >= remembered_ticks;
        for (index, area) in self.areas.iter_mut().enumerate().skip(1) {
            while area.departures.front().is_some_and(|departure| forgotten(departure.tick)) {
                area.departures.pop_front();
            }
            if area.rows > 0 {
                area.occupied = tick;
            } else if area.is_open && forgotten(area.occupied) {
                area.is_open = false;
                self.by_key.remove(&area.key);
                self.free.push(Reverse(index as AreaIndex));
            }
        }
        let before = self.areas.len();
        while self.areas.pop_if(|area| !area.is_open).is_some() {}
        if self.areas.len() < before {
            self.free.retain(|Reverse(index)| (*index as usize) < self.areas.len());
        }
        if self.areas.capacity() > 4 * self.areas.len() {
            self.areas.shrink_to_fit();
        }
    }
}
