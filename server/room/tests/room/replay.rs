//! The records of a room, and their replay through a fresh simulation.

use std::sync::Arc;

use drumline_room::record::Record;
use drumline_room::simulation::{Simulation, SimulationConfig};
use drumline_room::{GameSpec, Room, RoomConfig};

/// Keeps the records of a room, and the hash of its frame on each tick.
pub struct Replay {
    spec: Arc<GameSpec>,
    config: SimulationConfig,
    records: Vec<Record>,
    hashes: Vec<u64>,
}

impl Replay {
    pub fn new(spec: &Arc<GameSpec>, config: &RoomConfig) -> Self {
        let (spec, config) = (Arc::clone(spec), config.simulation());
        Self { spec, config, records: Vec::new(), hashes: Vec::new() }
    }

    /// Keeps the record of the tick that has just happened.
    pub fn keep(&mut self, room: &Room) {
        self.records.push(room.record().clone());
        self.hashes.push(room.output().frame_hash());
    }

    /// Replays all records through a fresh simulation and compares every frame. Returns the number of records.
    pub fn check(self) -> usize {
        let mut simulation = Simulation::new(self.spec, self.config);
        for (record, hash) in self.records.iter().zip(&self.hashes) {
            let output = simulation.advance(record);
            assert_eq!(output.frame_hash(), *hash, "the replay differs at {:?}", record.at);
        }
        self.records.len()
    }
}
