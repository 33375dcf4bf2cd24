//! One tick, as a game sees it.

use crate::commands::Request;
use crate::control::Control;
use crate::game::{Game, PlayerId};
use crate::rewind::{Past, Rewound};
use crate::told::{To, Told};

/// One tick, as a game sees it.
pub struct Tick<'a, G: Game> {
    /// The tick's number, from 1.
    pub number: u32,
    /// Seconds that a tick lasts.
    pub dt: f32,
    pub(crate) inputs: &'a [(PlayerId, G::Input)],
    pub(crate) commands: Vec<(PlayerId, G::Command, Request)>,
    pub(crate) told: &'a mut Told,
    pub(crate) control: &'a mut Control,
    pub(crate) past: Past<'a>,
}

impl<'a, G: Game> Tick<'a, G> {
    /// Every player's input for this tick, by ascending seat.
    pub fn inputs(&self) -> impl Iterator<Item = (PlayerId, &G::Input)> {
        self.inputs.iter().map(|(player, input)| (*player, input))
    }

    /// The commands that have arrived, in the order of their arrival, and to what a reply goes: of each player up to
    /// [`MAX_COMMANDS_PER_TICK`](drumline_shared::limits::MAX_COMMANDS_PER_TICK), the others on later ticks. They are taken by
    /// this: what a game does not ask for on their tick is gone, and when it asks again there are none.
    pub fn commands(&mut self) -> impl Iterator<Item = (PlayerId, G::Command, Request)> + use<G> {
        std::mem::take(&mut self.commands).into_iter()
    }

    /// Answers a command. It need not be on the same tick. If the client wants no reply, or its connection is not the one that
    /// the command came on, nothing happens.
    pub fn reply(&mut self, request: Request, reply: &G::Reply) {
        self.told.reply(request, reply);
    }

    /// Tells all players that something happened. Who is on the way gets it before this tick's snapshot; whose connection is
    /// lost, when they come back. What is beyond the limits of a tick, or larger than
    /// [`MAX_MESSAGE_BYTES`](drumline_shared::limits::MAX_MESSAGE_BYTES), is dropped and counted.
    pub fn tell_all(&mut self, event: &G::Event) {
        self.told.event(To::All, self.number, event);
    }

    /// Tells one player that something happened, as [`tell_all`](Self::tell_all) does.
    pub fn tell(&mut self, player: PlayerId, event: &G::Event) {
        self.told.event(To::Player(player), self.number, event);
    }

    /// Tells a team's players, those of whom [`Game::sight`] says that it is theirs after this tick, as
    /// [`tell_all`](Self::tell_all) does.
    pub fn tell_team(&mut self, team: u16, event: &G::Event) {
        self.told.event(To::Team(team), self.number, event);
    }

    /// Keeps new players out, or lets them in again. Who has a seat may still come back to it.
    pub fn lock(&mut self, locked: bool) {
        self.control.locked = locked;
    }

    /// Ends the room after this tick: all players get its events and its snapshot, and are then told that the room is closed.
    pub fn end_room(&mut self) {
        self.control.ended = true;
    }

    /// For how many seconds the room may go on, if the server drains: then it is closed. A game may bring its round to an end
    /// sooner, and [end the room](Self::end_room). None if the server does not drain.
    #[must_use]
    pub fn draining(&self) -> Option<f32> {
        self.control.draining
    }

    /// The world as a player saw it when they made the input that this tick has of them: whom they aimed at was there, and is
    /// elsewhere by now. Look for what is hit in it, and strike it in the world of today.
    ///
    /// The moment is that of the newest snapshot that the player had, less the delay with which their client shows things (see
    /// `docs/PROTOCOL.md`, section 10). On a tick without an input of theirs it is as long ago as it was with their last one. It
    /// is never later than the end of the tick before, and never earlier than [`Game::REWIND_MS`] before that; for who is not
    /// seated, or has seen nothing yet, it is the end of the tick before.
    ///
    /// This is for weapons that hit at once. What flies is seen by all while it does, and may be dodged: let that fly in the
    /// present.
    ///
    /// Choose [`Game::REWIND_MS`] as long as the delay that you want to make up for: a player's round trip, the two or three
    /// ticks by which clients show things late, and as many for which inputs wait for their turn; 300 to 500 do for most. For so
    /// long a target may have been behind cover when it is hit all the same. It is also all that a player can gain who lies about
    /// their delay: they hit what was somewhere at most so long ago.
    ///
    /// All that was there is there, whoever could see it: a game that hides things checks for itself what the player knew.
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
    /// /// Whether a beam passes a point so near that it hits.
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
    ///                 // What was seen may be gone by now.
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
    /// # use drumline_shared::input::{InputHeader, write_input};
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
