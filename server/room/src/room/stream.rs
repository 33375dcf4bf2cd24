//! The stream that viewers share.

use super::Room;
use crate::player_id::PlayerId;

impl Room {
    /// Begins a stream that any number of viewers share: a spectator whose bytes the driver keeps and sends to them all. `None`
    /// if it has begun already. The driver acknowledges each snapshot at once, and [renews](Self::renew_stream) the stream now
    /// and then, so that others can join it.
    pub fn start_stream(&mut self) -> Option<PlayerId> {
        let stream = self.intake.spectate_for_viewers()?;
        self.add_client(stream);
        Some(stream)
    }

    /// Makes the next bytes of a stream those that a new connection begins with: a keyframe, and the whole list of players. Send
    /// a [`welcome`](Self::welcome) to those who join there. Returns false, and does nothing, while messages wait: they would be
    /// sent twice.
    ///
    /// # Panics
    /// If there is no such stream.
    pub fn renew_stream(&mut self, stream: PlayerId) -> bool {
        if self.replication.has_messages(stream) {
            return false;
        }
        self.resume(stream, None);
        true
    }
}
