//! The choice of areas for a snapshot that has no room for all: those that cannot wait, then the most urgent ones that fit. Areas
//! that are bound together go together.

use std::ops::Range;

use super::area::AreaIndex;

/// Bytes of a snapshot beside its areas.
const OVERHEAD_BYTES: usize = 16;
/// Bytes of an area beside its block: a length, and a class if it is new.
const AREA_BYTES: usize = 3;

/// Areas that could go.
#[derive(Debug, Default)]
pub struct Choices {
    all: Vec<Choice>,
    /// Scratch: the order in which they are chosen; each area's choice.
    order: Vec<usize>,
    of_area: Vec<Option<u32>>,
}

/// An area that could go.
#[derive(Debug)]
pub struct Choice {
    /// Its number; `None` if it was closed.
    area: Option<AreaIndex>,
    /// Its block; empty if nothing has changed.
    pub block: Range<usize>,
    bytes: usize,
    urgency: u32,
    /// It cannot wait.
    forced: bool,
    /// It has to wait: its block is not encoded on this tick.
    held: bool,
    /// The next in the chain of those that go together; itself at the chain's end.
    goes_with: usize,
    /// It goes. At first all do.
    pub chosen: bool,
}

impl Choices {
    /// Removes all, and keeps the memory.
    pub fn clear(&mut self) {
        self.all.clear();
    }

    /// Adds one.
    pub fn push(&mut self, area: Option<AreaIndex>, block: Range<usize>, urgency: u32, forced: bool) {
        let bytes = block.len() + if block.is_empty() { 0 } else { AREA_BYTES };
        let goes_with = self.all.len();
        self.all.push(Choice { area, block, bytes, urgency, forced, held: false, goes_with, chosen: true });
    }

    /// Adds one that has to wait, whatever there is room for.
    pub fn push_held(&mut self, area: AreaIndex, urgency: u32) {
        self.push(Some(area), 0..0, urgency, false);
        if let Some(last) = self.all.last_mut() {
            last.held = true;
        }
    }

    /// Returns true if one has to wait.
    #[must_use]
    pub fn has_held(&self) -> bool {
        self.all.iter().any(|choice| choice.held)
    }

    /// The count of areas.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns true if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Choice> {
        self.all.iter()
    }

    /// Bytes of a snapshot with all of them.
    #[must_use]
    pub fn bytes(&self) -> usize {
        OVERHEAD_BYTES + self.all.iter().map(|choice| choice.bytes).sum::<usize>()
    }

    /// Makes one go in any case.
    pub fn force(&mut self, index: usize) {
        self.all[index].forced = true;
    }

    /// Chooses one after all.
    pub fn take(&mut self, index: usize) {
        self.all[index].chosen = true;
    }

    /// Prepares for [`bind`](Self::bind), with areas numbered below `areas`.
    pub fn start_binding(&mut self, areas: usize) {
        self.of_area.clear();
        self.of_area.resize(areas, None);
        for (index, choice) in self.all.iter().enumerate() {
            if let Some(area) = choice.area {
                self.of_area[area as usize] = Some(index as u32);
            }
        }
    }

    /// Makes one go with an area, if that could go too.
    pub fn bind(&mut self, index: usize, area: AreaIndex) {
        if let Some(other) = self.of_area[area as usize] {
            let (one, other) = (self.group(index), self.group(other as usize));
            self.all[one].goes_with = other;
        }
    }

    /// The end of the chain that one belongs to.
    fn group(&self, mut index: usize) -> usize {
        while self.all[index].goes_with != index {
            index = self.all[index].goes_with;
        }
        index
    }

    /// Chooses the areas that go in so many bytes; at least one.
    pub fn choose(&mut self, budget_bytes: usize) {
        self.sum_up();
        let Self { all, order, .. } = self;
        order.clear();
        order.extend((0..all.len()).filter(|&index| all[index].goes_with == index));
        // By index too: the order of equals must be the same on every machine, and a stable sort would allocate.
        order.sort_unstable_by_key(|&index| (!all[index].forced, u32::MAX - all[index].urgency, index));
        let mut left = budget_bytes.saturating_sub(OVERHEAD_BYTES);
        let mut any = false;
        for &index in &*order {
            let choice = &mut all[index];
            choice.chosen = !choice.held && (choice.forced || choice.bytes <= left || !any);
            if choice.chosen && choice.bytes > 0 {
                any = true;
                left = left.saturating_sub(choice.bytes);
            }
        }
        for index in 0..all.len() {
            all[index].chosen = all[all[index].goes_with].chosen;
        }
    }

    /// Makes each chain one step long, and gives its end the sum of it.
    fn sum_up(&mut self) {
        for index in 0..self.all.len() {
            let group = self.group(index);
            self.all[index].goes_with = group;
            if group != index {
                let Choice { bytes, urgency, forced, held, .. } = self.all[index];
                let end = &mut self.all[group];
                end.bytes += bytes;
                end.urgency = end.urgency.max(urgency);
                end.forced |= forced;
                end.held |= held;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Choices of areas 0, 1, …, each of so many bytes and so urgent.
    fn choices(all: &[(usize, u32)]) -> Choices {
        let mut choices = Choices::default();
        for (area, &(bytes, urgency)) in all.iter().enumerate() {
            choices.push(Some(area as AreaIndex), 0..bytes, urgency, false);
        }
        choices
    }

    fn chosen(choices: &Choices) -> Vec<bool> {
        choices.iter().map(|choice| choice.chosen).collect()
    }

    #[test]
    fn the_most_urgent_that_fit_go() {
        let mut all = choices(&[(100, 1), (50, 3), (80, 2), (0, 1)]);
        assert_eq!(all.bytes(), 16 + 230 + 9);
        all.choose(16 + 160);
        assert_eq!(chosen(&all), [false, true, true, true], "what has nothing to say costs nothing");
        let mut all = choices(&[(100, 1), (50, 3), (80, 2), (0, 1)]);
        all.choose(0);
        assert_eq!(chosen(&all), [false, true, false, true], "one goes, whatever it takes");
    }

    #[test]
    fn what_is_bound_goes_together_or_not_at_all() {
        let bound = || {
            let mut all = choices(&[(40, 1), (40, 2), (40, 9), (40, 5)]);
            all.start_binding(78);
            all.bind(0, 1);
            all.bind(1, 3);
            all.bind(3, 77);
            all
        };
        let mut all = bound();
        all.choose(16 + 43 + 100);
        assert_eq!(chosen(&all), [false, false, true, false]);
        all = bound();
        all.choose(16 + 4 * 43);
        assert_eq!(chosen(&all), [true; 4]);
        all = bound();
        all.push_held(4, 1);
        assert!(all.has_held());
        all.start_binding(78);
        all.bind(4, 2);
        all.choose(1000);
        assert_eq!(chosen(&all), [true, true, false, true, false], "and what has to wait keeps it back");
        all = bound();
        all.force(1);
        all.choose(60);
        assert_eq!(chosen(&all), [true, true, false, true], "what must go takes along what is bound to it");
    }
}
