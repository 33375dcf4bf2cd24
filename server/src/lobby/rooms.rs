//! The open rooms, how many of their seats are taken, and which of them a wish means.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use drumline_room::{EndReason, GameSpec};
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, RngExt, SeedableRng};

use crate::counts::Counted;
use crate::refusal::Refusal;
use crate::room_entry::{RoomEntry, RoomListing};

use super::listing::{ClosedRoom, RoomFilter};
use super::settings::LobbyConfig;
use super::wish::{RoomChoice, RoomWish};

/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Letters of a room's id.
const ID_LETTERS: usize = 6;
/// Letters of a private room's code: guessing one in a million rooms takes a billion tries.
const CODE_LETTERS: usize = 10;
/// Rooms that have ended which are remembered.
const MAX_CLOSED: usize = 64;

/// The rooms.
#[derive(Debug)]
pub struct Rooms {
    /// By id; ordered, so that lists and choices are stable.
    open: BTreeMap<String, OpenRoom>,
    /// The ids of private rooms by their codes. The hasher is keyed: how long a guess takes tells nothing.
    codes: HashMap<String, String>,
    closed: VecDeque<ClosedRoom>,
    of_shard: Vec<usize>,
    rng: StdRng,
    /// How many may be open, and without any player.
    limit: usize,
    empty_limit: usize,
}

#[derive(Debug)]
struct OpenRoom {
    entry: Arc<RoomEntry>,
    seats_taken: u16,
    /// It counts among the rooms that were opened for an address.
    _owned: Option<Counted>,
}

impl OpenRoom {
    fn has_place(&self) -> bool {
        self.seats_taken < self.entry.max_players
    }

    /// Whether it is what a wish is for, of those that anybody may join.
    fn suits(&self, game: &GameSpec, wish: &RoomWish) -> bool {
        let entry = &self.entry;
        entry.game == game.name
            && entry.code.is_none()
            && entry.state().takes_players()
            && !entry.is_overloaded()
            && entry.mode == wish.mode
            && entry.options == wish.options
    }
}

impl Rooms {
    /// No rooms yet, over so many shards.
    #[must_use]
    pub fn new(config: &LobbyConfig, shards: usize, seed: Option<u64>) -> Self {
        Self {
            open: BTreeMap::new(),
            codes: HashMap::new(),
            closed: VecDeque::new(),
            of_shard: vec![0; shards],
            rng: seed.map_or_else(random, StdRng::seed_from_u64),
            limit: config.max_rooms,
            empty_limit: config.max_empty_rooms,
        }
    }

    /// The id of the room that a wish means; none if one is to be opened.
    ///
    /// # Errors
    /// [`Refusal`] says why there is none.
    pub fn find(&self, game: &GameSpec, wish: &RoomWish) -> Result<Option<String>, Refusal> {
        let found = match &wish.choice {
            RoomChoice::Id(id) => {
                let room = self.open.get(id).filter(|room| room.entry.code.is_none());
                return Self::check(room, game, || Refusal::unknown_room(id)).map(Some);
            }
            RoomChoice::Code(code) => {
                let room = self.codes.get(&*spoken(code)).and_then(|id| self.open.get(id));
                return Self::check(room, game, || Refusal::UnknownCode).map(Some);
            }
            // The fullest room that has a place: company is what people come for.
            RoomChoice::Any | RoomChoice::Existing => self
                .open
                .iter()
                .filter(|(_, room)| room.has_place() && room.suits(game, wish))
                .max_by_key(|(_, room)| room.seats_taken)
                .map(|(id, _)| id.clone()),
            RoomChoice::New => None,
        };
        if found.is_some() {
            return Ok(found);
        }
        if wish.choice == RoomChoice::Existing {
            return Err(Refusal::NoRoomFree);
        }
        match self.check_new() {
            Ok(()) => Ok(None),
            // Who opens rooms and walks away gets the same ones again.
            Err(refusal) => {
                let mut empty = self.open.iter().filter(|(_, room)| room.seats_taken == 0);
                let again = empty.find(|(_, room)| room.suits(game, wish)).ok_or(refusal)?;
                Ok(Some(again.0.clone()))
            }
        }
    }

    /// Whether a room takes a player, for one who has named it.
    fn check(
        room: Option<&OpenRoom>,
        game: &GameSpec,
        unknown: impl FnOnce() -> Refusal,
    ) -> Result<String, Refusal> {
        let room = room.filter(|room| room.entry.game == game.name).ok_or_else(unknown)?;
        let id = room.entry.id.clone();
        if !room.entry.state().takes_players() {
            Err(Refusal::RoomLocked(id))
        } else if room.entry.is_overloaded() {
            Err(Refusal::Overloaded)
        } else if room.has_place() {
            Ok(id)
        } else {
            Err(Refusal::RoomFull(id))
        }
    }

    /// Whether another room can be opened.
    ///
    /// # Errors
    /// [`Refusal::ServerFull`].
    pub fn check_new(&self) -> Result<(), Refusal> {
        let empty = || self.open.values().filter(|room| room.seats_taken == 0).count();
        if self.open.len() < self.limit && empty() < self.empty_limit {
            Ok(())
        } else {
            Err(Refusal::ServerFull)
        }
    }

    /// An id that no open room has.
    pub fn new_id(&mut self) -> String {
        loop {
            let id = letters(&mut self.rng, ID_LETTERS);
            if !self.open.contains_key(&id) {
                return id;
            }
        }
    }

    /// A code that no open room has, and that nobody can guess, whatever the rooms' seed.
    #[must_use]
    pub fn new_code(&self) -> String {
        loop {
            let code = letters(&mut random(), CODE_LETTERS);
            if !self.codes.contains_key(&code) {
                return code;
            }
        }
    }

    /// A seed for a room's game.
    pub fn new_seed(&mut self) -> u64 {
        self.rng.random()
    }

    /// The shards, those with the fewest rooms first.
    #[must_use]
    pub fn shards(&self) -> Vec<usize> {
        let mut shards: Vec<usize> = (0..self.of_shard.len()).collect();
        shards.sort_by_key(|&shard| self.of_shard[shard]);
        shards
    }

    /// Adds a room of which no seat is taken.
    pub fn add(&mut self, entry: Arc<RoomEntry>, owned: Option<Counted>) {
        self.of_shard[entry.shard] += 1;
        if let Some(code) = &entry.code {
            self.codes.insert(code.clone(), entry.id.clone());
        }
        self.open.insert(entry.id.clone(), OpenRoom { entry, seats_taken: 0, _owned: owned });
    }

    /// Takes a seat in a room.
    ///
    /// # Panics
    /// If there is no such room, or none of its seats is free.
    pub fn take_seat(&mut self, id: &str) -> Arc<RoomEntry> {
        let room = self.open.get_mut(id).expect("it was just found or opened");
        assert!(room.has_place(), "a room that was found has a place");
        room.seats_taken += 1;
        Arc::clone(&room.entry)
    }

    /// Frees a seat in a room, if that is still there.
    pub fn free_seat(&mut self, entry: &Arc<RoomEntry>) {
        if let Some(room) = self.get_mut(entry) {
            room.seats_taken -= 1;
        }
    }

    /// Whether no seat of a room is taken.
    #[must_use]
    pub fn is_empty(&self, entry: &RoomEntry) -> bool {
        self.open.get(&entry.id).is_none_or(|room| room.seats_taken == 0)
    }

    /// Forgets a room that has ended. One that is forgotten already stays so.
    pub fn remove(&mut self, entry: &Arc<RoomEntry>, reason: EndReason) {
        if self.get_mut(entry).is_none() {
            return;
        }
        self.open.remove(&entry.id);
        self.of_shard[entry.shard] -= 1;
        if let Some(code) = &entry.code {
            self.codes.remove(code);
        }
        if self.closed.len() == MAX_CLOSED {
            self.closed.pop_front();
        }
        self.closed.push_back(ClosedRoom {
            id: entry.id.clone(),
            game: entry.game,
            mode: entry.mode.clone(),
            private: entry.code.is_some(),
            tick: entry.tick.load(Relaxed),
            reason: reason.name(),
        });
    }

    fn get_mut(&mut self, entry: &Arc<RoomEntry>) -> Option<&mut OpenRoom> {
        self.open.get_mut(&entry.id).filter(|room| Arc::ptr_eq(&room.entry, entry))
    }

    /// The room of an id, private or not.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<RoomEntry>> {
        self.open.get(id).map(|room| &room.entry)
    }

    /// All rooms, by id, and how many seats of each are taken.
    pub fn entries(&self) -> impl Iterator<Item = (&Arc<RoomEntry>, u16)> {
        self.open.values().map(|room| (&room.entry, room.seats_taken))
    }

    /// What is told of all rooms, by id.
    pub fn all(&self) -> impl Iterator<Item = RoomListing> {
        self.open.values().map(|room| room.entry.listing(room.seats_taken))
    }

    /// A page of the rooms that are asked for and not private; and the id after which the next page begins, if there is one.
    #[must_use]
    pub fn page(&self, filter: &RoomFilter) -> (Vec<RoomListing>, Option<String>) {
        let start = filter.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let of_all = self.open.range::<str, _>((start, Bound::Unbounded)).map(|(_, room)| room);
        let mut wanted = of_all
            .filter(|room| room.entry.code.is_none() && filter.wants(&room.entry, room.seats_taken))
            .map(|room| room.entry.listing(room.seats_taken));
        let page: Vec<_> = wanted.by_ref().take(filter.page()).collect();
        let next = wanted.next().and(page.last()).map(|last| last.id.clone());
        (page, next)
    }

    /// Rooms that have ended lately.
    pub fn closed(&self) -> impl Iterator<Item = &ClosedRoom> {
        self.closed.iter()
    }
}

/// A generator that the operating system seeds.
fn random() -> StdRng {
    StdRng::try_from_rng(&mut SysRng).expect("the operating system gives random numbers")
}

fn letters(rng: &mut impl Rng, count: usize) -> String {
    (0..count).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

/// A code as it is meant, however it was written down.
fn spoken(code: &str) -> String {
    let meant = code.chars().filter(|c| !matches!(c, '-' | ' '));
    meant.take(CODE_LETTERS + 1).map(|c| c.to_ascii_lowercase()).collect()
}
