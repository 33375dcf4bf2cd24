//! The identity of an entity.

/// An entity's identity: its slot in its table, and which of the slot's successive entities it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId {
    /// The slot, below [`MAX_ENTITIES`](crate::limits::MAX_ENTITIES); it is reused after a despawn.
    pub slot: u32,
    /// Counts the entities that have had the slot, so that two of them are never taken for the same.
    pub generation: u32,
}
