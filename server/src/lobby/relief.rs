//! Relief of an overloaded server: rooms of the client that costs the most end, instead of joins of others being refused.

use std::time::Instant;

use super::Lobby;

impl Lobby {
    /// Ends rooms of the cause of an overload or of a lack of memory. To be called about once a second.
    ///
    /// A shard's rooms refuse joins only if it does not recover and no client is the cause.
    pub fn relieve(&self, now: Instant) {
        for (index, shard) in self.shards.iter().enumerate() {
            if !shard.is_overloaded() {
                shard.refuse_joins(false);
            } else if shard.needs_relief() {
                let ended = self.registry.lock().relieve_shard(index);
                shard.refuse_joins(ended == 0);
            }
            shard.check_makers(now);
        }
        self.registry.lock().relieve_memory(self.metrics().resident_bytes(), now);
    }
}
