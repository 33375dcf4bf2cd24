//! Tables of entities, and state that exists once.

use slotmap::SlotMap;

use crate::frame::{EntityId, TableFrame};
use crate::limits::MAX_ENTITIES;
use crate::world::{Clamped, ClampedValues, Entity, Home};

/// The table is full: it has [`MAX_ENTITIES`] entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a table has at most {MAX_ENTITIES} entities: remove some before this insert")]
pub struct TableFull;

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

impl<T> Table<T> {
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
    /// [`TableFull`] if the table has [`MAX_ENTITIES`] entities.
    pub fn try_insert(&mut self, row: T) -> Result<Entity, TableFull> {
        if self.rows.len() >= MAX_ENTITIES {
            return Err(TableFull);
        }
        Ok(self.rows.insert(row))
    }

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

    #[test]
    fn a_table_says_at_the_insert_that_it_is_full() {
        let mut table = Table::default();
        let entities: Vec<Entity> = (0..MAX_ENTITIES).map(|_| table.insert(())).collect();
        assert_eq!(table.try_insert(()), Err(TableFull));
        table.remove(entities[0]);
        assert_eq!(table.try_insert(()).map(|entity| entity.id().slot), Ok(0));
    }
}
