//! Places as numbers, and the grid that makes places of positions.
//!
//! A view is a circle of cells with two edges. A thing stays in its cell until it is an eighth of a cell beyond the border; a
//! cell comes into view when the view and that eighth reach it, and goes out of view a quarter of a cell farther away. So nothing
//! flickers at a border, and everything within the view is seen, whatever way it came.

use drumline_shared::Place;
use glam::Vec2;

use crate::simulation::interest::{Interest, Sight};

/// A place's number: [`EVERYWHERE`], a numbered place, or a cell of the grid on one of its levels.
pub type PlaceKey = u64;

/// The place that every player sees.
pub const EVERYWHERE: PlaceKey = 0;

const CELL: PlaceKey = 1 << 63;
/// The lowest bit of a cell's level.
const LEVEL_SHIFT: u32 = 2 * COORDINATE_BITS;
/// Bits of each coordinate of a cell.
const COORDINATE_BITS: u32 = 15;
/// The offset that makes a coordinate positive.
const ORIGIN: i32 = 1 << (COORDINATE_BITS - 1);
/// The part of a cell by which a thing must pass a border to change cells.
const MARGIN: f32 = 1.0 / 8.0;

/// A point on a level of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// The level.
    pub level: u16,
    /// The point.
    pub point: Vec2,
}

/// A square grid of cells around the origin, one on every level. Positions beyond its last cells are in those.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    cell: f32,
    view: f32,
    margin: f32,
}

impl Grid {
    /// The grid of an interest, if it has one. Its ranges have been checked with the game's facts.
    #[must_use]
    pub fn of(interest: Interest) -> Option<Self> {
        let Interest::Grid { cell, view } = interest else { return None };
        Some(Self { cell, view, margin: cell * MARGIN })
    }

    /// The cell of a thing at a spot. `before` is its last place; `None` if it is new.
    #[must_use]
    pub fn settle(&self, spot: Spot, before: Option<PlaceKey>) -> PlaceKey {
        match before.filter(|&key| is_cell(key)) {
            Some(key) if self.distance(key, spot).is_some_and(|distance| distance < self.margin) => key,
            _ => key_of(spot.level, self.coordinate(spot.point.x), self.coordinate(spot.point.y)),
        }
    }

    /// The distance of a cell from a spot; zero inside it. `None` if the cell is on another level.
    #[must_use]
    pub fn distance(&self, key: PlaceKey, Spot { level, point }: Spot) -> Option<f32> {
        if (key >> LEVEL_SHIFT) as u16 != level {
            return None;
        }
        let (x, y) = coordinates(key);
        let low = Vec2::new(x as f32, y as f32) * self.cell;
        // The outermost cells also hold everything beyond them.
        let edge = Vec2::splat(ORIGIN as f32 * self.cell);
        let point = point.max(-edge).min(edge);
        Some(point.max(low).min(low + self.cell).distance(point))
    }

    /// The distance within which a cell comes into view. A thing within the view may still be in the cell that it has just left.
    #[must_use]
    pub fn enter_distance(&self) -> f32 {
        self.view + self.margin
    }

    /// The distance beyond which a cell goes out of view.
    #[must_use]
    pub fn leave_distance(&self) -> f32 {
        self.view + 3.0 * self.margin
    }

    /// The cells within [`enter_distance`](Self::enter_distance) of a spot.
    pub fn in_view(self, spot: Spot) -> impl Iterator<Item = PlaceKey> {
        let reach = self.enter_distance();
        let range = |along: f32| self.coordinate(along - reach)..=self.coordinate(along + reach);
        let columns = range(spot.point.x);
        range(spot.point.y)
            .flat_map(move |y| columns.clone().map(move |x| key_of(spot.level, x, y)))
            .filter(move |key| self.distance(*key, spot).is_some_and(|distance| distance <= reach))
    }

    fn coordinate(&self, along: f32) -> i32 {
        // A cast from a float saturates, and makes nothing of NaN.
        ((along / self.cell).floor() as i32).clamp(-ORIGIN, ORIGIN - 1)
    }
}

/// The key of a numbered place.
#[must_use]
pub fn numbered(number: u32) -> PlaceKey {
    PlaceKey::from(number) + 1
}

/// The number of a thing's place. `before` is its last one; `None` if it is new.
#[must_use]
pub fn place_key(grid: Option<&Grid>, place: Place, before: Option<PlaceKey>) -> PlaceKey {
    match (place, grid) {
        (Place::Numbered(number), _) => numbered(number),
        (Place::At(point), Some(grid)) => grid.settle(Spot { level: 0, point }, before),
        (Place::OnLevel { level, point }, Some(grid)) => grid.settle(Spot { level, point }, before),
        (Place::At(_) | Place::OnLevel { .. }, None) | (Place::Everywhere, _) => EVERYWHERE,
    }
}

/// Returns true if a place is in a player's sight.
#[must_use]
pub fn sees(grid: Option<&Grid>, sight: &Sight, place: Place) -> bool {
    match place_key(grid, place, None) {
        EVERYWHERE => true,
        key if is_cell(key) => sight.point.zip(grid).is_some_and(|(point, grid)| {
            let spot = Spot { level: sight.level, point };
            grid.distance(key, spot).is_some_and(|distance| distance <= grid.enter_distance())
        }),
        key => sight.places.iter().any(|&place| numbered(place) == key),
    }
}

/// Returns true if a place is a cell of the grid.
#[must_use]
pub fn is_cell(key: PlaceKey) -> bool {
    key & CELL != 0
}

fn key_of(level: u16, x: i32, y: i32) -> PlaceKey {
    let coordinate = |along: i32| (along + ORIGIN) as PlaceKey;
    CELL | PlaceKey::from(level) << LEVEL_SHIFT | coordinate(y) << COORDINATE_BITS | coordinate(x)
}

fn coordinates(key: PlaceKey) -> (i32, i32) {
    let coordinate = |bits: PlaceKey| (bits & ((1 << COORDINATE_BITS) - 1)) as i32 - ORIGIN;
    (coordinate(key), coordinate(key >> COORDINATE_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid() -> Grid {
        Grid::of(Interest::Grid { cell: 100.0, view: 250.0 }).expect("it is a grid")
    }

    fn spot(point: Vec2) -> Spot {
        Spot { level: 3, point }
    }

    #[test]
    fn every_level_has_cells_of_its_own() {
        let grid = grid();
        let spots = [0, 3, u16::MAX].map(|level| Spot { level, point: Vec2::new(-50.0, 50.0) });
        let cells = spots.map(|spot| grid.settle(spot, None));
        assert!(cells[0] != cells[1] && cells[1] != cells[2]);
        for (spot, cell) in spots.into_iter().zip(cells) {
            assert_eq!(grid.distance(cell, spot), Some(0.0));
            assert_eq!(grid.in_view(spot).filter(|key| cells.contains(key)).collect::<Vec<_>>(), [cell]);
        }
        assert_eq!(grid.settle(spots[1], Some(cells[0])), cells[1], "a lift leaves the cell at once");
    }

    #[test]
    fn a_thing_that_moves_about_a_border_stays_in_its_cell() {
        let grid = grid();
        let left = grid.settle(spot(Vec2::new(99.0, 50.0)), None);
        let right = grid.settle(spot(Vec2::new(101.0, 50.0)), None);
        assert_ne!(left, right);
        assert_eq!(grid.settle(spot(Vec2::new(112.0, 50.0)), Some(left)), left);
        assert_eq!(grid.settle(spot(Vec2::new(113.0, 50.0)), Some(left)), right);
        assert_eq!(grid.settle(spot(Vec2::new(88.0, 50.0)), Some(right)), right);
        assert_eq!(grid.settle(spot(Vec2::new(99.0, 50.0)), Some(EVERYWHERE)), left, "it was in no cell");
    }

    #[test]
    fn a_player_beyond_the_grid_sees_its_outermost_cells() {
        let grid = grid();
        for at in [Vec2::new(1e9, 50.0), Vec2::new(-1e9, -1e12)] {
            assert!(grid.in_view(spot(at)).any(|key| key == grid.settle(spot(at), None)), "{at}");
        }
    }

    #[test]
    fn a_player_sees_points_in_view_and_zones_of_their_own() {
        let grid = grid();
        let sight = Sight { point: Some(Vec2::ZERO), level: 3, places: vec![7], ..Sight::default() };
        let at = |level, x| Place::OnLevel { level, point: Vec2::new(x, 0.0) };
        let sees = |place| sees(Some(&grid), &sight, place);
        assert!(sees(Place::Everywhere) && sees(Place::Numbered(7)) && !sees(Place::Numbered(8)));
        assert!(sees(at(3, 250.0)) && !sees(at(3, 400.0)) && !sees(at(2, 0.0)));
        assert!(super::sees(None, &sight, at(2, 1e6)), "a world without a grid is in everybody's view");
        assert!(
            !super::sees(Some(&grid), &Sight::default(), at(0, 0.0)),
            "one who looks at nothing sees no point"
        );
    }

    #[test]
    fn every_point_is_in_a_cell() {
        let grid = grid();
        for along in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e30, 0.0] {
            let point = Vec2::splat(along);
            assert!(is_cell(grid.settle(spot(point), None)));
            assert!(grid.in_view(spot(point)).count() <= 49);
        }
    }

    proptest! {
        #[test]
        fn everything_within_the_view_is_in_cells_in_view(
            x in -3000.0f32..3000.0, y in -3000.0f32..3000.0,
            angle in 0.0f32..6.3, distance in 0.0f32..250.0, wander in prop::collection::vec(-12.0f32..12.0, 8),
        ) {
            let grid = grid();
            let point = Vec2::new(x, y);
            let seen: Vec<PlaceKey> = grid.in_view(spot(point)).collect();
            let at = point + Vec2::from_angle(angle) * distance;
            prop_assert!(seen.contains(&grid.settle(spot(at), None)));
            // Also if it came from another cell.
            let start = at + Vec2::new(wander[0], wander[1]) * 10.0;
            let mut place = grid.settle(spot(start), None);
            for step in wander.chunks(2).skip(1) {
                place = grid.settle(spot(at + Vec2::new(step[0], step[1])), Some(place));
            }
            place = grid.settle(spot(at), Some(place));
            prop_assert!(grid.distance(place, spot(at)).unwrap() < grid.margin + 1e-3);
            prop_assert!(seen.contains(&place));
            prop_assert!(seen.iter().all(|&key| grid.distance(key, spot(point)).unwrap() <= grid.leave_distance()));
        }
    }
}
