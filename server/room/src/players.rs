//! Values by player.

use std::ops::{Index, IndexMut};

use drumline_shared::frame::{EntityId, TableFrame};
use drumline_shared::world::{Clamped, ClampedValues, Home};
use serde::{Deserialize, Serialize};

use crate::player_id::PlayerId;

/// A value for each of some players: at most one for a seat, found at once by the player's id, in the order of the seats.
///
/// As a field of a world it is a table whose entities are found by player rather than by key. The row says whose it is with a
/// field of its own:
/// ```
/// use drumline_room::prelude::*;
///
/// #[derive(Replicate)]
/// struct Ball {
///     player: PlayerId,
///     #[sync(range = 0.0..=100.0, step = 0.1)]
///     position: Vec2,
/// }
///
/// #[derive(Default, World)]
/// struct Field {
///     balls: Players<Ball>,
/// }
///
/// let (ada, mut field) = (PlayerId::first(0), Field::default());
/// field.balls.insert(ada, Ball { player: ada, position: Vec2::ZERO });
/// assert!(field.balls.get(ada).is_some());
/// ```
///
/// # Examples
/// ```
/// use drumline_room::prelude::*;
///
/// let [ada, ben] = [0, 1].map(PlayerId::first); // In a game, the hooks give them.
/// let mut scores = Players::default();
/// assert_eq!(scores.insert(ada, 3), None);
/// scores.insert(ben, 5);
/// scores[ada] += 1; // Panics if there is no Ada.
/// assert_eq!((scores[ada], scores.get(ben), scores.len()), (4, Some(&5), 2));
/// scores.values_mut().for_each(|score| *score *= 2);
/// if let Some(score) = scores.get_mut(ben) {
///     *score += 1;
/// }
/// for (player, score) in scores.iter_mut() {
///     *score += player.seat();
/// }
/// let best = scores.iter().max_by_key(|(_, score)| **score).map(|(player, _)| player);
/// assert_eq!((best, scores.values().sum::<u16>()), (Some(ben), 8 + 12));
/// scores.retain(|_, score| *score > 10);
/// assert_eq!(scores.ids().collect::<Vec<_>>(), [ben]);
/// assert!(!scores.contains(ada) && scores.remove(ben) == Some(12) && scores.is_empty());
/// scores.clear();
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Players<T> {
    /// By seat.
    seats: Vec<Option<Owned<T>>>,
}

/// A player's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Owned<T> {
    player: PlayerId,
    value: T,
}

impl<T> Default for Players<T> {
    fn default() -> Self {
        Self { seats: Vec::new() }
    }
}

impl<T> Players<T> {
    /// Sets a player's value and returns the one before it. The value of an earlier player of the seat is dropped.
    pub fn insert(&mut self, player: PlayerId, value: T) -> Option<T> {
        if self.seats.len() <= player.index() {
            self.seats.resize_with(player.index() + 1, || None);
        }
        let before = self.seats[player.index()].replace(Owned { player, value })?;
        (before.player == player).then_some(before.value)
    }

    /// Removes a player's value and returns it; `None` if there is none.
    pub fn remove(&mut self, player: PlayerId) -> Option<T> {
        let seat = self.seats.get_mut(player.index())?;
        seat.take_if(|owned| owned.player == player).map(|owned| owned.value)
    }

    /// A player's value; `None` if there is none.
    #[must_use]
    pub fn get(&self, player: PlayerId) -> Option<&T> {
        let owned = self.seats.get(player.index())?.as_ref()?;
        (owned.player == player).then_some(&owned.value)
    }

    /// Mutable access to a player's value; `None` if there is none.
    pub fn get_mut(&mut self, player: PlayerId) -> Option<&mut T> {
        let owned = self.seats.get_mut(player.index())?.as_mut()?;
        (owned.player == player).then_some(&mut owned.value)
    }

    /// Returns true if a player has a value.
    #[must_use]
    pub fn contains(&self, player: PlayerId) -> bool {
        self.get(player).is_some()
    }

    /// All players who have a value, and these, by ascending seat.
    pub fn iter(&self) -> impl Iterator<Item = (PlayerId, &T)> {
        self.seats.iter().flatten().map(|owned| (owned.player, &owned.value))
    }

    /// All players who have a value, and mutable access to these, by ascending seat.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (PlayerId, &mut T)> {
        self.seats.iter_mut().flatten().map(|owned| (owned.player, &mut owned.value))
    }

    /// The players who have a value, by ascending seat.
    pub fn ids(&self) -> impl Iterator<Item = PlayerId> {
        self.seats.iter().flatten().map(|owned| owned.player)
    }

    /// The values, by ascending seat.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.seats.iter().flatten().map(|owned| &owned.value)
    }

    /// Mutable access to the values, by ascending seat.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.seats.iter_mut().flatten().map(|owned| &mut owned.value)
    }

    /// Keeps the values for which the closure returns true, and removes the others.
    pub fn retain(&mut self, mut keep: impl FnMut(PlayerId, &mut T) -> bool) {
        for seat in &mut self.seats {
            seat.take_if(|owned| !keep(owned.player, &mut owned.value));
        }
    }

    /// Removes all values.
    pub fn clear(&mut self) {
        self.seats.clear();
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seats.iter().flatten().count()
    }

    /// Returns true if no player has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seats.iter().flatten().next().is_none()
    }
}

/// The value of a player.
///
/// # Panics
/// If there is none.
impl<T> Index<PlayerId> for Players<T> {
    type Output = T;

    fn index(&self, player: PlayerId) -> &T {
        self.get(player).unwrap_or_else(|| panic!("player {player} has no value here"))
    }
}

/// Mutable access to the value of a player.
///
/// # Panics
/// If there is none.
impl<T> IndexMut<PlayerId> for Players<T> {
    fn index_mut(&mut self, player: PlayerId) -> &mut T {
        self.get_mut(player).unwrap_or_else(|| panic!("player {player} has no value here"))
    }
}

/// For the derived world, as the same functions of `Table` are.
impl<T> Players<T> {
    /// Appends the quantized rows to an empty frame of the table. The derived `World::capture` calls it.
    #[doc(hidden)]
    pub fn capture(
        &self,
        table: usize,
        frame: &mut TableFrame,
        clamped: &mut ClampedValues,
        quantize: impl Fn(&T, &mut [u32]) -> Clamped,
    ) {
        for (player, row) in self.iter() {
            let entity = EntityId { slot: player.seat().into(), generation: player.generation() };
            clamped.count(table, quantize(row, frame.push(entity)));
        }
    }

    /// Appends the home of each row. The derived `World::locate` calls it.
    #[doc(hidden)]
    pub fn locate(&self, homes: &mut Vec<Home>, home: impl Fn(&T) -> Home) {
        homes.extend(self.values().map(home));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_belongs_to_a_player_and_not_to_a_seat() {
        let mut players = Players::default();
        let (first, later) = (PlayerId::first(3), PlayerId::of_generation(3, 1));
        assert_eq!(players.insert(first, 'a'), None);
        assert_eq!(players.insert(first, 'b'), Some('a'));
        assert_eq!((players.get(first), players.get(later), players.len()), (Some(&'b'), None, 1));
        assert_eq!(players.remove(later), None);
        assert_eq!(players.insert(later, 'c'), None, "the first player has left");
        assert_eq!((players.get(first), players.get(later)), (None, Some(&'c')));
    }

    #[test]
    fn values_are_in_the_order_of_seats() {
        let mut players = Players::default();
        for seat in [5, 0, 9] {
            players.insert(PlayerId::first(seat), seat);
        }
        assert_eq!(players.values().copied().collect::<Vec<_>>(), [0, 5, 9]);
        players.retain(|player, _| player.seat() != 5);
        assert_eq!(players.ids().map(PlayerId::seat).collect::<Vec<_>>(), [0, 9]);
        players.clear();
        assert!(players.is_empty());
    }
}
