//! The registry of open rooms: it finds the room that a request asks for, and hands out ids, codes and seeds.
//!
//! A seat is taken under the registry's lock, together with finding its room: two thousand joins at once fill 125 rooms of 16,
//! one after another. Only the front (joins, lists) and the program's end lock the registry. The front runs at a low priority and
//! clones lists under the lock, so a room's thread must never wait for it: a room that ends only says so in its entry and in
//! [`RoomRegistry::note_end`]'s flag, and the next to lock the registry removes it. A flag needs no queue that could be full.

mod budgets;
mod charges;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use drumline_room::{EndReason, GameSpec};
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, RngExt, SeedableRng};

use super::entry::RoomEntry;
use super::handle::RoomHandle;
use super::limits::RoomLimits;
use super::listing::{ClosedRoom, PublicRoom, RoomFilter, RoomPage};
use super::refusal::Refusal;
use super::request::{Opener, RoomChoice, RoomRequest};
use super::seats::reservation::SeatReservation;
use super::seats::seat::Seat;
use super::settings::{LobbyConfig, RoomsConfig, SameAccount};

/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Letters of a room's id.
const ID_LETTERS: usize = 6;
/// Letters of a private room's code: to guess one of a million rooms takes a billion tries.
const CODE_LETTERS: usize = 10;
/// Ended rooms that are remembered.
const MAX_CLOSED: usize = 64;
/// The registry, shared by the lobby and the rooms' threads.
#[derive(Debug)]
pub struct RoomRegistry {
    rooms: Mutex<Rooms>,
    /// True if a room has ended that may still be listed.
    has_ended: AtomicBool,
}

/// The rooms, while the registry is locked.
#[derive(Debug)]
pub struct Rooms {
    /// By id; ordered, so that lists and choices are stable.
    open: BTreeMap<String, OpenRoom>,
    /// The ids of private rooms by their codes. The hasher is keyed: the time that a guess takes reveals nothing.
    codes: HashMap<String, String>,
    closed: VecDeque<ClosedRoom>,
    shards: usize,
    /// Rooms opened so far, so that each has a number.
    opened: u64,
    rng: StdRng,
    most_open: usize,
    most_empty: usize,
    limits: RoomLimits,
    same_account: SameAccount,
    /// The memory of the process, about a second ago.
    resident_bytes: u64,
    memory_relieved_at: Option<Instant>,
}

/// The outcome of [`Rooms::find`].
#[derive(Debug)]
pub enum Found {
    /// The seat that the player's account has already.
    Own(SeatReservation),
    /// The id of a room with a free seat.
    Room(String),
    /// No room: a new one is to be opened.
    NewRoom,
}

#[derive(Debug)]
struct OpenRoom {
    room: Arc<RoomHandle>,
    /// The seats of players with accounts. They may have become free.
    accounts: HashMap<String, Weak<Seat>>,
    /// The account or address that it was opened for; `None` if no limit applies to it.
    opener: Option<Opener>,
    /// Rooms are numbered in the order in which they were opened.
    number: u64,
}

impl RoomRegistry {
    /// No rooms yet, over some shards. Without a seed the rooms' seeds are random.
    #[must_use]
    pub fn new(config: &LobbyConfig, rooms: &RoomsConfig, limits: RoomLimits, shards: usize) -> Self {
        let rooms = Mutex::new(Rooms {
            open: BTreeMap::new(),
            codes: HashMap::new(),
            closed: VecDeque::new(),
            shards,
            opened: 0,
            rng: rooms.seed.map_or_else(random, StdRng::seed_from_u64),
            most_open: config.max_rooms,
            most_empty: config.max_empty_rooms,
            limits,
            same_account: rooms.same_account,
            resident_bytes: 0,
            memory_relieved_at: None,
        });
        Self { rooms, has_ended: AtomicBool::new(false) }
    }

    /// Locks the registry, without the rooms that have ended. A room's thread must not call this.
    pub fn lock(&self) -> MutexGuard<'_, Rooms> {
        // No code panics while the rooms are inconsistent, so a poisoned lock is still good.
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if self.has_ended.swap(false, AcqRel) {
            rooms.remove_ended();
        }
        rooms
    }

    /// Notes that a room's [end](RoomEntry::ended) has been set.
    pub fn note_end(&self) {
        self.has_ended.store(true, Release);
    }
}

impl OpenRoom {
    fn entry(&self) -> &RoomEntry {
        &self.room.entry
    }

    /// Returns true if it is a public room of the game, mode and options that are asked for.
    fn is_of(&self, game: &GameSpec, request: &RoomRequest) -> bool {
        let entry = self.entry();
        entry.game == game.name
            && entry.code.is_none()
            && entry.mode == request.mode
            && entry.options == request.options
    }

    /// The same, and it admits players.
    fn matches(&self, game: &GameSpec, request: &RoomRequest) -> bool {
        let entry = self.entry();
        entry.state().admits_players() && !entry.is_overloaded() && self.is_of(game, request)
    }

    /// The seat of an account.
    fn seat_of(&self, account: &str) -> Option<SeatReservation> {
        let seat = self.accounts.get(account)?.upgrade()?;
        Some(SeatReservation::of_account(Arc::clone(&self.room), seat))
    }

    /// Remembers that an account has a seat.
    fn note_account(&mut self, account: &str, seat: &Arc<Seat>) {
        if self.accounts.len() >= 2 * usize::from(self.entry().max_players) {
            self.accounts.retain(|_, seat| seat.strong_count() > 0);
        }
        self.accounts.insert(account.to_owned(), Arc::downgrade(seat));
    }
}

impl Rooms {
    /// The seat or the room that a request means.
    ///
    /// # Errors
    /// [`Refusal`] if there is no such room and none may be opened.
    pub fn find(&self, game: &GameSpec, request: &RoomRequest) -> Result<Found, Refusal> {
        if let Some(own) = self.own_seat(game, request) {
            return own.check(self.same_account).map(|()| Found::Own(own));
        }
        let found = match &request.choice {
            RoomChoice::Id(id) => {
                return Self::check(self.public(id), game, || Refusal::unknown_room(id)).map(Found::Room);
            }
            RoomChoice::Code(code) => {
                return Self::check(self.private(code), game, || Refusal::UnknownCode).map(Found::Room);
            }
            // The fullest room with a free seat: players look for company.
            RoomChoice::Any | RoomChoice::Existing => self
                .open
                .iter()
                .filter(|(_, room)| room.entry().has_free_seat() && room.matches(game, request))
                .max_by_key(|(_, room)| room.entry().seats_taken())
                .map(|(id, _)| id.clone()),
            RoomChoice::New => None,
        };
        if let Some(id) = found {
            return Ok(Found::Room(id));
        }
        if request.choice == RoomChoice::Existing {
            return Err(Refusal::NoRoomFree);
        }
        let place = self.check_new(request.opener.as_ref());
        if matches!(place, Ok(None) | Err(Refusal::TooManyRooms)) {
            return place.map(|_| Found::NewRoom);
        }
        // A client that opens rooms and leaves them gets the same ones again.
        let mut empty = self.open.iter().filter(|(_, room)| room.entry().is_empty());
        let again = empty.find(|(_, room)| room.matches(game, request));
        again.map_or_else(|| place.map(|_| Found::NewRoom), |(id, _)| Ok(Found::Room(id.clone())))
    }

    /// The seat that the player's account has in a room that the request could mean, even if that room admits nobody else.
    fn own_seat(&self, game: &GameSpec, request: &RoomRequest) -> Option<SeatReservation> {
        let account = request.account.as_deref().filter(|_| self.same_account != SameAccount::Allow)?;
        let of_game = |room: &&OpenRoom| room.entry().game == game.name;
        match &request.choice {
            RoomChoice::Id(id) => self.public(id).filter(of_game)?.seat_of(account),
            RoomChoice::Code(code) => self.private(code).filter(of_game)?.seat_of(account),
            RoomChoice::Any | RoomChoice::Existing => {
                let mut rooms = self.open.values().filter(|room| room.is_of(game, request));
                rooms.find_map(|room| room.seat_of(account))
            }
            RoomChoice::New => None,
        }
    }

    fn public(&self, id: &str) -> Option<&OpenRoom> {
        self.open.get(id).filter(|room| room.entry().code.is_none())
    }

    fn private(&self, code: &str) -> Option<&OpenRoom> {
        self.codes.get(&*normalized(code)).and_then(|id| self.open.get(id))
    }

    /// Checks that a room that a client has named admits a player.
    fn check(
        room: Option<&OpenRoom>,
        game: &GameSpec,
        unknown: impl FnOnce() -> Refusal,
    ) -> Result<String, Refusal> {
        let is_meant = |entry: &&RoomEntry| entry.game == game.name && !entry.seats.is_closed();
        let entry = room.map(OpenRoom::entry).filter(is_meant).ok_or_else(unknown)?;
        let id = entry.id.clone();
        if !entry.state().admits_players() {
            Err(Refusal::RoomLocked(id))
        } else if entry.is_overloaded() {
            Err(Refusal::Overloaded)
        } else if entry.has_free_seat() {
            Ok(id)
        } else {
            Err(Refusal::RoomFull(id))
        }
    }

    /// The room that a viewer means: by id or code, or the one with the most players.
    ///
    /// # Errors
    /// [`Refusal`] if there is none.
    pub fn to_watch(&self, game: &GameSpec, request: &RoomRequest) -> Result<Arc<RoomHandle>, Refusal> {
        let is_meant = |room: &&OpenRoom| room.entry().game == game.name && !room.entry().seats.is_closed();
        let found = match &request.choice {
            RoomChoice::Id(id) => {
                self.public(id).filter(is_meant).ok_or_else(|| Refusal::unknown_room(id))?
            }
            RoomChoice::Code(code) => self.private(code).filter(is_meant).ok_or(Refusal::UnknownCode)?,
            RoomChoice::Any | RoomChoice::Existing | RoomChoice::New => {
                let rooms = self.open.values().filter(is_meant).filter(|room| room.is_of(game, request));
                rooms.max_by_key(|room| room.entry().seats_taken()).ok_or(Refusal::NoRoomFree)?
            }
        };
        Ok(Arc::clone(&found.room))
    }

    /// Takes a seat in a room that was just found or opened, for a player with an account or without; `None` if the room has
    /// ended since, because it was empty.
    ///
    /// # Panics
    /// If there is no such room.
    #[must_use]
    pub fn take_seat(&mut self, id: &str, account: Option<&str>) -> Option<SeatReservation> {
        let room = self.open.get_mut(id).expect("the room was just found or opened");
        let seat = SeatReservation::new(Arc::clone(&room.room))?;
        if let Some(account) = account {
            room.note_account(account, seat.seat());
        }
        Some(seat)
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

    /// A code that no open room has. It is random even if the rooms' seed is fixed, so that nobody can guess it.
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

    /// The indices of the shards, the least busy first.
    #[must_use]
    pub fn shards_by_load(&self) -> Vec<usize> {
        let mut load = vec![(0, 0); self.shards];
        for room in self.open.values() {
            let (busy_us, rooms) = &mut load[room.entry().shard];
            *busy_us += room.entry().weight().busy_us;
            *rooms += 1;
        }
        let mut shards: Vec<usize> = (0..self.shards).collect();
        shards.sort_by_key(|&shard| load[shard]);
        shards
    }

    /// Adds a room.
    pub fn add(&mut self, room: Arc<RoomHandle>, opener: Option<Opener>) {
        let id = room.entry.id.clone();
        if let Some(code) = &room.entry.code {
            self.codes.insert(code.clone(), id.clone());
        }
        self.opened += 1;
        let new = OpenRoom { room, accounts: HashMap::new(), opener, number: self.opened };
        self.open.insert(id, new);
    }

    /// Removes the rooms that have ended.
    fn remove_ended(&mut self) {
        let ended = self.open.iter().filter(|(_, room)| room.entry().ended.get().is_some());
        for id in ended.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            let room = self.open.remove(&id).expect("the room was just found");
            let reason = *room.entry().ended.get().expect("the room has ended");
            self.note_closed(room.entry(), reason);
        }
    }

    fn note_closed(&mut self, entry: &RoomEntry, reason: EndReason) {
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

    /// The room with an id, private or not.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<RoomHandle>> {
        self.open.get(id).map(|room| &room.room)
    }

    /// All rooms, by id.
    pub fn all(&self) -> impl Iterator<Item = &Arc<RoomHandle>> {
        self.open.values().map(|room| &room.room)
    }

    /// A page of the public rooms that a filter accepts.
    #[must_use]
    pub fn page(&self, filter: &RoomFilter) -> RoomPage {
        let start = filter.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let following = self.open.range::<str, _>((start, Bound::Unbounded)).map(|(_, room)| room.entry());
        let mut accepted = following.filter(|entry| entry.code.is_none() && filter.accepts(entry));
        let rooms: Vec<_> = accepted.by_ref().take(filter.page_size()).map(PublicRoom::of).collect();
        let next = accepted.next().and(rooms.last()).map(|last| last.id.clone());
        RoomPage { rooms, next }
    }

    /// Rooms that have ended recently, the newest last.
    pub fn closed(&self) -> impl Iterator<Item = &ClosedRoom> {
        self.closed.iter()
    }
}

/// A generator that the operating system seeds.
fn random() -> StdRng {
    StdRng::try_from_rng(&mut SysRng).expect("the operating system has random numbers")
}

fn letters(rng: &mut impl Rng, count: usize) -> String {
    (0..count).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

/// A code without the hyphens, spaces and capitals that it was written down with.
fn normalized(code: &str) -> String {
    let letters = code.chars().filter(|c| !matches!(c, '-' | ' '));
    letters.take(CODE_LETTERS + 1).map(|c| c.to_ascii_lowercase()).collect()
}
