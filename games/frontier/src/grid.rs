//! Neighbour searches: entities in the buckets of a uniform grid.

use drumline::prelude::*;
use glam::Vec2;

use crate::world::MAP_SIZE;

/// A bucket's width, in units: about the radius of most searches.
const BUCKET: f32 = 200.0;
const BUCKETS: usize = (MAP_SIZE / BUCKET) as usize;

/// The positions of entities when it was last filled. A bucket's entities are adjacent in memory, and so are a row's buckets.
#[derive(Debug)]
pub struct Grid {
    places: Vec<(Entity, Vec2)>,
    /// The index of each bucket's first place, and after the last bucket the number of places.
    starts: Vec<usize>,
    unsorted: Vec<(usize, Entity, Vec2)>,
}

impl Grid {
    /// A grid without entities.
    pub fn new() -> Self {
        Self { places: Vec::new(), starts: vec![0; BUCKETS * BUCKETS + 1], unsorted: Vec::new() }
    }

    /// Replaces all places: a counting sort that reuses the memory of the last one.
    pub fn fill(&mut self, places: impl Iterator<Item = (Entity, Vec2)>) {
        self.unsorted.clear();
        self.starts.fill(0);
        for (entity, place) in places {
            let bucket = column(place.y) * BUCKETS + column(place.x);
            self.starts[bucket] += 1;
            self.unsorted.push((bucket, entity, place));
        }
        let mut end = 0;
        for start in &mut self.starts {
            end += *start;
            *start = end;
        }
        // Each bucket's end moves down to its start as its places are put in.
        self.places.resize(end, (Entity::default(), Vec2::ZERO));
        for &(bucket, entity, place) in self.unsorted.iter().rev() {
            self.starts[bucket] -= 1;
            self.places[self.starts[bucket]] = (entity, place);
        }
    }

    /// The entities within `radius` of `centre`: bucket by bucket, in the order in which they were filled in.
    pub fn within(&self, centre: Vec2, radius: f32) -> impl Iterator<Item = (Entity, Vec2)> {
        let (left, right) = (column(centre.x - radius), column(centre.x + radius));
        let rows = column(centre.y - radius)..=column(centre.y + radius);
        let buckets = rows.map(move |row| row * BUCKETS + left..row * BUCKETS + right + 1);
        buckets
            .flat_map(|span| &self.places[self.starts[span.start]..self.starts[span.end]])
            .copied()
            .filter(move |(_, place)| place.distance_squared(centre) <= radius * radius)
    }

    /// The nearest entity within `radius` of `centre` for which `will_do` is true.
    pub fn nearest(
        &self,
        centre: Vec2,
        radius: f32,
        will_do: impl Fn(Entity) -> bool,
    ) -> Option<(Entity, Vec2)> {
        self.within(centre, radius)
            .filter(|(entity, _)| will_do(*entity))
            .min_by(|(_, a), (_, b)| a.distance_squared(centre).total_cmp(&b.distance_squared(centre)))
    }
}

/// The column, or row, of buckets for a coordinate.
fn column(along: f32) -> usize {
    ((along / BUCKET) as usize).min(BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Replicate)]
    struct Dot {
        #[sync(range = 0.0..=MAP_SIZE, step = 0.25)]
        at: Vec2,
    }

    #[test]
    fn a_search_finds_what_a_search_of_all_entities_finds() {
        let mut rng = Rng::seed_from_u64(3);
        let mut anywhere =
            move || Vec2::new(rng.random_range(0.0..=MAP_SIZE), rng.random_range(0.0..=MAP_SIZE));
        let mut table = Table::default();
        let mut grid = Grid::new();
        for _ in 0..3 {
            for _ in 0..400 {
                table.insert(Dot { at: anywhere() });
            }
            grid.fill(table.iter().map(|(entity, dot)| (entity, dot.at)));
            for radius in [0.0, 90.0, 700.0, 20_000.0] {
                let centre = anywhere();
                let mut found: Vec<_> = grid.within(centre, radius).map(|(entity, _)| entity).collect();
                found.sort();
                let mut expected: Vec<_> = table.iter().collect();
                expected.retain(|(_, dot)| dot.at.distance(centre) <= radius);
                expected.sort_by_key(|(entity, _)| *entity);
                assert_eq!(found, expected.iter().map(|(entity, _)| *entity).collect::<Vec<_>>());
                let nearest = grid.nearest(centre, radius, |_| true).map(|(_, place)| place.distance(centre));
                assert_eq!(
                    nearest,
                    expected.iter().map(|(_, dot)| dot.at.distance(centre)).min_by(f32::total_cmp)
                );
            }
        }
    }
}
