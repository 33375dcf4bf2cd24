//! A game without its type: its facts, and how the simulation calls it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use drumline_shared::encoding::{decode, encode};
use drumline_shared::error::MessageError;
use drumline_shared::layout::{AreaClass, InputLayout, Layout};
use drumline_shared::limits::{MAX_PLAYERS, MAX_TICK_RATE_HZ, TickLimits};
use drumline_shared::schema::shape::MessageSchema;
use drumline_shared::schema::{Audience, InputSchema, Schema};
use drumline_shared::{Replicate, World};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::simulation::game::{Game, Sleep, Spectators};
use crate::simulation::host::hosted::{AnyGame, Hosted};
use crate::simulation::host::job_spec::JobSpec;
use crate::simulation::interest::Interest;
use crate::simulation::rewind::reach_eighths;
use crate::simulation::setup::{Options, RoomRules, Setup, SetupError};

/// A game's facts, and how to make one: what the room and the server know of a [`Game`] without its type.
#[derive(Clone)]
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
    /// [`Game::SPECTATORS`].
    pub spectators: Spectators,
    /// The layout of the input.
    pub input_layout: Arc<InputLayout>,
    /// Checks that bytes are a [`Game::Command`].
    pub(crate) check_command: fn(&[u8]) -> Result<(), MessageError>,
    pub(crate) rules: fn(&str, &Options) -> Result<RoomRules, SetupError>,
    pub(crate) make: Arc<Make>,
    /// Reads a client's [`Game::JoinOptions`], and serializes them.
    read_join_options: fn(&Value) -> Result<Bytes, JoinOptionsError>,
    /// The game's jobs.
    pub jobs: JobSpec,
}

/// Makes the game of a new room.
type Make = dyn Fn(&Setup, u32) -> Box<dyn AnyGame> + Send + Sync;

/// A client's join options are not those of the game.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("join options{}: {message}", Self::at(field))]
pub struct JoinOptionsError {
    /// The field, as in `colour` or `loadout.weapon`; empty for the options themselves.
    pub field: String,
    /// The fault.
    pub message: String,
}

impl JoinOptionsError {
    fn at(field: &str) -> String {
        if field.is_empty() { String::new() } else { format!(", `{field}`") }
    }
}

impl fmt::Debug for GameSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GameSpec").field("name", &self.name).finish_non_exhaustive()
    }
}

impl GameSpec {
    /// The facts of a game.
    ///
    /// # Panics
    /// If its world, input, messages, seats or tick rate is beyond the limits of [`drumline_shared::limits`], or its input has
    /// hidden fields, or its interest is out of range, or it rewinds farther than frames are kept.
    #[must_use]
    pub fn of<G: Game>() -> Self {
        Self::with::<G>(G::new)
    }

    /// The facts of a game that is made in another way than by [`Game::new`].
    ///
    /// # Panics
    /// As [`of`](Self::of).
    #[must_use]
    pub fn with<G: Game>(make: impl Fn(&Setup) -> G + Send + Sync + 'static) -> Self {
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
        if let Spectators::Allowed { delay_seconds } = G::SPECTATORS {
            assert!(delay_seconds <= 300, "{}: viewers are at most 300 seconds behind", G::NAME);
        }
        // A bad interest is found when the server starts, not at the first join.
        G::INTEREST.check();
        let messages = MessageSchema::of::<G::Event, G::Command, G::Reply, G::JoinOptions, G::Metadata>();
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
            spectators: G::SPECTATORS,
            layout: layout.into(),
            input_layout: input_layout.into(),
            schema,
            rules: G::rules,
            check_command: |body| decode::<G::Command>(body).map(drop),
            make: Arc::new(move |setup, tick_rate_hz| {
                Box::new(Hosted::new(make(setup), setup.seed, tick_rate_hz))
            }),
            read_join_options: read_join_options::<G::JoinOptions>,
            jobs: JobSpec::of::<G::Job>(),
        }
    }

    /// The rules of a room with a mode and options: see [`Game::rules`].
    ///
    /// # Errors
    /// [`SetupError`] if the game refuses them.
    pub fn rules(&self, mode: &str, options: &Options) -> Result<RoomRules, SetupError> {
        (self.rules)(mode, options)
    }

    /// Reads the options that a client sends with a join: JSON, `null` if there are none. Returns them
    /// [serialized](crate::Joiner::options).
    ///
    /// # Errors
    /// [`JoinOptionsError`] if they are not those of the game.
    pub fn read_join_options(&self, options: &Value) -> Result<Bytes, JoinOptionsError> {
        (self.read_join_options)(options)
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

fn read_join_options<O: Serialize + DeserializeOwned>(options: &Value) -> Result<Bytes, JoinOptionsError> {
    let read = |options: &Value| {
        serde_path_to_error::deserialize::<_, O>(options).map_err(|error| {
            let field = error.path().to_string();
            let field = if field == "." { String::new() } else { field };
            JoinOptionsError { field, message: error.inner().to_string() }
        })
    };
    let empty = Value::Object(Map::new());
    // A client that sends nothing means no options, be that an empty object or, for a game without any, nothing at all.
    let options = if options.is_null() || *options == empty {
        read(&Value::Null).or_else(|_| read(&empty))
    } else {
        read(options)
    };
    Ok(encode(&options?).into())
}
