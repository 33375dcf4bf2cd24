//! Seeded records of the shipped games, and the hashes of the frames that they lead to.
//!
//! A room is deterministic: the same records give the same frames, natively and in WebAssembly. `cargo xtask wasm` runs the same
//! seeds in both and compares the hashes.

#![deny(clippy::disallowed_methods, reason = "the same inputs give the same bits on every machine")]

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;
use drumline_arena::Arena;
use drumline_frontier::Frontier;
use drumline_hands::Hands;
use drumline_room::record::{InputRecord, JoinRecord, Presence, PresenceRecord, Record, RewindPoint};
use drumline_room::simulation::{Simulation, SimulationConfig};
use drumline_room::{ChatRules, GameSpec, PlayerId, Setup};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

/// Seats that are in use.
const PLAYERS: u16 = 6;
/// Ticks between two hashes that are reported, so that a difference is found near its origin.
pub const REPORT_TICKS: u32 = 1000;

/// The shipped games, by number.
#[must_use]
pub fn games() -> Vec<GameSpec> {
    vec![GameSpec::of::<Arena>(), GameSpec::of::<Frontier>(), GameSpec::of::<Hands>()]
}

/// A game that is advanced by seeded records.
pub struct Run {
    simulation: Simulation,
    spec: Arc<GameSpec>,
    rng: Pcg32,
    record: Record,
    /// By seat: the player's presence, if there is one, and the row of the last input.
    seats: Vec<Seat>,
    hash: u64,
}

/// A seat, as the records have it.
#[derive(Debug, Clone, Default)]
struct Seat {
    /// The player who has it, or takes it next.
    player: PlayerId,
    presence: Option<Presence>,
    number: u32,
    row: Vec<u32>,
}

impl Seat {
    fn free(seat: u16, row: Vec<u32>) -> Self {
        Self { player: PlayerId::first(seat), row, ..Self::default() }
    }
}

impl Run {
    /// A game at its start.
    #[must_use]
    pub fn new(spec: GameSpec, seed: u64) -> Self {
        let setup = Setup::new(seed);
        let (max_players, tick_rate_hz) = (spec.max_players, spec.tick_rate_hz);
        let spec = Arc::new(spec);
        let config = SimulationConfig { max_players, tick_rate_hz, setup, chat: ChatRules::default() };
        let simulation = Simulation::new(Arc::clone(&spec), config);
        let neutral = spec.input_layout.neutral.clone();
        Self {
            record: Record::new(simulation.now().next()),
            seats: (0..PLAYERS.min(max_players)).map(|seat| Seat::free(seat, neutral.clone())).collect(),
            rng: Pcg32::seed_from_u64(seed),
            hash: 0xcbf2_9ce4_8422_2325,
            simulation,
            spec,
        }
    }

    /// Advances the game by some ticks, and returns the hash of all frames so far: FNV-1a (Fowler, Noll, Vo) over the hash of
    /// each.
    pub fn advance(&mut self, ticks: u32) -> u64 {
        for _ in 0..ticks {
            self.record.restart(self.simulation.now().next());
            self.come_and_go();
            self.play();
            let frame = self.simulation.advance(&self.record).frame_hash();
            self.hash = (self.hash ^ frame).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self.hash
    }

    /// Joins, leaves, lost connections and returns.
    fn come_and_go(&mut self) {
        let public = &mut self.record.public;
        for seat in &mut self.seats {
            let player = seat.player;
            match seat.presence {
                None if self.rng.random_ratio(1, 50) => {
                    let name = format!("player {}", player.seat());
                    public.joins.push(JoinRecord { player, name, options: Bytes::new(), is_bot: false });
                    *seat = Seat {
                        player,
                        presence: Some(Presence::Connected),
                        number: 0,
                        row: self.spec.input_layout.neutral.clone(),
                    };
                }
                Some(_) if self.rng.random_ratio(1, 2000) => {
                    public.leaves.push(player);
                    seat.presence = None;
                    seat.player = PlayerId::of_generation(player.seat(), player.generation() + 1);
                }
                Some(before) if self.rng.random_ratio(1, 300) => {
                    let presence = match before {
                        Presence::Connected => Presence::Away,
                        Presence::Away => Presence::Connected,
                    };
                    public.presence.push(PresenceRecord { player, presence });
                    seat.presence = Some(presence);
                }
                _ => {}
            }
        }
    }

    /// Inputs of any values. A player keeps an input for some ticks, as people do.
    fn play(&mut self) {
        let columns = &self.spec.input_layout.row.columns;
        let now = self.record.at.tick;
        for seat in &mut self.seats {
            let player = seat.player;
            if seat.presence.is_none() {
                continue;
            }
            if seat.presence == Some(Presence::Connected) {
                seat.number += 1;
                if self.rng.random_ratio(1, 8) {
                    for (value, column) in seat.row.iter_mut().zip(columns) {
                        *value = self.rng.random_range(0..=column.max);
                    }
                }
            }
            let rewind = RewindPoint::end_of(now - 1);
            self.record.public.inputs.push(InputRecord { player, number: seat.number, rewind }, &seat.row);
        }
    }
}

thread_local! {
    /// The run of a WebAssembly module.
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// For JavaScript: starts a run of the game of this number.
#[expect(unsafe_code, reason = "a WebAssembly module exports its functions by their names")]
#[unsafe(no_mangle)]
pub extern "C" fn start(game: u32, seed: u32) {
    let spec = games().swap_remove(game as usize);
    RUN.set(Some(Run::new(spec, seed.into())));
}

/// For JavaScript: advances the run by some ticks, and returns the hash of all of its frames; 0 before the start.
#[expect(unsafe_code, reason = "a WebAssembly module exports its functions by their names")]
#[unsafe(no_mangle)]
pub extern "C" fn advance(ticks: u32) -> u64 {
    RUN.with_borrow_mut(|run| run.as_mut().map_or(0, |run| run.advance(ticks)))
}
