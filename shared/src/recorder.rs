//! The frames of a public world as the snapshots of one client, without a room: for recordings, benchmarks and tests.

use std::collections::VecDeque;

use crate::codec::block::{BlockContent, BlockWriter};
use crate::codec::delta::Baseline;
use crate::codec::history::{AreaHistory, BaselineTicks};
use crate::codec::range_coder::RangeWriter;
use crate::frame::area_hash;
use crate::frame::{AreaFrame, Frame};
use crate::layout::{AreaClass, Layout};
use crate::limits::TickLimits;
use crate::wire::snapshot::{AreaUpdate, InputAck, Snapshot};

/// Writes the snapshots of one client of a world in which everything is public.
#[derive(Debug)]
pub struct Recorder {
    layout: Layout,
    writer: BlockWriter,
    history: AreaHistory,
    /// The frames that were written, the newest last.
    frames: VecDeque<Frame>,
}

impl Recorder {
    /// A recorder whose first snapshot is a keyframe.
    ///
    /// # Panics
    /// If not everything in the layout is public.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        assert!(layout.is_public(), "a recorder writes public worlds only");
        Self {
            writer: BlockWriter::new(&layout),
            history: AreaHistory::default(),
            frames: VecDeque::new(),
            layout,
        }
    }

    /// Learns priors from the snapshots that were written. The new ones are in force from `tick` on.
    pub fn learn(&mut self, tick: u32) {
        self.writer.learn(tick);
    }

    /// Makes the next snapshot a keyframe.
    pub fn restart(&mut self) {
        self.history = AreaHistory::default();
    }

    /// Writes the snapshot of a frame, with its hash or without. The client is assumed to receive it.
    ///
    /// # Panics
    /// If the frame is not of the layout, or not later than the one before.
    pub fn write(&mut self, frame: &Frame, hash: bool, ack: Option<InputAck>) -> Vec<u8> {
        let area = AreaFrame::whole(frame);
        let hash = hash.then(|| area_hash(&self.layout, AreaClass::PUBLIC, area));
        let known = self.history.newest();
        let mut snapshot = Snapshot {
            keyframe: known.is_none(),
            ticks: known.map_or(frame.tick, |known| frame.tick - known),
            ack,
            ..Snapshot::default()
        };
        let mut bytes = Vec::new();
        if !self.writer.has_priors(known) {
            let mut coder = RangeWriter::default();
            self.writer.write_priors(known, &mut coder);
            bytes.extend_from_slice(coder.finish());
            snapshot.priors = Some(0..bytes.len());
        }
        let ticks = self.history.baseline(frame.tick, TickLimits::LEAST.frame_ring);
        let baseline = ticks.map(|ticks| baseline(&self.frames, ticks));
        let content = BlockContent { class: AreaClass::PUBLIC, baseline, area, hash, weight: 1 };
        let start = bytes.len();
        let block = self.writer.write(&self.layout, content);
        bytes.extend_from_slice(block.unwrap_or_default());
        snapshot.areas.push(AreaUpdate::Block(start..bytes.len()));
        let mut message = Vec::new();
        snapshot.write(&bytes, &mut message);
        self.history.record(frame.tick, TickLimits::LEAST.frame_ring);
        if self.frames.len() == TickLimits::LEAST.frame_ring as usize {
            self.frames.pop_front();
        }
        self.frames.push_back(frame.clone());
        message
    }
}

/// The frames of some ticks.
fn baseline(frames: &VecDeque<Frame>, ticks: BaselineTicks) -> Baseline<'_> {
    let find = |tick: u32| {
        let frame = frames.iter().find(|frame| frame.tick == tick);
        AreaFrame::whole(frame.expect("a frame is kept for as long as it serves as a baseline"))
    };
    Baseline { frame: find(ticks.baseline), older: ticks.older.map(find), oldest: ticks.oldest.map(find) }
}
