//! The client's side: its copy of what it sees of the world.

mod area;

use std::sync::Arc;

use crate::codec::block::BlockReader;
use crate::codec::priors::{KnownPriors, Priors};
use crate::codec::range_coder::RangeReader;
use crate::error::DecodeError;
use crate::frame::{EntityId, Frame};
use crate::layout::{AreaClass, Layout};
use crate::limits::{MAX_FRAME_COLUMNS, TickLimits};
use crate::mirror::area::{Area, Decoding};
use crate::wire::snapshot::{AreaUpdate, InputAck, Snapshot};
use crate::world::Replicate;

/// A client's copy of what it sees. Pass each snapshot to [`apply`](Self::apply), in the order of arrival; read entities with
/// [`rows`](Self::rows) or [`areas`](Self::areas).
///
/// After any snapshot the mirror equals the server's quantized frame of that tick, area by area. Snapshots carry hashes, which
/// prove it.
#[derive(Debug)]
pub struct Mirror {
    layout: Arc<Layout>,
    /// The mirror's own decoder, once it has needed one.
    decoder: Option<Box<Decoder>>,
    /// The priors that the server has sent; `None` for the defaults.
    priors: Option<Arc<Priors>>,
    tick: u32,
    /// Frames that the room keeps as baselines.
    ring: u32,
    /// True if a delta can be applied: not before a keyframe, nor after an error.
    usable: bool,
    /// The areas in view, in the order in which they were added. The first is the public one.
    list: Vec<Area>,
    /// Areas that are added by the snapshot that is being applied.
    entering: Vec<Area>,
    /// Areas that have left the view, kept for their memory.
    spare: Vec<Area>,
}

/// Decodes snapshots for mirrors of one layout. It holds scratch memory, and the priors that mirrors share.
#[derive(Debug)]
pub struct Decoder {
    snapshot: Snapshot,
    blocks: BlockReader,
    priors: KnownPriors,
}

impl Decoder {
    /// A decoder for mirrors of a layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            snapshot: Snapshot::default(),
            blocks: BlockReader::new(layout),
            priors: KnownPriors::new(&layout.default_priors),
        }
    }
}

/// Facts about a snapshot that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The tick that the mirror now shows.
    pub tick: u32,
    /// Ticks since the snapshot before; 0 for a keyframe.
    pub ticks: u32,
    /// True for a keyframe.
    pub keyframe: bool,
    /// The number of hashes that it carried. All of them matched.
    pub hashes_checked: u32,
    /// The number of areas in view that it skipped.
    pub areas_skipped: u32,
    /// How the server has consumed this client's inputs.
    pub ack: Option<InputAck>,
}

/// A snapshot could not be applied. The mirror still shows the tick before it. Ask for a keyframe; until it arrives, deltas are
/// refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// The bytes are not a valid snapshot for this mirror.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A decoded area is not as it is on the server.
    #[error("tick {tick}: the hash of an area of the mirror is {mirror:08x}, the server's {server:08x}")]
    HashMismatch {
        /// The snapshot's tick.
        tick: u32,
        /// The hash that the snapshot carried.
        server: u32,
        /// The hash of the decoded area.
        mirror: u32,
    },
}

impl Mirror {
    /// A mirror of a room with this tick rate that shows nothing yet. The rate says for how long the room keeps baselines.
    #[must_use]
    pub fn new(layout: impl Into<Arc<Layout>>, tick_rate_hz: u32) -> Self {
        let layout = layout.into();
        Self {
            decoder: None,
            priors: None,
            tick: 0,
            ring: TickLimits::of(tick_rate_hz).frame_ring,
            usable: false,
            list: vec![Area::new(&layout, AreaClass::PUBLIC)],
            entering: Vec::new(),
            spare: Vec::new(),
            layout,
        }
    }

    /// Applies a snapshot message.
    ///
    /// # Errors
    /// [`MirrorError`]. The mirror then still shows the tick before, and accepts only a keyframe: the next delta would start from
    /// what this snapshot should have shown.
    pub fn apply(&mut self, message: &[u8]) -> Result<Applied, MirrorError> {
        let mut decoder = self.decoder.take().unwrap_or_else(|| Box::new(Decoder::new(&self.layout)));
        let applied = self.apply_with(&mut decoder, message);
        self.decoder = Some(decoder);
        applied
    }

    /// The same as [`apply`](Self::apply), with a decoder that many mirrors of the same layout share. Most of a mirror's
    /// memory is its decoder's, so sharing saves memory and cache.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    pub fn apply_with(&mut self, decoder: &mut Decoder, message: &[u8]) -> Result<Applied, MirrorError> {
        let applied = self.decode(decoder, message);
        match applied {
            Ok(_) => self.commit(&decoder.snapshot),
            Err(_) => self.spare.append(&mut self.entering),
        }
        self.usable = applied.is_ok();
        applied
    }

    /// Decodes a snapshot's areas beside those that are shown.
    fn decode(&mut self, decoder: &mut Decoder, message: &[u8]) -> Result<Applied, MirrorError> {
        let Decoder { snapshot, blocks, priors: known_priors } = decoder;
        snapshot.read(message, self.list.len())?;
        let Snapshot { keyframe, ticks, ack, .. } = *snapshot;
        let tick = if keyframe {
            ticks
        } else {
            self.tick.checked_add(ticks).filter(|_| self.usable).ok_or(DecodeError::NoBaseline)?
        };
        self.update_priors(snapshot, known_priors, message)?;
        self.add_areas(snapshot);
        let mut applied = Applied {
            tick,
            ticks: if keyframe { 0 } else { ticks },
            keyframe,
            hashes_checked: 0,
            areas_skipped: 0,
            ack,
        };
        let leaves = &snapshot.leaves;
        let stays = |index: &usize| !keyframe && leaves.binary_search(index).is_err();
        let staying = self.list.iter_mut().enumerate().filter(|(index, _)| stays(index));
        let areas = staying.map(|(_, area)| area).chain(&mut self.entering);
        let priors = self.priors.as_deref();
        let mut decoding = Decoding {
            layout: &self.layout,
            blocks,
            priors,
            tick,
            ring: self.ring,
            columns_left: MAX_FRAME_COLUMNS,
        };
        for (area, update) in areas.zip(&snapshot.areas) {
            let block = match update {
                AreaUpdate::Block(range) => &message[range.clone()],
                AreaUpdate::AsPredicted => &[],
                AreaUpdate::Skipped => {
                    area.skip(&mut decoding)?;
                    applied.areas_skipped += 1;
                    continue;
                }
            };
            applied.hashes_checked += u32::from(area.decode(&mut decoding, block)?);
        }
        Ok(applied)
    }

    fn update_priors(
        &mut self,
        snapshot: &Snapshot,
        known: &mut KnownPriors,
        message: &[u8],
    ) -> Result<(), DecodeError> {
        if snapshot.keyframe {
            self.priors = None;
        }
        if let Some(change) = &snapshot.priors {
            let mut coder = RangeReader::new(&message[change.clone()]);
            let changed = known.change(self.priors.as_deref(), &mut coder)?;
            coder.finish()?;
            self.priors = Some(changed);
        }
        Ok(())
    }

    /// Prepares the areas that a snapshot adds.
    fn add_areas(&mut self, snapshot: &Snapshot) {
        let public = snapshot.keyframe.then_some(AreaClass::PUBLIC);
        for class in public.into_iter().chain(snapshot.enters.iter().copied()) {
            let spare = self.spare.iter().rposition(|area| area.class == class);
            self.entering.push(match spare {
                Some(index) => self.spare.swap_remove(index).reused(),
                None => Area::new(&self.layout, class),
            });
        }
    }

    /// Shows what was decoded.
    fn commit(&mut self, snapshot: &Snapshot) {
        if snapshot.keyframe {
            self.tick = snapshot.ticks;
            self.spare.append(&mut self.list);
        } else {
            self.tick += snapshot.ticks;
            let mut leaves = snapshot.leaves.iter().copied().peekable();
            let mut index = 0;
            self.spare.extend(self.list.extract_if(.., |_| {
                index += 1;
                leaves.next_if_eq(&(index - 1)).is_some()
            }));
        }
        self.list.append(&mut self.entering);
        for area in &mut self.list {
            area.commit(&self.layout, self.tick, self.ring);
        }
    }

    /// The tick of the last snapshot; 0 before the first.
    #[must_use]
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// The areas in view, in the order in which they were added; the public one is the first. Each frame holds the parts of its
    /// class, and its tick is that of the area's last update.
    pub fn areas(&self) -> impl Iterator<Item = (AreaClass, &Frame)> {
        self.list.iter().map(|area| (area.class, area.newest()))
    }

    /// The frame of the public area: the whole world, if no table has places and nothing is hidden.
    #[must_use]
    pub fn public(&self) -> &Frame {
        self.list[0].newest()
    }

    /// The layout of the frames.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The entities in view of one table, as the game's own struct. `table` counts the world's tables in order. Fields that this
    /// client may not see are as if all of their columns were zero.
    ///
    /// # Panics
    /// If there is no such table, or `T` is not its struct (compare the schema's hash first).
    pub fn rows<T: Replicate>(&self, table: usize) -> impl Iterator<Item = (EntityId, T)> {
        let mut whole = vec![0; self.layout.tables[table].width];
        let base = self.layout.tables[table].parts.start;
        self.part_rows(base).map(move |(entity, row)| (entity, self.read(table, entity, row, &mut whole)))
    }

    /// An entity of a table, as in [`rows`](Self::rows); `None` if it is not in view.
    ///
    /// # Panics
    /// As [`rows`](Self::rows).
    #[must_use]
    pub fn get<T: Replicate>(&self, table: usize, entity: EntityId) -> Option<T> {
        let mut whole = vec![0; self.layout.tables[table].width];
        let row = self.find(self.layout.tables[table].parts.start, entity)?;
        Some(self.read(table, entity, row, &mut whole))
    }

    /// Makes a struct from an entity's base row and its rows of the table's other parts.
    fn read<T: Replicate>(&self, table: usize, entity: EntityId, base: &[u32], whole: &mut [u32]) -> T {
        let parts = self.layout.tables[table].parts.clone();
        if parts.len() == 1 {
            return T::dequantize(base);
        }
        whole.fill(0);
        self.layout.parts[parts.start].put(base, whole);
        for part in parts.skip(1) {
            if let Some(row) = self.find(part, entity) {
                self.layout.parts[part].put(row, whole);
            }
        }
        T::dequantize(whole)
    }

    /// All rows of a part in view. The server ensures that no entity is in two areas at once.
    pub fn part_rows(&self, part: usize) -> impl Iterator<Item = (EntityId, &[u32])> {
        self.areas_with(part).flat_map(move |frame| frame.rows(part).iter())
    }

    /// An entity's row of a part; `None` if it is not in view.
    #[must_use]
    pub fn find(&self, part: usize, entity: EntityId) -> Option<&[u32]> {
        self.areas_with(part).find_map(|frame| frame.rows(part).get(entity))
    }

    /// The frames of the areas that may have rows of a part.
    fn areas_with(&self, part: usize) -> impl Iterator<Item = &Frame> {
        let class = self.layout.parts[part].class;
        self.areas().filter(move |(other, _)| *other == class).map(|(_, frame)| frame)
    }
}
