//! Tests of a game, without a server: a room whose players are the test.
//!
//! A [`TestRoom`] does what a server does for a room, and each of its players has a client that decodes every snapshot and checks
//! every hash. A [`TestTick`] is a single tick for a rule that is tested by itself.
//!
//! ```
//! use drumline_room::prelude::*;
//! use drumline_room::testing::TestRoom;
//!
//! #[derive(Replicate)]
//! struct Ball {
//!     player: PlayerId,
//!     #[sync(range = 0.0..=100.0, step = 0.1)]
//!     position: Vec2,
//! }
//!
//! #[derive(Clone, Default, Replicate)]
//! struct Push {
//!     #[sync(range = -1.0..=1.0, step = 0.1)]
//!     direction: Vec2,
//! }
//!
//! #[derive(Default, World)]
//! struct Pushing {
//!     balls: Players<Ball>,
//! }
//!
//! #[game]
//! impl Game for Pushing {
//!     const NAME: &'static str = "pushing";
//!     type Input = Push;
//!
//!     fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
//!         self.balls.insert(player, Ball { player, position: Vec2::splat(50.0) });
//!         Ok(())
//!     }
//!
//!     fn tick(&mut self, tick: &mut Tick<Self>) {
//!         for (player, push) in tick.inputs() {
//!             self.balls[player].position += push.direction * 30.0 * tick.dt;
//!         }
//!     }
//! }
//!
//! let mut room = TestRoom::<Pushing>::new();
//! let ada = room.join("Ada");
//! room.input(ada, &Push { direction: Vec2::X });
//! room.seconds(1.0);
//! let seen = room.rows::<Ball>(ada, "balls");
//! assert!(seen[0].1.position.x > 79.0);
//! assert_eq!(room.game().balls[ada].position.y, 50.0);
//!
//! // A situation that is set up, and what is there beside that which a player sees.
//! room.game_mut().balls[ada].position = Vec2::ZERO;
//! room.ticks(2);
//! assert_eq!((room.current_tick(), room.all_rows::<Ball>("balls").len()), (32, 1));
//! assert_eq!(room.view(ada).rows::<Ball>(0).count(), 1);
//! assert!(room.is_here(ada) && room.room().kick_reason(ada).is_none());
//! ```
//!
//! Examples of all other calls are those of [`Game`](crate::Game#hooks) and [`Tick`](crate::Tick#examples).

mod client;
mod tick;

use std::sync::Arc;

use bytes::Bytes;
use drumline_shared::Replicate;
use drumline_shared::encoding::{decode, encode};
use drumline_shared::frame::EntityId;
use drumline_shared::limits::DEFAULT_OUTBOX_BYTES;
use drumline_shared::wire::control::{Channel, Refused};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::client::Client;
pub use self::tick::TestTick;
use crate::job::{Job, JobError, JobId};
pub use crate::joiner::Joiner;
use crate::player_id::PlayerId;
use crate::players::Players;
use crate::record::{EndReason, RequestId};
use crate::room::{DEFAULT_BUDGET_BYTES, Room, RoomConfig};
use crate::simulation::action::Action;
pub use crate::simulation::action::Removal;
use crate::simulation::bots::view::View;
use crate::simulation::game::Game;
use crate::simulation::host::spec::GameSpec;
use crate::simulation::setup::Setup;
use crate::text::ChatRules;

/// A room for tests of a game: see the [module](self).
pub struct TestRoom<G: Game> {
    room: Room,
    spec: Arc<GameSpec>,
    clients: Players<Client<G>>,
    bots: Vec<Bot>,
    removed: Vec<Removed>,
    jobs: Vec<(JobId, G::Job)>,
    metadata: Option<Value>,
    /// The seats that the room was opened with, and the players that it admits now.
    seats: u16,
    max_players: u16,
}

/// A bot that has a seat.
struct Bot {
    player: PlayerId,
    /// It gives way to players.
    yields: bool,
}

/// A player whom the game has removed, or has not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The player.
    pub player: PlayerId,
    /// The kind of the removal.
    pub removal: Removal,
    /// The game's words.
    pub reason: String,
}

impl<G: Game> Default for TestRoom<G> {
    fn default() -> Self {
        Self::new()
    }
}

impl<G: Game> TestRoom<G> {
    /// A public room of the game's default mode, with the seed 1.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Setup { id: "test".to_owned(), ..Setup::new(1) })
    }

    /// A room with a seed, a mode and options.
    ///
    /// # Panics
    /// If the game's rules refuse the mode or the options.
    #[must_use]
    pub fn with(setup: Setup) -> Self {
        let spec = Arc::new(GameSpec::of::<G>());
        let rules = spec.rules(&setup.mode, &setup.options).unwrap_or_else(|error| panic!("{error}"));
        let max_players = rules.max_players.unwrap_or(spec.max_players);
        let options = rules.options.unwrap_or_else(|| setup.options.clone());
        let config = RoomConfig {
            max_players,
            tick_rate_hz: spec.tick_rate_hz,
            setup: Setup { options, ..setup },
            budget_bytes: DEFAULT_BUDGET_BYTES,
            outbox_bytes: DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        Self {
            room: Room::new(Arc::clone(&spec), config),
            spec,
            clients: Players::default(),
            bots: Vec::new(),
            removed: Vec::new(),
            jobs: Vec::new(),
            metadata: None,
            seats: max_players,
            max_players,
        }
    }

    /// A player joins with the next tick, without an account and with the default options.
    ///
    /// # Panics
    /// If no seat is free, or the name is not valid.
    pub fn join(&mut self, name: &str) -> PlayerId {
        self.join_with(name, &G::JoinOptions::default())
    }

    /// A player joins with the next tick, with options.
    ///
    /// # Panics
    /// As [`join`](Self::join).
    pub fn join_with(&mut self, name: &str, options: &G::JoinOptions) -> PlayerId {
        self.join_as(Joiner::named(name).with_options(options))
    }

    /// A player joins with the next tick, perhaps with an account. A bot that gives way leaves if all seats are taken.
    ///
    /// # Panics
    /// As [`join`](Self::join).
    pub fn join_as(&mut self, joiner: Joiner) -> PlayerId {
        let steady_bots = self.bots.iter().filter(|bot| !bot.yields).count();
        let admitted = self.clients.len() + steady_bots < self.max_players.into();
        assert!(admitted, "the game admits {} players", self.max_players);
        if self.clients.len() + self.bots.len() >= self.seats.into() {
            let last = self.bots.iter().rev().find(|bot| bot.yields).map(|bot| bot.player);
            if let Some(bot) = last {
                self.leave(bot);
            }
        }
        let player = self.room.join(joiner).unwrap_or_else(|error| panic!("{error}"));
        self.clients.insert(player, Client::new(&self.spec));
        player
    }

    /// A player leaves.
    pub fn leave(&mut self, player: PlayerId) {
        self.clients.remove(player);
        self.bots.retain(|bot| bot.player != player);
        self.room.leave(player);
    }

    /// A player's connection is lost.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn away(&mut self, player: PlayerId) {
        self.clients[player].is_away = true;
        self.room.hold(player);
    }

    /// A player who was away is connected again.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn back(&mut self, player: PlayerId) {
        let client = &mut self.clients[player];
        client.is_away = false;
        self.room.resume(player, client.mirror_tick());
    }

    /// Sets a player's input, which is sent for every tick until it is set again. Presses in it count once.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn input(&mut self, player: PlayerId, input: &G::Input) {
        self.clients[player].set_input(&self.spec, input);
    }

    /// Sends a command that wants a reply. Returns its number, which comes with the reply.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn command(&mut self, player: PlayerId, command: &G::Command) -> u32
    where
        G::Command: Serialize,
    {
        let request = self.next_request(player);
        let taken = self.room.handle_command(request, &encode(command));
        assert!(taken.is_ok(), "a command of the game: {taken:?}");
        request.number
    }

    /// Sends a chat message to the room. Returns its number, which comes with the [reply](Self::replies) if it is refused.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn say(&mut self, player: PlayerId, text: &str) -> u32 {
        let request = RequestId { reply: false, ..self.next_request(player) };
        let taken = self.room.handle_chat(request, Channel::Room, text);
        assert!(taken.is_ok(), "a chat message: {taken:?}");
        request.number
    }

    fn next_request(&mut self, player: PlayerId) -> RequestId {
        let client = &mut self.clients[player];
        client.requests += 1;
        RequestId { player, number: client.requests, reply: true }
    }

    /// Advances the room by one tick.
    ///
    /// # Panics
    /// If the game does, or a client's state differs from the room's.
    pub fn tick(&mut self) {
        for (player, client) in self.clients.iter_mut().filter(|(_, client)| !client.is_away) {
            client.send_input(player, &mut self.room, &self.spec);
        }
        self.room.tick();
        for action in self.room.take_actions() {
            self.carry_out(action);
        }
        for (player, client) in self.clients.iter_mut().filter(|(_, client)| !client.is_away) {
            client.receive(player, &mut self.room);
        }
    }

    /// Advances the room by some ticks.
    ///
    /// # Panics
    /// As [`tick`](Self::tick).
    pub fn ticks(&mut self, count: u32) {
        (0..count).for_each(|_| self.tick());
    }

    /// Advances the room by some seconds of its time.
    ///
    /// # Panics
    /// As [`tick`](Self::tick).
    pub fn seconds(&mut self, seconds: f32) {
        self.ticks((seconds * self.spec.tick_rate_hz as f32).round() as u32);
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Remove { player, removal, reason } => {
                self.leave(player);
                self.removed.push(Removed { player, removal, reason });
            }
            Action::SeatBot { name, yields } => self.seat_bot(&name, yields),
            Action::SetMaxPlayers(players) => self.max_players = players.clamp(1, self.seats),
            Action::SetMetadata(metadata) => self.metadata = Some(metadata),
            Action::Start(job) => {
                let body = decode(&job.body).expect("a started job was serialized by its room");
                self.jobs.push((job.id, body));
            }
            Action::Hold { .. } => {}
        }
    }

    /// Gives a bot a seat. Without a free one there is no bot, as on a server.
    fn seat_bot(&mut self, name: &str, yields: bool) {
        if self.clients.len() + self.bots.len() < self.max_players.into() {
            let joined = self.room.join(Joiner { is_bot: true, ..Joiner::named(name) });
            self.bots.extend(joined.ok().map(|player| Bot { player, yields }));
        }
    }

    /// The bots that the game has seated.
    #[must_use]
    pub fn bots(&self) -> Vec<PlayerId> {
        self.bots.iter().map(|bot| bot.player).collect()
    }

    /// The chat messages that a player has received since the last call, their own too, each with its speaker.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn heard(&mut self, player: PlayerId) -> Vec<(PlayerId, String)> {
        std::mem::take(&mut self.clients[player].heard)
    }

    /// The events that a player has received since the last call, in their order.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn events(&mut self, player: PlayerId) -> Vec<G::Event>
    where
        G::Event: DeserializeOwned,
    {
        let bodies = std::mem::take(&mut self.clients[player].events);
        bodies.iter().map(|body| decode(body).expect("the room has serialized it")).collect()
    }

    /// The replies that a player has received since the last call, each with the number of its command: the game's reply or, if
    /// the command or chat message was refused, the reason.
    ///
    /// # Panics
    /// If the player is not here.
    pub fn replies(&mut self, player: PlayerId) -> Vec<(u32, Result<G::Reply, Refused>)>
    where
        G::Reply: DeserializeOwned,
    {
        let read = |body: &Bytes| decode(body).expect("the room has serialized it");
        let replies = std::mem::take(&mut self.clients[player].replies);
        replies.into_iter().map(|(number, reply)| (number, reply.map(|body| read(&body)))).collect()
    }

    /// The rows of a table as a player's client has them: without what is hidden from the player, and quantized.
    ///
    /// # Panics
    /// If the player is not here, or the world has no table of this name, or its rows are not of type `T`.
    #[must_use]
    pub fn rows<T: Replicate>(&self, player: PlayerId, table: &str) -> Vec<(EntityId, T)> {
        self.clients[player].rows(self.table(table))
    }

    /// The rows of a table with all that is hidden from players, quantized as clients get them.
    ///
    /// # Panics
    /// If the world has no table of this name, or its rows are not of type `T`.
    #[must_use]
    pub fn all_rows<T: Replicate>(&self, table: &str) -> Vec<(EntityId, T)> {
        let rows = self.room.output().frame.rows(self.table(table));
        rows.iter().map(|(entity, row)| (entity, T::dequantize(row))).collect()
    }

    fn table(&self, name: &str) -> usize {
        let index = self.spec.schema.tables.iter().position(|table| table.name == name);
        index.unwrap_or_else(|| panic!("the world has no table `{name}`"))
    }

    /// The state that a player sees, as a bot's [`Mind`](crate::Mind) gets it.
    ///
    /// # Panics
    /// If the player is not here.
    #[must_use]
    pub fn view(&self, player: PlayerId) -> View<'_> {
        self.clients[player].view(player)
    }

    /// Returns true if a player or bot has a seat: connected or away, and neither refused nor kicked.
    #[must_use]
    pub fn is_here(&self, player: PlayerId) -> bool {
        self.clients.contains(player) || self.bots.iter().any(|bot| bot.player == player)
    }

    /// The players whom the game has removed or has not let in, since the last call.
    pub fn removed(&mut self) -> Vec<Removed> {
        std::mem::take(&mut self.removed)
    }

    /// The jobs that the game has started since the last call.
    pub fn jobs(&mut self) -> Vec<(JobId, G::Job)> {
        std::mem::take(&mut self.jobs)
    }

    /// Gives the game the outcome of a job, with the next tick.
    pub fn finish(&mut self, job: JobId, outcome: Result<<G::Job as Job>::Outcome, JobError>) {
        self.room.handle_outcome(job, outcome.map(|outcome| encode(&outcome).into()));
    }

    /// The room's metadata; `None` if the game has set none.
    #[must_use]
    pub fn metadata(&self) -> Option<&Value> {
        self.metadata.as_ref()
    }

    /// The players that the game admits, at most.
    #[must_use]
    pub fn max_players(&self) -> u16 {
        self.max_players
    }

    /// Returns true if new players are kept out.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.room.is_locked()
    }

    /// The reason for which the room is to end; `None` if it may go on.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        self.room.end_reason()
    }

    /// Ends the game. Returns the job that it leaves behind.
    #[must_use]
    pub fn close(mut self, reason: EndReason) -> Option<G::Job> {
        self.room.close(reason);
        for action in self.room.take_actions() {
            self.carry_out(action);
        }
        self.jobs.pop().map(|(_, job)| job)
    }

    /// The newest tick.
    #[must_use]
    pub fn current_tick(&self) -> u32 {
        self.room.current_tick()
    }

    /// The game.
    ///
    /// # Panics
    /// Never: the room is of this game.
    #[must_use]
    pub fn game(&self) -> &G {
        self.room.game().expect("the room is of this game")
    }

    /// Mutable access to the game, to set up a situation.
    ///
    /// # Panics
    /// Never: the room is of this game.
    #[must_use]
    pub fn game_mut(&mut self) -> &mut G {
        self.room.game_mut().expect("the room is of this game")
    }

    /// The room itself.
    #[must_use]
    pub fn room(&mut self) -> &mut Room {
        &mut self.room
    }
}
