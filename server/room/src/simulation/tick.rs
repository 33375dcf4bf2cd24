//! One tick, as a game sees it.

use super::Control;
use super::game::Game;
use super::outgoing::{Outgoing, Sent, To};
use super::request::Request;
use super::rewind::{Past, Rewound};
use crate::player_id::PlayerId;

/// One tick, as a game sees it: its inputs and commands, and the calls that send messages.
///
/// An event or a reply has at most 256 KiB. On one tick a game may send 4,096 events and replies, 4 MiB in total. A message
/// beyond a limit is not sent: the call returns what became of it, and the server logs it at level `debug`.
pub struct Tick<'a, G: Game> {
    /// The tick's number, from 1.
    pub number: u32,
    /// The duration of a tick, in seconds.
    pub dt: f32,
    pub(super) inputs: &'a [(PlayerId, G::Input)],
    pub(super) commands: Vec<(PlayerId, G::Command, Request)>,
    pub(super) outgoing: &'a mut Outgoing,
    pub(super) control: &'a mut Control,
    pub(super) past: Past<'a>,
}

impl<'a, G: Game> Tick<'a, G> {
    /// Every player's input for this tick, by ascending seat.
    ///
    /// Every seated player has an input on every tick, also while disconnected. If none arrives, the last one repeats for 15
    /// ticks; after that it is `Input::default()`.
    ///
    /// The iterator borrows the tick, so you cannot send events in its loop: collect them, and send them after the loop.
    pub fn inputs(&self) -> impl Iterator<Item = (PlayerId, &G::Input)> {
        self.inputs.iter().map(|(player, input)| (*player, input))
    }

    /// The commands of this tick, in the order of their arrival, each with the [`Request`] to reply to. A player has at most 8
    /// of them per tick; up to 64 more wait for later ticks.
    ///
    /// The first call returns all commands; a second call returns none. Commands you do not take are dropped.
    pub fn commands(&mut self) -> impl Iterator<Item = (PlayerId, G::Command, Request)> + use<G> {
        std::mem::take(&mut self.commands).into_iter()
    }

    /// Replies to a command of this or an earlier tick. The player receives the reply exactly once, also after a lost connection.
    /// It is dropped if the client expects none. If it cannot be sent, the client receives a refusal.
    pub fn reply(&mut self, request: Request, reply: &G::Reply) -> Sent {
        self.outgoing.reply(request, reply)
    }

    /// Sends an event to all players. Each player receives its events and replies exactly once and in order: connected players
    /// before this tick's snapshot (a large one after some more), disconnected players when they resume. An event larger than
    /// 256 KiB, or beyond the [limits of a tick](Tick), is not sent.
    pub fn broadcast(&mut self, event: &G::Event) -> Sent {
        self.outgoing.event(To::All, self.number, event)
    }

    /// Sends an event to one player, as [`broadcast`](Self::broadcast) does.
    pub fn send(&mut self, player: PlayerId, event: &G::Event) -> Sent {
        self.outgoing.event(To::Player(player), self.number, event)
    }

    /// Sends an event to the players of a team, as [`broadcast`](Self::broadcast) does. A player's team is that of
    /// [`Game::sight`] after this tick.
    pub fn send_to_team(&mut self, team: u32, event: &G::Event) -> Sent {
        self.outgoing.event(To::Team(team), self.number, event)
    }

    /// Sends all players an event of which only the newest counts, such as a score that changes all the time. It does not wait
    /// behind reliable events. If too many wait for a client, the oldest are dropped; a disconnected player gets none.
    pub fn broadcast_latest(&mut self, event: &G::Event) -> Sent {
        self.outgoing.latest(To::All, self.number, event)
    }

    /// Sends one player an event of which only the newest counts, as [`broadcast_latest`](Self::broadcast_latest) does.
    pub fn send_latest(&mut self, player: PlayerId, event: &G::Event) -> Sent {
        self.outgoing.latest(To::Player(player), self.number, event)
    }

    /// Keeps new players out, or lets them in again, unless an operator keeps them out. Players who have a seat may still resume.
    pub fn lock(&mut self, locked: bool) {
        self.control.locked_by_game = locked;
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
    /// use drumline_room::{Game, Nothing, Joiner, PlayerId, Setup, Tick};
    /// use drumline_shared::{Replicate, Table, World};
    /// use glam::Vec2;
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
    /// struct Space {
    ///     ships: Table<Ship>,
    /// }
    ///
    /// #[derive(Default)]
    /// struct Duel {
    ///     world: Space,
    /// }
    ///
    /// /// Returns true if a beam passes near enough to a point to hit it.
    /// fn hits(from: Vec2, aim: f32, point: Vec2) -> bool {
    ///     let (beam, to) = (Vec2::from_angle(aim), point - from);
    ///     beam.dot(to) > 0.0 && beam.perp_dot(to).abs() < 18.0
    /// }
    ///
    /// impl Game for Duel {
    ///     const NAME: &'static str = "duel";
    ///     const REWIND_MS: u32 = 400;
    ///     type World = Space;
    ///     type Input = Controls;
    ///     type Event = Nothing;
    ///     type Command = Nothing;
    ///     type Reply = Nothing;
    ///
    ///     fn tick(&mut self, tick: &mut Tick<Self>) {
    ///         // Each ship moves …
    ///         for (player, controls) in tick.inputs().filter(|(_, controls)| controls.laser) {
    ///             let ships = &mut self.world.ships;
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
    /// #   fn new(_setup: &Setup) -> Self {
    /// #       Self::default()
    /// #   }
    /// #   fn world(&self) -> &Space {
    /// #       &self.world
    /// #   }
    /// #   fn join(&mut self, player: PlayerId, _joiner: &Joiner) {
    /// #       let position = Vec2::new(1000.0 * f32::from(player.seat()), 0.0);
    /// #       self.world.ships.insert(Ship { player, position, health: 100 });
    /// #   }
    /// #   fn leave(&mut self, player: PlayerId) {
    /// #       self.world.ships.retain(|_, ship| ship.player != player);
    /// #   }
    /// }
    /// #
    /// # use drumline_room::{ChatRules, GameSpec, Room, RoomConfig};
    /// # use drumline_shared::wire::input::{InputHeader, write_input};
    /// # use drumline_shared::layout::InputLayout;
    /// # let config = RoomConfig {
    /// #     id: "r".into(),
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
