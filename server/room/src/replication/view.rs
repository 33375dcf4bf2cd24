//! One client's list of areas, and the choice of those that go into a snapshot.
//!
//! If all changes fit the client's byte budget, all go. Otherwise areas wait: the urgency of each grows with every tick that it
//! waits, faster the nearer it is, and the most urgent go first. Areas between which something has moved since the client was
//! last sent them go together or not at all; otherwise the thing would vanish on the way, or be in two places. So each part of an
//! entity is in one area of a mirror at all times, and a client needs no rule for two.
//!
//! Both ends keep the list in the same order: areas that come into view are added at its end, sorted by key. A number for each
//! area would cost bytes, and would disclose how many areas there are elsewhere.

use drumline_shared::codec::history::AreaHistory;
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::limits::MAX_AREAS;
use drumline_shared::schema::Audience;
use drumline_shared::wire::snapshot::{AreaUpdate, Snapshot};

use super::area::{Area, AreaIndex, AreaKey, PUBLIC};
use super::blocks::{Blocks, Source};
use super::choices::{Choice, Choices};
use super::division::Division;
use super::grid::{EVERYWHERE, Grid, PlaceKey, Spot, is_cell, numbered};
use crate::player_id::PlayerId;
use crate::simulation::interest::Sight;

/// Growth of urgency a tick, for areas that are everywhere or the player's own.
const URGENCY_OF_OWN: u32 = 32;
/// Growth of urgency a tick, for an area at the center of the view; at the edge of the view it is one.
const URGENCY_OF_NEAREST: u32 = 16;

/// One client's list of areas.
#[derive(Debug)]
pub struct View {
    /// The client's list, in its order.
    list: Vec<Listed>,
    /// Areas in view that were not sent yet, by key.
    entering: Vec<Listed>,
    /// Areas in view that the list has no room for.
    left_out: u32,
}

/// Memory that all views of a room share.
#[derive(Debug, Default)]
pub struct Scratch {
    /// By area: it is in the client's list, or waits to enter it.
    marks: Vec<bool>,
    choices: Choices,
}

/// The kind of client that a view is for.
#[derive(Debug, Clone, Copy)]
pub enum Viewer<'a> {
    /// The player of a seat. It sees what is for all, what is its own, and what its sight says.
    Player {
        /// The player.
        player: PlayerId,
        /// The player's sight.
        sight: &'a Sight,
    },
    /// A spectator. It sees everything, through the players' own mirror and blocks.
    Spectator,
}

/// An area in view.
#[derive(Debug, Clone, Copy)]
struct Listed {
    area: AreaIndex,
    key: AreaKey,
    /// The tick on which the area was opened: its number may be another's by now.
    opened: u32,
    given: AreaHistory,
    urgency: u32,
    /// It is in view.
    wanted: bool,
}

impl Listed {
    fn new(area: AreaIndex, division: &Division) -> Self {
        let &Area { key, opened, .. } = division.area(area);
        Self { area, key, opened, given: AreaHistory::default(), urgency: 0, wanted: true }
    }

    /// Returns true if the area is still open.
    fn is_open(&self, division: &Division) -> bool {
        division.is_open(self.area, self.opened)
    }
}

impl View {
    /// A view of nothing but the public area, which has not been sent yet.
    #[must_use]
    pub fn new(division: &Division) -> Self {
        Self { list: vec![Listed::new(PUBLIC, division)], entering: Vec::new(), left_out: 0 }
    }

    /// Starts over, as the client does with a keyframe.
    pub fn restart(&mut self) {
        self.list.truncate(1);
        self.list[0].given = AreaHistory::default();
        self.entering.clear();
    }

    /// Areas in view that the list has no room for: the client does not see them.
    #[must_use]
    pub fn left_out(&self) -> u32 {
        self.left_out
    }

    /// Updates what is in view.
    pub fn update(
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
            let is_open = listed.is_open(division);
            listed.wanted = is_open
                && is_seen(division, viewer, listed.key, leave)
                && (listed.area == PUBLIC || !division.is_abandoned(listed.area, listed.given.newest()));
            if is_open {
                marks[listed.area as usize] = true;
            }
        }
        self.entering.retain(|entering| {
            let stays = entering.is_open(division)
                && division.area(entering.area).rows > 0
                && is_seen(division, viewer, entering.key, leave);
            if stays {
                marks[entering.area as usize] = true;
            }
            stays
        });
        let before = self.entering.len();
        self.left_out = 0;
        for_each_in_view(layout, division, viewer, |key| {
            let Some(area) = division.find(&key) else { return };
            // An empty area does not enter: it would disclose that something was in it lately.
            if marks[area as usize] || division.area(area).rows == 0 {
                return;
            }
            if self.list.len() + self.entering.len() == MAX_AREAS {
                self.left_out += 1;
                return;
            }
            marks[area as usize] = true;
            self.entering.push(Listed::new(area, division));
        });
        if self.entering.len() > before {
            // The order must not disclose areas' numbers, which depend on what this client does not see.
            self.entering.sort_unstable_by_key(|entering| entering.key);
        }
    }

    /// Returns true if the view has to wait for a tick that has room for the block of its public area.
    #[must_use]
    pub fn must_wait(&self, blocks: &Blocks, tick: u32, ring: u32) -> bool {
        let public = &self.list[0];
        !blocks.has_room(tick, public.area, public.given.baseline(tick, ring))
    }

    /// Fills a snapshot with the changes of the areas in view, as far as they fit so many bytes.
    pub fn fill(
        &mut self,
        blocks: &mut Blocks,
        source: Source,
        viewer: Viewer,
        budget_bytes: usize,
        scratch: &mut Scratch,
        snapshot: &mut Snapshot,
    ) {
        let choices = &mut scratch.choices;
        self.collect(blocks, source, choices);
        // A client's only area goes, whatever it takes.
        if (choices.bytes() > budget_bytes || choices.has_held()) && choices.len() > 1 {
            self.bind(source.division, source.tick, choices);
            choices.choose(budget_bytes);
            self.keep_one(choices);
        }
        self.put(source, viewer, choices, snapshot);
    }

    /// Lists what could go: the areas of the list, and then those that enter.
    fn collect(&self, blocks: &mut Blocks, source: Source, choices: &mut Choices) {
        choices.clear();
        let ring = source.ring.length();
        for listed in self.list.iter().chain(&self.entering) {
            let is_open = listed.is_open(source.division);
            let mut block = 0..0;
            if listed.wanted {
                let against = listed.given.baseline(source.tick, ring);
                // The public area is never held: a snapshot has it, or waits as a whole.
                if listed.area != PUBLIC && !blocks.has_room(source.tick, listed.area, against) {
                    choices.push_held(listed.area, listed.urgency + 1);
                    continue;
                }
                block = blocks.get(source, listed.area, against);
            }
            let newest = listed.given.newest();
            // Send it now: by the next tick its baseline will have left the frame ring.
            let forced = newest.is_some_and(|newest| source.tick - newest >= ring - 1);
            choices.push(is_open.then_some(listed.area), block, listed.urgency + 1, forced || !is_open);
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
            let Some(since) = listed.given.newest().filter(|_| listed.is_open(division)) else { continue };
            for destination in division.destinations(listed.area, since, now) {
                choices.bind(index, destination);
            }
        }
    }

    /// Takes the first area if the snapshot would leave the client with one area and pass that over.
    fn keep_one(&self, choices: &mut Choices) {
        let listed = self.list.iter().zip(choices.iter());
        let staying = listed.filter(|(listed, choice)| listed.wanted || !choice.chosen).count();
        let entering = choices.iter().skip(self.list.len()).filter(|choice| choice.chosen).count();
        if staying + entering == 1 {
            choices.take(0);
        }
    }

    /// Puts the chosen areas into the snapshot, and notes that they are sent.
    fn put(&mut self, source: Source, viewer: Viewer, choices: &Choices, snapshot: &mut Snapshot) {
        let Source { division, tick, .. } = source;
        let ring = source.ring.length();
        let update = |listed: &mut Listed, choice: &Choice| {
            if !choice.chosen || !listed.wanted {
                listed.urgency += urgency(division, viewer, listed.key);
                return AreaUpdate::Skipped;
            }
            listed.given.record(tick, ring);
            listed.urgency = 0;
            if choice.block.is_empty() {
                AreaUpdate::AsPredicted
            } else {
                AreaUpdate::Block(choice.block.clone())
            }
        };
        let mut choices = choices.iter();
        let mut index = 0;
        self.list.retain_mut(|listed| {
            let choice = choices.next().expect("there is a choice for each area");
            let leaves = !listed.wanted && choice.chosen;
            if leaves {
                snapshot.leaves.push(index);
            } else {
                snapshot.areas.push(update(listed, choice));
            }
            index += 1;
            !leaves
        });
        self.entering.retain_mut(|entering| {
            let choice = choices.next().expect("there is a choice for each area");
            if choice.chosen {
                snapshot.enters.push(entering.key.class);
                snapshot.areas.push(update(entering, choice));
                self.list.push(*entering);
            } else {
                entering.urgency += urgency(division, viewer, entering.key);
            }
            !choice.chosen
        });
    }
}

/// The center of a player's view.
fn spot(sight: &Sight) -> Option<Spot> {
    sight.point.map(|point| Spot { level: sight.level, point })
}

/// Returns true if a viewer sees an area, given that cells within a distance are in view.
fn is_seen(division: &Division, viewer: Viewer, key: AreaKey, distance: f32) -> bool {
    let Viewer::Player { player, sight } = viewer else { return true };
    let is_member = match key.class.audience() {
        Audience::All => true,
        Audience::Team => sight.team == Some(key.member),
        Audience::Owner => key.member == player.number(),
    };
    let is_there = || match (division.grid(), spot(sight)) {
        _ if key.place == EVERYWHERE => true,
        _ if !is_cell(key.place) => sight.places.iter().any(|&number| numbered(number) == key.place),
        (Some(grid), Some(spot)) => grid.distance(key.place, spot).is_some_and(|it| it <= distance),
        _ => false,
    };
    is_member && is_there()
}

/// Calls `see` with the key of every area that a viewer may see.
fn for_each_in_view(layout: &Layout, division: &Division, viewer: Viewer, mut see: impl FnMut(AreaKey)) {
    let Viewer::Player { player, sight } = viewer else { return division.keys().for_each(see) };
    let mut see_all = |placed: bool, place: PlaceKey| {
        for audience in Audience::EACH {
            let class = AreaClass::new(placed, audience);
            let member = match audience {
                Audience::All => Some(0),
                Audience::Team => sight.team,
                Audience::Owner => Some(player.number()),
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
    if let (Some(grid), Some(spot)) = (division.grid(), spot(sight)) {
        grid.in_view(spot).for_each(|cell| see_all(true, cell));
    }
}

/// The growth of an area's urgency a tick.
fn urgency(division: &Division, viewer: Viewer, key: AreaKey) -> u32 {
    // For a spectator everything is equally near.
    let Viewer::Player { sight, .. } = viewer else { return 1 };
    if key.class.audience() == Audience::Owner || !is_cell(key.place) {
        return URGENCY_OF_OWN;
    }
    match (division.grid(), spot(sight)) {
        (Some(grid), Some(spot)) => {
            let distance = grid.distance(key.place, spot).unwrap_or(f32::INFINITY);
            let part = distance / grid.leave_distance();
            ((1.0 - part.clamp(0.0, 1.0)) * URGENCY_OF_NEAREST as f32) as u32 + 1
        }
        _ => 1,
    }
}
