//! The client's side: the world as the server last told it.

use crate::delta::{Baseline, DecodeError, DeltaReader};
use crate::frame::{EntityId, Frame};
use crate::hash::frame_hash;
use crate::schema::Layout;
use crate::snapshot::{InputAck, Position, read_body_header, read_prefix};
use crate::symbols::SymbolReader;
use crate::world::Replicate;

/// A client's copy of the world. Give each snapshot to [`apply`](Self::apply) in the order of arrival; read
/// entities with [`rows`](Self::rows) or [`frame`](Self::frame).
#[derive(Debug)]
pub struct Mirror {
    layout: Layout,
    reader: DeltaReader,
    past: Past,
    /// Where the next snapshot is decoded.
    next: Frame,
}

/// The frames that a snapshot may refer to.
#[derive(Debug)]
struct Past {
    empty: Frame,
    current: Frame,
    previous: Frame,
    /// How many of `current` and `previous` can serve: none before a keyframe, one after it, then both.
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
            layout,
            reader: DeltaReader::default(),
            next: empty.clone(),
            past: Past { current: empty.clone(), previous: empty.clone(), empty, usable: 0 },
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
        let mut symbols = SymbolReader::new(prefix.body);
        let header = read_body_header(prefix.keyframe, &mut symbols)?;
        let (baseline, tick, ticks) = self.past.baseline(header.position)?;
        self.reader.read_delta(&self.layout, baseline, &mut symbols, &mut self.next)?;
        symbols.finish()?;
        self.next.tick = tick;
        if let Some(server) = header.hash {
            let mirror = frame_hash(&self.next);
            if mirror != server {
                return Err(MirrorError::HashMismatch { tick, server, mirror });
            }
        }
        self.past.push(&mut self.next, prefix.keyframe);
        Ok(Applied {
            tick,
            ticks,
            keyframe: prefix.keyframe,
            hash_checked: header.hash.is_some(),
            ack: prefix.ack,
        })
    }

    /// The world as it was last told; all empty before the first keyframe.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.past.current
    }

    /// The entities of one table as the game's own struct. `table` counts the world's tables in order.
    ///
    /// # Panics
    /// If there is no such table, or `T` is not its struct (compare the schema's hash first).
    pub fn rows<T: Replicate>(&self, table: usize) -> impl Iterator<Item = (EntityId, T)> {
        self.past.current.tables()[table].iter().map(|(entity, row)| (entity, T::dequantize(row)))
    }
}

impl Past {
    /// The baseline that a snapshot refers to, the snapshot's tick, and the ticks since the one before it.
    fn baseline(&self, position: Position) -> Result<(Baseline<'_>, u32, u32), DecodeError> {
        match position {
            Position::Keyframe(tick) => Ok((Baseline { frame: &self.empty, older: None }, tick, 0)),
            Position::Delta { ticks, uses_older } => {
                let known = self.usable > u8::from(uses_older);
                let tick = self.current.tick.checked_add(ticks).filter(|_| known);
                let older = uses_older.then_some(&self.previous);
                Ok((Baseline { frame: &self.current, older }, tick.ok_or(DecodeError::NoBaseline)?, ticks))
            }
        }
    }

    /// Makes the decoded frame the current one, and gives back an old one to decode into.
    fn push(&mut self, next: &mut Frame, keyframe: bool) {
        std::mem::swap(&mut self.previous, &mut self.current);
        std::mem::swap(&mut self.current, next);
        self.usable = if keyframe { 1 } else { 2 };
    }
}
