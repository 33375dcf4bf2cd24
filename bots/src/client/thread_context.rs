//! Everything that all bots of a thread share.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bytes::BytesMut;
use drumline_shared::layout::Layout;
use drumline_shared::mirror::Decoder;
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::measure::live_counters::LiveCounters;
use crate::measure::stats::Stats;

/// Everything that all bots of a thread share: scratch memory, so that a bot costs little, and their measurements.
#[derive(Debug)]
pub struct ThreadContext {
    /// True while the measurement goes on.
    pub measuring: Cell<bool>,
    /// The measurements of the current second.
    pub stats: RefCell<Stats>,
    /// Counters for observers of the run.
    pub counters: Arc<LiveCounters>,
    /// The decoder: most of a mirror's memory.
    pub decoder: RefCell<Decoder>,
    /// Outgoing messages, in memory that is reused.
    outgoing: RefCell<BytesMut>,
}

impl ThreadContext {
    /// The context of a thread, with mirrors of this layout.
    #[must_use]
    pub fn new(layout: &Layout, counters: Arc<LiveCounters>) -> Self {
        Self {
            measuring: Cell::new(false),
            stats: RefCell::default(),
            counters,
            decoder: RefCell::new(Decoder::new(layout)),
            outgoing: RefCell::default(),
        }
    }

    /// A binary message with these bytes.
    pub fn message(&self, bytes: &[u8]) -> Message {
        let mut outgoing = self.outgoing.borrow_mut();
        outgoing.extend_from_slice(bytes);
        Message::Binary(outgoing.split().freeze())
    }
}
