//! Tables of entities, and state that exists once.

use slotmap::SlotMap;

use crate::frame::{EntityId, TableFrame};
use crate::limits::{MAX_ENTITIES, MAX_FRAME_COLUMNS};
use crate::schema::width;
use crate::world::{Clamped, ClampedValues, Entity, Home, Replicate};

/// The table has as many entities as it can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the table has {entities} entities, which is the most that its clients can hold: remove some before this insert"
)]
pub struct TableFull {
    /// The number of entities: [`MAX_ENTITIES`], or fewer if their rows are wide.
    pub entities: usize,
}

/// All entities of one kind. Each is a struct of type `T`, found by its [`Entity`] key.
#[derive(Debug, Clone)]
pub struct Table<T> {
    rows: SlotMap<Entity, T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: SlotMap::with_key() }
    }
}

impl<T: Replicate> Table<T> {
    /// The most entities that a table of these rows has.
    const MOST: usize = {
        let width = width(T::FIELDS);
        let fitting = MAX_FRAME_COLUMNS / if width == 0 { 1 } else { width };
        if fitting < MAX_ENTITIES { fitting } else { MAX_ENTITIES }
    };

    /// Adds an entity and returns its key.
    ///
    /// # Panics
    /// If the table is full; see [`try_insert`](Self::try_insert). A room whose game panics is closed.
    pub fn insert(&mut self, row: T) -> Entity {
        self.try_insert(row).unwrap_or_else(|full| panic!("{full}"))
    }

    /// Adds an entity and returns its key.
    ///
    /// # Errors
    /// [`TableFull`] if the table has [`MAX_ENTITIES`] entities, or so many that a client could not hold their columns
    /// ([`MAX_FRAME_COLUMNS`]).
    pub fn try_insert(&mut self, row: T) -> Result<Entity, TableFull> {
        if self.rows.len() >= Self::MOST {
            return Err(TableFull { entities: Self::MOST });
        }
        Ok(self.rows.insert(row))
    }
}

impl<T> Table<T> {
    /// Removes an entity and returns its struct; `None` if it was already removed.
    pub fn remove(&mut self, entity: Entity) -> Option<T> {
        self.rows.remove(entity)
    }

    /// The entity's struct; `None` if it was removed.
    #[must_use]
    pub fn get(&self, entity: Entity) -> Option<&T> {
        self.rows.get(entity)
    }

    /// Mutable access to the entity's struct; `None` if it was removed.
    pub fn get_mut(&mut self, entity: Entity) -> Option<&mut T> {
        self.rows.get_mut(entity)
    }

    /// All entities, by ascending slot.
    pub fn iter(&self) -> impl Iterator<Item = (Entity, &T)> {
        self.rows.iter()
    }

    /// Mutable access to all entities, by ascending slot.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Entity, &mut T)> {
        self.rows.iter_mut()
    }

    /// The structs of all entities, by ascending slot.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    /// Mutable access to the structs of all entities, by ascending slot.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.values_mut()
    }

    /// Keeps the entities for which the closure returns true, and removes the others.
    pub fn retain(&mut self, keep: impl FnMut(Entity, &mut T) -> bool) {
        self.rows.retain(keep);
    }

    /// Removes all entities.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// The number of entities.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns true if there are no entities.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// For the derived world. The bound of a row's type is on the function that quantizes it: a type that lacks it is one
/// error.
impl<T> Table<T> {
    /// Appends the quantized rows to an empty frame of the table. The derived [`World::capture`] calls it.
    ///
    /// [`World::capture`]: crate::World::capture
    #[doc(hidden)]
    pub fn capture(
        &self,
        table: usize,
        frame: &mut TableFrame,
        clamped: &mut ClampedValues,
        quantize: impl Fn(&T, &mut [u32]) -> Clamped,
    ) {
        // A slot map iterates by ascending slot, as a frame wants its rows.
        for (entity, row) in &self.rows {
            clamped.count(table, quantize(row, frame.push(entity.id())));
        }
    }

    /// Appends the home of each row. The derived [`World::locate`] calls it.
    ///
    /// [`World::locate`]: crate::World::locate
    #[doc(hidden)]
    pub fn locate(&self, homes: &mut Vec<Home>, home: impl Fn(&T) -> Home) {
        homes.extend(self.rows.values().map(home));
    }
}

/// State that exists exactly once: a round, a score, the weather.
///
/// It dereferences to its value: `world.score.left += 1`. Every player sees it. In JavaScript it is one object, for example
/// `room.tables.score.left`, instead of a table of entities.
#[derive(Debug, Clone, Default)]
pub struct Single<T>(pub T);

impl<T> std::ops::Deref for Single<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Single<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Single<T> {
    /// Appends the quantized row to an empty frame of the table. The derived [`World::capture`] calls it.
    ///
    /// [`World::capture`]: crate::World::capture
    #[doc(hidden)]
    pub fn capture(
        &self,
        table: usize,
        frame: &mut TableFrame,
        clamped: &mut ClampedValues,
        quantize: impl Fn(&T, &mut [u32]) -> Clamped,
    ) {
        clamped.count(table, quantize(&self.0, frame.push(EntityId::default())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, crate::Replicate)]
    struct Narrow {
        flag: bool,
    }

    #[derive(Debug, Clone, Default, PartialEq, crate::Replicate)]
    struct Wide {
        words: [[u32; 32]; 32],
    }

    /// Fills a table, and returns the number of entities that it took.
    fn fill<T: Replicate + Default>() -> usize {
        let mut table = Table::<T>::default();
        let first = table.insert(T::default());
        let full = (1..=MAX_ENTITIES).find_map(|_| table.try_insert(T::default()).err());
        assert_eq!(full, Some(TableFull { entities: table.len() }));
        table.remove(first);
        assert_eq!(table.try_insert(T::default()).map(|entity| entity.id().slot), Ok(0));
        table.len()
    }

    #[test]
    fn a_table_says_at_the_insert_that_it_is_full() {
        assert_eq!((fill::<Narrow>(), fill::<Wide>()), (MAX_ENTITIES, MAX_FRAME_COLUMNS / 1024));
    }
}
