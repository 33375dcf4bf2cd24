//! The costs of open rooms, by opener.
//!
//! A room is charged to its opener in equal shares for its players: nine tenths of a room of ten are no longer the opener's
//! doing. Rooms of exempt addresses are charged to nobody.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::rooms::entry::weight::Weight;
use crate::rooms::request::Opener;

use super::OpenRoom;

/// Rooms that an opener may have whatever they cost. With so few no opener is taken for the cause of an overload.
pub(super) const SPARED_ROOMS: usize = 4;
/// The same, in shares: see [`Charge::share_permille`].
pub(super) const SPARED_PERMILLE: u64 = SPARED_ROOMS as u64 * 1000;

/// The rooms of an opener.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Charge {
    /// Open rooms.
    pub(super) rooms: usize,
    /// The opener's share of them, in thousandths of a room: a room in which others play is less and less the opener's.
    pub(super) share_permille: u64,
    /// The same share of their weight.
    pub(super) weight: Weight,
}

/// The weight of all rooms, and the charge of one opener.
pub(super) fn total_and_charge<'a>(
    rooms: impl Iterator<Item = &'a OpenRoom>,
    opener: &Opener,
) -> (Weight, Charge) {
    let (mut total, mut charge) = (Weight::default(), Charge::default());
    for room in rooms {
        let weight = room.entry().weight();
        total = total.plus(weight);
        if room.opener.as_ref() == Some(opener) {
            charge.add(room);
        }
    }
    (total, charge)
}

/// The empty room that ends first: the oldest one of the opener with the most of them. One opener's flood of empty rooms ends no
/// other's. Rooms that were opened for nobody end last.
pub(super) fn first_to_end<'a>(empty: impl Iterator<Item = &'a OpenRoom>) -> Option<&'a OpenRoom> {
    let mut by_opener: HashMap<Option<&Opener>, (usize, &OpenRoom)> = HashMap::new();
    for room in empty {
        let (count, oldest) = by_opener.entry(room.opener.as_ref()).or_insert((0, room));
        *count += 1;
        if room.number < oldest.number {
            *oldest = room;
        }
    }
    let order = |opener: Option<&Opener>, count: usize, oldest: &OpenRoom| {
        (opener.is_some(), count, Reverse(oldest.number))
    };
    let first = by_opener.iter().max_by_key(|(opener, (count, oldest))| order(**opener, *count, oldest));
    first.map(|(_, (_, oldest))| *oldest)
}

/// The rooms to end so that others keep their ticks: those of the opener with the largest charge, the emptiest ones first. No
/// room that is more than half full is among them; nothing if no opener has more than [`SPARED_ROOMS`].
pub(super) fn cause<'a>(
    rooms: impl Iterator<Item = &'a OpenRoom>,
    cost: impl Fn(Weight) -> u64,
) -> Vec<&'a OpenRoom> {
    let mut by_opener: HashMap<&Opener, (Charge, Vec<&OpenRoom>)> = HashMap::new();
    for room in rooms {
        let Some(opener) = &room.opener else { continue };
        let (charge, rooms) = by_opener.entry(opener).or_default();
        charge.add(room);
        rooms.push(room);
    }
    let many = by_opener.into_values().filter(|(charge, _)| charge.rooms > SPARED_ROOMS);
    let order = |charge: &Charge, rooms: &[&OpenRoom]| (cost(charge.weight), Reverse(rooms[0].number));
    let largest = many.max_by_key(|(charge, rooms)| order(charge, rooms));
    let Some((charge, mut rooms)) = largest else { return Vec::new() };
    rooms.retain(|room| 2 * u32::from(room.entry().seats_taken()) <= u32::from(room.entry().max_players));
    rooms.sort_by_key(|room| (room.entry().seats_taken(), Reverse(cost(room.entry().weight()))));
    rooms.truncate(charge.rooms - SPARED_ROOMS);
    rooms
}

/// Bytes of memory that the rooms take, once those that are not measured yet have taken as much as the largest of their game.
pub(super) fn expected_memory_bytes<'a>(rooms: impl Iterator<Item = &'a OpenRoom>) -> u64 {
    #[derive(Default)]
    struct OfGame {
        sum: u64,
        largest: u64,
        unmeasured: u64,
    }
    let mut games: HashMap<&str, OfGame> = HashMap::new();
    for room in rooms {
        let game = games.entry(room.entry().game).or_default();
        match room.entry().weight().memory_bytes {
            0 => game.unmeasured += 1,
            bytes => {
                game.sum += bytes;
                game.largest = game.largest.max(bytes);
            }
        }
    }
    games.values().map(|game| game.sum + game.unmeasured * game.largest).sum()
}

impl Charge {
    fn add(&mut self, room: &OpenRoom) {
        self.rooms += 1;
        self.share_permille += 1000 / u64::from(room.entry().seats_taken().max(1));
        self.weight = self.weight.plus(room.entry().weight().share(room.entry().seats_taken()));
    }
}
