//! The blocks of a tick: each area once for each baseline that somebody has, when somebody first needs it.

use std::ops::Range;

use drumline_shared::block::{Against, BlockContent, BlockWriter};
use drumline_shared::delta::Baseline;
#[cfg(feature = "faults")]
use drumline_shared::frame::AreaFrame;
use drumline_shared::hash::area_hash;
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::range_coder::RangeWriter;

use crate::division::{Area, AreaIndex, AreaKey};
use crate::frame_ring::FrameRing;
#[cfg(feature = "faults")]
use crate::room::faults::WrongField;

/// Blocks on one tick in so many are counted for learning. Counting is cheap, but the counts are many and
/// have gone from the processor's cache by the next tick.
const TICKS_PER_SAMPLE: u32 = 4;

/// Encodes a tick's blocks and keeps their bytes until the next.
#[derive(Debug)]
pub struct Blocks {
    writer: BlockWriter,
    priors_coder: RangeWriter,
    /// Each area's first block, and the hash of its frame once something asked for it.
    by_area: Vec<(Option<u32>, Option<u32>)>,
    made: Vec<Block>,
    priors: Vec<(Option<u32>, Range<usize>)>,
    bytes: Vec<u8>,
    /// How many have been encoded in all.
    pub encoded: u64,
    /// What a test wants to be told wrong.
    #[cfg(feature = "faults")]
    pub wrong_field: WrongField,
}

#[derive(Debug)]
struct Block {
    against: Option<Against>,
    /// Where its bytes are; nowhere if it has nothing to say.
    bytes: Range<usize>,
    /// Whether it was counted for learning.
    sampled: bool,
    /// The area's next block.
    next: Option<u32>,
}

/// The world that blocks are of.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its layout.
    pub layout: &'a Layout,
    /// Its frames.
    pub ring: &'a FrameRing,
    /// The tick that is told of.
    pub tick: u32,
    /// Ticks a second: hashes go out about once a second.
    pub tick_rate_hz: u32,
    /// Whether the room learns from what is told. Of what spectators are told it does not: players get the same bytes without
    /// them.
    pub learns: bool,
}

impl Blocks {
    /// Encodes areas of a layout.
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

    /// Forgets the blocks of the tick before, and learns from them once a second.
    pub fn start(&mut self, tick: u32, tick_rate_hz: u32, areas: usize) {
        self.made.clear();
        self.priors.clear();
        self.bytes.clear();
        self.by_area.clear();
        self.by_area.resize(areas, (None, None));
        if tick.is_multiple_of(tick_rate_hz) {
            self.writer.learn(tick);
        }
    }

    /// The bytes that the blocks' ranges refer to.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The block of an area against some of its frames, or whole; empty if it has nothing to say.
    pub fn get(
        &mut self,
        source: Source,
        (area, Area { key, unchanged_since, .. }): (AreaIndex, &Area),
        against: Option<Against>,
    ) -> Range<usize> {
        let wants_hash = wants_hash(source, *key, against);
        let sampled = is_sampled(source, against);
        // What all frames show alike is expected to stay so, and does.
        let still = against.is_some_and(|Against { baseline, older, .. }| {
            baseline >= *unchanged_since && older.is_none_or(|older| older >= *unchanged_since)
        });
        if still && !wants_hash {
            return 0..0;
        }
        let (first, _) = self.by_area[area as usize];
        let mut next = first;
        while let Some(index) = next {
            let block = &self.made[index as usize];
            // What only spectators were told is encoded again to be counted: to the same bytes.
            if block.against == against && (block.sampled || !sampled) {
                return block.bytes.clone();
            }
            next = block.next;
        }
        let bytes = self.encode(source, (area, *key), against, (wants_hash, sampled));
        self.by_area[area as usize].0 = Some(self.made.len() as u32);
        self.made.push(Block { against, bytes: bytes.clone(), sampled, next: first });
        bytes
    }

    fn encode(
        &mut self,
        source: Source,
        (area, key): (AreaIndex, AreaKey),
        against: Option<Against>,
        (wants_hash, sampled): (bool, bool),
    ) -> Range<usize> {
        let Source { layout, ring, tick, .. } = source;
        let content = ring.area(tick, area);
        let baseline = against.map(|against| Baseline {
            frame: ring.area(against.baseline, area),
            older: against.older.map(|tick| ring.area(tick, area)),
            oldest: against.oldest.map(|tick| ring.area(tick, area)),
        });
        let hash = wants_hash.then(|| {
            let known = &mut self.by_area[area as usize].1;
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

    /// The change of the priors for a client whose last snapshot was of tick `known`; none if it has them all.
    pub fn priors(&mut self, known: Option<u32>) -> Option<Range<usize>> {
        if self.writer.has_priors(known) {
            return None;
        }
        if let Some((_, range)) = self.priors.iter().find(|(other, _)| *other == known) {
            return Some(range.clone());
        }
        self.priors_coder.clear();
        self.writer.write_priors(known, &mut self.priors_coder);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(self.priors_coder.finish());
        let range = start..self.bytes.len();
        self.priors.push((known, range.clone()));
        Some(range)
    }
}

/// Whether a block is counted for learning. What is learned goes to everybody, so nothing is learned where anything is hidden:
/// even which blocks of the public area are needed would tell what others have to wait for. And it is for deltas, not for what
/// joiners are told.
fn is_sampled(Source { layout, tick, learns, .. }: Source, against: Option<Against>) -> bool {
    learns && layout.is_public() && against.is_some() && tick.is_multiple_of(TICKS_PER_SAMPLE)
}

/// Whether a block is to carry a hash. Steady ones carry it once a second, each area's on a tick of its own; whole ones and
/// catch-ups always: they are rare and worth the check.
fn wants_hash(source: Source, key: AreaKey, against: Option<Against>) -> bool {
    let steady = against.is_some_and(|against| source.tick - against.baseline == 1);
    !steady || source.tick.wrapping_add(phase(key)).is_multiple_of(source.tick_rate_hz)
}

/// Spreads the areas' hashes over a second; by what an area is, for its number would tell of areas that a client does not see.
fn phase(key: AreaKey) -> u32 {
    let mixed = (key.place ^ key.member << 8 ^ u32::from(key.class.number())).wrapping_mul(0x9e37_79b1);
    if key.class == AreaClass::PUBLIC { 0 } else { mixed >> 16 }
}
