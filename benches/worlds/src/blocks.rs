//! Worlds cut in small blocks, each written on its own with the default priors, as areas are whose content must not be learned.

use drumline_room::Game;
use drumline_shared::codec::block::{BlockContent, BlockWriter};
use drumline_shared::codec::delta::Baseline;
use drumline_shared::codec::symbols::Tally;
use drumline_shared::frame::{AreaFrame, Frame};
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::schema::shape::MessageSchema;
use drumline_shared::schema::{InputSchema, Schema};
use drumline_shared::{EntityId, World};

/// The layout of a game's world.
///
/// # Panics
/// If it is beyond the limits.
#[must_use]
pub fn layout_of<G: Game>() -> Layout {
    let schema = Schema {
        tables: G::World::TABLES.into(),
        input: InputSchema::of::<G::Input>(),
        messages: MessageSchema::default(),
    };
    Layout::new(&schema).expect("a game is within the limits")
}

/// Writes the frames of a world, cut in blocks of a number of slots of each table.
pub struct Blocks<'a> {
    layout: &'a Layout,
    slots: u32,
    /// The blocks of the last four frames, the newest first. `empty` stands for a block that did not exist.
    frames: [Vec<Frame>; 4],
    empty: Frame,
    writer: BlockWriter,
}

impl<'a> Blocks<'a> {
    /// Blocks of a world without frames.
    #[must_use]
    pub fn new(layout: &'a Layout, slots: u32) -> Self {
        Self {
            layout,
            slots,
            frames: [const { Vec::new() }; 4],
            empty: Frame::empty(layout),
            writer: BlockWriter::new(layout),
        }
    }

    /// Adds the next frame.
    pub fn push(&mut self, frame: &Frame) {
        self.frames.rotate_right(1);
        let entities = (0..frame.tables()).flat_map(|table| frame.rows(table).entities());
        let blocks = 1 + entities.map(|entity| entity.slot / self.slots).max().unwrap_or(0);
        self.frames[0].clear();
        self.frames[0].extend((0..blocks).map(|block| {
            let mut cut = self.empty.clone();
            for index in 0..frame.tables() {
                let to = cut.refill(index);
                for (entity, row) in
                    frame.rows(index).iter().filter(|(entity, _)| entity.slot / self.slots == block)
                {
                    to.push(entity).copy_from_slice(row);
                }
                if self.layout.parts[index].single && to.rows().is_empty() {
                    to.push(EntityId::default());
                }
            }
            cut
        }));
    }

    /// Writes all blocks of the newest frame against the `history` frames before it (0 to 3). Returns the sum of their bytes.
    pub fn write(&mut self, history: usize) -> usize {
        let Self { layout, frames: [now, frames @ ..], empty, writer, .. } = self;
        let mut bytes = 0;
        for (block, frame) in now.iter().enumerate() {
            let before = |index: usize| {
                let frame = || AreaFrame::whole(frames[index].get(block).unwrap_or(empty));
                (index < history).then(frame)
            };
            let baseline = before(0).map(|frame| Baseline { frame, older: before(1), oldest: before(2) });
            let area = AreaFrame::whole(frame);
            let content = BlockContent { class: AreaClass::PUBLIC, baseline, area, hash: None, weight: 1 };
            bytes += writer.write(layout, content).map_or(0, <[u8]>::len);
        }
        bytes
    }

    /// Returns the noes and yeses of each context's decisions, in all blocks so far.
    pub fn tallies(&mut self) -> &[Tally] {
        self.writer.tallies()
    }
}
