//! Which frames of an area a client has, and so what its next block is encoded against.
//!
//! Both ends know when a client was sent an area, so baselines are worked out on both sides and never sent. Each area of a
//! snapshot may have a history of its own.

/// The ticks on which an area was last sent to a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AreaHistory {
    /// The ticks of the last three frames, the newest first.
    ticks: [Option<u32>; 3],
}

/// The ticks of the frames that an area is encoded against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaselineTicks {
    /// The tick of the baseline.
    pub baseline: u32,
    /// The tick of the frame before it, if that is as far before the baseline as the new frame is after it.
    pub older: Option<u32>,
    /// The tick of the frame before that one, if it is as far before again.
    pub oldest: Option<u32>,
}

impl AreaHistory {
    /// The tick of the newest frame; `None` if the area was never sent.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.ticks[0]
    }

    /// The frames that the area is encoded against at a tick, in a room that keeps `ring` frames
    /// ([`TickLimits::frame_ring`](crate::limits::TickLimits)). `None` if it was never sent, or so long ago that the room does
    /// not keep the frame: it is then written from scratch.
    #[must_use]
    pub fn baseline(&self, tick: u32, ring: u32) -> Option<BaselineTicks> {
        let remembered = |sent: &u32| tick - sent < ring;
        let baseline = self.ticks[0].filter(remembered)?;
        // Motion shows only in frames that are as far apart as the new frame is from the baseline.
        let step = tick - baseline;
        let before = |after: u32| move |sent: &u32| after - sent == step && remembered(sent);
        let older = self.ticks[1].filter(before(baseline));
        let oldest = older.and_then(|older| self.ticks[2].filter(before(older)));
        Some(BaselineTicks { baseline, older, oldest })
    }

    /// Notes that the area is sent on a tick.
    pub fn record(&mut self, tick: u32, ring: u32) {
        // An area that is written from scratch begins a new history: no frame before it can serve as a baseline.
        let before = if self.baseline(tick, ring).is_some() { self.ticks } else { [None; 3] };
        self.ticks = [Some(tick), before[0], before[1]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_counts_only_in_even_steps_that_the_ring_holds() {
        let mut history = AreaHistory::default();
        assert_eq!(history.baseline(5, 32), None, "never sent");
        let mut against = |tick: u32| {
            let against = history.baseline(tick, 32);
            history.record(tick, 32);
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
