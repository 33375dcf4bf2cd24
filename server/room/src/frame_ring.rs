//! The room's last frames: baselines for deltas.

use drumline_shared::frame::Frame;
use drumline_shared::limits::FRAME_RING;
use drumline_shared::schema::Layout;

/// The frames of the last [`FRAME_RING`] ticks. Memory is taken as the ring first fills and in the [`FRAME_RING`] ticks after
/// the world has grown, and used again from then on.
#[derive(Debug)]
pub struct FrameRing {
    empty: Frame,
    frames: Vec<Frame>,
}

impl FrameRing {
    /// An empty ring.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self { empty: Frame::empty(layout), frames: Vec::new() }
    }

    /// The frame of a tick to be filled, in the place of the oldest one. Ticks are asked for in order, from 0.
    pub fn start(&mut self, tick: u32) -> &mut Frame {
        let index = tick as usize % FRAME_RING;
        if index == self.frames.len() {
            self.frames.push(self.empty.clone());
        }
        // The memory of the largest frame goes round the ring: else each frame would take it when the world happens to
        // be large on its turn, for hours.
        let before = (index + FRAME_RING - 1) % FRAME_RING;
        if let Ok([frame, before]) = self.frames.get_disjoint_mut([index, before]) {
            frame.reserve_as(before);
        }
        let frame = &mut self.frames[index];
        frame.tick = tick;
        frame
    }

    /// The frame of a tick, while the ring has it.
    #[must_use]
    pub fn get(&self, tick: u32) -> Option<&Frame> {
        self.frames.get(tick as usize % FRAME_RING).filter(|frame| frame.tick == tick)
    }
}
