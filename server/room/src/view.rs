//! What one player sees: their list of areas, and which of them go into a snapshot.
//!
//! When all that is new fits the player's byte budget, all goes. When it does not, areas wait: the urgency of each grows with
//! every tick that it waits, faster the nearer it is, and the most urgent go first. Two things are never sent without
//! each other: areas between which something has moved since the player last heard of them, for it would vanish on the way or
//! be in two places.

use drumline_shared::block::Given;
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::limits::{FRAME_RING, MAX_AREAS};
use drumline_shared::schema::Audience;
use drumline_shared::snapshot::{AreaNews, Snapshot};

use crate::blocks::{Blocks, Source};
use crate::choices::{Choice, Choices};
use crate::division::{Area, AreaIndex, AreaKey, Division, PUBLIC};
use crate::grid::{EVERYWHERE, Grid, is_cell, numbered};
use crate::interest::Sight;

/// How fast the urgency of what is everywhere or the player's own grows.
const URGENCY_OF_OWN: u32 = 32;
/// How fast that of an area at the player's own place grows; at the edge of their view it is one.
const URGENCY_OF_NEAREST: u32 = 16;

/// A player's list of areas.
#[derive(Debug)]
pub struct View {
    /// The client's list, in its order.
    list: Vec<Listed>,
    /// What is in view and was not sent yet, by key.
    entering: Vec<Listed>,
}

/// Memory for looking and telling, which all views of a room share.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Which areas the player knows.
    marks: Vec<bool>,
    choices: Choices,
}

/// Who looks.
#[derive(Debug, Clone, Copy)]
pub enum Viewer<'a> {
    /// The player of a seat, who sees what is for all, what is their own, and what their sight says.
    Player {
        /// The seat.
        seat: u16,
        /// What they see.
        sight: &'a Sight,
    },
    /// A spectator, who sees everything.
    Spectator,
}

/// An area in view.
#[derive(Debug, Clone, Copy)]
struct Listed {
    area: AreaIndex,
    key: AreaKey,
    /// The tick on which it came to be: its number may since have become another's.
    born: u32,
    given: Given,
    urgency: u32,
    /// Whether it is still in view.
    wanted: bool,
}

impl Listed {
    fn new(area: AreaIndex, division: &Division) -> Self {
        let &Area { key, born, .. } = division.area(area);
        Self { area, key, born, given: Given::default(), urgency: 0, wanted: true }
    }

    /// Whether it is still the area that it was.
    fn is_alive(&self, division: &Division) -> bool {
        division.is_alive(self.area, self.born)
    }
}

impl View {
    /// A view of nothing but the public area, of which nothing has been told.
    #[must_use]
    pub fn new(division: &Division) -> Self {
        Self { list: vec![Listed::new(PUBLIC, division)], entering: Vec::new() }
    }

    /// Begins anew, as the client does with a keyframe.
    pub fn restart(&mut self) {
        self.list.truncate(1);
        self.list[0].given = Given::default();
        self.entering.clear();
    }

    /// Finds out what is in view now.
    pub fn look(
        &mut self,
        layout: &Layout,
        division: &Division,
        viewer: Viewer,
        Scratch { marks, .. }: &mut Scratch,
    ) {
        let leave = division.grid().map_or(0.0, Grid::leave_distance);
        marks.clear();
        marks.resize(division.numbers(), false);
        for listed in &mut self.list {
            let is_alive = listed.is_alive(division);
            listed.wanted = is_alive
                && is_seen(division, viewer, listed.key, leave)
                && (listed.area == PUBLIC || !division.is_abandoned(listed.area, listed.given.newest()));
            if is_alive {
                marks[listed.area as usize] = true;
            }
        }
        self.entering.retain(|entering| {
            let stays = entering.is_alive(division)
                && division.area(entering.area).rows > 0
                && is_seen(division, viewer, entering.key, leave);
            if stays {
                marks[entering.area as usize] = true;
            }
            stays
        });
        let before = self.entering.len();
        for_each_in_view(layout, division, viewer, |key| {
            let Some(area) = division.find(&key) else { return };
            // An empty area is not shown: that something was in it lately is nothing that the player has seen.
            let known = marks[area as usize] || division.area(area).rows == 0;
            if !known && self.list.len() + self.entering.len() < MAX_AREAS {
                marks[area as usize] = true;
                self.entering.push(Listed::new(area, division));
            }
        });
        if self.entering.len() > before {
            // The order of the list must not tell of areas' numbers, which depend on what is not seen.
            self.entering.sort_unstable_by_key(|entering| entering.key);
        }
    }

    /// Fills a snapshot with what is new to the client, as far as it fits so many bytes.
    pub fn tell(
        &mut self,
        blocks: &mut Blocks,
        source: Source,
        (division, viewer): (&Division, Viewer),
        budget_bytes: usize,
        (scratch, snapshot): (&mut Scratch, &mut Snapshot),
    ) {
        let choices = &mut scratch.choices;
        self.collect(blocks, source, division, choices);
        // A client's only area goes, whatever it takes.
        if choices.bytes() > budget_bytes && choices.len() > 1 {
            self.bind(division, source.tick, choices);
            choices.choose(budget_bytes);
            self.keep_one(choices);
        }
        self.put(source.tick, (division, viewer), choices, snapshot);
    }

    /// Lists what could go: the areas of the list, and then those that enter.
    fn collect(&self, blocks: &mut Blocks, source: Source, division: &Division, choices: &mut Choices) {
        choices.clear();
        for listed in self.list.iter().chain(&self.entering) {
            let is_alive = listed.is_alive(division);
            let block = if listed.wanted {
                let area = (listed.area, division.area(listed.area));
                blocks.get(source, area, listed.given.against(source.tick))
            } else {
                0..0
            };
            let newest = listed.given.newest();
            // What is remembered no longer can be bound to nothing any more.
            let forced = newest.is_some_and(|newest| source.tick - newest >= FRAME_RING as u32 - 1);
            choices.push(is_alive.then_some(listed.area), block, listed.urgency + 1, forced || !is_alive);
        }
        // A client's list is never empty, and a new one begins with the public area.
        if self.list[0].given.newest().is_none() {
            choices.force(0);
        }
    }

    /// Binds together the areas between which something has moved.
    fn bind(&self, division: &Division, now: u32, choices: &mut Choices) {
        choices.start_binding(division.numbers());
        for (index, listed) in self.list.iter().enumerate() {
            let Some(since) = listed.given.newest().filter(|_| listed.is_alive(division)) else { continue };
            for heir in division.heirs(listed.area, since, now) {
                choices.bind(index, heir);
            }
        }
    }

    /// Sees to it that a client's only area is not passed over.
    fn keep_one(&self, choices: &mut Choices) {
        let listed = self.list.iter().zip(choices.iter());
        let staying = listed.filter(|(listed, choice)| listed.wanted || !choice.chosen).count();
        let entering = choices.iter().skip(self.list.len()).filter(|choice| choice.chosen).count();
        if staying + entering == 1 {
            choices.take(0);
        }
    }

    /// Puts what was chosen into the snapshot, and notes that it is given.
    fn put(
        &mut self,
        tick: u32,
        (division, viewer): (&Division, Viewer),
        choices: &Choices,
        snapshot: &mut Snapshot,
    ) {
        let news = |listed: &mut Listed, choice: &Choice| {
            if !choice.chosen || !listed.wanted {
                listed.urgency += urgency(division, viewer, listed.key);
                return AreaNews::Skipped;
            }
            listed.given.give(tick);
            listed.urgency = 0;
            if choice.block.is_empty() { AreaNews::Quiet } else { AreaNews::Block(choice.block.clone()) }
        };
        let mut choices = choices.iter();
        let mut index = 0;
        self.list.retain_mut(|listed| {
            let choice = choices.next().expect("there is a choice for each area");
            let leaves = !listed.wanted && choice.chosen;
            if leaves {
                snapshot.leaves.push(index);
            } else {
                snapshot.areas.push(news(listed, choice));
            }
            index += 1;
            !leaves
        });
        self.entering.retain_mut(|entering| {
            let choice = choices.next().expect("there is a choice for each area");
            if choice.chosen {
                snapshot.enters.push(entering.key.class);
                snapshot.areas.push(news(entering, choice));
                self.list.push(*entering);
            } else {
                entering.urgency += urgency(division, viewer, entering.key);
            }
            !choice.chosen
        });
    }
}

/// Whether an area is in view, if its cell is within a distance.
fn is_seen(division: &Division, viewer: Viewer, key: AreaKey, distance: f32) -> bool {
    let Viewer::Player { seat, sight } = viewer else { return true };
    let is_member = match key.class.audience() {
        Audience::All => true,
        Audience::Team => sight.team.map(u32::from) == Some(key.member),
        Audience::Owner => key.member == u32::from(seat),
    };
    let is_there = || match (division.grid(), sight.point) {
        _ if key.place == EVERYWHERE => true,
        _ if !is_cell(key.place) => sight.places.iter().any(|&number| numbered(number) == key.place),
        (Some(grid), Some(point)) => grid.distance(key.place, point) <= distance,
        _ => false,
    };
    is_member && is_there()
}

/// Calls `see` with the key of every area that may come into view.
fn for_each_in_view(layout: &Layout, division: &Division, viewer: Viewer, mut see: impl FnMut(AreaKey)) {
    let Viewer::Player { seat, sight } = viewer else { return division.keys().for_each(see) };
    let mut see_all = |placed: bool, place: u32| {
        for audience in Audience::EACH {
            let class = AreaClass::new(placed, audience);
            let member = match audience {
                Audience::All => Some(0),
                Audience::Team => sight.team.map(u32::from),
                Audience::Owner => Some(u32::from(seat)),
            };
            if let Some(member) = member.filter(|_| !layout.parts_of(class).is_empty()) {
                see(AreaKey { class, member, place });
            }
        }
    };
    see_all(false, EVERYWHERE);
    see_all(true, EVERYWHERE);
    for &number in &sight.places {
        see_all(true, numbered(number));
    }
    if let (Some(grid), Some(point)) = (division.grid(), sight.point) {
        grid.in_view(point).for_each(|cell| see_all(true, cell));
    }
}

/// How fast an area's urgency grows.
fn urgency(division: &Division, viewer: Viewer, key: AreaKey) -> u32 {
    // To who sees everything all is equally near.
    let Viewer::Player { sight, .. } = viewer else { return 1 };
    if key.class.audience() == Audience::Owner || !is_cell(key.place) {
        return URGENCY_OF_OWN;
    }
    match (division.grid(), sight.point) {
        (Some(grid), Some(point)) => {
            let part = grid.distance(key.place, point) / grid.leave_distance();
            ((1.0 - part.clamp(0.0, 1.0)) * URGENCY_OF_NEAREST as f32) as u32 + 1
        }
        _ => 1,
    }
}
