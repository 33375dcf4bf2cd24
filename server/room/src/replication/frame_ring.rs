//! The room's last frames: baselines for deltas.

use drumline_shared::frame::{AreaFrame, AreaPlace, Frame};
use drumline_shared::layout::Layout;

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

/// The frames of the last ticks, about a second of them. Memory is taken as the ring first fills and goes round after the world
/// has grown, and is used again from then on.
#[derive(Debug)]
pub struct FrameRing {
    length: usize,
    empty: Frame,
    frames: Vec<DividedFrame>,
}

impl FrameRing {
    /// An empty ring of so many frames.
    #[must_use]
    pub fn new(layout: &Layout, length: u32) -> Self {
        Self { length: length as usize, empty: Frame::empty(layout), frames: Vec::new() }
    }

    /// The frame of a tick to be filled, in the place of the oldest one, and that of the tick before, if there is one. Ticks are
    /// asked for in order, from 0.
    ///
    /// # Panics
    /// If they are not.
    pub fn start(&mut self, tick: u32) -> (&mut DividedFrame, Option<&DividedFrame>) {
        let index = tick as usize % self.length;
        if index == self.frames.len() {
            self.frames.push(DividedFrame { frame: self.empty.clone(), starts: Vec::new(), areas: 1 });
        }
        let Some(before) = tick.checked_sub(1).map(|before| before as usize % self.length) else {
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

    /// The frames that the ring holds.
    #[must_use]
    pub fn length(&self) -> u32 {
        self.length as u32
    }

    /// The frame of a tick, while the ring has it.
    #[must_use]
    pub fn get(&self, tick: u32) -> Option<&DividedFrame> {
        self.frames.get(tick as usize % self.length).filter(|divided| divided.frame.tick == tick)
    }

    /// Bytes of memory that the frames take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let of = |divided: &DividedFrame| divided.frame.memory_bytes() + size_of_val(&*divided.starts);
        self.frames.iter().map(of).sum()
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
