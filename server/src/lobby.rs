//! The lobby: the registry of rooms and the shards together. It finds rooms, opens them, and reserves places in them.
//!
//! Only the front and the program's end come here: a room's thread takes none of its locks.

mod lists;
mod readiness;
mod relief;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use drumline_room::{ChatRules, GameSpec, Room, RoomConfig, Sameness, Setup, Spectators};
use drumline_shared::limits::MAX_PLAYERS;
use strum::IntoEnumIterator;
use tokio::sync::mpsc::error::TrySendError;

use crate::measure::metrics::Metrics;
use crate::measure::tick_quality::ShardListing;
use crate::net::closing_connection::ClosingConnection;
use crate::net::connection_slot::ReturnPlaces;
use crate::net::shown_address::shown;
use crate::rooms::bans::Bans;
use crate::rooms::context::RoomContext;
use crate::rooms::directory::{Directory, LocalDirectory, RoomOwner};
use crate::rooms::drain::Drain;
use crate::rooms::entry::RoomEntry;
use crate::rooms::entry::RoomFacts;
use crate::rooms::entry::events::{Events, RoomEvent, RoomLabel, TimedEvent};
use crate::rooms::handle::RoomHandle;
use crate::rooms::limits::{ConnectionLimits, RoomLimits};
use crate::rooms::operator_command::OperatorCommand;
use crate::rooms::refusal::{Refusal, RefusalCause};
use crate::rooms::registration::Registration;
use crate::rooms::registry::{Found, RoomRegistry, Rooms};
use crate::rooms::request::{RoomChoice, RoomRequest, Settled};
use crate::rooms::seats::reservation::{SeatReservation, SpectatorReservation, Undeliverable};
use crate::rooms::seats::seat::SpectatorKind;
use crate::rooms::seats::session_tokens::{SessionClaims, SessionTokens};
use crate::rooms::seats::signing_key::SigningKey;
use crate::rooms::seats::ticket_counts::TicketCounters;
use crate::rooms::settings::{LobbyConfig, RoomsConfig, SameAccount};
use crate::shard::handle::ShardHandle;
use crate::shard::jobs::JobRunner;
use crate::shard::new_room::{NewRoom, RoomParts};

pub use readiness::Readiness;

/// The lobby of a server.
#[derive(Debug)]
pub struct Lobby {
    games: Vec<Arc<GameSpec>>,
    config: RoomsConfig,
    chat: ChatRules,
    shards: Vec<ShardHandle>,
    registry: Arc<RoomRegistry>,
    directory: Box<dyn Directory>,
    key: Arc<SigningKey>,
    tickets: Arc<TicketCounters>,
    context: RoomContext,
    jobs: JobRunner,
}

/// The settings of a lobby.
#[derive(Debug, Clone)]
pub struct LobbySettings {
    /// The `[rooms]` section.
    pub rooms: RoomsConfig,
    /// The `[lobby]` section.
    pub lobby: LobbyConfig,
    /// The rules of chat in all rooms.
    pub chat: ChatRules,
    /// The limits on players' connections.
    pub limits: ConnectionLimits,
    /// The limits on open rooms.
    pub room_limits: RoomLimits,
}

impl Lobby {
    /// A lobby for some games over some shards.
    #[must_use]
    pub fn new(
        games: Vec<Arc<GameSpec>>,
        settings: LobbySettings,
        shards: Vec<ShardHandle>,
        jobs: JobRunner,
    ) -> Self {
        let LobbySettings { rooms: config, lobby, chat, limits, room_limits } = settings;
        let registry = Arc::new(RoomRegistry::new(&lobby, &config, room_limits, shards.len()));
        let secret = lobby.ticket_key.as_ref().map(|key| key.expose().as_bytes());
        let key = Arc::new(SigningKey::new(secret));
        let refusal_causes = RefusalCause::iter().map(<&'static str>::from);
        let context = RoomContext {
            metrics: Arc::new(Metrics::new(games.iter().map(|game| game.name), refusal_causes)),
            limits,
            tokens: Arc::new(SessionTokens::new(Arc::clone(&key), config.hold_times())),
            returns: Arc::default(),
            drain: Arc::new(Drain::new(Instant::now())),
            bans: Arc::default(),
            same_account: config.same_account,
            events: Events::default(),
            empty_limit: Duration::from_secs(lobby.empty_seconds.into()),
            #[cfg(feature = "faults")]
            fault: config.fault.clone(),
        };
        let directory = Box::new(LocalDirectory::new(Arc::clone(&registry)));
        Self { games, config, chat, shards, registry, directory, key, tickets: Arc::default(), context, jobs }
    }

    /// Tells the events of all rooms that will be opened to a queue, whose reader's side is returned.
    pub fn tell_events(&mut self) -> Receiver<TimedEvent> {
        let (events, queued) = Events::queue(self.metrics().lost_events.by_hooks.clone());
        self.context.events = events;
        queued
    }

    /// The events of rooms.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.context.events
    }

    /// The tokens of all sessions.
    #[must_use]
    pub fn tokens(&self) -> &SessionTokens {
        &self.context.tokens
    }

    /// The key that tickets and session tokens are signed with.
    #[must_use]
    pub fn signing_key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    /// The places for connections of players who come back while all slots are taken.
    #[must_use]
    pub fn returns(&self) -> &Arc<ReturnPlaces> {
        &self.context.returns
    }

    /// The counters of tickets.
    #[must_use]
    pub fn ticket_counters(&self) -> &Arc<TicketCounters> {
        &self.tickets
    }

    /// The fate of an account that joins a room in which it has a seat.
    #[must_use]
    pub fn same_account(&self) -> SameAccount {
        self.context.same_account
    }

    /// The server's drain.
    #[must_use]
    pub fn drain(&self) -> &Drain {
        &self.context.drain
    }

    /// The banned networks and accounts.
    #[must_use]
    pub fn bans(&self) -> &Bans {
        &self.context.bans
    }

    /// The server's metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.context.metrics
    }

    /// Checks that the server does not drain.
    ///
    /// # Errors
    /// [`Refusal::Draining`].
    pub fn check_open(&self) -> Result<(), Refusal> {
        if self.drain().deadline().is_some() { Err(Refusal::Draining) } else { Ok(()) }
    }

    /// Shards whose rooms refuse joins.
    fn refusing_shards(&self) -> usize {
        self.shards.iter().filter(|shard| shard.refuses_joins()).count()
    }

    fn is_overloaded(&self) -> bool {
        self.refusing_shards() == self.shards.len()
    }

    /// Whether the server admits players.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        Readiness::new(self.drain().seconds_left(), self.shards.len(), self.refusing_shards())
    }

    /// Returns true if no room is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.registry.lock().all().next().is_none()
    }

    /// The index of a shard that makes no progress; `None` if all do.
    #[must_use]
    pub fn stuck_shard(&self) -> Option<usize> {
        let now = Instant::now();
        self.shards.iter().position(|shard| shard.is_stuck(now))
    }

    /// The figures of the shards' ticks.
    #[must_use]
    pub fn shards(&self) -> Vec<ShardListing> {
        self.shards.iter().map(ShardHandle::listing).collect()
    }

    /// The server's games.
    #[must_use]
    pub fn games(&self) -> &[Arc<GameSpec>] {
        &self.games
    }

    /// The game with a name.
    ///
    /// # Errors
    /// [`Refusal::UnknownGame`].
    pub fn game(&self, name: &str) -> Result<&Arc<GameSpec>, Refusal> {
        let found = self.games.iter().find(|game| game.name == name);
        found.ok_or_else(|| Refusal::UnknownGame(name.chars().take(32).collect()))
    }

    /// Checks that a seat could be reserved now, without reserving one.
    ///
    /// # Errors
    /// [`Refusal`] if not.
    pub fn check(&self, game: &GameSpec, request: &RoomRequest) -> Result<(), Refusal> {
        self.check_open()?;
        let request = &*request.settle(game)?.request;
        self.check_owner(request)?;
        match self.registry.lock().find(game, request)? {
            Found::NewRoom if self.is_overloaded() => Err(Refusal::Overloaded),
            _ => Ok(()),
        }
    }

    /// Reserves a seat, in a new room if need be.
    ///
    /// # Errors
    /// [`Refusal`] if there is none.
    pub fn reserve(&self, game: &Arc<GameSpec>, request: &RoomRequest) -> Result<SeatReservation, Refusal> {
        loop {
            self.check_open()?;
            let Settled { request, seats } = request.settle(game)?;
            self.check_owner(&request)?;
            // The lock is held from finding the room to taking the seat, so that a room is filled before another is opened.
            let mut rooms = self.registry.lock();
            let id = match rooms.find(game, &request)? {
                Found::Own(seat) => return Ok(seat),
                Found::Room(id) => id,
                Found::NewRoom => self.open(&mut rooms, game, &request, seats, None)?.entry.id.clone(),
            };
            // An empty room may have ended since it was found: its thread takes no lock.
            if let Some(seat) = rooms.take_seat(&id, request.account.as_deref()) {
                return Ok(seat);
            }
        }
    }

    /// Opens a room in which no seat is taken yet.
    ///
    /// # Errors
    /// [`Refusal`] if none can be opened.
    pub fn create(
        &self,
        game: &Arc<GameSpec>,
        request: &RoomRequest,
        visibility: Visibility,
    ) -> Result<Arc<RoomHandle>, Refusal> {
        self.check_open()?;
        let Settled { request, seats } = request.settle(game)?;
        let mut rooms = self.registry.lock();
        let code = (visibility == Visibility::Private).then(|| rooms.new_code());
        self.open(&mut rooms, game, &request, seats, code)
    }

    fn open(
        &self,
        rooms: &mut Rooms,
        game: &Arc<GameSpec>,
        request: &RoomRequest,
        seats: Option<u16>,
        code: Option<String>,
    ) -> Result<Arc<RoomHandle>, Refusal> {
        if self.is_overloaded() {
            return Err(Refusal::Overloaded);
        }
        let mut shards = rooms.shards_by_load();
        shards.retain(|&shard| !self.shards[shard].refuses_joins());
        let with_place = |shard: usize| Some((shard, self.shards[shard].reserve()?));
        let (shard, place) = shards.into_iter().find_map(with_place).ok_or(Refusal::ServerFull)?;
        rooms.make_place(request.opener.as_ref())?;
        let config = self.room_config(rooms, game, request, seats, code);
        let max_viewers = if game.spectators == Spectators::None { 0 } else { self.config.spectators };
        let facts = RoomFacts::new(&config, game.name, max_viewers, shard);
        let (room, inbox) = RoomHandle::new(RoomEntry::new(facts, self.shards[shard].refusal_flag()));
        let metrics = Arc::clone(self.metrics().game(game.name));
        metrics.rooms_opened.inc();
        tracing::info!(room = room.entry.id, game = game.name, shard, "room opened");
        self.events().put(|| RoomEvent::RoomOpened { room: RoomLabel::of(&room.entry) });
        let spec = Arc::clone(game);
        let sameness = if self.config.number_lookalikes { Sameness::Looks } else { Sameness::Form };
        // The shard may run the room before it is in the registry, even to its end. The next lock then removes it.
        place.open(NewRoom {
            make: Box::new(move || {
                let mut room = Room::new(spec, config);
                room.compare_names(sameness);
                room
            }),
            parts: RoomParts {
                registration: Registration::new(
                    Arc::clone(&self.registry),
                    Arc::clone(&room),
                    metrics,
                    self.events().clone(),
                ),
                inbox,
                context: self.context.clone(),
                jobs: self.jobs.of_room(&room.entry.id, game.jobs),
            },
        });
        rooms.add(Arc::clone(&room), request.opener.clone());
        Ok(room)
    }

    fn room_config(
        &self,
        rooms: &mut Rooms,
        game: &GameSpec,
        request: &RoomRequest,
        seats: Option<u16>,
        code: Option<String>,
    ) -> RoomConfig {
        // A mode may have fewer seats than the operator's setting, but never more.
        let most = self.config.max_players.unwrap_or(u16::MAX);
        let usual = self.config.max_players.unwrap_or(game.max_players);
        RoomConfig {
            max_players: seats.unwrap_or(usual).clamp(1, MAX_PLAYERS).min(most),
            tick_rate_hz: self.config.tick_hz.unwrap_or(game.tick_rate_hz),
            setup: Setup {
                id: rooms.new_id(),
                code,
                seed: rooms.new_seed(),
                mode: request.mode.clone(),
                options: request.options.clone(),
            },
            budget_bytes: self.config.budget_bytes,
            outbox_bytes: self.config.outbox_bytes,
            chat: self.chat,
        }
    }

    /// Reserves a spectator's place in a room.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`], or [`Refusal::TooManySpectators`].
    pub fn spectate(&self, id: &str, kind: SpectatorKind) -> Result<SpectatorReservation, Refusal> {
        SpectatorReservation::new(self.room(id)?, kind)
    }

    /// Reserves a viewer's place in the room that a request means: by id or code, or the fullest one.
    ///
    /// # Errors
    /// [`Refusal::NoSpectators`] if nobody may watch; else as [`reserve`](Self::reserve), but no room is opened.
    pub fn view(&self, game: &GameSpec, request: &RoomRequest) -> Result<SpectatorReservation, Refusal> {
        if game.spectators == Spectators::None || self.config.spectators == 0 {
            return Err(Refusal::NoSpectators);
        }
        let Settled { request, .. } = request.settle(game)?;
        self.check_owner(&request)?;
        let room = self.registry.lock().to_watch(game, &request)?;
        SpectatorReservation::new(room, SpectatorKind::Viewer)
    }

    /// Closes a connection that its room no longer accepts.
    pub fn close_undeliverable(&self, Undeliverable { connection, reason }: Undeliverable) {
        tracing::debug!(reason = reason.name(), "the room ended while a connection was on the way");
        self.metrics().count_close(reason);
        ClosingConnection::refuse(connection, reason, Instant::now()).finish_now();
    }

    /// Sends a command to a room, which carries it out at its next tick.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`], or [`Refusal::TooManyOrders`].
    pub fn command(&self, id: &str, command: OperatorCommand) -> Result<(), Refusal> {
        self.room(id)?.queues.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => Refusal::TooManyOrders(id.to_owned()),
            TrySendError::Closed(_) => Refusal::unknown_room(id),
        })
    }

    /// A room, private or not.
    ///
    /// # Errors
    /// [`Refusal::UnknownRoom`].
    pub fn room(&self, id: &str) -> Result<Arc<RoomHandle>, Refusal> {
        self.check_room_owner(id)?;
        self.registry.lock().get(id).cloned().ok_or_else(|| Refusal::unknown_room(id))
    }

    /// The room of a session's token, if the token is valid.
    ///
    /// # Errors
    /// [`Refusal::UnknownSession`].
    pub fn room_of_session(&self, game: &str, token: &SessionClaims) -> Result<Arc<RoomHandle>, Refusal> {
        let room = self.room(&token.room).ok();
        let room = room.filter(|room| room.entry.game == game && room.entry.sessions.knows(token));
        room.ok_or(Refusal::UnknownSession)
    }

    /// Checks that this server owns the room that a request names.
    fn check_owner(&self, request: &RoomRequest) -> Result<(), Refusal> {
        match &request.choice {
            RoomChoice::Id(id) => self.check_room_owner(id),
            RoomChoice::Any | RoomChoice::Existing | RoomChoice::New | RoomChoice::Code(_) => Ok(()),
        }
    }

    fn check_room_owner(&self, id: &str) -> Result<(), Refusal> {
        match self.directory.owner(id) {
            RoomOwner::Here => Ok(()),
            RoomOwner::Unknown => Err(Refusal::unknown_room(id)),
        }
    }

    /// Tells all rooms to close their connections and to end.
    pub fn stop(&self) {
        self.shards.iter().for_each(ShardHandle::stop);
    }

    /// Counts and logs the refusal of a client at an address.
    pub fn count_refusal(&self, refusal: &Refusal, client: IpAddr) {
        tracing::info!(cause = refusal.name(), client = shown(client), "a join was refused");
        self.metrics().count_refusal(refusal.name());
    }
}

/// Whether a room stands in public lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Anybody can find and join it.
    Public,
    /// Only its code leads to it.
    Private,
}

#[cfg(test)]
mod tests;
