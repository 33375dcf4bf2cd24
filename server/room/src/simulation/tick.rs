//! One tick, as a game sees it.

use super::Control;
use super::game::Game;
use super::outgoing::{Outgoing, To};
use super::request::Request;
use super::rewind::{Past, Rewound};
use crate::player_id::PlayerId;

/// One tick, as a game sees it.
pub struct Tick<'a, G: Game> {
    /// The tick's number, from 1.
    pub number: u32,
    /// Seconds that a tick lasts.
    pub dt: f32,
    pub(super) inputs: &'a [(PlayerId, G::Input)],
    pub(super) commands: Vec<(PlayerId, G::Command, Request)>,
    pub(super) outgoing: &'a mut Outgoing,
    pub(super) control: &'a mut Control,
    pub(super) past: Past<'a>,
}

impl<'a, G: Game> Tick<'a, G> {
    /// Every player's input for this tick, by ascending seat.
    pub fn inputs(&self) -> impl Iterator<Item = (PlayerId, &G::Input)> {
        self.inputs.iter().map(|(player, input)| (*player, input))
    }

    /// The commands of this tick, in the order of their arrival, each with the [`Request`] to reply to. A player has at most
    /// [`MAX_COMMANDS_PER_TICK`](drumline_shared::limits::MAX_COMMANDS_PER_TICK) of them; further ones come on later ticks. The
    /// call takes them: a second one returns none, and commands that a game does not take are dropped.
    pub fn commands(&mut self) -> impl Iterator<Item = (PlayerId, G::Command, Request)> + use<G> {
        std::mem::take(&mut self.commands).into_iter()
    }

    /// Replies to a command of this or an earlier tick. The reply is dropped if the client wants none, or has another connection
    /// than the one that the command came on.
    pub fn reply(&mut self, request: Request, reply: &G::Reply) {
        self.outgoing.reply(request, reply);
    }

    /// Sends an event to all players. Connected players receive it before this tick's snapshot; disconnected players receive it
    /// when they resume. An event beyond the limits of a tick, or larger than
    /// [`MAX_MESSAGE_BYTES`](drumline_shared::limits::MAX_MESSAGE_BYTES), is dropped and counted.
    pub fn broadcast(&mut self, event: &G::Event) {
        self.outgoing.event(To::All, self.number, event);
    }

    /// Sends an event to one player, as [`broadcast`](Self::broadcast) does.
    pub fn send(&mut self, player: PlayerId, event: &G::Event) {
        self.outgoing.event(To::Player(player), self.number, event);
    }

    /// Sends an event to the players of a team, as [`broadcast`](Self::broadcast) does. A player's team is that of
    /// [`Game::sight`] after this tick.
    pub fn send_to_team(&mut self, team: u16, event: &G::Event) {
        self.outgoing.event(To::Team(team), self.number, event);
    }

    /// Keeps new players out, or lets them in again. Players that have a seat may still resume.
    pub fn lock(&mut self, locked: bool) {
        self.control.locked = locked;
    }

    /// Ends the room after this tick. All players receive its events and its snapshot first; then their connections are closed.
    pub fn end_room(&mut self) {
        self.control.ended = true;
    }

    /// Seconds until the server closes the room because it drains; `None` if it does not. A game may finish its round sooner and
    /// [end the room](Self::end_room).
    #[must_use]
    pub fn draining(&self) -> Option<f32> {
        self.control.draining_seconds
    }

    /// The world as a player saw it when they made their input for this tick. Their target was there then, and is elsewhere by
    /// now: look for hits in the rewound world, and apply the damage to the present one.
    ///
    /// The point in time is that of the newest snapshot that the client had, less the delay of its display (see
    /// `docs/PROTOCOL.md`, section 10). On a tick without an input the delay is that of the last one. The point is never later
    /// than the end of the tick before, and never more than [`Game::REWIND_MS`] earlier. For a player that is not seated, or has
    /// no snapshot yet, it is the end of the tick before.
    ///
    /// Use it for weapons that hit at once. Let projectiles fly in the present: players see them and can dodge.
    ///
    /// Choose [`Game::REWIND_MS`] as long as the delay that you want to compensate: a player's round trip, two or three ticks of
    /// interpolation delay, and as many in the input buffer. 300 to 500 do for most games. A target may have been behind cover
    /// for that long when it is hit. The value also bounds what a client gains by lying about its delay.
    ///
    /// The rewound world holds everything, also what the player could not see. A game that hides things checks that itself.
    ///
    /// # Examples
    /// ```
    /// use drumline_room::{Game, Nothing, Joiner, PlayerId, Setup, Tick};
    /// use drumline_shared::{Replicate, Table, World};
    /// use glam::Vec2;
    ///
    /// #[derive(Replicate)]
    /// struct Ship {
    ///     player: u16,
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
    ///             let Some(own) = ships.values().find(|ship| ship.player == player.0) else { continue };
    ///             let from = own.position;
    ///             for (entity, seen) in tick.rewound(player).rows::<Ship>("ships") {
    ///                 // The target may be gone by now.
    ///                 let Some(ship) = ships.get_mut(entity) else { continue };
    ///                 if ship.player != player.0 && hits(from, controls.aim, seen.position) {
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
    /// #       let position = Vec2::new(1000.0 * f32::from(player.0), 0.0);
    /// #       self.world.ships.insert(Ship { player: player.0, position, health: 100 });
    /// #   }
    /// #   fn leave(&mut self, player: PlayerId) {
    /// #       self.world.ships.retain(|_, ship| ship.player != player.0);
    /// #   }
    /// }
    /// #
    /// # use drumline_room::{ChatRules, GameSpec, Room, RoomConfig};
    /// # use drumline_shared::wire::input::{InputHeader, write_input};
    /// # use drumline_shared::layout::RowLayout;
    /// # let config = RoomConfig {
    /// #     id: "r".into(),
    /// #     max_players: 2,
    /// #     tick_rate_hz: 30,
    /// #     setup: Setup::new(1),
    /// #     budget_bytes: 4096,
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
    /// # write_input(&RowLayout::new(Controls::FIELDS).unwrap(), header, &row, &mut message);
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
