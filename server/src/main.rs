//! The `drumline` server, with the games that ship with it.

use std::process::ExitCode;

use drumline::Server;
use drumline_arena::Arena;
use drumline_frontier::Frontier;
use drumline_hands::Hands;
use drumline_kit::PageKit;

/// Unlike the systems' own allocators it gives the memory of ended rooms and handshakes back, on a thread of its own.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    Server::new()
        .game::<Arena>()
        .page::<Arena, drumline_arena::Page>()
        .game::<Frontier>()
        .page::<Frontier, drumline_frontier::Page>()
        .game::<Hands>()
        .page::<Hands, drumline_hands::Page>()
        .files::<PageKit>("kit")
        .run()
}
