//! The games and behaviours that bots know.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use drumline_arena::Arena;
use drumline_frontier::Frontier;
use drumline_room::{Game, GameSpec};

use super::{Behaviour, Idle, Mind, Typed, arena, frontier};
use crate::cast::Cast;
use crate::conduct::{CONDUCTS, IDLE};
use crate::scenario::{Fault, Scenario};

/// Makes a behaviour of a seed.
pub type MakeMind = Arc<dyn Fn(u64) -> Box<dyn Mind> + Send + Sync>;

/// The games and behaviours that bots know: what a program of one's own is made of.
///
/// # Examples
/// See [`Behaviour`].
#[derive(Debug, Default)]
pub struct Swarm {
    games: Vec<KnownGame>,
}

/// A game that bots know.
pub struct KnownGame {
    /// Its facts.
    pub spec: Arc<GameSpec>,
    /// What its bots can do, by name; the first is what they do if nothing is said.
    pub behaviours: Vec<(String, MakeMind)>,
}

impl fmt::Debug for KnownGame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behaviours: Vec<&str> = self.behaviours.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("KnownGame").field("name", &self.spec.name).field("behaviours", &behaviours).finish()
    }
}

/// A swarm to which a game was added, and whose behaviours are added now.
#[derive(Debug)]
pub struct GameSwarm<G> {
    swarm: Swarm,
    game: PhantomData<fn() -> G>,
}

impl Swarm {
    /// One that knows no game.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that knows the games that ship with Drumline.
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
    /// If the game is not within Drumline's limits, or there is one of that name.
    #[must_use]
    pub fn game<G: Game>(mut self) -> GameSwarm<G> {
        assert!(self.games.iter().all(|game| game.spec.name != G::NAME), "the game `{}` is known", G::NAME);
        let idle: MakeMind = Arc::new(|_| Box::new(Typed::<G, _>::new(Idle)));
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
    /// [`Fault`] lists those that are known.
    pub fn find(&self, name: &str) -> Result<&KnownGame, Fault> {
        self.games.iter().find(|game| game.spec.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.games.iter().map(|game| game.spec.name).collect();
            let known = known.join(", ");
            Fault::new(&["game"], format_args!("is none that bots know: `{name}`; they know: {known}"))
        })
    }

    /// Deals a scenario's parts to its bots.
    ///
    /// # Errors
    /// [`Fault`] names what there is not, and lists what there is.
    pub fn cast(&self, scenario: &Scenario) -> Result<Cast, Fault> {
        scenario.check()?;
        Cast::new(self.find(&scenario.game)?, scenario)
    }
}

impl KnownGame {
    /// The names of what its bots can do.
    pub fn behaviour_names(&self) -> impl Iterator<Item = &str> {
        self.behaviours.iter().map(|(name, _)| name.as_str()).chain(CONDUCTS)
    }
}

impl<G: Game> GameSwarm<G> {
    /// Adds a behaviour of the game: `make` makes one of a bot's seed. The first is what the game's bots do if nothing is said.
    ///
    /// # Panics
    /// If there is one of that name, or the name means something for every game: `idle`, `spam`, `flapper`, `slow`.
    #[must_use]
    pub fn behaviour<B: Behaviour<G> + 'static>(
        mut self,
        name: &str,
        make: impl Fn(u64) -> B + Send + Sync + 'static,
    ) -> Self {
        let game = self.swarm.games.last_mut().expect("the game was added before its behaviours");
        assert!(game.behaviour_names().all(|known| known != name), "the behaviour `{name}` is known");
        let make: MakeMind = Arc::new(move |seed| Box::new(Typed::<G, _>::new(make(seed))));
        // What does nothing stays the last.
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
