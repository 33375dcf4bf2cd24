//! A block: one area of one tick, the same bytes for all clients that see the area and have the same frames of it.
//!
//! A block is one range-coded message: a flag "a hash follows", the hash, and a [delta](crate::codec::delta). It does not say
//! what it is encoded against; both ends know that from the area's [history](crate::codec::history).

use crate::codec::delta::{Baseline, DeltaReader, DeltaWriter};
use crate::codec::learner::Learner;
use crate::codec::priors::Priors;
use crate::codec::range_coder::{RangeReader, RangeWriter};
use crate::codec::symbols::{SymbolReader, SymbolStates, SymbolWriter, Tally};
use crate::error::DecodeError;
use crate::frame::{AreaFrame, Frame};
use crate::layout::{AreaClass, Layout};
use crate::limits::MAX_FRAME_COLUMNS;

/// The probability that a block has a hash, in 1/65536.
const HASH_PROBABILITY: u16 = 2048;
/// The bytes of a block whose code takes none. An empty block means that the area is as predicted.
const SHORTEST: &[u8] = &[0];

/// Encodes blocks, learns priors from them, and keeps the scratch memory between them.
#[derive(Debug)]
pub struct BlockWriter {
    empty: Frame,
    learner: Learner,
    symbols: SymbolWriter,
    delta: DeltaWriter,
}

/// The content of a block, to be encoded.
#[derive(Debug, Clone, Copy)]
pub struct BlockContent<'a> {
    /// The area's class.
    pub class: AreaClass,
    /// The frames that it is encoded against; `None` to write it from scratch.
    pub baseline: Option<Baseline<'a>>,
    /// The area as it is now.
    pub area: AreaFrame<'a>,
    /// Its hash, if the block carries it.
    pub hash: Option<u32>,
    /// How often each decision counts when priors are learned; 0 to learn nothing.
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

    /// Learns from the blocks that were written. The priors that it learns are in force from `tick` on.
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

    /// Returns true if a client whose last snapshot is of tick `known` has the priors in force.
    #[must_use]
    pub fn has_priors(&self, known: Option<u32>) -> bool {
        self.learner.is_known(known)
    }

    /// Writes the change of the priors for a client whose last snapshot is of tick `known`.
    pub fn write_priors(&self, known: Option<u32>, coder: &mut RangeWriter) {
        self.learner.write(known, coder);
    }

    /// Writes a block and returns its bytes. `None` if none is needed: the area is as predicted, and no hash is wanted.
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

    /// The counts of each context's decisions since they were last learned from.
    pub fn tallies(&mut self) -> &[Tally] {
        self.symbols.tallies()
    }
}

/// A block that was received, and what is needed to decode it.
#[derive(Debug, Clone, Copy)]
pub struct EncodedBlock<'a> {
    /// The area's class.
    pub class: AreaClass,
    /// The frames that it was encoded against; `None` if it was written from scratch.
    pub baseline: Option<Baseline<'a>>,
    /// The block; empty if the area is as predicted.
    pub bytes: &'a [u8],
    /// The priors that the receiver has; `None` for the defaults.
    pub priors: Option<&'a Priors>,
}

/// Decodes blocks, and keeps the scratch memory between them.
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

    /// Reads a block into `frame`, whose content before does not matter, and returns the hash, if there is one. An empty block
    /// means that the area is as predicted. `columns_left` is the number of columns that all areas together may still have; it is
    /// reduced by those of this one.
    ///
    /// # Errors
    /// [`DecodeError`] if the block is not valid; the content of `frame` is then unspecified.
    pub fn read(
        &mut self,
        layout: &Layout,
        block: EncodedBlock,
        columns_left: &mut usize,
        frame: &mut Frame,
    ) -> Result<Option<u32>, DecodeError> {
        let EncodedBlock { class, baseline, bytes, priors } = block;
        let baseline = baseline.unwrap_or(Baseline::new(AreaFrame::whole(&self.empty)));
        if bytes.is_empty() {
            self.delta.predict(layout, class, baseline, columns_left, frame)?;
            return Ok(None);
        }
        let mut coder = RangeReader::new(bytes);
        let hash = if coder.read(HASH_PROBABILITY)? { Some(coder.read_raw(32)?) } else { None };
        let priors = priors.unwrap_or(&self.defaults);
        let mut symbols = SymbolReader::start(coder, priors, &mut self.states);
        self.delta.read_delta(layout, class, baseline, &mut symbols, columns_left, frame)?;
        symbols.finish()?;
        Ok(hash)
    }
}
