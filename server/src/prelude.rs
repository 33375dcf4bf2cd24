//! Everything a game needs: `use drumline::prelude::*;`.

pub use drumline_room::prelude::*;

pub use crate::server::Server;
