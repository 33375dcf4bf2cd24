//! Simulation: a game's state, advanced by records.
//!
//! It is deterministic: the same setup and the same records give the same states, bit for bit, on every machine. It reads no
//! clock, and [`Simulation::advance`] is the only place where the game is called mutably.

pub mod action;
pub mod bots;
pub mod game;
pub mod host;
pub mod interest;
pub mod outgoing;
mod output;
mod player;
pub mod player_info;
mod presses;
pub mod request;
pub mod rewind;
pub mod setup;
pub mod tick;
pub mod timers;

use std::collections::BTreeSet;
use std::sync::Arc;

use drumline_shared::limits::MAX_FRAME_COLUMNS;
use drumline_shared::wire::control::{Channel, Outcome, Refused};
use drumline_shared::world::{ClampedValues, Home};

use self::action::{Action, Removal};
use self::game::{ChatVerdict, Game};
use self::host::hosted::{AnyGame, Lent, TickInput};
use self::host::spec::GameSpec;
use self::interest::Sight;
use self::outgoing::{Outgoing, To};
pub use self::output::Output;
pub use self::player::Player;
use self::presses::PressCounts;
use self::rewind::{Past, RecentFrames};
use self::setup::Setup;
use crate::epoch::EpochTick;
use crate::job::{JobId, StartedJob};
use crate::joiner::JoinRefused;
use crate::player_id::PlayerId;
use crate::record::{
    ChatRecord, EndReason, Order, OutcomeRecord, Presence, PresenceRecord, Record, RequestId,
};
use crate::text::{ChatRules, check_chat};

/// The requests of a game to its room, and the orders of the operator.
#[derive(Debug, Clone, Default)]
pub(crate) struct Control {
    /// The game keeps new players out.
    pub(crate) locked_by_game: bool,
    /// An operator keeps new players out. Neither opens what the other has locked.
    pub(crate) locked_by_operator: bool,
    /// The room ends after this tick.
    pub(crate) ended: bool,
    /// Seconds for which the room may go on, if the server drains.
    pub(crate) draining_seconds: Option<f32>,
    /// The jobs that are under way.
    pub(crate) jobs: BTreeSet<JobId>,
    /// The actions that the game has asked for on this tick, in its order.
    pub(crate) actions: Vec<Action>,
}

/// A game and all that its next state depends on, beside the records.
///
/// Invariant: between two calls of [`advance`](Self::advance) nothing changes.
pub struct Simulation {
    spec: Arc<GameSpec>,
    game: Box<dyn AnyGame>,
    now: EpochTick,
    /// Seconds that a tick lasts.
    dt: f32,
    chat: ChatRules,
    /// By seat.
    players: Vec<Option<Player>>,
    /// Players whose entry in the list of players is new, on this tick.
    players_changed: Vec<PlayerId>,
    control: Control,
    presses: PressCounts,
    /// The newest frame has more columns than a client can hold.
    is_too_large: bool,
    clamped: ClampedValues,
    /// The newest frame, and those before it that the game may rewind to.
    frames: RecentFrames,
    /// By table: where each entity is. Empty in a world that is all public.
    homes: Vec<Vec<Home>>,
    /// By seat: what each player sees. Up to date in a divided world, and after a message to a team.
    sights: Vec<Sight>,
    outgoing: Outgoing,
    chats_sent: u32,
    chats_refused: u32,
    #[cfg(debug_assertions)]
    purity: PurityCheck,
}

/// Memory for asking a game twice.
#[cfg(debug_assertions)]
#[derive(Default)]
struct PurityCheck {
    homes: Vec<Home>,
    sight: Sight,
}

impl Simulation {
    /// A game at its start, before the first tick.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "it is made for this simulation alone")]
    pub fn new(spec: Arc<GameSpec>, config: SimulationConfig) -> Self {
        let is_divided = !spec.layout.is_public();
        let reach_eighths = spec.reach_eighths(config.tick_rate_hz);
        let mut simulation = Self {
            game: (spec.make)(&config.setup, config.tick_rate_hz),
            now: EpochTick::START,
            dt: 1.0 / config.tick_rate_hz as f32,
            chat: config.chat,
            players: (0..config.max_players).map(|_| None).collect(),
            players_changed: Vec::new(),
            control: Control::default(),
            presses: PressCounts::new(spec.input_layout.clone(), config.max_players),
            is_too_large: false,
            clamped: ClampedValues::default(),
            frames: RecentFrames::new(&spec.schema.tables, reach_eighths),
            homes: if is_divided { vec![Vec::new(); spec.schema.tables.len()] } else { Vec::new() },
            sights: vec![Sight::default(); config.max_players.into()],
            outgoing: Outgoing::default(),
            chats_sent: 0,
            chats_refused: 0,
            #[cfg(debug_assertions)]
            purity: PurityCheck::default(),
            spec,
        };
        simulation.capture();
        simulation
    }

    /// Advances the game by one tick, or ends it.
    ///
    /// The record is applied in this order, whatever the order of arrival was: leaves, joins, presence, orders, chat, outcomes of
    /// jobs, and then a tick with timers, commands and inputs.
    ///
    /// # Panics
    /// If the record is not that of the next tick, or the game panics.
    pub fn advance(&mut self, record: &Record) -> Output<'_> {
        assert_eq!(record.at, self.now.next(), "records are applied in order");
        self.outgoing.clear();
        self.control.actions.clear();
        self.players_changed.clear();
        (self.chats_sent, self.chats_refused) = (0, 0);
        self.game.begin(record.at.tick);
        self.leave(record);
        if let Some(reason) = record.end {
            self.end(reason);
            return self.output();
        }
        self.join(record);
        for &change in &record.public.presence {
            self.change_presence(change, record);
        }
        self.announce_players();
        for &order in &record.public.orders {
            match order {
                Order::Lock(locked) => self.control.locked_by_operator = locked,
                Order::Drain { left_ms } => self.control.draining_seconds = Some(left_ms as f32 / 1000.0),
            }
        }
        for chat in record.public.chat.iter().chain(&record.private.team_chat) {
            self.say(chat);
        }
        for outcome in &record.private.outcomes {
            self.take_outcome(outcome, record);
        }
        let input = TickInput {
            commands: &record.public.commands,
            players: &mut self.players,
            inputs: &record.public.inputs,
            presses: &mut self.presses,
        };
        let past = past(&self.spec, &self.frames, record, self.now.tick);
        let (outgoing, control) = (&mut self.outgoing, &mut self.control);
        self.game.tick(input, Lent { number: record.at.tick, dt: self.dt, outgoing, control, past });
        // Only now: if the game panics, the newest tick is still the one before.
        self.now = record.at;
        self.capture();
        self.output()
    }

    /// Calls a hook of the game, with what a tick lends to it.
    fn call<R>(&mut self, record: &Record, hook: impl FnOnce(&mut dyn AnyGame, Lent) -> R) -> R {
        let past = past(&self.spec, &self.frames, record, self.now.tick);
        let (outgoing, control) = (&mut self.outgoing, &mut self.control);
        hook(&mut *self.game, Lent { number: record.at.tick, dt: self.dt, outgoing, control, past })
    }

    fn leave(&mut self, record: &Record) {
        for &player in &record.public.leaves {
            // The game has refused others: it never had them.
            if self.player(player).is_some() {
                self.players[player.index()] = None;
                self.players_changed.push(player);
                self.call(record, |game, lent| game.leave(player, lent));
            }
        }
    }

    /// Ends the game, which may have a last job.
    fn end(&mut self, reason: EndReason) {
        if let Some(body) = self.game.close(reason) {
            let id = JobId { tick: self.now.tick + 1, index: 0 };
            self.control.actions.push(Action::Start(StartedJob { id, body }));
        }
    }

    fn join(&mut self, record: &Record) {
        let mut identities = record.private.identities.iter().peekable();
        for join in &record.public.joins {
            let player = join.player;
            let identity = identities.next_if(|identity| identity.player == player);
            let identity = identity.map(|record| &record.identity);
            self.presses.restart(player);
            match self.call(record, |game, lent| game.join(join, identity, lent)) {
                Ok(()) => {
                    self.players[player.index()] = Some(Player {
                        id: player,
                        name: join.name.clone(),
                        is_bot: join.is_bot,
                        presence: Presence::Connected,
                        last_command: 0,
                        last_chat: 0,
                    });
                    self.players_changed.push(player);
                }
                Err(JoinRefused(reason)) => {
                    let removal = Removal::Refused;
                    self.control.actions.push(Action::Remove { player, removal, reason });
                }
            }
        }
    }

    fn change_presence(&mut self, change: PresenceRecord, record: &Record) {
        let Some(player) = self.player_mut(change.player) else { return };
        player.presence = change.presence;
        self.players_changed.push(change.player);
        self.call(record, |game, lent| game.presence(change, lent));
    }

    /// Gives the game the outcome of a job, once.
    fn take_outcome(&mut self, outcome: &OutcomeRecord, record: &Record) {
        if self.control.jobs.remove(&outcome.job) {
            self.call(record, |game, lent| game.outcome(outcome, lent));
        }
    }

    /// Sends every client the players who have changed.
    fn announce_players(&mut self) {
        let changed = &mut self.players_changed;
        if changed.is_empty() {
            return;
        }
        changed.sort_unstable();
        changed.dedup();
        let listed = changed.iter().map(|&player| {
            let now = self.players[player.index()].as_ref().filter(|now| now.id == player);
            now.map_or_else(|| player::left(player), Player::listed)
        });
        self.outgoing.players(listed.collect());
    }

    /// Sends a chat message, if the game allows it, and answers it.
    fn say(&mut self, chat: &ChatRecord) {
        let RequestId { player, number, .. } = chat.request;
        let speaker = self.player_mut(player);
        if !speaker.is_some_and(|speaker| Player::execute(&mut speaker.last_chat, number)) {
            return;
        }
        let outcome = match self.moderate(chat) {
            Ok(()) => {
                self.chats_sent += 1;
                Outcome::Done(Vec::new())
            }
            Err(refused) => {
                self.chats_refused += 1;
                Outcome::Refused(refused)
            }
        };
        self.outgoing.answer(chat.request, outcome);
    }

    fn moderate(&mut self, ChatRecord { request, channel, text }: &ChatRecord) -> Result<(), Refused> {
        let player = request.player;
        let to = match channel {
            Channel::Room => To::All,
            Channel::Team => {
                let mut sight = Sight::default();
                self.game.sight(player, &mut sight);
                To::Team(sight.team.ok_or(Refused::NoTeam)?)
            }
        };
        let mut text = text.clone();
        if self.game.moderate(player, *channel, &mut text) == ChatVerdict::Refuse {
            return Err(Refused::NotAllowed);
        }
        // A game may change the text, but not past the rules.
        let text = check_chat(&text, &self.chat).map_err(|_| Refused::NotAllowed)?;
        let speaker = self.players[player.index()].as_ref().filter(|speaker| speaker.id == player);
        let speaker = speaker.ok_or(Refused::NotAllowed)?;
        self.outgoing.chat(self.now.next().tick, player, &speaker.name, *channel, text, to);
        Ok(())
    }

    /// Captures the world, and what players see of it.
    fn capture(&mut self) {
        let frame = self.frames.start(self.now.tick);
        self.game.capture(frame, &mut self.clamped);
        let columns: usize = (0..frame.tables()).map(|table| frame.rows(table).columns().len()).sum();
        self.is_too_large = columns > MAX_FRAME_COLUMNS;
        for (table, homes) in self.homes.iter_mut().enumerate() {
            homes.clear();
            // A table of public rows alone has no use for homes.
            if self.spec.is_divided(table) {
                self.game.locate(table, homes);
                assert_eq!(
                    homes.len(),
                    frame.rows(table).len(),
                    "a world locates each of a table's entities"
                );
                #[cfg(debug_assertions)]
                {
                    self.purity.homes.clear();
                    self.game.locate(table, &mut self.purity.homes);
                    assert_eq!(*homes, self.purity.homes, "two calls of `locate` differ");
                }
            }
        }
        if !self.homes.is_empty() || self.outgoing.needs_sights() {
            for seat in 0..self.players.len() {
                self.look(seat);
            }
        }
    }

    /// Updates a player's sight.
    fn look(&mut self, seat: usize) {
        let sight = &mut self.sights[seat];
        sight.clear();
        let Some(&Player { id: player, .. }) = self.players[seat].as_ref() else { return };
        self.game.sight(player, sight);
        #[cfg(debug_assertions)]
        {
            self.purity.sight.clear();
            self.game.sight(player, &mut self.purity.sight);
            assert_eq!(*sight, self.purity.sight, "two calls of `sight` differ");
        }
    }

    /// The output of the newest tick.
    #[must_use]
    pub fn output(&self) -> Output<'_> {
        Output {
            at: self.now,
            frame: self.frames.get(self.now.tick),
            homes: &self.homes,
            sights: &self.sights,
            is_too_large: self.is_too_large,
            players: &self.players,
            messages: self.outgoing.messages(),
            actions: &self.control.actions,
            refused: self.outgoing.refused(),
            clamped: &self.clamped,
            chats_sent: self.chats_sent,
            chats_refused: self.chats_refused,
        }
    }

    /// The newest tick.
    #[must_use]
    pub fn now(&self) -> EpochTick {
        self.now
    }

    /// Returns true if the game or the operator keeps new players out.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.control.locked_by_game || self.control.locked_by_operator
    }

    /// Returns true if the game wants the room to end after the newest tick.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.control.ended
    }

    /// Bytes of memory that frames and sights take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.frames.memory_bytes() + self.sights.capacity() * size_of::<Sight>()
    }

    /// The state of a player's connection as of the newest tick; `None` if the player is not in the game.
    #[must_use]
    pub fn presence(&self, player: PlayerId) -> Option<Presence> {
        self.player(player).map(|player| player.presence)
    }

    /// A player who is in the game; not another one who has the seat now.
    fn player(&self, id: PlayerId) -> Option<&Player> {
        self.players.get(id.index())?.as_ref().filter(|player| player.id == id)
    }

    fn player_mut(&mut self, id: PlayerId) -> Option<&mut Player> {
        self.players.get_mut(id.index())?.as_mut().filter(|player| player.id == id)
    }

    /// The game, if it is of this type.
    #[must_use]
    pub fn game<G: Game>(&self) -> Option<&G> {
        self.game.any().downcast_ref()
    }

    /// Mutable access to the game, if it is of this type: for tests, since no record can repeat what they do with it.
    #[must_use]
    pub fn game_mut<G: Game>(&mut self) -> Option<&mut G> {
        self.game.any_mut().downcast_mut()
    }

    /// The actions that the game has asked for on the newest tick, which are taken out.
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.control.actions)
    }

    /// A player's sight, as of now.
    #[must_use]
    pub fn sight(&self, player: PlayerId) -> Sight {
        let mut sight = Sight::default();
        self.game.sight(player, &mut sight);
        sight
    }
}

/// The past that a tick can rewind to.
fn past<'a>(spec: &'a GameSpec, frames: &'a RecentFrames, record: &'a Record, present: u32) -> Past<'a> {
    Past { tables: &spec.schema.tables, frames, inputs: &record.public.inputs, present }
}

/// The settings that a simulation depends on, beside its game.
#[derive(Debug, Clone)]
pub struct SimulationConfig {
    /// Seats.
    pub max_players: u16,
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// The game's seed, mode and options.
    pub setup: Setup,
    /// The rules of the chat.
    pub chat: ChatRules,
}
