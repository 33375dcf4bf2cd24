//! The rooms that are open, and their seats.
//!
//! Only joining, leaving and listing come here: a room's ticks take no lock.

mod listing;
mod rooms;
mod seat;
mod settings;
mod wish;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use drumline_room::{GameSpec, Room, RoomConfig, RoomRules, Setup};
use tokio::sync::mpsc::error::TrySendError;

use crate::close::CloseReason;
use crate::config::RoomsConfig;
use crate::orders::Order;
use crate::refusal::Refusal;
use crate::room_entry::{PlayerListing, RoomEntry, RoomFacts, RoomListing, Ways};
use crate::sessions::Sessions;
use crate::shard::{NewRoom, ShardHandle};
use crate::tickets::TicketCounters;

pub use listing::{ClosedRoom, Listing, RoomFilter};
use rooms::Rooms;
pub use seat::{Registration, Seat};
pub use settings::LobbyConfig;
pub use wish::{RoomChoice, RoomWish};

/// The lobby.
#[derive(Debug)]
pub struct Lobby {
    games: Vec<Arc<GameSpec>>,
    config: RoomsConfig,
    empty_limit: Duration,
    shards: Vec<ShardHandle>,
    state: Mutex<State>,
    sessions: Sessions,
    tickets: Arc<TicketCounters>,
}

#[derive(Debug)]
struct State {
    rooms: Rooms,
    refusals: BTreeMap<&'static str, u64>,
    closes: BTreeMap<&'static str, u64>,
}

impl Lobby {
    /// A lobby for some games over some shards.
    #[must_use]
    pub fn new(
        games: Vec<Arc<GameSpec>>,
        config: RoomsConfig,
        lobby: &LobbyConfig,
        shards: Vec<ShardHandle>,
    ) -> Self {
        let state = State {
            rooms: Rooms::new(lobby, shards.len(), config.seed),
            refusals: BTreeMap::new(),
            closes: BTreeMap::new(),
        };
        let sessions = Sessions::new(config.resume_seconds);
        let empty_limit = Duration::from_secs(lobby.empty_seconds.into());
        Self {
            games,
            config,
            empty_limit,
            shards,
            state: Mutex::new(state),
            sessions,
            tickets: Arc::default(),
        }
    }

    /// The sessions of all players.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Where tickets are counted.
    #[must_use]
    pub fn ticket_counters(&self) -> &Arc<TicketCounters> {
        &self.tickets
    }

    /// How long a room stays open without players.
    #[must_use]
    pub fn empty_limit(&self) -> Duration {
        self.empty_limit
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
    pub fn check(&self, game: &GameSpec, wish: &RoomWish) -> Result<(), Refusal> {
        wish.rules(game)?;
        self.lock().rooms.find(game, wish).map(drop)
    }

    /// Takes a seat, in a new room if need be.
    ///
    /// # Errors
    /// [`Refusal`] says why there is none.
    pub fn reserve(self: &Arc<Self>, game: &Arc<GameSpec>, wish: &RoomWish) -> Result<Seat, Refusal> {
        let rules = wish.rules(game)?;
        let mut state = self.lock();
        let id = match state.rooms.find(game, wish)? {
            Some(id) => id,
            None => self.open(&mut state.rooms, game, wish, rules, None)?.id.clone(),
        };
        let entry = state.rooms.take_seat(&id);
        Ok(Seat::new(Arc::clone(self), entry))
    }

    /// Opens a room, in which nobody has a seat yet.
    ///
    /// # Errors
    /// [`Refusal`] says why that cannot be.
    pub fn create(
        self: &Arc<Self>,
        game: &Arc<GameSpec>,
        wish: &RoomWish,
        private: bool,
    ) -> Result<Arc<RoomEntry>, Refusal> {
        let rules = wish.rules(game)?;
        let mut state = self.lock();
        state.rooms.check_new()?;
        let code = private.then(|| state.rooms.new_code());
        self.open(&mut state.rooms, game, wish, rules, code)
    }

    fn open(
        self: &Arc<Self>,
        rooms: &mut Rooms,
        game: &Arc<GameSpec>,
        wish: &RoomWish,
        rules: RoomRules,
        code: Option<String>,
    ) -> Result<Arc<RoomEntry>, Refusal> {
        let with_place = |shard: usize| Some((shard, self.shards[shard].place()?));
        let (shard, place) = rooms.shards().into_iter().find_map(with_place).ok_or(Refusal::ServerFull)?;
        let config = self.room_config(rooms, game, wish, rules);
        let (ways, arrivals) = Ways::new(config.max_players);
        let entry = Arc::new(RoomEntry::new(RoomFacts::new(&config, game.name, code, shard), ways));
        tracing::info!(room = entry.id, game = game.name, shard, "room opened");
        let spec = Arc::clone(game);
        place.open(NewRoom {
            make: Box::new(move || Room::new(spec, config)),
            registration: Registration::new(Arc::clone(self), Arc::clone(&entry)),
            arrivals,
        });
        rooms.add(Arc::clone(&entry));
        Ok(entry)
    }

    fn room_config(
        &self,
        rooms: &mut Rooms,
        game: &GameSpec,
        wish: &RoomWish,
        rules: RoomRules,
    ) -> RoomConfig {
        // What the operator says is the most that there is, whatever the mode.
        let most = self.config.max_players.unwrap_or(u16::MAX);
        RoomConfig {
            id: rooms.new_id(),
            max_players: rules.seats(self.config.max_players.unwrap_or(game.max_players)).min(most),
            tick_rate_hz: self.config.tick_hz.unwrap_or(game.tick_rate_hz),
            setup: Setup { seed: rooms.new_seed(), mode: wish.mode.clone(), options: wish.options.clone() },
            budget_bytes: self.config.budget_bytes,
        }
    }

    /// All rooms, and what has been counted.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let state = self.lock();
        let (rooms, closed) = (state.rooms.all().collect(), state.rooms.closed().cloned().collect());
        self.tell(&state, rooms, None, closed)
    }

    /// The rooms that everybody may know of and that are asked for, a page of them, and what has been counted.
    #[must_use]
    pub fn page(&self, filter: &RoomFilter) -> Listing {
        let state = self.lock();
        let (rooms, next) = state.rooms.page(filter);
        let closed = state.rooms.closed().filter(|room| !room.private).cloned().collect();
        self.tell(&state, rooms, next, closed)
    }

    fn tell(
        &self,
        state: &State,
        rooms: Vec<RoomListing>,
        next: Option<String>,
        closed: Vec<ClosedRoom>,
    ) -> Listing {
        Listing {
            rooms,
            next,
            closed,
            shards: self.shards.iter().map(ShardHandle::listing).collect(),
            refusals: state.refusals.clone(),
            closes: state.closes.clone(),
            tickets: self.tickets.counts(),
        }
    }

    /// A room and its players, private or not.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`].
    pub fn room(&self, id: &str) -> Result<RoomListing<Vec<PlayerListing>>, Refusal> {
        let entry = self.entry(id)?;
        Ok(entry.listing(entry.players()))
    }

    /// A room, private or not.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`].
    pub fn entry(&self, id: &str) -> Result<Arc<RoomEntry>, Refusal> {
        self.lock().rooms.get(id).cloned().ok_or_else(|| Refusal::unknown_room(id))
    }

    /// Has a room do something at its next tick.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`], or [`Refusal::TooManyOrders`].
    pub fn order(&self, id: &str, order: Order) -> Result<(), Refusal> {
        self.entry(id)?.ways.orders.try_send(order).map_err(|error| match error {
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
        *self.lock().refusals.entry(refusal.name()).or_default() += 1;
    }

    /// Counts an ended connection.
    pub fn count_close(&self, reason: CloseReason) {
        *self.lock().closes.entry(reason.name()).or_default() += 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing here leaves the state half-changed when it panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
