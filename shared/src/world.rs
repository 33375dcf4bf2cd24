//! The types that a game author declares: replicated structs, kept in tables, in a world; and where the entities are.

use glam::Vec2;
use slotmap::{Key, KeyData, SlotMap};

use crate::frame::{EntityId, Frame, TableFrame};
use crate::schema::{Field, TableSchema};

/// A struct with replicated fields: an entity's state, or an input. Derive it; see [`derive@crate::Replicate`].
pub trait Replicate: Sized + 'static {
    /// The fields, in order.
    const FIELDS: &'static [Field];

    /// Writes the fields' columns.
    ///
    /// # Panics
    /// If the length of `row` is not [`width`](crate::schema::width)`(Self::FIELDS)`.
    fn quantize(&self, row: &mut [u32]);

    /// Creates the struct from its columns. Skipped fields have their defaults.
    ///
    /// # Panics
    /// If the length of `row` is not [`width`](crate::schema::width)`(Self::FIELDS)`.
    fn dequantize(row: &[u32]) -> Self;
}

/// A fieldless enum that may be a field's type. Derive it with [`derive@crate::Replicate`].
pub trait Enumeration: Copy + 'static {
    /// The variants' names, in order.
    const VARIANTS: &'static [std::borrow::Cow<'static, str>];

    /// The variant's position.
    fn to_index(self) -> u32;

    /// The variant at a position; the first one if there is none, which does not happen with a checked row.
    fn from_index(index: u32) -> Self;
}

/// A struct of [`Table`]s and [`Single`]s: a game's whole replicated state. Derive it; see [`derive@crate::World`].
pub trait World: 'static {
    /// The tables, in order.
    const TABLES: &'static [TableSchema];

    /// Fills a frame of whole tables with the quantized state of every table.
    #[doc(hidden)]
    fn capture(&self, frame: &mut Frame);

    /// Appends the place, owner and team of each entity of a table, by ascending slot. Appends nothing if the whole table is
    /// public.
    #[doc(hidden)]
    fn locate(&self, table: usize, homes: &mut Vec<Home>);
}

/// The place of an entity, for the option `place = function` of [`derive@crate::World`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Place {
    /// In every view: all players see it.
    #[default]
    Everywhere,
    /// At a point, in a cell of the game's grid.
    At(Vec2),
    /// In a zone that the game numbers: a floor, a building, a dungeon. The number is below 2³¹ - 1.
    Numbered(u32),
}

/// The place, owner and team of an entity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Home {
    /// Where it is.
    pub place: Place,
    /// The seat of the owner, who sees fields and entities with `audience = owner`.
    pub owner: Option<u16>,
    /// The team, which sees fields and entities with `audience = team`.
    pub team: Option<u16>,
}

slotmap::new_key_type! {
    /// The key of an entity in its [`Table`].
    pub struct Entity;
}

impl Entity {
    /// The entity's id on the wire and in clients.
    #[must_use]
    pub fn id(self) -> EntityId {
        // slotmap numbers slots from one, and its versions of live entities are the odd numbers.
        let bits = self.data().as_ffi();
        EntityId { slot: (bits as u32).wrapping_sub(1), generation: (bits >> 33) as u32 }
    }

    /// Converts a network id back to a key.
    #[must_use]
    pub fn from_id(id: EntityId) -> Self {
        let version = (u64::from(id.generation) << 33) | (1 << 32);
        KeyData::from_ffi(version | u64::from(id.slot.wrapping_add(1))).into()
    }
}

/// The entities of one kind, each a struct, by their [`Entity`] keys.
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
    pub fn insert(&mut self, row: T) -> Entity {
        self.rows.insert(row)
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

impl<T: Replicate> Table<T> {
    /// Appends the quantized rows to an empty frame of the table. The derived [`World::capture`] calls it.
    ///
    /// # Panics
    /// If the table has more than [`MAX_ENTITIES`](crate::limits::MAX_ENTITIES) slots.
    #[doc(hidden)]
    pub fn capture(&self, frame: &mut TableFrame) {
        // A slot map iterates by ascending slot, as a frame wants its rows.
        for (entity, row) in &self.rows {
            row.quantize(frame.push(entity.id()));
        }
    }

    /// Appends the home of each row. The derived [`World::locate`] calls it.
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

impl<T: Replicate> Single<T> {
    /// Appends the quantized row to an empty frame of the table. The derived [`World::capture`] calls it.
    #[doc(hidden)]
    pub fn capture(&self, frame: &mut TableFrame) {
        self.0.quantize(frame.push(EntityId::default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_identities_convert_into_each_other() {
        let mut table = Table::default();
        let first = table.insert('a');
        assert_eq!(first.id(), EntityId { slot: 0, generation: 0 });
        table.remove(first);
        let second = table.insert('b');
        assert_eq!(second.id(), EntityId { slot: 0, generation: 1 });
        assert_eq!(Entity::from_id(second.id()), second);
        assert_eq!(table.get(Entity::from_id(first.id())), None);
    }
}
