//! The identity of a player in a room.

use std::cmp::Ordering;
use std::fmt;

use drumline_shared::limits::{MAX_PLAYER_GENERATION, MAX_PLAYERS, PLAYER_SEAT_BITS};
use drumline_shared::schema::FieldKind;
use drumline_shared::schema::message::{Message, Shapes};
use drumline_shared::world::{FieldType, Member};
use serde::{Deserialize, Serialize};

/// The last seat or spectators' place that a number can name.
const LAST_SEAT: u32 = (1 << PLAYER_SEAT_BITS) - 1;

/// A player of a room: a seat, from 0, and the generation of its player, which is how many players had the seat before. A seat is
/// used again after its player has left, a `PlayerId` is not.
///
/// A `PlayerId` can be part of a message, and the type of a replicated field. Pages see it as its [`number`](Self::number). Its
/// default is the first player of the first seat, so that structs with one can derive `Default`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlayerId(u32);

impl PlayerId {
    /// The first player of a seat.
    ///
    /// # Panics
    /// If no room has such a seat or spectators' place.
    #[must_use]
    pub const fn first(seat: u16) -> Self {
        assert!(seat as u32 <= LAST_SEAT, "no room has so many seats and places");
        Self(seat as u32)
    }

    /// The player of a seat after so many others.
    ///
    /// # Panics
    /// If no room has such a seat or spectators' place.
    #[must_use]
    pub fn of_generation(seat: u16, generation: u32) -> Self {
        Self(Self::first(seat).0 | generation << PLAYER_SEAT_BITS)
    }

    /// The player with a number.
    #[must_use]
    pub fn of_number(number: u32) -> Self {
        Self(number)
    }

    /// The number that clients and operators know the player by. No two players of a room have the same: 2048 times the
    /// generation, plus the seat.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The seat, from 0.
    #[must_use]
    pub fn seat(self) -> u16 {
        (self.0 & LAST_SEAT) as u16
    }

    /// The number of players who had the seat before.
    #[must_use]
    pub fn generation(self) -> u32 {
        self.0 >> PLAYER_SEAT_BITS
    }

    /// The seat as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.seat().into()
    }

    /// The next player of the seat.
    #[must_use]
    pub(crate) fn next(self) -> Self {
        Self::of_generation(self.seat(), self.generation().wrapping_add(1) & MAX_PLAYER_GENERATION)
    }
}

impl Message for PlayerId {
    fn shape(shapes: &mut Shapes) -> u16 {
        shapes.of::<u32>()
    }
}

impl FieldType for PlayerId {
    const KIND: FieldKind = FieldKind::Player;

    /// A seat that no room has becomes the last one.
    fn write_columns(&self, columns: &mut [u32]) -> bool {
        let last = MAX_PLAYERS - 1;
        columns[0] = u32::from(self.seat().min(last));
        columns[1] = self.generation();
        self.seat() > last
    }

    fn of_columns(columns: &[u32]) -> Self {
        Self::of_generation(columns[0] as u16, columns[1])
    }
}

impl Member for PlayerId {
    fn member(&self) -> Option<u32> {
        Some(self.number())
    }
}

/// By seat, and then by generation.
impl Ord for PlayerId {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.seat(), self.generation()).cmp(&(other.seat(), other.generation()))
    }
}

impl PartialOrd for PlayerId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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
        let columns = |keeper: PlayerId, bearer: Option<PlayerId>| {
            let mut row = [9; 5];
            let clamped = Flag { keeper, bearer }.quantize(&mut row);
            (row, clamped.any())
        };
        let [first, last, third] = [PlayerId::first(7), PlayerId::first(1023), PlayerId::of_generation(8, 2)];
        assert_eq!(columns(first, Some(last)), ([7, 0, 1, 1023, 0], false));
        assert_eq!(columns(third, None), ([8, 2, 0, 0, 0], false));
        assert_eq!(columns(PlayerId::first(1024), None), ([1023, 0, 0, 0, 0], true));
        let flag = Flag::dequantize(&[7, 0, 1, 8, 2]);
        assert_eq!((flag.keeper, flag.bearer), (first, Some(third)));
        let mut field = Field::default();
        field.flags.insert(flag);
        field.flags.insert(Flag { keeper: PlayerId::first(3), bearer: None });
        let mut homes = Vec::new();
        field.locate(0, &mut homes);
        let homes: Vec<_> = homes.iter().map(|home| (home.owner, home.team)).collect();
        assert_eq!(homes, [(Some(2 * 2048 + 8), Some(7)), (None, Some(3))]);
    }

    #[test]
    fn no_two_players_of_a_seat_are_equal() {
        let first = PlayerId::first(5);
        let second = first.next();
        assert!(first != second && second.seat() == 5 && second.generation() == 1);
        assert_eq!(PlayerId::of_number(second.number()), second);
        assert_eq!(
            PlayerId::of_generation(5, MAX_PLAYER_GENERATION).next(),
            first,
            "after two million players"
        );
    }
}
