//! One area in a mirror's view, with the frames that its next block may be encoded against.

use crate::codec::block::{BlockReader, EncodedBlock};
use crate::codec::delta::{Baseline, take_rows};
use crate::codec::history::{AreaHistory, BaselineTicks};
use crate::codec::priors::Priors;
use crate::error::DecodeError;
use crate::frame::{AreaFrame, Frame, area_hash};
use crate::layout::{AreaClass, Layout};
use crate::mirror::MirrorError;

/// One area in view.
#[derive(Debug)]
pub(super) struct Area {
    pub(super) class: AreaClass,
    history: AreaHistory,
    /// Memory for the last three frames. While an area does not change, they are one and the same.
    frames: [Frame; 3],
    /// The indexes of the last three frames in `frames`, the newest first.
    recent: [u8; 3],
    /// The frame that is being decoded. It is shown once the whole snapshot is valid.
    next: Frame,
    update: Update,
}

/// How the snapshot that is being applied updates an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Update {
    /// It is skipped.
    Skipped,
    /// It is the same as before.
    Unchanged,
    /// It is the frame that was decoded.
    Decoded,
}

/// The decoder's state for all areas of one snapshot.
pub(super) struct Decoding<'a> {
    pub(super) layout: &'a Layout,
    pub(super) blocks: &'a mut BlockReader,
    pub(super) priors: Option<&'a Priors>,
    /// The snapshot's tick.
    pub(super) tick: u32,
    /// Frames that the room keeps.
    pub(super) ring: u32,
    /// Columns that the areas may still have.
    pub(super) columns_left: usize,
}

impl Area {
    pub(super) fn new(layout: &Layout, class: AreaClass) -> Self {
        let empty = Frame::empty_area(layout, class);
        Self {
            class,
            history: AreaHistory::default(),
            frames: [(); 3].map(|()| empty.clone()),
            recent: [0; 3],
            next: empty,
            update: Update::Skipped,
        }
    }

    /// An area that is new in the view, with the memory of one that has left it.
    pub(super) fn reused(self) -> Self {
        Self { history: AreaHistory::default(), recent: [0; 3], ..self }
    }

    pub(super) fn newest(&self) -> &Frame {
        &self.frames[usize::from(self.recent[0])]
    }

    /// Decodes the area's block, which is empty if the area is as predicted. Returns true if it carried a hash, which matched.
    pub(super) fn decode(&mut self, decoding: &mut Decoding, block: &[u8]) -> Result<bool, MirrorError> {
        let &mut Decoding { layout, ref mut blocks, priors, tick, ring, ref mut columns_left } = decoding;
        let ticks = self.history.baseline(tick, ring);
        if block.is_empty() && self.is_predicted_unchanged(ticks) {
            self.leave_unchanged(layout, columns_left)?;
            return Ok(false);
        }
        let [frame, older, oldest] =
            self.recent.map(|index| AreaFrame::whole(&self.frames[usize::from(index)]));
        let baseline = ticks.map(|ticks| Baseline {
            frame,
            older: ticks.older.map(|_| older),
            oldest: ticks.oldest.map(|_| oldest),
        });
        let encoded = EncodedBlock { class: self.class, baseline, bytes: block, priors };
        let hash = blocks.read(layout, encoded, columns_left, &mut self.next)?;
        self.update = Update::Decoded;
        self.next.tick = tick;
        let Some(server) = hash else { return Ok(false) };
        let mirror = area_hash(layout, self.class, AreaFrame::whole(&self.next));
        if mirror != server {
            return Err(MirrorError::HashMismatch { tick, server, mirror });
        }
        Ok(true)
    }

    /// Skips the area. The first snapshot that has an area cannot skip it.
    pub(super) fn skip(&mut self, decoding: &mut Decoding) -> Result<(), DecodeError> {
        if self.history.newest().is_none() {
            return Err(DecodeError::BadMap);
        }
        self.leave_unchanged(decoding.layout, &mut decoding.columns_left)?;
        self.update = Update::Skipped;
        Ok(())
    }

    /// Returns true if the prediction is the area as it is: it did not change a step before either, or that is unknown.
    fn is_predicted_unchanged(&self, ticks: Option<BaselineTicks>) -> bool {
        ticks.is_some_and(|ticks| ticks.older.is_none() || self.recent[0] == self.recent[1])
    }

    fn leave_unchanged(&mut self, layout: &Layout, columns_left: &mut usize) -> Result<(), DecodeError> {
        self.update = Update::Unchanged;
        for &part in layout.parts_of(self.class) {
            take_rows(columns_left, self.newest().rows(part).len(), &layout.parts[part])?;
        }
        Ok(())
    }

    /// Shows the update: the snapshot of this tick is valid.
    pub(super) fn commit(&mut self, layout: &Layout, tick: u32, ring: u32) {
        let [newest, older, _] = self.recent;
        match self.update {
            Update::Skipped => return,
            Update::Decoded if self.has_changed(layout) => {
                let unused = (0..3).find(|index| *index != newest && *index != older);
                let unused = unused.expect("two of three leave one");
                std::mem::swap(&mut self.frames[usize::from(unused)], &mut self.next);
                self.recent = [unused, newest, older];
            }
            Update::Unchanged | Update::Decoded => {
                self.recent = [newest, newest, older];
                self.frames[usize::from(newest)].tick = tick;
            }
        }
        self.history.record(tick, ring);
    }

    /// Returns true if the decoded frame is not the newest one again.
    fn has_changed(&self, layout: &Layout) -> bool {
        let (next, newest) = (AreaFrame::whole(&self.next), AreaFrame::whole(self.newest()));
        self.history.newest().is_none() || !next.has_rows_of(&newest, layout, self.class)
    }
}
