//! The client's side: the world as the server last told it.

use crate::delta::{Baseline, DecodeError};
use crate::frame::{EntityId, Frame};
use crate::hash::frame_hash;
use crate::schema::Layout;
use crate::snapshot::{BodyReader, Head, InputAck, read_prefix};
use crate::world::Replicate;

/// A client's copy of the world. Give each snapshot to [`apply`](Self::apply) in the order of arrival; read
/// entities with [`rows`](Self::rows) or [`frame`](Self::frame).
#[derive(Debug)]
pub struct Mirror {
    layout: Layout,
    reader: BodyReader,
    past: Past,
    /// Where the next snapshot is decoded.
    next: Frame,
}

/// The frames that a snapshot may refer to.
#[derive(Debug)]
struct Past {
    empty: Frame,
    /// The last three, the newest first.
    frames: [Frame; 3],
    /// How many of them can serve: none before a keyframe, one after it, then more.
    usable: u8,
}

/// What a snapshot told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The tick that the mirror now shows.
    pub tick: u32,
    /// Ticks since the snapshot before; zero for a keyframe.
    pub ticks: u32,
    /// Whether it was a keyframe.
    pub keyframe: bool,
    /// Whether it carried a hash, which then matched.
    pub hash_checked: bool,
    /// The server's word on this client's inputs.
    pub ack: Option<InputAck>,
}

/// A snapshot could not be applied. The mirror still shows the tick before it. Ask for a keyframe; until it comes, deltas
/// are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// The bytes are no valid snapshot for this mirror.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The decoded frame is not the server's.
    #[error("tick {tick}: the mirror's hash is {mirror:08x}, the server's {server:08x}")]
    HashMismatch {
        /// The snapshot's tick.
        tick: u32,
        /// The hash that the snapshot carried.
        server: u32,
        /// The hash of what was decoded.
        mirror: u32,
    },
}

impl Mirror {
    /// A mirror of nothing yet.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        let empty = Frame::empty(&layout);
        Self {
            reader: BodyReader::new(&layout),
            layout,
            next: empty.clone(),
            past: Past { frames: [(); 3].map(|()| empty.clone()), empty, usable: 0 },
        }
    }

    /// Applies a snapshot message.
    ///
    /// # Errors
    /// [`MirrorError`]; the mirror then still shows the tick before, and takes only a keyframe: the next delta starts from
    /// what this snapshot should have shown.
    pub fn apply(&mut self, message: &[u8]) -> Result<Applied, MirrorError> {
        self.decode(message).inspect_err(|_| self.past.usable = 0)
    }

    fn decode(&mut self, message: &[u8]) -> Result<Applied, MirrorError> {
        let prefix = read_prefix(message)?;
        let (header, coder) = self.reader.read_header(prefix)?;
        let (baseline, tick) = self.past.baseline(prefix.head, header.ticks)?;
        self.reader.read_tables(&self.layout, baseline, coder, &mut self.next)?;
        self.next.tick = tick;
        if let Some(server) = header.hash {
            let mirror = frame_hash(&self.next);
            if mirror != server {
                return Err(MirrorError::HashMismatch { tick, server, mirror });
            }
        }
        let keyframe = prefix.head.keyframe;
        self.past.push(&mut self.next, keyframe);
        Ok(Applied {
            tick,
            ticks: if keyframe { 0 } else { header.ticks },
            keyframe,
            hash_checked: header.hash.is_some(),
            ack: prefix.ack,
        })
    }

    /// The world as it was last told; all empty before the first keyframe.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.past.frames[0]
    }

    /// The entities of one table as the game's own struct. `table` counts the world's tables in order.
    ///
    /// # Panics
    /// If there is no such table, or `T` is not its struct (compare the schema's hash first).
    pub fn rows<T: Replicate>(&self, table: usize) -> impl Iterator<Item = (EntityId, T)> {
        self.past.frames[0].tables()[table].iter().map(|(entity, row)| (entity, T::dequantize(row)))
    }
}

impl Past {
    /// The baseline that a snapshot refers to, and the snapshot's tick.
    fn baseline(&self, head: Head, ticks: u32) -> Result<(Baseline<'_>, u32), DecodeError> {
        if head.keyframe {
            return Ok((Baseline::new(&self.empty), ticks));
        }
        let [frame, older, oldest] = &self.frames;
        let known = self.usable > head.history;
        let tick = frame.tick.checked_add(ticks).filter(|_| known).ok_or(DecodeError::NoBaseline)?;
        let baseline = Baseline {
            frame,
            older: (head.history >= 1).then_some(older),
            oldest: (head.history >= 2).then_some(oldest),
        };
        Ok((baseline, tick))
    }

    /// Makes the decoded frame the newest one, and gives back an old one to decode into.
    fn push(&mut self, next: &mut Frame, keyframe: bool) {
        self.frames.rotate_right(1);
        std::mem::swap(&mut self.frames[0], next);
        self.usable = if keyframe { 1 } else { (self.usable + 1).min(self.frames.len() as u8) };
    }
}
