//! The output of a tick.

use drumline_shared::frame::Frame;
use drumline_shared::world::{ClampedValues, Home};

use super::Player;
use super::action::Action;
use super::interest::Sight;
use super::outgoing::{OutgoingMessage, RefusedSends};
use crate::epoch::EpochTick;

/// The output of a tick, lent until the next.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// The tick.
    pub at: EpochTick,
    /// The whole world, table by table.
    pub frame: &'a Frame,
    /// By table: the home of each row of the frame. Empty in a world that is all public.
    pub homes: &'a [Vec<Home>],
    /// By seat: what each player sees.
    pub sights: &'a [Sight],
    /// The frame has more columns than a client can hold: it is not to be replicated, and the room ends.
    pub is_too_large: bool,
    /// The players, by seat.
    pub players: &'a [Option<Player>],
    /// Events, replies and chat messages, in their order.
    pub messages: &'a [OutgoingMessage],
    /// The actions that the game asks of the driver, in its order.
    pub actions: &'a [Action],
    /// Events and replies of the game that were not sent.
    pub refused: RefusedSends,
    /// Values of the state that did not fit their fields and were clamped, since the room began.
    pub clamped: &'a ClampedValues,
    /// Chat messages that were sent.
    pub chats_sent: u32,
    /// Chat messages that were refused.
    pub chats_refused: u32,
}

impl Output<'_> {
    /// A hash of the whole frame: FNV-1a (Fowler, Noll, Vo) over 32-bit words, table by table: the count of its rows, then each
    /// row's slot, generation and columns.
    #[must_use]
    pub fn frame_hash(&self) -> u64 {
        let write = |hash: u64, word: u32| (hash ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01b3);
        let mut hash = 0xcbf2_9ce4_8422_2325;
        for table in 0..self.frame.tables() {
            let rows = self.frame.rows(table);
            hash = write(hash, rows.len() as u32);
            for (entity, row) in rows.iter() {
                hash =
                    row.iter().fold(write(write(hash, entity.slot), entity.generation), |hash, &column| {
                        write(hash, column)
                    });
            }
        }
        hash
    }
}
