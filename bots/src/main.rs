//! The `drumline-bots` program: a swarm that knows the games that ship with Drumline.

use std::process::ExitCode;

use drumline_bots::Swarm;

fn main() -> ExitCode {
    Swarm::shipped().main()
}
