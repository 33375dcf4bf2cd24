//! A game without its type: its facts, and how the simulation calls it.

use std::sync::Arc;

use drumline_shared::encoding::{decode, encode};
use drumline_shared::error::MessageError;
use drumline_shared::frame::Frame;
use drumline_shared::layout::{AreaClass, InputLayout, Layout};
use drumline_shared::limits::{MAX_PLAYERS, MAX_TICK_RATE_HZ, TickLimits};
use drumline_shared::schema::shape::MessageSchema;
use drumline_shared::schema::{Audience, InputSchema, Schema};
use drumline_shared::wire::control::Channel;
use drumline_shared::world::{ClampedValues, Home};
use drumline_shared::{Replicate, World};

use super::game::{ChatVerdict, Game, Sleep};
use super::interest::{Interest, Sight};
use super::outgoing::Outgoing;
use super::presses::PressCounts;
use super::request::Request;
use super::rewind::{Past, reach_eighths};
use super::setup::{Options, RoomRules, Setup, SetupError};
use super::tick::Tick;
use super::{Control, Player};
use crate::joiner::Joiner;
use crate::player_id::PlayerId;
use crate::record::{CommandRecord, EndReason, InputRecords};

/// A game's facts, and how to make one: what the room and the server know of a [`Game`] without its type.
#[derive(Debug, Clone)]
pub struct GameSpec {
    /// [`Game::NAME`].
    pub name: &'static str,
    /// [`Game::TICK_RATE_HZ`].
    pub tick_rate_hz: u32,
    /// [`Game::MAX_PLAYERS`].
    pub max_players: u16,
    /// The game's tables, input and messages, as clients receive them.
    pub schema: Schema,
    /// The schema's hash.
    pub schema_hash: u64,
    /// The schema's bytes, as a welcome ends with them.
    pub schema_bytes: Arc<[u8]>,
    /// [`Game::INTEREST`].
    pub interest: Interest,
    /// The schema's layout.
    pub layout: Arc<Layout>,
    /// [`Game::REWIND_MS`].
    pub rewind_ms: u32,
    /// [`Game::SLEEP`].
    pub sleep: Sleep,
    /// The layout of the input.
    pub input_layout: Arc<InputLayout>,
    /// Checks that bytes are a [`Game::Command`].
    pub(crate) check_command: fn(&[u8]) -> Result<(), MessageError>,
    pub(crate) rules: fn(&str, &Options) -> Result<RoomRules, SetupError>,
    pub(crate) make: fn(&Setup) -> Box<dyn AnyGame>,
}

impl GameSpec {
    /// The facts of a game.
    ///
    /// # Panics
    /// If its world, input, messages, seats or tick rate is beyond the limits of [`drumline_shared::limits`], or its input has
    /// hidden fields, or its interest is out of range, or it rewinds farther than frames are kept.
    #[must_use]
    pub fn of<G: Game>() -> Self {
        assert!(
            (1..=MAX_PLAYERS).contains(&G::MAX_PLAYERS),
            "{}: a room has 1 to {MAX_PLAYERS} seats",
            G::NAME
        );
        let rates = 1..=MAX_TICK_RATE_HZ;
        assert!(rates.contains(&G::TICK_RATE_HZ), "{}: a room ticks {rates:?} times a second", G::NAME);
        assert!(
            G::Input::FIELDS.iter().all(|field| field.audience == Audience::All),
            "{}: an input goes to the server alone; its fields have no audience",
            G::NAME
        );
        let most_ms = (TickLimits::of(G::TICK_RATE_HZ).frame_ring - 1) * 1000 / G::TICK_RATE_HZ;
        assert!(G::REWIND_MS <= most_ms, "{}: at its tick rate a room rewinds at most {most_ms} ms", G::NAME);
        // A bad interest is found when the server starts, not at the first join.
        G::INTEREST.check();
        let messages = MessageSchema::of::<G::Event, G::Command, G::Reply>();
        let input = InputSchema::of::<G::Input>();
        let schema = Schema { tables: G::World::TABLES.into(), input, messages };
        let layout = Layout::new(&schema).unwrap_or_else(|error| panic!("{}: {error}", G::NAME));
        let input_layout = InputLayout::new(&schema.input).expect("the layout of the schema has checked it");
        Self {
            name: G::NAME,
            tick_rate_hz: G::TICK_RATE_HZ,
            max_players: G::MAX_PLAYERS,
            schema_hash: schema.hash(),
            schema_bytes: encode(&schema).into(),
            interest: G::INTEREST,
            rewind_ms: G::REWIND_MS,
            sleep: G::SLEEP,
            layout: layout.into(),
            input_layout: input_layout.into(),
            schema,
            rules: G::rules,
            check_command: |body| decode::<G::Command>(body).map(drop),
            make: |setup| Box::new(Hosted::<G> { game: G::new(setup), inputs: Vec::new() }),
        }
    }

    /// The rules of a room with a mode and options: see [`Game::rules`].
    ///
    /// # Errors
    /// [`SetupError`] if the game refuses them.
    pub fn rules(&self, mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        (self.rules)(mode, options)
    }

    /// How far back the game rewinds at a tick rate, in eighths of a tick.
    #[must_use]
    pub(crate) fn reach_eighths(&self, tick_rate_hz: u32) -> u32 {
        reach_eighths(self.rewind_ms, tick_rate_hz)
    }

    /// Returns true if a table has rows that are not public: then its rows have homes.
    #[must_use]
    pub(crate) fn is_divided(&self, table: usize) -> bool {
        let parts = &self.layout.parts[self.layout.tables[table].parts.clone()];
        parts.iter().any(|part| part.class != AreaClass::PUBLIC)
    }
}

/// A game's call on a tick, without its types.
pub(crate) struct TickCall<'a> {
    pub(super) number: u32,
    /// Seconds that a tick lasts.
    pub(super) dt: f32,
    pub(super) commands: &'a [CommandRecord],
    pub(super) players: &'a mut [Option<Player>],
    pub(super) inputs: &'a InputRecords,
    pub(super) presses: &'a mut PressCounts,
    pub(super) outgoing: &'a mut Outgoing,
    pub(super) control: &'a mut Control,
    pub(super) past: Past<'a>,
}

/// A [`Game`] behind quantized rows, so that the room is one plain type.
pub(crate) trait AnyGame: Send {
    fn join(&mut self, player: PlayerId, joiner: &Joiner);
    fn leave(&mut self, player: PlayerId);
    fn moderate(&mut self, player: PlayerId, channel: Channel, text: &mut String) -> ChatVerdict;
    fn tick(&mut self, call: TickCall);
    fn close(&mut self, reason: EndReason);
    fn capture(&self, frame: &mut Frame, clamped: &mut ClampedValues);
    fn locate(&self, table: usize, homes: &mut Vec<Home>);
    fn sight(&self, player: PlayerId, sight: &mut Sight);
}

struct Hosted<G: Game> {
    game: G,
    /// Scratch: the inputs of a tick.
    inputs: Vec<(PlayerId, G::Input)>,
}

impl<G: Game> AnyGame for Hosted<G> {
    fn join(&mut self, player: PlayerId, joiner: &Joiner) {
        self.game.join(player, joiner);
    }

    fn leave(&mut self, player: PlayerId) {
        self.game.leave(player);
    }

    fn moderate(&mut self, player: PlayerId, channel: Channel, text: &mut String) -> ChatVerdict {
        self.game.moderate(player, channel, text)
    }

    fn tick(&mut self, call: TickCall) {
        let TickCall { number, dt, commands, players, inputs, presses, outgoing, control, past } = call;
        self.inputs.clear();
        self.inputs.extend(
            inputs.iter().map(|(input, row)| {
                (input.player, G::Input::dequantize(presses.since_last(input.player, row)))
            }),
        );
        // The intake has decoded them once, and lets each pass once. A record from elsewhere may hold others: those are ignored.
        let commands = commands.iter().filter_map(|CommandRecord { request, body }| {
            let player =
                players[request.player.index()].as_mut().filter(|player| player.id == request.player)?;
            Player::execute(&mut player.last_command, request.number).then_some(())?;
            Some((request.player, decode(body).ok()?, Request::new(*request)))
        });
        let commands = commands.collect();
        self.game.tick(&mut Tick { number, dt, inputs: &self.inputs, commands, outgoing, control, past });
    }

    fn close(&mut self, reason: EndReason) {
        self.game.close(reason);
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
}
