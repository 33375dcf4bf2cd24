//! One tick, as a game sees it.

use drumline_shared::encoding::encode_within;
use serde_json::Value;

use super::Control;
use super::action::{Action, MAX_METADATA_BYTES, MetadataError, Removal};
use super::game::Game;
use super::outgoing::{Outgoing, Sent, To};
use super::player_info::PlayerInfo;
use super::request::Request;
use super::rewind::{Past, Rewound};
use super::timers::Timers;
use crate::job::{JobId, JobRefused, MAX_JOB_BYTES, MAX_JOBS, StartedJob};
use crate::player_id::PlayerId;
use crate::players::Players;
use crate::rng::Rng;

/// One tick, as a game sees it: players, inputs and commands, time and chance, and the calls that send messages, start work
/// outside and control the room.
///
/// All hooks of a game get the tick; the inputs and commands are there in [`Game::tick`] alone.
///
/// An event or a reply has at most 256 KiB. On one tick a game may send 4,096 events and replies, 4 MiB in total. A message
/// beyond a limit is not sent: the call returns what became of it, and the server logs it at level `debug`.
///
/// For a tick in a unit test, see `drumline::testing`.
#[doc = include_str!("tick.md")]
pub struct Tick<'a, G: Game> {
    /// The tick's number, from 1.
    pub number: u32,
    /// The duration of a tick, in seconds.
    pub dt: f32,
    pub(crate) players: &'a Players<PlayerInfo<G::JoinOptions>>,
    pub(crate) inputs: &'a [(PlayerId, G::Input)],
    pub(crate) commands: Vec<(PlayerId, G::Command, Request)>,
    pub(crate) timers: &'a mut Timers<G::Timer>,
    pub(crate) rng: &'a mut Rng,
    pub(crate) outgoing: &'a mut Outgoing,
    pub(crate) control: &'a mut Control,
    pub(crate) past: Past<'a>,
}

impl<'a, G: Game> Tick<'a, G> {
    /// The players of the room, by seat, with their names, accounts, options and connections. A player who joins is among them
    /// from [`Game::join`] on, one who leaves up to [`Game::leave`].
    ///
    /// ```
    /// # use drumline_room::prelude::*;
    /// # fn greet<G: Game>(player: PlayerId, tick: &Tick<G>) -> String {
    /// let name = &tick.players()[player].name;
    /// # name.clone()
    /// # }
    /// ```
    #[must_use]
    pub fn players(&self) -> &'a Players<PlayerInfo<G::JoinOptions>> {
        self.players
    }

    /// Every player's input for this tick, by ascending seat. Bots have the inputs of [`Game::bot_input`].
    ///
    /// Every seated player has an input on every tick, also while disconnected. If none arrives, the last one repeats for 15
    /// ticks; after that it is `Input::default()`.
    pub fn inputs(&self) -> impl Iterator<Item = (PlayerId, &'a G::Input)> + use<'a, G> {
        self.inputs.iter().map(|(player, input)| (*player, input))
    }

    /// A player's input for this tick; `None` for a player who is not here, and outside of [`Game::tick`].
    #[must_use]
    pub fn input(&self, player: PlayerId) -> Option<&'a G::Input> {
        let index = self.inputs.binary_search_by_key(&player, |(player, _)| *player).ok()?;
        Some(&self.inputs[index].1)
    }

    /// The commands of this tick, in the order of their arrival, each with the [`Request`] to reply to. A player has at most 8
    /// of them per tick; up to 64 more wait for later ticks.
    ///
    /// The first call returns all commands; a second call returns none. Commands you do not take are dropped.
    pub fn commands(&mut self) -> impl Iterator<Item = (PlayerId, G::Command, Request)> + use<G> {
        std::mem::take(&mut self.commands).into_iter()
    }

    /// Seconds of the room's time since its start: the tick's number times [`dt`](Self::dt). A room that sleeps stands still.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        f64::from(self.number) * f64::from(self.dt)
    }

    /// The timers of the room, which call [`Game::timer`].
    pub fn timers(&mut self) -> &mut Timers<G::Timer> {
        self.timers
    }

    /// A generator of random numbers, seeded by the room's seed and the tick: the same records give the same numbers.
    pub fn rng(&mut self) -> &mut Rng {
        self.rng
    }

    /// Replies to a command of this or an earlier tick. The player receives the reply exactly once, also after a lost connection.
    /// It is dropped if the client expects none. If it cannot be sent, the client receives a refusal.
    pub fn reply(&mut self, request: Request, reply: &G::Reply) -> Sent {
        self.outgoing.reply(request, reply)
    }

    /// Sends an event to some players: to one by its [`PlayerId`], to a slice of them, or to those that [`To`] describes. Each
    /// player receives its events and replies exactly once and in order: connected players before this tick's snapshot (a large
    /// one after some more), disconnected players when they resume. An event larger than 256 KiB, or beyond the
    /// [limits of a tick](Tick), is not sent.
    pub fn send(&mut self, to: impl Into<To>, event: &G::Event) -> Sent {
        self.outgoing.event(to.into(), self.number, event)
    }

    /// Sends an event to all players, as [`send`](Self::send) does.
    pub fn broadcast(&mut self, event: &G::Event) -> Sent {
        self.send(To::All, event)
    }

    /// Sends some players an event of which only the newest counts, such as a score that changes all the time. It does not wait
    /// behind reliable events. If too many wait for a client, the oldest are dropped; a disconnected player gets none.
    pub fn send_latest(&mut self, to: impl Into<To>, event: &G::Event) -> Sent {
        self.outgoing.latest(to.into(), self.number, event)
    }

    /// Sends all players an event of which only the newest counts, as [`send_latest`](Self::send_latest) does.
    pub fn broadcast_latest(&mut self, event: &G::Event) -> Sent {
        self.send_latest(To::All, event)
    }

    /// Removes a player, who may join again. Their client gets the reason, of which 123 bytes arrive. [`Game::leave`] follows
    /// with the next tick. A bot is removed in the same way.
    pub fn kick(&mut self, player: PlayerId, reason: &str) {
        self.remove(player, Removal::Kicked, reason);
    }

    /// Removes a player, as [`kick`](Self::kick) does, and keeps them out while the room lives: the account or, without one, the
    /// address.
    pub fn ban(&mut self, player: PlayerId, reason: &str) {
        self.remove(player, Removal::Banned, reason);
    }

    fn remove(&mut self, player: PlayerId, removal: Removal, reason: &str) {
        self.control.actions.push(Action::Remove { player, removal, reason: reason.to_owned() });
    }

    /// Holds a player's seat for another time than the server's setting `rooms.resume_seconds` while the player is away: for
    /// longer, or with 0 not at all. It lasts until it is changed again, and counts from the loss of the connection.
    pub fn hold_seat(&mut self, player: PlayerId, seconds: u32) {
        self.control.actions.push(Action::Hold { player, seconds });
    }

    /// Gives a bot a seat. [`Game::join`] follows with the next tick if a seat is free, and then [`Game::bot_input`] gives its
    /// inputs. A bot that `yields` takes no place from a player: it leaves when a player needs its seat.
    ///
    /// A bot joins as players do, with the default options, so a [`Game::join`] that refuses keeps it out too. To keep a room at
    /// some number of players, count [`players`](Self::players) on each tick: seat as many bots as are missing, and
    /// [`kick`](Self::kick) one when there are too many.
    pub fn seat_bot(&mut self, name: &str, yields: bool) {
        self.control.actions.push(Action::SeatBot { name: name.to_owned(), yields });
    }

    /// Keeps new players out, or lets them in again, unless an operator keeps them out. Players who have a seat may still resume.
    pub fn lock(&mut self, locked: bool) {
        self.control.locked_by_game = locked;
    }

    /// Admits at most this many players from now on: at least 1, at most the seats that the room was opened with. Players who are
    /// here already stay.
    pub fn set_max_players(&mut self, players: u16) {
        self.control.actions.push(Action::SetMaxPlayers(players));
    }

    /// Shows metadata with the room in `GET /api/rooms` and in lobbies, where clients filter by them. They are public.
    ///
    /// # Errors
    /// [`MetadataError`] if they take more than [`MAX_METADATA_BYTES`] as JSON; the old ones stay.
    pub fn set_metadata(&mut self, metadata: &G::Metadata) -> Result<(), MetadataError> {
        let json = |error: serde_json::Error| MetadataError::NoJson(error.to_string());
        let value: Value = serde_json::to_value(metadata).map_err(json)?;
        let bytes = serde_json::to_vec(&value).map_err(json)?.len();
        if bytes > MAX_METADATA_BYTES {
            return Err(MetadataError::TooLarge(bytes));
        }
        self.control.actions.push(Action::SetMetadata(value));
        Ok(())
    }

    /// Starts work outside of the room, such as a database's query. Its outcome arrives on a later tick, by [`Game::outcome`].
    /// When the room ends, jobs that are under way are cancelled.
    ///
    /// # Errors
    /// [`JobRefused`] if [`MAX_JOBS`] are under way already, or the job takes more than [`MAX_JOB_BYTES`].
    pub fn start(&mut self, job: &G::Job) -> Result<JobId, JobRefused> {
        if self.control.jobs.len() >= MAX_JOBS {
            return Err(JobRefused::TooMany);
        }
        let body = encode_within(job, MAX_JOB_BYTES).ok_or(JobRefused::TooLarge)?;
        let tick = self.number;
        let index = self.control.jobs.iter().filter(|job| job.tick == tick).count() as u16;
        let id = JobId { tick, index };
        self.control.jobs.insert(id);
        self.control.actions.push(Action::Start(StartedJob { id, body }));
        Ok(id)
    }

    /// Ends the room after this tick. All players receive its events and its snapshot first; then their connections are closed.
    pub fn end_room(&mut self) {
        self.control.ended = true;
    }

    /// Seconds until the server closes the room because it drains; `None` if it does not drain. A game may finish its round
    /// sooner and [end the room](Self::end_room).
    #[must_use]
    pub fn draining(&self) -> Option<f32> {
        self.control.draining_seconds
    }

    /// The world as a player saw it when they made their input for this tick. The target has moved on since: look for hits in the
    /// rewound world, and apply the damage to the present one.
    ///
    /// The time is the client's newest snapshot minus its interpolation delay (see `docs/PROTOCOL.md`, section 10). On a tick
    /// without an input, the delay of the last input is used. The time is never later than the end of the previous tick, and
    /// never more than [`Game::REWIND_MS`] before that. For a player who has no seat or no snapshot yet, it is the end of the
    /// previous tick.
    ///
    /// Use it for weapons that hit instantly. Let projectiles fly in the present: players see them and can dodge.
    ///
    /// Set [`Game::REWIND_MS`] to the longest delay that you want to compensate: a player's round trip, two or three ticks of
    /// interpolation delay, and as many in the input buffer. 300 to 500 ms suit most games. A target can still be hit that long
    /// after it took cover. The value also limits what a client gains by lying about its delay.
    ///
    /// The rewound world includes entities that the player could not see. If your game hides entities, check visibility yourself.
    ///
    /// # Examples
    /// ```
    /// use drumline_room::prelude::*;
    ///
    /// #[derive(Replicate)]
    /// struct Ship {
    ///     player: PlayerId,
    ///     #[sync(range = 0.0..=2000.0, step = 0.05, predict = linear)]
    ///     position: Vec2,
    ///     #[sync(range = 0..=100)]
    ///     health: u8,
    /// }
    ///
    /// #[derive(Default, Replicate)]
    /// struct Controls {
    ///     laser: bool,
    ///     #[sync(angle, bits = 12)]
    ///     aim: f32,
    /// }
    ///
    /// #[derive(Default, World)]
    /// struct Duel {
    ///     ships: Table<Ship>,
    /// }
    ///
    /// /// Returns true if a beam passes near enough to a point to hit it.
    /// fn hits(from: Vec2, aim: f32, point: Vec2) -> bool {
    ///     let (beam, to) = (Vec2::from_angle(aim), point - from);
    ///     beam.dot(to) > 0.0 && beam.perp_dot(to).abs() < 18.0
    /// }
    ///
    /// #[game]
    /// impl Game for Duel {
    ///     const NAME: &'static str = "duel";
    ///     const REWIND_MS: u32 = 400;
    ///     type Input = Controls;
    ///
    ///     fn tick(&mut self, tick: &mut Tick<Self>) {
    ///         // Each ship moves …
    ///         for (player, controls) in tick.inputs().filter(|(_, controls)| controls.laser) {
    ///             let ships = &mut self.ships;
    ///             let Some(own) = ships.values().find(|ship| ship.player == player) else { continue };
    ///             let from = own.position;
    ///             for (entity, seen) in tick.rewound(player).rows::<Ship>("ships") {
    ///                 // The target may be gone by now.
    ///                 let Some(ship) = ships.get_mut(entity) else { continue };
    ///                 if ship.player != player && hits(from, controls.aim, seen.position) {
    ///                     ship.health = ship.health.saturating_sub(20);
    ///                 }
    ///             }
    ///         }
    ///     }
    ///     // …
    /// #   fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
    /// #       let position = Vec2::new(1000.0 * f32::from(player.seat()), 0.0);
    /// #       self.ships.insert(Ship { player, position, health: 100 });
    /// #       Ok(())
    /// #   }
    /// }
    /// #
    /// # use drumline_room::{ChatRules, GameSpec, Room, RoomConfig};
    /// # use drumline_shared::wire::input::{InputHeader, write_input};
    /// # use drumline_shared::layout::InputLayout;
    /// # let config = RoomConfig {
    /// #     max_players: 2,
    /// #     tick_rate_hz: 30,
    /// #     setup: Setup::new(1),
    /// #     budget_bytes: 4096,
    /// #     outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
    /// #     chat: ChatRules::default(),
    /// # };
    /// # let mut room = Room::new(GameSpec::of::<Duel>().into(), config);
    /// # let players = [room.join("ada"), room.join("ben")].map(Result::unwrap);
    /// # room.tick();
    /// # room.poll_snapshot(players[0]).unwrap();
    /// # let mut row = [0; 2];
    /// # Controls { laser: true, aim: 0.0 }.quantize(&mut row);
    /// # let mut message = Vec::new();
    /// # let header = InputHeader { number: 1, acked_tick: 1, tick: 2, view_eighths: 0 };
    /// # write_input(&InputLayout::of::<Controls>(), header, &row, &mut message);
    /// # room.handle_input(players[0], &message).unwrap();
    /// # room.tick();
    /// # let healths: Vec<u8> = room.frame(2).unwrap().rows(0).iter().map(|(_, row)| Ship::dequantize(row).health).collect();
    /// # assert_eq!(healths, [100, 80]);
    /// ```
    #[must_use]
    pub fn rewound(&self, player: PlayerId) -> Rewound<'a> {
        self.past.rewound(player, self.dt)
    }
}
