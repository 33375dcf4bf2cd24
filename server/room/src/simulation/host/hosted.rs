//! A game without its type: how the simulation calls it.

use drumline_shared::encoding::{decode, encode_within};
use drumline_shared::frame::Frame;
use drumline_shared::wire::control::Channel;
use drumline_shared::world::{ClampedValues, Home};
use drumline_shared::{Replicate, World};
use rand::SeedableRng;

use crate::job::{JobError, JobRefused, MAX_JOB_BYTES};
use crate::joiner::{Identity, JoinRefused};
use crate::player_id::PlayerId;
use crate::players::Players;
use crate::record::{
    CommandRecord, EndReason, InputRecords, JoinRecord, OutcomeRecord, Presence, PresenceRecord,
};
use crate::rng::Rng;
use crate::simulation::bots::view::View;
use crate::simulation::game::{ChatVerdict, Game};
use crate::simulation::interest::Sight;
use crate::simulation::outgoing::Outgoing;
use crate::simulation::player_info::{Connection, PlayerInfo};
use crate::simulation::presses::PressCounts;
use crate::simulation::request::Request;
use crate::simulation::rewind::Past;
use crate::simulation::tick::Tick;
use crate::simulation::timers::Timers;
use crate::simulation::{Control, Player};

/// The things that a tick lends to every hook.
pub(crate) struct Lent<'a> {
    pub(crate) number: u32,
    /// Seconds that a tick lasts.
    pub(crate) dt: f32,
    pub(crate) outgoing: &'a mut Outgoing,
    pub(crate) control: &'a mut Control,
    pub(crate) past: Past<'a>,
}

/// The commands and inputs of a tick.
pub(crate) struct TickInput<'a> {
    pub(crate) commands: &'a [CommandRecord],
    pub(crate) players: &'a mut [Option<Player>],
    pub(crate) inputs: &'a InputRecords,
    pub(crate) presses: &'a mut PressCounts,
}

/// A [`Game`] behind quantized rows and serialized messages, so that the room is one plain type.
pub(crate) trait AnyGame: Send {
    fn begin(&mut self, tick: u32);
    fn leave(&mut self, player: PlayerId, lent: Lent);
    fn join(&mut self, join: &JoinRecord, identity: Option<&Identity>, lent: Lent)
    -> Result<(), JoinRefused>;
    fn presence(&mut self, change: PresenceRecord, lent: Lent);
    fn moderate(&mut self, player: PlayerId, channel: Channel, text: &mut String) -> ChatVerdict;
    fn outcome(&mut self, outcome: &OutcomeRecord, lent: Lent);
    fn tick(&mut self, input: TickInput, lent: Lent);
    fn close(&mut self, reason: EndReason) -> Option<Vec<u8>>;
    fn capture(&self, frame: &mut Frame, clamped: &mut ClampedValues);
    fn locate(&self, table: usize, homes: &mut Vec<Home>);
    fn sight(&self, player: PlayerId, sight: &mut Sight);
    fn any(&self) -> &dyn std::any::Any;
    fn any_mut(&mut self) -> &mut dyn std::any::Any;
}

/// A game, and what the room keeps for it.
pub(crate) struct Hosted<G: Game> {
    game: G,
    kept: Kept<G>,
    seed: u64,
    /// Scratch: the inputs of a tick.
    inputs: Vec<(PlayerId, G::Input)>,
}

/// The things that the room keeps for a game, beside the game.
struct Kept<G: Game> {
    players: Players<PlayerInfo<G::JoinOptions>>,
    timers: Timers<G::Timer>,
    /// The generator of the tick.
    rng: Rng,
}

impl<G: Game> Kept<G> {
    /// The tick that a hook gets.
    fn tick<'a>(&'a mut self, lent: Lent<'a>) -> Tick<'a, G> {
        let Lent { number, dt, outgoing, control, past } = lent;
        Tick {
            number,
            dt,
            players: &self.players,
            inputs: &[],
            commands: Vec::new(),
            timers: &mut self.timers,
            rng: &mut self.rng,
            outgoing,
            control,
            past,
        }
    }
}

impl<G: Game> Hosted<G> {
    pub(crate) fn new(game: G, seed: u64, tick_rate_hz: u32) -> Self {
        let (players, timers) = (Players::default(), Timers::new(tick_rate_hz));
        let kept = Kept { players, timers, rng: Rng::seed_from_u64(seed) };
        Self { game, kept, seed, inputs: Vec::new() }
    }
}

impl<G: Game> AnyGame for Hosted<G> {
    fn begin(&mut self, tick: u32) {
        self.kept.timers.begin(tick);
        // The upper half is the tick's, so that two rooms whose seeds are close have no numbers in common.
        self.kept.rng = Rng::seed_from_u64(self.seed ^ u64::from(tick) << 32);
    }

    fn leave(&mut self, player: PlayerId, lent: Lent) {
        self.game.leave(player, &mut self.kept.tick(lent));
        self.kept.players.remove(player);
    }

    fn join(
        &mut self,
        join: &JoinRecord,
        identity: Option<&Identity>,
        lent: Lent,
    ) -> Result<(), JoinRefused> {
        let player = join.player;
        let info = PlayerInfo {
            name: join.name.clone(),
            identity: identity.cloned(),
            // They were checked when they came. A record from elsewhere may hold others: those count as none.
            options: decode(&join.options).unwrap_or_default(),
            is_bot: join.is_bot,
            connection: Connection { presence: Presence::Connected, since_tick: lent.number },
        };
        self.kept.players.insert(player, info);
        let joined = self.game.join(player, &mut self.kept.tick(lent));
        if joined.is_err() {
            self.kept.players.remove(player);
        }
        joined
    }

    fn presence(&mut self, PresenceRecord { player, presence }: PresenceRecord, lent: Lent) {
        let Some(info) = self.kept.players.get_mut(player) else { return };
        info.connection = Connection { presence, since_tick: lent.number };
        let tick = &mut self.kept.tick(lent);
        match presence {
            Presence::Away => self.game.away(player, tick),
            Presence::Connected => self.game.back(player, tick),
        }
    }

    fn moderate(&mut self, player: PlayerId, channel: Channel, text: &mut String) -> ChatVerdict {
        self.game.moderate(player, channel, text)
    }

    fn outcome(&mut self, OutcomeRecord { job, result }: &OutcomeRecord, lent: Lent) {
        // It was serialized by this server. One from elsewhere that cannot be read is as good as none.
        let outcome = result.clone().and_then(|bytes| decode(&bytes).map_err(|_| JobError::Lost));
        self.game.outcome(*job, outcome, &mut self.kept.tick(lent));
    }

    fn tick(&mut self, TickInput { commands, players, inputs, presses }: TickInput, mut lent: Lent) {
        self.inputs.clear();
        let frame = lent.past.newest();
        for (input, row) in inputs.iter() {
            // The game has refused a player who is not among them.
            let Some(player) = self.kept.players.get(input.player) else { continue };
            let value = if player.is_bot {
                self.game.bot_input(input.player, &View::of_world(frame, input.player))
            } else {
                G::Input::dequantize(presses.since_last(input.player, row))
            };
            self.inputs.push((input.player, value));
        }
        while let Some(timer) = self.kept.timers.fire() {
            self.game.timer(timer, &mut self.kept.tick(lent.again()));
        }
        // The intake has decoded them once, and lets each pass once. A record from elsewhere may hold others: those are ignored.
        let commands = commands.iter().filter_map(|CommandRecord { request, body }| {
            let player =
                players[request.player.index()].as_mut().filter(|player| player.id == request.player)?;
            Player::execute(&mut player.last_command, request.number).then_some(())?;
            Some((request.player, decode(body).ok()?, Request::new(*request)))
        });
        let commands = commands.collect();
        self.game.tick(&mut Tick { inputs: &self.inputs, commands, ..self.kept.tick(lent) });
    }

    fn close(&mut self, reason: EndReason) -> Option<Vec<u8>> {
        let job = self.game.close(reason)?;
        Some(encode_within(&job, MAX_JOB_BYTES).unwrap_or_else(|| panic!("{}", JobRefused::TooLarge)))
    }

    fn capture(&self, frame: &mut Frame, clamped: &mut ClampedValues) {
        self.game.world().capture(frame, clamped);
    }

    fn locate(&self, table: usize, homes: &mut Vec<Home>) {
        self.game.world().locate(table, homes);
    }

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        self.game.sight(player, sight);
    }

    fn any(&self) -> &dyn std::any::Any {
        &self.game
    }

    fn any_mut(&mut self) -> &mut dyn std::any::Any {
        &mut self.game
    }
}

impl Lent<'_> {
    /// Lends it again, for a shorter time.
    fn again(&mut self) -> Lent<'_> {
        Lent {
            number: self.number,
            dt: self.dt,
            outgoing: self.outgoing,
            control: self.control,
            past: self.past,
        }
    }
}
