//! The games and behaviours that a swarm knows.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use drumline_arena::{Arena, minds as arena};
use drumline_frontier::{Frontier, minds as frontier};
use drumline_room::{Game, GameSpec, Mind};

use super::{DynBehaviour, Idle, Typed};
use crate::behaviour::connection_habit::{CONNECTION_HABITS, IDLE};
use crate::scenario::invalid_value::InvalidValue;

/// Makes a behaviour from a seed.
pub type MakeBehaviour = Arc<dyn Fn(u64) -> Box<dyn DynBehaviour> + Send + Sync>;

/// A swarm: the games and behaviours that its bots know. An author's own swarm program starts here.
///
/// # Examples
/// A bot of the arena that flies in circles, in a swarm of its own:
/// ```
/// use drumline_arena::Arena;
/// use drumline_arena::world::Controls;
/// use drumline_bots::{Mind, Swarm, View};
/// use glam::Vec2;
///
/// struct Circles(f32);
///
/// impl Mind<Arena> for Circles {
///     fn act(&mut self, _view: &View<'_>) -> Controls {
///         self.0 += 0.1;
///         Controls { thrust: Vec2::from_angle(self.0), ..Controls::default() }
///     }
/// }
///
/// fn swarm() -> Swarm {
///     Swarm::new().game::<Arena>().behaviour("circles", |seed| Circles(seed as f32)).into()
/// }
///
/// fn main() -> std::process::ExitCode {
/// #   if true { return std::process::ExitCode::SUCCESS }
///     swarm().main()
/// }
/// ```
#[derive(Debug, Default)]
pub struct Swarm {
    games: Vec<KnownGame>,
}

/// A game that bots know.
pub struct KnownGame {
    /// The game's specification.
    pub spec: Arc<GameSpec>,
    /// Its behaviours, by name. The first is the default.
    pub behaviours: Vec<(String, MakeBehaviour)>,
}

impl fmt::Debug for KnownGame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behaviours: Vec<&str> = self.behaviours.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("KnownGame").field("name", &self.spec.name).field("behaviours", &behaviours).finish()
    }
}

/// A swarm to which a game was just added, and whose behaviours are added next.
#[derive(Debug)]
pub struct GameSwarm<G> {
    swarm: Swarm,
    game: PhantomData<fn() -> G>,
}

impl Swarm {
    /// A swarm that knows no game.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A swarm that knows the arena and the frontier.
    #[must_use]
    pub fn shipped() -> Self {
        let swarm = Self::new().game::<Arena>();
        let swarm = swarm.behaviour("chase", arena::Chase::new).behaviour("wander", arena::Wander::new);
        let swarm = swarm.game::<Frontier>();
        swarm.behaviour("wander", frontier::Wander::new).behaviour("chase", frontier::Chase::new).into()
    }

    /// Adds a game. Its bots are `idle` until behaviours are added.
    ///
    /// # Panics
    /// If the game exceeds Drumline's limits, or its name is taken.
    #[must_use]
    pub fn game<G: Game>(mut self) -> GameSwarm<G> {
        assert!(self.games.iter().all(|game| game.spec.name != G::NAME), "the game `{}` is known", G::NAME);
        let idle: MakeBehaviour = Arc::new(|_| Box::new(Typed::<G, _>::new(Idle)));
        let spec = Arc::new(GameSpec::of::<G>());
        self.games.push(KnownGame { spec, behaviours: vec![(IDLE.to_owned(), idle)] });
        GameSwarm { swarm: self, game: PhantomData }
    }

    /// The games that it knows.
    #[must_use]
    pub fn games(&self) -> &[KnownGame] {
        &self.games
    }

    /// A game by its name.
    ///
    /// # Errors
    /// [`InvalidValue`] lists the known games.
    pub fn find(&self, name: &str) -> Result<&KnownGame, InvalidValue> {
        self.games.iter().find(|game| game.spec.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.games.iter().map(|game| game.spec.name).collect();
            let known = known.join(", ");
            InvalidValue::new(&["game"], format_args!("is `{name}`, which is unknown; known games: {known}"))
        })
    }
}

impl KnownGame {
    /// The names of all behaviours and habits of its bots.
    pub fn behaviour_names(&self) -> impl Iterator<Item = &str> {
        self.behaviours.iter().map(|(name, _)| name.as_str()).chain(CONNECTION_HABITS)
    }
}

impl<G: Game> GameSwarm<G> {
    /// Adds a behaviour of the game: `make` makes a bot's mind from its seed. The first one added is the default.
    ///
    /// # Panics
    /// If its name is taken, by a behaviour or by a habit of every game: `idle`, `spam`, `flapper`, `slow`.
    #[must_use]
    pub fn behaviour<M: Mind<G> + 'static>(
        mut self,
        name: &str,
        make: impl Fn(u64) -> M + Send + Sync + 'static,
    ) -> Self {
        let game = self.swarm.games.last_mut().expect("the game was added before its behaviours");
        assert!(game.behaviour_names().all(|known| known != name), "the behaviour `{name}` is known");
        let make: MakeBehaviour = Arc::new(move |seed| Box::new(Typed::<G, _>::new(make(seed))));
        // Doing nothing stays last, since the first behaviour is the default.
        let before_idle = game.behaviours.len() - 1;
        game.behaviours.insert(before_idle, (name.to_owned(), make));
        self
    }

    /// Adds another game.
    ///
    /// # Panics
    /// As [`Swarm::game`].
    #[must_use]
    pub fn game<H: Game>(self) -> GameSwarm<H> {
        self.swarm.game()
    }

    /// As [`Swarm::main`].
    #[must_use]
    pub fn main(self) -> std::process::ExitCode {
        self.swarm.main()
    }
}

impl<G> From<GameSwarm<G>> for Swarm {
    fn from(game: GameSwarm<G>) -> Self {
        game.swarm
    }
}
