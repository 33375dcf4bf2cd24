//! The client's side: what it sees of the world, as the server last told it.

use std::sync::Arc;

use crate::block::{Against, BlockReader, Given};
use crate::delta::{Baseline, DecodeError, take_rows};
use crate::frame::{AreaFrame, EntityId, Frame};
use crate::hash::area_hash;
use crate::layout::{AreaClass, Layout};
use crate::limits::MAX_FRAME_COLUMNS;
use crate::priors::{KnownPriors, Priors};
use crate::range_coder::RangeReader;
use crate::snapshot::{AreaNews, InputAck, Snapshot};
use crate::world::Replicate;

/// A client's copy of what it sees. Give each snapshot to [`apply`](Self::apply) in the order of arrival; read
/// entities with [`rows`](Self::rows) or [`areas`](Self::areas).
#[derive(Debug)]
pub struct Mirror {
    layout: Arc<Layout>,
    /// The mirror's own decoder, once it has needed one.
    decoder: Option<Box<Decoder>>,
    /// The priors that the server has told of, if it has.
    priors: Option<Arc<Priors>>,
    tick: u32,
    /// Whether a delta can be applied: not before a keyframe.
    usable: bool,
    /// The areas in view, in the order in which they came; the first is the public one.
    list: Vec<Area>,
    /// Areas that come with the snapshot that is being applied.
    entering: Vec<Area>,
    /// Areas that are out of use, with their memory.
    spare: Vec<Area>,
}

/// Decodes snapshots for mirrors of one layout. It holds scratch memory, and what mirrors have in common.
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

/// One area in view.
#[derive(Debug)]
struct Area {
    class: AreaClass,
    given: Given,
    /// Memory for its last three frames, and which of them each is, the newest first: while an area is as it was, they are one.
    frames: [Frame; 3],
    recent: [u8; 3],
    /// Where the next one is decoded, and how it was told.
    next: Frame,
    news: News,
}

/// How an area was told in the snapshot that is being applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// Not at all.
    PassedOver,
    /// It is as it was.
    Still,
    /// It is as decoded.
    Decoded,
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
    /// Hashes that it carried, which then matched.
    pub hashes_checked: u32,
    /// Areas in view that were passed over.
    pub areas_skipped: u32,
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
    /// A decoded area is not as it is on the server.
    #[error("tick {tick}: the hash of an area of the mirror is {mirror:08x}, the server's {server:08x}")]
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
    pub fn new(layout: impl Into<Arc<Layout>>) -> Self {
        let layout = layout.into();
        Self {
            decoder: None,
            priors: None,
            tick: 0,
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
    /// [`MirrorError`]; the mirror then still shows the tick before, and takes only a keyframe: the next delta starts from
    /// what this snapshot should have shown.
    pub fn apply(&mut self, message: &[u8]) -> Result<Applied, MirrorError> {
        let mut decoder = self.decoder.take().unwrap_or_else(|| Box::new(Decoder::new(&self.layout)));
        let applied = self.apply_with(&mut decoder, message);
        self.decoder = Some(decoder);
        applied
    }

    /// As [`apply`](Self::apply), with a decoder that many mirrors of the same layout share: its memory is most of a mirror's,
    /// and in the processor's cache only once.
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
        if keyframe {
            self.priors = None;
        }
        if let Some(change) = &snapshot.priors {
            let mut coder = RangeReader::new(&message[change.clone()]);
            let changed = known_priors.change(self.priors.as_deref(), &mut coder)?;
            coder.finish()?;
            self.priors = Some(changed);
        }
        let public = keyframe.then_some(AreaClass::PUBLIC);
        for class in public.into_iter().chain(snapshot.enters.iter().copied()) {
            let spare = self.spare.iter().rposition(|area| area.class == class);
            let area = spare.map(|index| self.spare.swap_remove(index));
            let area = area.unwrap_or_else(|| Area::new(&self.layout, class));
            self.entering.push(Area { given: Given::default(), recent: [0; 3], ..area });
        }
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
        let mut columns_left = MAX_FRAME_COLUMNS;
        for (area, news) in areas.zip(&snapshot.areas) {
            let block = match news {
                AreaNews::Block(range) => &message[range.clone()],
                AreaNews::Quiet => &[],
                AreaNews::Skipped => {
                    applied.areas_skipped += 1;
                    area.pass_over(&self.layout, &mut columns_left)?;
                    continue;
                }
            };
            let against = area.given.against(tick);
            if block.is_empty() && area.expects_itself(against) {
                area.stay(&self.layout, &mut columns_left)?;
                continue;
            }
            let [frame, older, oldest] =
                area.recent.map(|index| AreaFrame::whole(&area.frames[usize::from(index)]));
            let baseline = against.map(|against| Baseline {
                frame,
                older: against.older.map(|_| older),
                oldest: against.oldest.map(|_| oldest),
            });
            let (layout, next) = (&self.layout, &mut area.next);
            let priors = self.priors.as_deref();
            let hash = blocks.read(layout, area.class, baseline, block, priors, &mut columns_left, next)?;
            area.news = News::Decoded;
            next.tick = tick;
            if let Some(server) = hash {
                let mirror = area_hash(layout, area.class, AreaFrame::whole(next));
                if mirror != server {
                    return Err(MirrorError::HashMismatch { tick, server, mirror });
                }
                applied.hashes_checked += 1;
            }
        }
        Ok(applied)
    }

    /// Shows what has been decoded.
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
            area.commit(&self.layout, self.tick);
        }
    }

    /// The tick of the last snapshot; zero before the first.
    #[must_use]
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// The areas in view, in the order in which they came; the public one is the first. Each frame holds the parts of its class,
    /// and its tick is the one on which the area was last told of.
    pub fn areas(&self) -> impl Iterator<Item = (AreaClass, &Frame)> {
        self.list.iter().map(|area| (area.class, area.newest()))
    }

    /// What all see everywhere: the whole world, if no table has places and nothing is hidden.
    #[must_use]
    pub fn public(&self) -> &Frame {
        self.list[0].newest()
    }

    /// The layout of the frames.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The entities in view of one table as the game's own struct. `table` counts the world's tables in order. Fields that this
    /// client may not see are as if all their columns were zero.
    ///
    /// # Panics
    /// If there is no such table, or `T` is not its struct (compare the schema's hash first).
    pub fn rows<T: Replicate>(&self, table: usize) -> impl Iterator<Item = (EntityId, T)> {
        let mut whole = vec![0; self.layout.tables[table].width];
        let base = self.layout.tables[table].parts.start;
        self.part_rows(base).map(move |(entity, row)| (entity, self.read(table, entity, row, &mut whole)))
    }

    /// An entity of a table, if it is in view; as in [`rows`](Self::rows).
    ///
    /// # Panics
    /// As [`rows`](Self::rows).
    #[must_use]
    pub fn get<T: Replicate>(&self, table: usize, entity: EntityId) -> Option<T> {
        let mut whole = vec![0; self.layout.tables[table].width];
        let row = self.find(self.layout.tables[table].parts.start, entity)?;
        Some(self.read(table, entity, row, &mut whole))
    }

    /// Makes a struct of an entity's base row and its rows of the table's other parts.
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

    /// All rows of a part in view. The server sees to it that no entity is in two areas at once.
    pub fn part_rows(&self, part: usize) -> impl Iterator<Item = (EntityId, &[u32])> {
        self.areas_with(part).flat_map(move |frame| frame.rows(part).iter())
    }

    /// An entity's row of a part, if there is one in view.
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

impl Area {
    fn new(layout: &Layout, class: AreaClass) -> Self {
        let empty = Frame::empty_area(layout, class);
        Self {
            class,
            given: Given::default(),
            frames: [(); 3].map(|()| empty.clone()),
            recent: [0; 3],
            next: empty,
            news: News::PassedOver,
        }
    }

    fn newest(&self) -> &Frame {
        &self.frames[usize::from(self.recent[0])]
    }

    /// Whether the area is expected to be as it is: it was so a step before too, or nothing is known of that.
    fn expects_itself(&self, against: Option<Against>) -> bool {
        against.is_some_and(|against| against.older.is_none() || self.recent[0] == self.recent[1])
    }

    /// Is as it was.
    fn stay(&mut self, layout: &Layout, columns_left: &mut usize) -> Result<(), DecodeError> {
        self.news = News::Still;
        for &part in layout.parts_of(self.class) {
            take_rows(columns_left, self.newest().rows(part).len(), &layout.parts[part])?;
        }
        Ok(())
    }

    /// Is passed over. An area that was never told of cannot be.
    fn pass_over(&mut self, layout: &Layout, columns_left: &mut usize) -> Result<(), DecodeError> {
        if self.given.newest().is_none() {
            return Err(DecodeError::BadMap);
        }
        self.stay(layout, columns_left)?;
        self.news = News::PassedOver;
        Ok(())
    }

    /// Shows what was told.
    fn commit(&mut self, layout: &Layout, tick: u32) {
        let [newest, older, _] = self.recent;
        let told_before = self.given.newest().is_some();
        match self.news {
            News::PassedOver => return,
            News::Decoded
                if !told_before
                    || !AreaFrame::whole(&self.next).is_as(
                        &AreaFrame::whole(self.newest()),
                        layout,
                        self.class,
                    ) =>
            {
                let unused = (0..3).find(|index| *index != newest && *index != older);
                let unused = unused.expect("two of three leave one");
                std::mem::swap(&mut self.frames[usize::from(unused)], &mut self.next);
                self.recent = [unused, newest, older];
            }
            News::Still | News::Decoded => {
                self.recent = [newest, newest, older];
                self.frames[usize::from(newest)].tick = tick;
            }
        }
        self.given.give(tick);
    }
}
