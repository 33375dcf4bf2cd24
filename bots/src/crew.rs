//! What all bots of a thread share.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bytes::BytesMut;
use drumline_shared::layout::Layout;
use drumline_shared::mirror::Decoder;
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::board::Board;
use crate::stats::Stats;

/// What all bots of a thread share: scratch memory, so that a bot costs little, and what they measure.
#[derive(Debug)]
pub struct Crew {
    /// Whether what is seen now is measured.
    pub measuring: Cell<bool>,
    /// What has been measured in this second.
    pub stats: RefCell<Stats>,
    /// For whoever watches.
    pub board: Arc<Board>,
    /// The decoder, which is most of a mirror's memory.
    pub decoder: RefCell<Decoder>,
    /// Messages on their way into the socket: memory that is used again and again.
    outgoing: RefCell<BytesMut>,
}

impl Crew {
    /// The crew of a thread, with mirrors of this layout.
    #[must_use]
    pub fn new(layout: &Layout, board: Arc<Board>) -> Self {
        Self {
            measuring: Cell::new(false),
            stats: RefCell::default(),
            board,
            decoder: RefCell::new(Decoder::new(layout)),
            outgoing: RefCell::default(),
        }
    }

    /// A message of these bytes.
    pub fn message(&self, bytes: &[u8]) -> Message {
        let mut outgoing = self.outgoing.borrow_mut();
        outgoing.extend_from_slice(bytes);
        Message::Binary(outgoing.split().freeze())
    }
}
