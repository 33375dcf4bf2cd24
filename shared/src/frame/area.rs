//! One area of a frame that may hold several.

use crate::frame::Frame;
use crate::frame::table::Rows;
use crate::layout::{AreaClass, Layout};

/// One area of a frame that may hold several; the rows of an area stand together.
#[derive(Debug, Clone, Copy)]
pub struct AreaFrame<'a> {
    frame: &'a Frame,
    /// Where its rows are; `None` if the frame holds no other area.
    place: Option<AreaPlace<'a>>,
}

/// Where the rows of an area are in a frame of several areas.
#[derive(Debug, Clone, Copy)]
pub struct AreaPlace<'a> {
    /// For each part in turn: the index of the first row of each area, and the end of the last one.
    pub starts: &'a [u32],
    /// The number of areas.
    pub areas: usize,
    /// The index of this area among them.
    pub area: usize,
}

impl<'a> AreaFrame<'a> {
    /// The only area of a frame.
    #[must_use]
    pub fn whole(frame: &'a Frame) -> Self {
        Self { frame, place: None }
    }

    /// One of several areas of a frame.
    #[must_use]
    pub fn of(frame: &'a Frame, place: AreaPlace<'a>) -> Self {
        Self { frame, place: Some(place) }
    }

    /// The frame's tick.
    #[must_use]
    pub fn tick(&self) -> u32 {
        self.frame.tick
    }

    /// Returns true if the area has the same rows as another.
    #[must_use]
    pub fn has_rows_of(&self, other: &AreaFrame, layout: &Layout, class: AreaClass) -> bool {
        layout.parts_of(class).iter().all(|&part| {
            let (rows, others) = (self.rows(part), other.rows(part));
            rows.entities() == others.entities() && rows.columns() == others.columns()
        })
    }

    /// The area's rows of a part.
    ///
    /// # Panics
    /// If there is no such part.
    #[inline]
    #[must_use]
    pub fn rows(&self, part: usize) -> Rows<'a> {
        match self.place {
            None => self.frame.rows(part),
            Some(AreaPlace { starts, areas, area }) => {
                let first = part * (areas + 1) + area;
                self.frame.tables[part].rows_in(starts[first]..starts[first + 1])
            }
        }
    }
}
