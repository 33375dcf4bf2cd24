//! A block: one area of one tick, the same bytes for everyone who sees it and was last given the same frames of it.
//!
//! A block is one range-coded message: whether a hash follows, the hash, and the parts of the area's class (see
//! [`crate::delta`]). What it is encoded against is not in it: both ends work it out from when the area was given.

use crate::delta::{Baseline, DecodeError, DeltaReader, DeltaWriter};
use crate::frame::{AreaFrame, Frame};
use crate::layout::{AreaClass, Layout};
use crate::learner::Learner;
use crate::limits::{FRAME_RING, MAX_FRAME_COLUMNS};
use crate::priors::Priors;
use crate::range_coder::{RangeReader, RangeWriter};
use crate::symbols::{SymbolReader, SymbolStates, SymbolWriter, Tally};

/// The probability that a block has a hash, in 1/65536.
const HASH_PROBABILITY: u16 = 2048;
/// A block that says something is never empty: an empty one says that nothing is other than expected.
const SHORTEST: &[u8] = &[0];

/// When an area was last given to a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// The ticks of its last three frames, the newest first.
    ticks: [Option<u32>; 3],
}

/// The ticks of the frames that an area is encoded against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Against {
    /// The baseline's.
    pub baseline: u32,
    /// That of the frame before it, if it lies as far before as the new one after.
    pub older: Option<u32>,
    /// That of the one before that, likewise.
    pub oldest: Option<u32>,
}

impl Given {
    /// The tick of the newest frame, if there is any.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.ticks[0]
    }

    /// What the area is encoded against at a tick; nothing if it was never given, or so long ago that it is told whole.
    #[must_use]
    pub fn against(&self, tick: u32) -> Option<Against> {
        let remembered = |given: &u32| tick - given < FRAME_RING as u32;
        let baseline = self.ticks[0].filter(remembered)?;
        // Motion shows in frames that lie as far apart as the new frame is from the baseline, not in others.
        let step = tick - baseline;
        let before = |after: u32| move |given: &u32| after - given == step && remembered(given);
        let older = self.ticks[1].filter(before(baseline));
        let oldest = older.and_then(|older| self.ticks[2].filter(before(older)));
        Some(Against { baseline, older, oldest })
    }

    /// Notes that the area is given at a tick.
    pub fn give(&mut self, tick: u32) {
        // What is told whole begins a new line: nothing before it can serve as a baseline.
        let before = if self.against(tick).is_some() { self.ticks } else { [None; 3] };
        self.ticks = [Some(tick), before[0], before[1]];
    }
}

/// Encodes blocks, and learns how; it keeps the scratch memory between them.
#[derive(Debug)]
pub struct BlockWriter {
    empty: Frame,
    learner: Learner,
    symbols: SymbolWriter,
    delta: DeltaWriter,
}

/// What a block is about.
#[derive(Debug, Clone, Copy)]
pub struct BlockContent<'a> {
    /// The area's class.
    pub class: AreaClass,
    /// The frames that it is encoded against; it is told whole without them.
    pub baseline: Option<Baseline<'a>>,
    /// The area as it is.
    pub area: AreaFrame<'a>,
    /// Its hash, if the block is to carry it.
    pub hash: Option<u32>,
    /// What each decision is to count when it is learned from.
    pub weight: u32,
}

impl BlockWriter {
    /// A writer for the areas of a layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let learner = Learner::new(&layout.default_priors);
        let symbols = SymbolWriter::new(learner.priors());
        Self { empty: Frame::empty(layout), learner, symbols, delta: DeltaWriter::default() }
    }

    /// Learns from what was written; what it learns goes out from `tick` on.
    pub fn learn(&mut self, tick: u32) {
        if self.learner.learn(self.symbols.tallies(), tick) {
            self.symbols.change_priors(self.learner.priors());
        }
    }

    /// The priors in force.
    #[must_use]
    pub fn priors(&self) -> &Priors {
        self.learner.priors()
    }

    /// Whether a client has the priors in force, if its last snapshot is of tick `known`.
    #[must_use]
    pub fn has_priors(&self, known: Option<u32>) -> bool {
        self.learner.is_known(known)
    }

    /// Writes the change of the priors for a client whose last snapshot is of tick `known`.
    pub fn write_priors(&self, known: Option<u32>, coder: &mut RangeWriter) {
        self.learner.write(known, coder);
    }

    /// Writes a block and returns its bytes; none if it has nothing to say: the area is as expected, and no hash is wanted.
    ///
    /// # Panics
    /// If the frame is not of the layout, or has more columns than [`MAX_FRAME_COLUMNS`].
    pub fn write(&mut self, layout: &Layout, content: BlockContent) -> Option<&[u8]> {
        let BlockContent { class, baseline, area, hash, weight } = content;
        let columns: usize = layout.parts_of(class).iter().map(|&part| area.rows(part).columns().len()).sum();
        assert!(columns <= MAX_FRAME_COLUMNS, "an area has at most MAX_FRAME_COLUMNS columns");
        let baseline = baseline.unwrap_or(Baseline::new(AreaFrame::whole(&self.empty)));
        self.symbols.clear();
        let coder = self.symbols.coder();
        coder.write(HASH_PROBABILITY, hash.is_some());
        if let Some(hash) = hash {
            coder.write_raw(hash, 32);
        }
        self.symbols.start(weight);
        let differs = self.delta.write_delta(layout, class, baseline, area, &mut self.symbols);
        if !differs && hash.is_none() {
            return None;
        }
        let bytes = self.symbols.finish();
        Some(if bytes.is_empty() { SHORTEST } else { bytes })
    }

    /// What the decisions of all blocks were, as far as they are not yet learned from.
    pub fn tallies(&mut self) -> &[Tally] {
        self.symbols.tallies()
    }
}

/// Decodes blocks; it keeps the scratch memory between them.
#[derive(Debug)]
pub struct BlockReader {
    empty: Frame,
    defaults: Priors,
    states: SymbolStates,
    delta: DeltaReader,
}

impl BlockReader {
    /// A reader for the areas of a layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let defaults = Priors::new(&layout.default_priors);
        let states = SymbolStates::new(defaults.levels().len());
        Self { empty: Frame::empty(layout), defaults, states, delta: DeltaReader::default() }
    }

    /// Reads a block into `frame` and returns the hash, if it has one. An empty block says that nothing is other than expected.
    /// `priors` are those that the server has told of, if any. `columns_left` are those that all areas together may still have.
    ///
    /// # Errors
    /// [`DecodeError`]; `frame` then holds no meaningful state.
    #[expect(clippy::too_many_arguments, reason = "each is another thing, and few call it")]
    pub fn read(
        &mut self,
        layout: &Layout,
        class: AreaClass,
        baseline: Option<Baseline>,
        block: &[u8],
        priors: Option<&Priors>,
        columns_left: &mut usize,
        frame: &mut Frame,
    ) -> Result<Option<u32>, DecodeError> {
        let baseline = baseline.unwrap_or(Baseline::new(AreaFrame::whole(&self.empty)));
        if block.is_empty() {
            self.delta.expect(layout, class, baseline, columns_left, frame)?;
            return Ok(None);
        }
        let mut coder = RangeReader::new(block);
        let hash = if coder.read(HASH_PROBABILITY)? { Some(coder.read_raw(32)?) } else { None };
        let priors = priors.unwrap_or(&self.defaults);
        let mut symbols = SymbolReader::start(coder, priors, &mut self.states);
        self.delta.read_delta(layout, class, baseline, &mut symbols, columns_left, frame)?;
        symbols.finish()?;
        Ok(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_of_even_steps_that_are_remembered() {
        let mut given = Given::default();
        assert_eq!(given.against(5), None, "never given");
        let mut against = |tick: u32| {
            let against = given.against(tick);
            given.give(tick);
            against.map(|against| (against.baseline, against.older, against.oldest))
        };
        assert_eq!(against(5), None);
        assert_eq!(against(6), Some((5, None, None)));
        assert_eq!(against(7), Some((6, Some(5), None)));
        assert_eq!(against(8), Some((7, Some(6), Some(5))));
        assert_eq!(against(20), Some((8, None, None)), "a step of another length");
        assert_eq!(against(32), Some((20, Some(8), None)), "and again as long");
        assert_eq!(against(44), Some((32, Some(20), None)), "tick 8 is forgotten");
        assert_eq!(against(75), Some((44, None, None)));
        assert_eq!(against(107), None, "forgotten");
        assert_eq!(against(108), Some((107, None, None)), "nothing from before serves");
    }
}
