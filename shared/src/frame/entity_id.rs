//! The identity of an entity.

/// An entity's identity: its slot in its table, and its number among the entities that have had the slot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId {
    /// The slot, below [`MAX_ENTITIES`](crate::limits::MAX_ENTITIES); it is reused after a despawn.
    pub slot: u32,
    /// The number of entities that had the slot before. It tells a new entity from those.
    pub generation: u32,
}
