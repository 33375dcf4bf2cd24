//! Everything that a game needs: `use drumline::prelude::*;`.

pub use drumline_room::prelude::*;

pub use crate::front::auth::{Credentials, Denied};
pub use crate::server::Server;
