//! The key of an entity.

use slotmap::{Key, KeyData};

use crate::frame::EntityId;
use crate::limits::MAX_ENTITIES;
use crate::schema::FieldKind;
use crate::world::replicate::FieldType;

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

impl FieldType for Entity {
    /// An entity of no table in particular; the derive puts the table's name in its place.
    const KIND: FieldKind = FieldKind::Entity(std::borrow::Cow::Borrowed(""));

    /// The null key, and every key that no table gives out, becomes none.
    fn write_columns(&self, columns: &mut [u32]) -> bool {
        let id = self.id();
        let is_none = self.is_null() || id.slot as usize >= MAX_ENTITIES;
        columns.copy_from_slice(&if is_none { [0, 0] } else { [id.slot + 1, id.generation] });
        false
    }

    fn of_columns(columns: &[u32]) -> Self {
        match columns[0].checked_sub(1) {
            Some(slot) => Self::from_id(EntityId { slot, generation: columns[1] }),
            None => Self::null(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Table;

    #[derive(Debug, Clone, PartialEq, crate::Replicate)]
    struct Row {
        letter: u8,
    }

    #[test]
    fn keys_and_identities_convert_into_each_other() {
        let mut table = Table::default();
        let first = table.insert(Row { letter: b'a' });
        assert_eq!(first.id(), EntityId { slot: 0, generation: 0 });
        table.remove(first);
        let second = table.insert(Row { letter: b'b' });
        assert_eq!(second.id(), EntityId { slot: 0, generation: 1 });
        assert_eq!(Entity::from_id(second.id()), second);
        assert_eq!(table.get(Entity::from_id(first.id())), None);
    }

    #[test]
    fn a_reference_survives_its_columns() {
        let mut table = Table::default();
        let gone = table.insert(Row { letter: b'a' });
        table.remove(gone);
        let entity = table.insert(Row { letter: b'b' });
        for reference in [gone, entity, Entity::null(), Entity::default()] {
            let mut columns = [9; 2];
            assert!(!reference.write_columns(&mut columns));
            assert_eq!(Entity::of_columns(&columns), reference);
            assert!(!reference.is_null() || columns == [0, 0]);
        }
    }
}
