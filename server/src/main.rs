//! The `drumline` server, with the games that ship with it.

use std::process::ExitCode;

use drumline_arena::{Arena, Page};
use drumline_server::Server;

fn main() -> ExitCode {
    Server::new().game::<Arena>().page::<Page>().run()
}
