//! A field that is sent wrong on purpose, so that a test sees mirrors notice it. Only with the feature `faults`.

use drumline_shared::frame::{AreaFrame, Frame};
use drumline_shared::layout::{AreaClass, Layout};

use super::Replication;

/// A request to corrupt a field.
#[derive(Debug, Default)]
pub struct WrongField {
    is_wanted: bool,
}

impl WrongField {
    /// A copy of an area with the first field of its first row off by one, if that was requested and the area has a row. It
    /// happens once. The copy can be encoded and decoded, but is not what the hash says.
    pub fn take(&mut self, layout: &Layout, class: AreaClass, area: AreaFrame) -> Option<Frame> {
        let parts = layout.parts_of(class);
        let wrong = parts.iter().copied().find(|&part| self.is_wanted && !area.rows(part).is_empty())?;
        self.is_wanted = false;
        let mut frame = Frame::empty_area(layout, class);
        frame.tick = area.tick();
        for &part in parts {
            let copy = frame.refill(part);
            for (index, (entity, row)) in area.rows(part).iter().enumerate() {
                let columns = copy.push(entity);
                columns.copy_from_slice(row);
                if (part, index) == (wrong, 0) {
                    // In every range, one of the neighbours is a valid value.
                    columns[0] = columns[0].checked_sub(1).unwrap_or(1);
                }
            }
        }
        Some(frame)
    }
}

impl Replication {
    /// Corrupts one field of one entity in the next block that is encoded, but not in the hash beside it.
    pub fn corrupt_next_block(&mut self) {
        self.blocks.wrong_field.is_wanted = true;
    }
}
