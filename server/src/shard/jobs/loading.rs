//! Loading a game before its room's first tick.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use drumline_room::Setup;
use futures_util::FutureExt;
use tokio::runtime::Handle;

use crate::measure::panic_message::panic_message;

/// The longest time that loading may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Where games are loaded: a runtime that is there once the server has started.
#[derive(Debug, Clone, Default)]
pub struct Loader(Arc<OnceLock<Handle>>);

impl Loader {
    /// Loads games on a runtime from now on.
    pub fn run_on(&self, runtime: &Handle) {
        self.0.get_or_init(|| runtime.clone());
    }
}

/// Loads the game of a new room, on a thread that makes rooms.
///
/// # Panics
/// If it cannot be loaded: that ends the room.
pub fn load<G, F, E>(loader: &Loader, game: &str, setup: &Setup, load_game: impl Fn(Setup) -> F) -> G
where
    G: Send + 'static,
    F: Future<Output = Result<G, E>> + Send + 'static,
    E: Display + Send + 'static,
{
    let runtime = loader.0.get().expect("rooms are made when the server has started");
    let (done, result) = channel();
    let loading = AssertUnwindSafe(load_game(setup.clone())).catch_unwind();
    runtime.spawn(async move {
        let result = match tokio::time::timeout(LIMIT, loading).await {
            Ok(Ok(result)) => result.map_err(|error| error.to_string()),
            Ok(Err(panic)) => Err(format!("it panicked: {}", panic_message(&*panic))),
            Err(_) => Err(format!("it took more than {} s", LIMIT.as_secs())),
        };
        // The room waits for nothing else.
        let _ = done.send(result);
    });
    // Without a sender the server stops.
    let result = result.recv().unwrap_or_else(|_| Err("the server stops".to_owned()));
    result.unwrap_or_else(|error| {
        tracing::error!(room = setup.id, game, error, "the game could not be loaded");
        // It is no fault of the program's, so no place in it is logged.
        resume_unwind(Box::new(format!("the game could not be loaded: {error}")))
    })
}
