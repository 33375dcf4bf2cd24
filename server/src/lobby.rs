//! The rooms that are open, and their seats.
//!
//! Only joining, leaving and listing come here: a room's ticks take no lock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use drumline_room::{ChatRules, EndReason, GameSpec, Room, RoomConfig, Setup};
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use tokio::sync::mpsc::error::TrySendError;

use crate::arrival::Joining;
use crate::close::CloseReason;
use crate::config::RoomsConfig;
use crate::connection::Goodbye;
use crate::drain::Drain;
use crate::metrics::Metrics;
use crate::orders::Order;
use crate::refusal::Refusal;
use crate::room_entry::{PlayerListing, RoomEntry, RoomListing, Ways};
use crate::room_state::RoomState;
use crate::sessions::Sessions;
use crate::shard::{NewRoom, ShardHandle};
use crate::tick_quality::ShardListing;

/// Rooms open at once, in all games.
const MAX_ROOMS: usize = 4096;
/// Rooms open without any player. Beyond these an empty one is used again where a new one is asked for.
const MAX_EMPTY_ROOMS: usize = 64;

/// Which room a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomChoice {
    /// Any with a free seat, else a new one.
    Any,
    /// A new one.
    New,
    /// The one with this id.
    Id(String),
}

/// What `GET /api/rooms` answers.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// The open rooms, by id.
    pub rooms: Vec<RoomListing>,
    /// The threads that run the rooms.
    pub shards: Vec<ShardListing>,
    /// Joins refused so far, by cause.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Connections ended so far, by cause.
    pub closes: BTreeMap<&'static str, u64>,
}

/// The lobby.
#[derive(Debug)]
pub struct Lobby {
    games: Vec<Arc<GameSpec>>,
    config: RoomsConfig,
    chat: ChatRules,
    shards: Vec<ShardHandle>,
    state: Mutex<State>,
    sessions: Sessions,
    metrics: Metrics,
    drain: Drain,
}

#[derive(Debug)]
struct State {
    /// By id; ordered, so that lists and choices are stable.
    rooms: BTreeMap<String, OpenRoom>,
    rooms_of_shard: Vec<usize>,
    rng: StdRng,
}

#[derive(Debug)]
struct OpenRoom {
    entry: Arc<RoomEntry>,
    seats_taken: u16,
}

/// A reserved seat. It is free again when this is dropped.
#[derive(Debug)]
pub struct Seat {
    lobby: Arc<Lobby>,
    entry: Arc<RoomEntry>,
}

impl Lobby {
    /// A lobby for some games over some shards.
    #[must_use]
    pub fn new(games: Vec<Arc<GameSpec>>, config: RoomsConfig, shards: Vec<ShardHandle>) -> Self {
        let rng = match config.seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => StdRng::try_from_rng(&mut SysRng).expect("the operating system gives random numbers"),
        };
        let state = State { rooms: BTreeMap::new(), rooms_of_shard: vec![0; shards.len()], rng };
        let metrics = Metrics::new(&games);
        let sessions = Sessions::new(config.resume_seconds);
        Self {
            games,
            config,
            chat: ChatRules::default(),
            shards,
            state: Mutex::new(state),
            sessions,
            metrics,
            drain: Drain::new(Instant::now()),
        }
    }

    /// The lobby with rules for the chat of its rooms.
    #[must_use]
    pub fn with_chat(self, chat: ChatRules) -> Self {
        Self { chat, ..self }
    }

    /// The sessions of all players.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Whether the server drains.
    #[must_use]
    pub fn drain(&self) -> &Drain {
        &self.drain
    }

    /// Whether any player could be let in.
    fn check_open(&self) -> Result<(), Refusal> {
        if self.drain.deadline().is_some() { Err(Refusal::Draining) } else { Ok(()) }
    }

    /// Whether every shard has more to do than it has time for.
    fn is_overloaded(&self) -> bool {
        self.overloaded_shards().all(|is_overloaded| is_overloaded)
    }

    /// Whether no room is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().rooms.is_empty()
    }

    /// Of each shard, whether it has more to do than it has time for.
    pub fn overloaded_shards(&self) -> impl Iterator<Item = bool> {
        self.shards.iter().map(ShardHandle::is_overloaded)
    }

    /// A shard that does not get on.
    #[must_use]
    pub fn stuck_shard(&self) -> Option<usize> {
        let now = Instant::now();
        self.shards.iter().position(|shard| shard.is_stuck(now))
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The open rooms, and how many seats of each are taken.
    #[must_use]
    pub fn entries(&self) -> Vec<(Arc<RoomEntry>, u16)> {
        let state = self.lock();
        state.rooms.values().map(|room| (Arc::clone(&room.entry), room.seats_taken)).collect()
    }

    /// How the shards are doing.
    #[must_use]
    pub fn shards(&self) -> Vec<ShardListing> {
        self.shards.iter().map(ShardHandle::listing).collect()
    }

    /// The game of a name.
    ///
    /// # Errors
    /// [`Refusal::UnknownGame`].
    pub fn game(&self, name: &str) -> Result<&Arc<GameSpec>, Refusal> {
        let found = self.games.iter().find(|game| game.name == name);
        found.ok_or_else(|| Refusal::UnknownGame(name.chars().take(32).collect()))
    }

    /// Whether a seat could be had now, without taking one.
    ///
    /// # Errors
    /// [`Refusal`] says why not.
    pub fn check(&self, game: &GameSpec, choice: &RoomChoice) -> Result<(), Refusal> {
        self.check_open()?;
        match self.lock().find(game, choice)? {
            None if self.is_overloaded() => Err(Refusal::Overloaded),
            _ => Ok(()),
        }
    }

    /// Takes a seat, in a new room if need be.
    ///
    /// # Errors
    /// [`Refusal`] says why there is none.
    pub fn reserve(self: &Arc<Self>, game: &Arc<GameSpec>, choice: &RoomChoice) -> Result<Seat, Refusal> {
        self.check_open()?;
        let mut state = self.lock();
        let id = match state.find(game, choice)? {
            Some(id) => id,
            None => self.open(&mut state, game)?,
        };
        let room = state.rooms.get_mut(&id).expect("it was just found or opened");
        room.seats_taken += 1;
        Ok(Seat { lobby: Arc::clone(self), entry: Arc::clone(&room.entry) })
    }

    fn open(self: &Arc<Self>, state: &mut State, game: &Arc<GameSpec>) -> Result<String, Refusal> {
        let id = state.new_id();
        let config = RoomConfig {
            id: id.clone(),
            max_players: self.config.max_players.unwrap_or(game.max_players),
            tick_rate_hz: self.config.tick_hz.unwrap_or(game.tick_rate_hz),
            setup: Setup::new(state.rng.random()),
            budget_bytes: self.config.budget_bytes,
            chat: self.chat,
        };
        if self.is_overloaded() {
            return Err(Refusal::Overloaded);
        }
        let mut shards: Vec<usize> =
            (0..self.shards.len()).filter(|&shard| !self.shards[shard].is_overloaded()).collect();
        shards.sort_by_key(|&shard| state.rooms_of_shard[shard]);
        let with_place = |shard: usize| Some((shard, self.shards[shard].place()?));
        let (shard, place) = shards.into_iter().find_map(with_place).ok_or(Refusal::ServerFull)?;
        let (ways, arrivals) = Ways::new(config.max_players);
        let facts = (config.max_players, config.tick_rate_hz);
        let mut entry = RoomEntry::new(id.clone(), game.name, facts, shard, ways);
        entry.shard_overloaded = self.shards[shard].overloaded();
        let entry = Arc::new(entry);
        let spec = Arc::clone(game);
        place.open(NewRoom {
            make: Box::new(move || Room::new(spec, config)),
            registration: Registration { lobby: Arc::clone(self), entry: Arc::clone(&entry) },
            arrivals,
        });
        state.rooms_of_shard[shard] += 1;
        self.metrics.game(game.name).rooms_opened.inc();
        tracing::info!(room = id, game = game.name, shard, "room opened");
        state.rooms.insert(id.clone(), OpenRoom { entry, seats_taken: 0 });
        Ok(id)
    }

    /// All rooms, and what has been counted.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let state = self.lock();
        let rooms = state.rooms.values().map(|room| room.entry.listing(room.seats_taken));
        Listing {
            rooms: rooms.collect(),
            shards: self.shards(),
            refusals: self.metrics.refusals(),
            closes: self.metrics.closes.counts(),
        }
    }

    /// A room and its players.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`].
    pub fn room(&self, id: &str) -> Result<RoomListing<Vec<PlayerListing>>, Refusal> {
        let found = self.lock().rooms.get(id).map(|room| Arc::clone(&room.entry));
        let entry = found.ok_or_else(|| Refusal::unknown_room(id))?;
        Ok(entry.listing(entry.players()))
    }

    /// Has a room do something at its next tick.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`], or [`Refusal::TooManyOrders`].
    pub fn order(&self, id: &str, order: Order) -> Result<(), Refusal> {
        let found = self.lock().rooms.get(id).map(|room| room.entry.ways.orders.clone());
        let orders = found.ok_or_else(|| Refusal::unknown_room(id))?;
        orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => Refusal::TooManyOrders(id.to_owned()),
            TrySendError::Closed(_) => Refusal::unknown_room(id),
        })
    }

    /// Has all rooms say goodbye to their players and close.
    pub fn stop(&self) {
        self.shards.iter().for_each(ShardHandle::stop);
    }

    /// Counts a refused join.
    pub fn count_refusal(&self, refusal: &Refusal) {
        tracing::info!(cause = refusal.name(), "a join was refused");
        self.metrics.count_refusal(refusal.into());
    }

    /// Counts an ended connection.
    pub fn count_close(&self, reason: CloseReason) {
        self.metrics.closes.count(reason.name());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing here leaves the state half-changed when it panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets a room. One that is forgotten already stays so.
    fn remove(&mut self, entry: &Arc<RoomEntry>) {
        if self.rooms.get(&entry.id).is_some_and(|room| Arc::ptr_eq(&room.entry, entry)) {
            self.rooms.remove(&entry.id);
            self.rooms_of_shard[entry.shard] -= 1;
        }
    }

    /// The id of the room that a choice means; none if one is to be opened.
    fn find(&self, game: &GameSpec, choice: &RoomChoice) -> Result<Option<String>, Refusal> {
        let has_place = |room: &OpenRoom| room.seats_taken < room.entry.max_players;
        let found = match choice {
            RoomChoice::Id(id) => {
                let room = self.rooms.get(id).filter(|room| room.entry.game == game.name);
                let room = room.ok_or_else(|| Refusal::unknown_room(id))?;
                if !room.entry.state().takes_players() {
                    return Err(Refusal::RoomLocked(id.clone()));
                }
                if room.entry.is_overloaded() {
                    return Err(Refusal::Overloaded);
                }
                return if has_place(room) {
                    Ok(Some(id.clone()))
                } else {
                    Err(Refusal::RoomFull(id.clone()))
                };
            }
            // The fullest room that has a place: company is what people come for.
            RoomChoice::Any => self
                .rooms
                .iter()
                .filter(|(_, room)| room.entry.game == game.name && has_place(room))
                .filter(|(_, room)| room.entry.state().takes_players() && !room.entry.is_overloaded())
                .max_by_key(|(_, room)| room.seats_taken)
                .map(|(id, _)| id.clone()),
            RoomChoice::New => None,
        };
        if found.is_some() {
            return Ok(found);
        }
        // Who opens rooms and walks away gets the same ones again.
        let empty = || {
            let of_nobody = |room: &OpenRoom| room.seats_taken == 0 && room.entry.state().takes_players();
            self.rooms.iter().filter(move |(_, room)| of_nobody(room))
        };
        if empty().count() >= MAX_EMPTY_ROOMS {
            let mut of_this_game = empty().filter(|(_, room)| room.entry.game == game.name);
            return of_this_game.next().map(|(id, _)| Some(id.clone())).ok_or(Refusal::ServerFull);
        }
        if self.rooms.len() < MAX_ROOMS { Ok(None) } else { Err(Refusal::ServerFull) }
    }

    /// An id that no open room has: six letters and digits that are not mistaken for each other.
    fn new_id(&mut self) -> String {
        const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
        loop {
            let letter = |_| char::from(ALPHABET[self.rng.random_range(0..ALPHABET.len())]);
            let id: String = (0..6).map(letter).collect();
            if !self.rooms.contains_key(&id) {
                return id;
            }
        }
    }
}

impl Seat {
    /// The room that it is in.
    #[must_use]
    pub fn entry(&self) -> &Arc<RoomEntry> {
        &self.entry
    }

    /// The lobby.
    #[must_use]
    pub fn lobby(&self) -> &Lobby {
        &self.lobby
    }

    /// Hands a new player's socket to the room that their seat is in.
    pub fn send(joining: Joining) {
        let entry = Arc::clone(&joining.seat.entry);
        if let Err(TrySendError::Closed(joining) | TrySendError::Full(joining)) =
            entry.ways.joining.try_send(joining)
        {
            tracing::debug!(room = entry.id, "the room ended while a player was on the way");
            let end = entry.ended.get().copied().unwrap_or(EndReason::ServerStopping);
            joining.seat.lobby().count_close(end.into());
            Goodbye::to(joining.arrival, end.into(), Instant::now()).say();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(room) = self.lobby.lock().rooms.get_mut(&self.entry.id)
            && Arc::ptr_eq(&room.entry, &self.entry)
        {
            room.seats_taken -= 1;
        }
    }
}

/// A room's place in the lobby, held by its driver. Whatever ends the driver, the room is gone from the lobby with it.
#[derive(Debug)]
pub struct Registration {
    lobby: Arc<Lobby>,
    entry: Arc<RoomEntry>,
}

impl Registration {
    /// The room, as the lobby sees it.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        &self.entry
    }

    /// The lobby.
    #[must_use]
    pub fn lobby(&self) -> &Lobby {
        &self.lobby
    }

    /// Takes the room out of the lobby, unless somebody has just reserved a seat in it; whether it is out.
    #[must_use]
    pub fn retire(&self) -> bool {
        let mut state = self.lobby.lock();
        let empty = state.rooms.get(&self.entry.id).is_none_or(|room| room.seats_taken == 0);
        if empty {
            state.remove(&self.entry);
        }
        empty
    }

    /// Takes the room out of the lobby because it ends, whoever has a seat in it.
    pub fn end(&self, reason: EndReason) {
        if self.entry.ended.set(reason).is_ok() {
            self.lobby.metrics.game(self.entry.game).rooms_closed.count(reason.name());
            tracing::info!(room = self.entry.id, reason = reason.name(), "room ends");
        }
        self.entry.set_state(RoomState::Closed);
        self.lobby.lock().remove(&self.entry);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.entry.set_state(RoomState::Closed);
        self.lobby.lock().remove(&self.entry);
        tracing::info!(room = self.entry.id, "room closed");
    }
}

#[cfg(test)]
mod tests {
    use drumline_arena::Arena;

    use super::*;

    #[test]
    fn rooms_opened_and_left_are_used_again() {
        let (shard, _opened) = ShardHandle::to_this_thread();
        let spec = Arc::new(GameSpec::of::<Arena>());
        let lobby = Arc::new(Lobby::new(vec![Arc::clone(&spec)], RoomsConfig::default(), vec![shard]));
        for _ in 0..3 * MAX_EMPTY_ROOMS {
            drop(lobby.reserve(&spec, &RoomChoice::New).unwrap());
        }
        assert_eq!(lobby.listing().rooms.len(), MAX_EMPTY_ROOMS);
        let kept: Vec<Seat> =
            (0..3 * MAX_EMPTY_ROOMS).map(|_| lobby.reserve(&spec, &RoomChoice::New).unwrap()).collect();
        // The first takes one of the empty rooms; the others, below the limit again, get new ones.
        assert_eq!(lobby.listing().rooms.len(), MAX_EMPTY_ROOMS - 1 + kept.len());
    }

    #[test]
    fn a_room_that_is_locked_or_about_to_end_is_passed_over() {
        let (shard, _opened) = ShardHandle::to_this_thread();
        let spec = Arc::new(GameSpec::of::<Arena>());
        let lobby = Arc::new(Lobby::new(vec![Arc::clone(&spec)], RoomsConfig::default(), vec![shard]));
        let first = lobby.reserve(&spec, &RoomChoice::Any).unwrap();
        let by_id = RoomChoice::Id(first.entry.id.clone());
        assert_eq!(lobby.listing().rooms[0].state, RoomState::Created);
        for state in [RoomState::Locked, RoomState::Draining, RoomState::Closed] {
            first.entry.set_state(state);
            assert_eq!(lobby.check(&spec, &by_id), Err(Refusal::RoomLocked(first.entry.id.clone())));
            let other = lobby.reserve(&spec, &RoomChoice::Any).unwrap();
            assert_ne!(other.entry.id, first.entry.id, "{state:?}");
        }
        first.entry.set_state(RoomState::Open);
        assert_eq!(lobby.reserve(&spec, &RoomChoice::Any).unwrap().entry.id, first.entry.id);
    }

    #[test]
    fn a_shard_that_is_gone_gets_no_rooms() {
        let (gone, _) = ShardHandle::to_this_thread();
        let (here, mut opened) = ShardHandle::to_this_thread();
        let spec = Arc::new(GameSpec::of::<Arena>());
        let lobby = Arc::new(Lobby::new(vec![Arc::clone(&spec)], RoomsConfig::default(), vec![gone, here]));
        let _seat = lobby.reserve(&spec, &RoomChoice::New).unwrap();
        assert!(opened.try_recv().is_ok());
    }
}
