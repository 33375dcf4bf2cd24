//! The rooms that are open, and their seats.
//!
//! Only joining, leaving and listing come here: a room's ticks take no lock.

mod listing;
mod rooms;
mod seat;
mod settings;
mod wish;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use drumline_room::{ChatRules, GameSpec, Room, RoomConfig, RoomRules, Setup};
use tokio::sync::mpsc::error::TrySendError;

use crate::close::CloseReason;
use crate::config::RoomsConfig;
use crate::drain::Drain;
use crate::limits::{ConnectionLimits, Limits};
use crate::metrics::Metrics;
use crate::orders::Order;
use crate::refusal::Refusal;
use crate::room_entry::{PlayerListing, RoomEntry, RoomFacts, RoomListing, Ways};
use crate::sessions::Sessions;
use crate::shard::{NewRoom, ShardHandle};
use crate::spectators::WatchPlace;
use crate::tick_quality::ShardListing;
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
    chat: ChatRules,
    empty_limit: Duration,
    shards: Vec<ShardHandle>,
    rooms: Mutex<Rooms>,
    sessions: Sessions,
    tickets: Arc<TicketCounters>,
    metrics: Metrics,
    drain: Drain,
    limits: ConnectionLimits,
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
        let rooms = Mutex::new(Rooms::new(lobby, shards.len(), config.seed));
        let metrics = Metrics::new(&games);
        let sessions = Sessions::new(config.resume_seconds);
        let empty_limit = Duration::from_secs(lobby.empty_seconds.into());
        Self {
            games,
            config,
            chat: ChatRules::default(),
            empty_limit,
            shards,
            rooms,
            sessions,
            tickets: Arc::default(),
            metrics,
            drain: Drain::new(Instant::now()),
            limits: Limits::default().of_connections(),
        }
    }

    /// Asks other things of connections than the default ones.
    #[must_use]
    pub fn with_limits(mut self, limits: ConnectionLimits) -> Self {
        self.limits = limits;
        self
    }

    /// What is asked of players' connections.
    #[must_use]
    pub fn limits(&self) -> &ConnectionLimits {
        &self.limits
    }

    /// The lobby with rules for the chat of its rooms.
    #[must_use]
    pub fn with_chat(self, chat: ChatRules) -> Self {
        Self { chat, ..self }
    }

    /// What a test wants to go wrong.
    #[cfg(feature = "faults")]
    #[must_use]
    pub fn fault(&self) -> Option<&crate::Fault> {
        self.config.fault.as_ref()
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

    /// Whether the server drains.
    #[must_use]
    pub fn drain(&self) -> &Drain {
        &self.drain
    }

    /// Whether any player could be let in.
    ///
    /// # Errors
    /// [`Refusal::Draining`].
    pub fn check_open(&self) -> Result<(), Refusal> {
        if self.drain.deadline().is_some() { Err(Refusal::Draining) } else { Ok(()) }
    }

    /// Whether every shard has more to do than it has time for.
    fn is_overloaded(&self) -> bool {
        self.overloaded_shards().all(|is_overloaded| is_overloaded)
    }

    /// Whether no room is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().entries().next().is_none()
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
        self.lock().entries().map(|(entry, seats_taken)| (Arc::clone(entry), seats_taken)).collect()
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
    pub fn check(&self, game: &GameSpec, wish: &RoomWish) -> Result<(), Refusal> {
        self.check_open()?;
        wish.rules(game)?;
        match self.lock().find(game, wish)? {
            None if self.is_overloaded() => Err(Refusal::Overloaded),
            _ => Ok(()),
        }
    }

    /// Takes a seat, in a new room if need be.
    ///
    /// # Errors
    /// [`Refusal`] says why there is none.
    pub fn reserve(self: &Arc<Self>, game: &Arc<GameSpec>, wish: &RoomWish) -> Result<Seat, Refusal> {
        self.check_open()?;
        let rules = wish.rules(game)?;
        let mut rooms = self.lock();
        let id = match rooms.find(game, wish)? {
            Some(id) => id,
            None => self.open(&mut rooms, game, wish, rules, None)?.id.clone(),
        };
        let entry = rooms.take_seat(&id);
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
        self.check_open()?;
        let rules = wish.rules(game)?;
        let mut rooms = self.lock();
        rooms.check_new()?;
        let code = private.then(|| rooms.new_code());
        self.open(&mut rooms, game, wish, rules, code)
    }

    fn open(
        self: &Arc<Self>,
        rooms: &mut Rooms,
        game: &Arc<GameSpec>,
        wish: &RoomWish,
        rules: RoomRules,
        code: Option<String>,
    ) -> Result<Arc<RoomEntry>, Refusal> {
        if self.is_overloaded() {
            return Err(Refusal::Overloaded);
        }
        let mut shards = rooms.shards();
        shards.retain(|&shard| !self.shards[shard].is_overloaded());
        let with_place = |shard: usize| Some((shard, self.shards[shard].place()?));
        let (shard, place) = shards.into_iter().find_map(with_place).ok_or(Refusal::ServerFull)?;
        let owned = wish.owner.as_ref().map(|owner| owner.take().ok_or(Refusal::TooManyRooms)).transpose()?;
        let config = self.room_config(rooms, game, wish, rules);
        let (ways, arrivals) = Ways::new(config.max_players);
        let mut entry = RoomEntry::new(RoomFacts::new(&config, game.name, code, shard), ways);
        entry.shard_overloaded = self.shards[shard].overloaded();
        let entry = Arc::new(entry);
        self.metrics.game(game.name).rooms_opened.inc();
        tracing::info!(room = entry.id, game = game.name, shard, "room opened");
        let spec = Arc::clone(game);
        place.open(NewRoom {
            make: Box::new(move || Room::new(spec, config)),
            registration: Registration::new(Arc::clone(self), Arc::clone(&entry)),
            arrivals,
        });
        rooms.add(Arc::clone(&entry), owned);
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
            chat: self.chat,
        }
    }

    /// All rooms, and what has been counted.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let rooms = self.lock();
        self.tell(rooms.all().collect(), None, rooms.closed().cloned().collect())
    }

    /// The rooms that everybody may know of and that are asked for, a page of them, and what has been counted.
    #[must_use]
    pub fn page(&self, filter: &RoomFilter) -> Listing {
        let rooms = self.lock();
        let (page, next) = rooms.page(filter);
        self.tell(page, next, rooms.closed().filter(|room| !room.private).cloned().collect())
    }

    fn tell(&self, rooms: Vec<RoomListing>, next: Option<String>, closed: Vec<ClosedRoom>) -> Listing {
        Listing {
            rooms,
            next,
            closed,
            shards: self.shards(),
            refusals: self.metrics.refusals(),
            closes: self.metrics.closes.counts(),
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
        self.lock().get(id).cloned().ok_or_else(|| Refusal::unknown_room(id))
    }

    /// Takes a spectator's place in a room.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`], or [`Refusal::TooManySpectators`].
    pub fn watch(self: &Arc<Self>, id: &str) -> Result<WatchPlace, Refusal> {
        WatchPlace::reserve(Arc::clone(self), self.entry(id)?)
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
        tracing::info!(cause = refusal.name(), "a join was refused");
        self.metrics.count_refusal(refusal.into());
    }

    /// Counts an ended connection.
    pub fn count_close(&self, reason: CloseReason) {
        self.metrics.closes.count(reason.name());
    }

    fn lock(&self) -> MutexGuard<'_, Rooms> {
        // Nothing here leaves the rooms half-changed when it panics.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
