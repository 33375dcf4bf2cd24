//! The blocks of a tick: each area is encoded once for each baseline in use, when a client first needs it.
//!
//! Blocks lie one after another in one vector until the next tick, and snapshots borrow them. Reference counts of shared
//! buffers cost more than copying some thirty bytes into the message that is sent.

use std::ops::Range;

use drumline_shared::codec::block::{BlockContent, BlockWriter};
use drumline_shared::codec::delta::Baseline;
use drumline_shared::codec::history::BaselineTicks;
use drumline_shared::codec::range_coder::RangeWriter;
#[cfg(feature = "faults")]
use drumline_shared::frame::AreaFrame;
use drumline_shared::frame::area_hash;
use drumline_shared::layout::{AreaClass, Layout};

use super::area::{Area, AreaIndex, AreaKey};
use super::division::Division;
#[cfg(feature = "faults")]
use super::faults::WrongField;
use super::frame_ring::FrameRing;

/// Blocks on one tick in this many are counted for learning. Counting itself is cheap, but the counts are many and have left the
/// processor's cache by the next tick.
const TICKS_PER_SAMPLE: u32 = 4;

/// Blocks of one area that are encoded on a tick, beside those that most clients need: against the tick before, and whole. A
/// client chooses by its acknowledgements when it is sent snapshots, and so its baseline; without a bound, a few clients could
/// have each area encoded some ninety times a tick.
const MAX_OLD_BASELINES: u8 = 16;

/// Encodes a tick's blocks and keeps their bytes until the next.
#[derive(Debug)]
pub struct Blocks {
    writer: BlockWriter,
    priors_coder: RangeWriter,
    by_area: Vec<AreaBlocks>,
    made: Vec<Block>,
    priors: Vec<PriorsChange>,
    bytes: Vec<u8>,
    /// Blocks encoded so far.
    pub encoded: u64,
    /// A field that a test wants sent wrong.
    #[cfg(feature = "faults")]
    pub wrong_field: WrongField,
}

/// The blocks of one area.
#[derive(Debug, Clone, Copy, Default)]
struct AreaBlocks {
    /// The newest one; the others follow by [`Block::next`].
    first: Option<u32>,
    /// The hash of the area's frame, once a block needed it.
    hash: Option<u32>,
    /// Blocks against older frames than that of the tick before.
    old_baselines: u8,
}

/// The encoded change of the priors since a tick.
#[derive(Debug)]
struct PriorsChange {
    known: Option<u32>,
    bytes: Range<usize>,
}

#[derive(Debug)]
struct Block {
    against: Option<BaselineTicks>,
    /// Where its bytes are; empty if all is as expected.
    bytes: Range<usize>,
    /// It was counted for learning.
    sampled: bool,
    /// The area's next block.
    next: Option<u32>,
}

/// The state that blocks are encoded from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The world's layout.
    pub layout: &'a Layout,
    /// The world's frames.
    pub ring: &'a FrameRing,
    /// The world's areas.
    pub division: &'a Division,
    /// The newest tick.
    pub tick: u32,
    /// Ticks a second: hashes are sent about once a second.
    pub tick_rate_hz: u32,
    /// The room learns from these blocks.
    pub learns: bool,
}

impl Blocks {
    /// No blocks yet.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            writer: BlockWriter::new(layout),
            priors_coder: RangeWriter::default(),
            by_area: Vec::new(),
            made: Vec::new(),
            priors: Vec::new(),
            bytes: Vec::new(),
            encoded: 0,
            #[cfg(feature = "faults")]
            wrong_field: WrongField::default(),
        }
    }

    /// Drops the blocks of the tick before, and learns from them once a second.
    pub fn start(&mut self, tick: u32, tick_rate_hz: u32, areas: usize) {
        self.made.clear();
        self.priors.clear();
        self.bytes.clear();
        self.by_area.clear();
        self.by_area.resize(areas, AreaBlocks::default());
        if tick.is_multiple_of(tick_rate_hz) {
            self.writer.learn(tick);
        }
    }

    /// The bytes that the blocks' ranges refer to.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns true if this tick has room for the block of an area against some of its frames: it is one that most clients need,
    /// or is encoded already, or not many others are.
    #[must_use]
    pub fn has_room(&self, tick: u32, area: AreaIndex, against: Option<BaselineTicks>) -> bool {
        if against.is_none_or(|against| tick - against.baseline == 1) {
            return true;
        }
        let of_area = self.by_area[area as usize];
        of_area.old_baselines < MAX_OLD_BASELINES || self.find(of_area, against).is_some()
    }

    /// The newest block of an area against some of its frames.
    fn find(&self, of_area: AreaBlocks, against: Option<BaselineTicks>) -> Option<&Block> {
        let mut next = of_area.first;
        while let Some(index) = next {
            let block = &self.made[index as usize];
            if block.against == against {
                return Some(block);
            }
            next = block.next;
        }
        None
    }

    /// The block of an area against some of its frames, or whole; empty if all is as expected. Ask first if there is
    /// [room](Self::has_room).
    pub fn get(&mut self, source: Source, area: AreaIndex, against: Option<BaselineTicks>) -> Range<usize> {
        let &Area { key, changed, .. } = source.division.area(area);
        let task = BlockTask {
            area,
            key,
            against,
            wants_hash: wants_hash(source, key, against),
            sampled: is_sampled(source, against),
        };
        // If all frames are alike, the decoder expects the next one to be so too.
        let is_still = against.is_some_and(|BaselineTicks { baseline, older, .. }| {
            baseline >= changed && older.is_none_or(|older| older >= changed)
        });
        if is_still && !task.wants_hash {
            return 0..0;
        }
        let first = self.by_area[area as usize].first;
        let mut next = first;
        while let Some(index) = next {
            let block = &self.made[index as usize];
            // A block that only spectators were sent is encoded again to be counted, to the same bytes.
            if block.against == against && (block.sampled || !task.sampled) {
                return block.bytes.clone();
            }
            next = block.next;
        }
        let sampled = task.sampled;
        let bytes = self.encode(source, task);
        let of_area = &mut self.by_area[area as usize];
        of_area.first = Some(self.made.len() as u32);
        let is_old = against.is_some_and(|against| source.tick - against.baseline > 1);
        of_area.old_baselines = of_area.old_baselines.saturating_add(u8::from(is_old));
        self.made.push(Block { against, bytes: bytes.clone(), sampled, next: first });
        bytes
    }

    fn encode(&mut self, source: Source, task: BlockTask) -> Range<usize> {
        let BlockTask { area, key, against, wants_hash, sampled } = task;
        let Source { layout, ring, tick, .. } = source;
        let content = ring.area(tick, area);
        let baseline = against.map(|against| Baseline {
            frame: ring.area(against.baseline, area),
            older: against.older.map(|tick| ring.area(tick, area)),
            oldest: against.oldest.map(|tick| ring.area(tick, area)),
        });
        let hash = wants_hash.then(|| {
            let known = &mut self.by_area[area as usize].hash;
            *known.get_or_insert_with(|| area_hash(layout, key.class, content))
        });
        #[cfg(feature = "faults")]
        let wrong = self.wrong_field.take(layout, key.class, content);
        #[cfg(feature = "faults")]
        let content = wrong.as_ref().map_or(content, AreaFrame::whole);
        let weight = if sampled { TICKS_PER_SAMPLE } else { 0 };
        let content = BlockContent { class: key.class, baseline, area: content, hash, weight };
        let start = self.bytes.len();
        if let Some(block) = self.writer.write(layout, content) {
            self.bytes.extend_from_slice(block);
        }
        self.encoded += 1;
        start..self.bytes.len()
    }

    /// The change of the priors for a client whose last snapshot was of tick `known`; `None` if it has them all.
    pub fn priors(&mut self, known: Option<u32>) -> Option<Range<usize>> {
        if self.writer.has_priors(known) {
            return None;
        }
        if let Some(change) = self.priors.iter().find(|change| change.known == known) {
            return Some(change.bytes.clone());
        }
        self.priors_coder.clear();
        self.writer.write_priors(known, &mut self.priors_coder);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(self.priors_coder.finish());
        let range = start..self.bytes.len();
        self.priors.push(PriorsChange { known, bytes: range.clone() });
        Some(range)
    }
}

/// One block to be encoded.
#[derive(Debug, Clone, Copy)]
struct BlockTask {
    area: AreaIndex,
    key: AreaKey,
    against: Option<BaselineTicks>,
    wants_hash: bool,
    sampled: bool,
}

/// Returns true if a block is counted for learning. Priors are sent to every client, so nothing is learned in a world that hides
/// anything: even the count of public blocks would disclose what other clients wait for. Whole areas are not counted, since the
/// priors are for deltas.
fn is_sampled(Source { layout, tick, learns, .. }: Source, against: Option<BaselineTicks>) -> bool {
    learns && layout.is_public() && against.is_some() && tick.is_multiple_of(TICKS_PER_SAMPLE)
}

/// Returns true if a block carries a hash. Steady deltas carry one once a second, each area on a tick of its own. Whole areas and
/// deltas over several ticks always do: they are rare, and worth the check.
fn wants_hash(source: Source, key: AreaKey, against: Option<BaselineTicks>) -> bool {
    let steady = against.is_some_and(|against| source.tick - against.baseline == 1);
    !steady || source.tick.wrapping_add(phase(key)).is_multiple_of(source.tick_rate_hz)
}

/// Spreads the areas' hashes over a second, by key: an area's number would disclose areas that the client does not see.
fn phase(key: AreaKey) -> u32 {
    let place = key.place as u32 ^ (key.place >> 32) as u32;
    let mixed = (place ^ key.member << 8 ^ u32::from(key.class.number())).wrapping_mul(0x9e37_79b1);
    if key.class == AreaClass::PUBLIC { 0 } else { mixed >> 16 }
}
