//! A field that is told wrong, because a test wants to know whether mirrors notice. Only the feature `faults` has this.

use drumline_shared::frame::{AreaFrame, Frame};
use drumline_shared::layout::{AreaClass, Layout};

use super::Room;

/// Whether a field is to be told wrong.
#[derive(Debug, Default)]
pub struct WrongField {
    is_wanted: bool,
}

impl WrongField {
    /// The rows of an area with the first field of the first of them off by one, if that is wanted and there is any: once. What
    /// is told of them can be decoded, and is untrue.
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
                    // Of whatever range it is, one less is in it, or one more.
                    columns[0] = columns[0].checked_sub(1).unwrap_or(1);
                }
            }
        }
        Some(frame)
    }
}

impl Room {
    /// Has the next block that is encoded tell one field of one entity wrong, beside the hash of what is true.
    pub fn tell_a_field_wrong(&mut self) {
        self.blocks.wrong_field.is_wanted = true;
    }
}
