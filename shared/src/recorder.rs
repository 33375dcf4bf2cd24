//! A public world's frames as the snapshots of one client, without a room: for recordings, benches and tests.

use std::collections::VecDeque;

use crate::codec::block::{BlockContent, BlockWriter};
use crate::codec::delta::Baseline;
use crate::codec::history::{AreaHistory, BaselineTicks};
use crate::codec::range_coder::RangeWriter;
use crate::frame::area_hash;
use crate::frame::{AreaFrame, Frame};
use crate::layout::{AreaClass, Layout};
use crate::limits::FRAME_RING;
use crate::wire::snapshot::{AreaUpdate, InputAck, Snapshot};

/// Writes the snapshots of a client that sees a world of which all is public.
#[derive(Debug)]
pub struct Recorder {
    layout: Layout,
    writer: BlockWriter,
    given: AreaHistory,
    /// The frames given, the newest last.
    frames: VecDeque<Frame>,
}

impl Recorder {
    /// A recorder that has given nothing yet.
    ///
    /// # Panics
    /// If something of the layout is not public.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        assert!(layout.is_public(), "a recorder tells of what everybody sees");
        Self {
            writer: BlockWriter::new(&layout),
            given: AreaHistory::default(),
            frames: VecDeque::new(),
            layout,
        }
    }

    /// Learns from what was written; what it learns goes out from `tick` on.
    pub fn learn(&mut self, tick: u32) {
        self.writer.learn(tick);
    }

    /// Has the next snapshot be a keyframe.
    pub fn restart(&mut self) {
        self.given = AreaHistory::default();
    }

    /// The snapshot of a frame, with its hash or without. The frame counts as given.
    ///
    /// # Panics
    /// If the frame is not of the layout, or not later than the one before.
    pub fn write(&mut self, frame: &Frame, hash: bool, ack: Option<InputAck>) -> Vec<u8> {
        let area = AreaFrame::whole(frame);
        let hash = hash.then(|| area_hash(&self.layout, AreaClass::PUBLIC, area));
        let known = self.given.newest();
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
        let against = self.given.baseline(frame.tick);
        let baseline = against.map(|against| baseline(&self.frames, against));
        let content = BlockContent { class: AreaClass::PUBLIC, baseline, area, hash, weight: 1 };
        let start = bytes.len();
        let block = self.writer.write(&self.layout, content);
        bytes.extend_from_slice(block.unwrap_or_default());
        snapshot.areas.push(AreaUpdate::Block(start..bytes.len()));
        let mut message = Vec::new();
        snapshot.write(&bytes, &mut message);
        self.given.record(frame.tick);
        if self.frames.len() == FRAME_RING {
            self.frames.pop_front();
        }
        self.frames.push_back(frame.clone());
        message
    }
}

/// The frames of the ticks that a block is written against.
fn baseline(frames: &VecDeque<Frame>, against: BaselineTicks) -> Baseline<'_> {
    let find = |tick: u32| {
        let frame = frames.iter().find(|frame| frame.tick == tick);
        AreaFrame::whole(frame.expect("what was given is kept for as long as it serves as a baseline"))
    };
    Baseline {
        frame: find(against.baseline),
        older: against.older.map(find),
        oldest: against.oldest.map(find),
    }
}
