//! The identity of a player in a room.

use std::fmt;

use drumline_shared::limits::MAX_PLAYERS;
use drumline_shared::schema::FieldKind;
use drumline_shared::schema::message::{Message, Shapes};
use drumline_shared::world::{FieldType, Member};
use serde::{Deserialize, Serialize};

/// A player's seat in a room, from 0. A seat is used again after its player has left.
///
/// A `PlayerId` can be part of a message, and the type of a replicated field. Its default is the first seat, so that structs with
/// one can derive `Default`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlayerId(pub u16);

impl PlayerId {
    /// The seat as an index.
    #[must_use]
    pub(crate) fn seat(self) -> usize {
        usize::from(self.0)
    }
}

impl Message for PlayerId {
    fn shape(shapes: &mut Shapes) -> u16 {
        shapes.of::<u16>()
    }
}

impl FieldType for PlayerId {
    const KIND: FieldKind = FieldKind::Player;

    /// A seat that no room has becomes the last one.
    fn write_columns(&self, columns: &mut [u32]) -> bool {
        let last = MAX_PLAYERS - 1;
        columns[0] = u32::from(self.0.min(last));
        self.0 > last
    }

    fn of_columns(columns: &[u32]) -> Self {
        Self(columns[0] as u16)
    }
}

impl Member for PlayerId {
    fn member(&self) -> Option<u16> {
        Some(self.0)
    }
}

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use drumline_shared::{Replicate, Table, World};

    use super::*;

    #[derive(Replicate)]
    struct Flag {
        keeper: PlayerId,
        bearer: Option<PlayerId>,
    }

    #[derive(Default, World)]
    struct Field {
        #[sync(owner = bearer, team = keeper)]
        flags: Table<Flag>,
    }

    #[test]
    fn a_player_is_a_field_and_an_owner() {
        let columns = |keeper, bearer: Option<u16>| {
            let mut row = [9; 3];
            let clamped = Flag { keeper: PlayerId(keeper), bearer: bearer.map(PlayerId) }.quantize(&mut row);
            (row, clamped.any())
        };
        assert_eq!(columns(7, Some(1023)), ([7, 1, 1023], false));
        assert_eq!(columns(1024, None), ([1023, 0, 0], true));
        let flag = Flag::dequantize(&[7, 1, 8]);
        assert_eq!((flag.keeper, flag.bearer), (PlayerId(7), Some(PlayerId(8))));
        let mut field = Field::default();
        field.flags.insert(flag);
        field.flags.insert(Flag { keeper: PlayerId(3), bearer: None });
        let mut homes = Vec::new();
        field.locate(0, &mut homes);
        let homes: Vec<_> = homes.iter().map(|home| (home.owner, home.team)).collect();
        assert_eq!(homes, [(Some(8), Some(7)), (None, Some(3))]);
    }
}
