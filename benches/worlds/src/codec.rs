//! The codec alone: a world's frames, and both ends of a client's deltas.

use drumline_room::{Game, Setup};
use drumline_shared::World;
use drumline_shared::codec::block::{BlockContent, BlockReader, BlockWriter, EncodedBlock};
use drumline_shared::codec::delta::Baseline;
use drumline_shared::frame::{AreaFrame, Frame};
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::limits::MAX_FRAME_COLUMNS;
use drumline_shared::world::ClampedValues;

use crate::Crowd;
use crate::blocks::layout_of;
use crate::drift::TICK_RATE_HZ;

/// Ticks until the priors are learned.
const LEARNING_TICKS: u32 = 3 * TICK_RATE_HZ;

/// A world under way, with a writer and a reader of its deltas.
pub struct Codec<const ENTITIES: usize> {
    /// The layout of the world.
    pub layout: Layout,
    /// The world.
    pub crowd: Crowd<ENTITIES>,
    /// The last four frames, the newest first.
    pub frames: [Frame; 4],
    writer: BlockWriter,
    reader: BlockReader,
    /// The newest frame's block.
    block: Vec<u8>,
}

impl<const ENTITIES: usize> Codec<ENTITIES> {
    /// A world whose priors are learned.
    ///
    /// # Panics
    /// If a decoded frame differs from the encoded one.
    #[must_use]
    pub fn new() -> Self {
        let layout = layout_of::<Crowd<ENTITIES>>();
        let empty = Frame::empty(&layout);
        let mut new = Self {
            crowd: Crowd::new(&Setup::new(1)),
            frames: [(); 4].map(|()| empty.clone()),
            writer: BlockWriter::new(&layout),
            reader: BlockReader::new(&layout),
            block: Vec::new(),
            layout,
        };
        for tick in 1..=LEARNING_TICKS {
            new.advance(tick);
        }
        let mut decoded = empty;
        new.decode(&mut decoded);
        decoded.tick = LEARNING_TICKS;
        assert_eq!(decoded, new.frames[0], "a client's frame is the server's");
        new
    }

    fn advance(&mut self, tick: u32) {
        self.crowd.advance(1.0 / TICK_RATE_HZ as f32);
        self.frames.rotate_right(1);
        self.frames[0].tick = tick;
        self.crowd.world().capture(&mut self.frames[0], &mut ClampedValues::default());
        if tick.is_multiple_of(TICK_RATE_HZ) {
            self.writer.learn(tick);
        }
        self.block = self.encode(1).to_vec();
    }

    /// Encodes the newest frame. Each decision counts `weight` times for the priors that the writer learns.
    ///
    /// # Panics
    /// Never: everything moves, so that there is always a change to write.
    pub fn encode(&mut self, weight: u32) -> &[u8] {
        let content = BlockContent {
            class: AreaClass::PUBLIC,
            baseline: baseline(&self.frames),
            area: AreaFrame::whole(&self.frames[0]),
            hash: None,
            weight,
        };
        self.writer.write(&self.layout, content).expect("everything moves")
    }

    /// Decodes the newest frame.
    ///
    /// # Panics
    /// If the block cannot be read.
    pub fn decode(&mut self, frame: &mut Frame) {
        let block = EncodedBlock {
            class: AreaClass::PUBLIC,
            baseline: baseline(&self.frames),
            bytes: &self.block,
            priors: Some(self.writer.priors()),
        };
        let hash = self.reader.read(&self.layout, block, &mut { MAX_FRAME_COLUMNS }, frame);
        assert_eq!(hash, Ok(None), "a block that was written");
    }
}

impl<const ENTITIES: usize> Default for Codec<ENTITIES> {
    fn default() -> Self {
        Self::new()
    }
}

/// The frame that the newest one is encoded against; `None` before the second tick.
fn baseline(frames: &[Frame; 4]) -> Option<Baseline<'_>> {
    let [_, frame, older, oldest] =
        frames.each_ref().map(|frame| (frame.tick > 0).then(|| AreaFrame::whole(frame)));
    frame.map(|frame| Baseline { frame, older, oldest })
}
