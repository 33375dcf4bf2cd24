//! The figures of a room.

use super::Room;
use crate::intake::{IntakeStats, SeatStats};
use crate::player_id::PlayerId;
use crate::replication::ReplicationStats;
use crate::stats::{ClampedCount, PlayerStats, RoomStats};

impl Room {
    /// The values of the state that did not fit their fields and were clamped, by field, since the room began.
    pub fn clamped(&self) -> impl Iterator<Item = ClampedCount> {
        let tables = &self.spec.schema.tables;
        self.simulation.output().clamped.iter().map(|(at, count)| {
            let table = &tables[at.table];
            let field = table.fields.get(at.field).map_or("others", |field| &*field.name);
            ClampedCount { table: table.name.clone(), field: field.to_owned(), count }
        })
    }

    /// Messages that wait to be sent, of all players together.
    #[must_use]
    pub fn messages_waiting(&self) -> usize {
        self.replication.messages_waiting()
    }

    /// The players by seat without the bots, and how each is doing.
    pub fn players(&self) -> impl Iterator<Item = (PlayerId, PlayerStats)> {
        self.intake.players().map(|(player, stats)| {
            let SeatStats { connected, inputs, slack_ticks, unacked_ticks } = stats;
            let budget_bytes = self.replication.budget_bytes(player);
            (player, PlayerStats { connected, inputs, slack_ticks, unacked_ticks, budget_bytes })
        })
    }

    /// The counts so far.
    #[must_use]
    pub fn stats(&self) -> RoomStats {
        let IntakeStats {
            inputs,
            malformed_inputs,
            malformed_commands,
            commands_refused,
            mismatches_reported,
        } = self.intake.stats();
        let ReplicationStats { blocks_encoded, keyframes, messages_dropped, areas_left_out } =
            self.replication.stats();
        RoomStats {
            inputs,
            malformed_inputs,
            malformed_commands,
            commands_refused,
            mismatches_reported,
            blocks_encoded,
            keyframes,
            areas_left_out,
            events_dropped: self.stats.events_dropped + messages_dropped,
            ..self.stats
        }
    }
}
