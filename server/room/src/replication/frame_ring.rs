//! The room's last frames: baselines for deltas.

use drumline_shared::frame::{AreaFrame, AreaPlace, Frame};
use drumline_shared::layout::Layout;
use drumline_shared::limits::FRAME_RING;

use super::area::AreaIndex;

/// A frame of parts, each area's rows together.
#[derive(Debug, Clone)]
pub struct DividedFrame {
    /// The rows.
    pub frame: Frame,
    /// Where they are; see [`AreaPlace`]. Nothing in a world that is all public.
    pub starts: Vec<u32>,
    /// How many areas there are, their free numbers included.
    pub areas: usize,
}

impl DividedFrame {
    /// One area of it.
    ///
    /// # Panics
    /// If it has no area of this number.
    #[must_use]
    pub fn area(&self, area: AreaIndex) -> AreaFrame<'_> {
        let Self { frame, starts, areas } = self;
        assert!((area as usize) < *areas, "the frame has the area");
        if starts.is_empty() {
            return AreaFrame::whole(frame);
        }
        AreaFrame::of(frame, AreaPlace { starts, areas: *areas, area: area as usize })
    }
}

/// The frames of the last [`FRAME_RING`] ticks. Memory is taken as the ring first fills and in the [`FRAME_RING`] ticks after
/// the world has grown, and used again from then on.
#[derive(Debug)]
pub struct FrameRing {
    empty: Frame,
    frames: Vec<DividedFrame>,
}

impl FrameRing {
    /// An empty ring.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self { empty: Frame::empty(layout), frames: Vec::new() }
    }

    /// The frame of a tick to be filled, in the place of the oldest one, and that of the tick before, if there is one. Ticks are
    /// asked for in order, from 0.
    ///
    /// # Panics
    /// If they are not.
    pub fn start(&mut self, tick: u32) -> (&mut DividedFrame, Option<&DividedFrame>) {
        let index = tick as usize % FRAME_RING;
        if index == self.frames.len() {
            self.frames.push(DividedFrame { frame: self.empty.clone(), starts: Vec::new(), areas: 1 });
        }
        let Some(before) = tick.checked_sub(1).map(|before| before as usize % FRAME_RING) else {
            return (&mut self.frames[index], None);
        };
        let pair = self.frames.get_disjoint_mut([index, before]);
        let [divided, before] = pair.expect("a tick's frame is not in the place of that before");
        // The memory of the largest frame goes round the ring: else each frame would take it when the world happens to
        // be large on its turn, for hours.
        divided.frame.reserve_as(&before.frame);
        divided.frame.tick = tick;
        (divided, Some(before))
    }

    /// The frame of a tick, while the ring has it.
    #[must_use]
    pub fn get(&self, tick: u32) -> Option<&DividedFrame> {
        self.frames.get(tick as usize % FRAME_RING).filter(|divided| divided.frame.tick == tick)
    }

    /// An area of a tick's frame.
    ///
    /// # Panics
    /// If the ring does not have it.
    #[must_use]
    pub fn area(&self, tick: u32, area: AreaIndex) -> AreaFrame<'_> {
        self.get(tick).expect("what is given is remembered for as long as it serves as a baseline").area(area)
    }
}
