//! Worlds cut in small blocks, each written on its own with the default priors: areas that nothing may be learned in.

use drumline_room::Game;
use drumline_shared::delta::{Baseline, DeltaWriter};
use drumline_shared::frame::{Frame, TableFrame};
use drumline_shared::priors::Priors;
use drumline_shared::schema::{Layout, Schema};
use drumline_shared::symbols::{SymbolWriter, Tally};
use drumline_shared::{EntityId, Replicate, World};

/// The layout of a game's world.
///
/// # Panics
/// If it is beyond the limits.
#[must_use]
pub fn layout_of<G: Game>() -> Layout {
    let schema = Schema { tables: G::World::TABLES.into(), input: G::Input::FIELDS.into() };
    schema.layout().expect("a game is within the limits")
}

/// Writes the frames of a world, cut in blocks of so many slots of each table.
pub struct Blocks<'a> {
    layout: &'a Layout,
    slots: u32,
    priors: Priors,
    /// The blocks of the last four frames, the newest first, and what stands in for one that was not there.
    frames: [Vec<Frame>; 4],
    empty: Frame,
    symbols: SymbolWriter,
    delta: DeltaWriter,
}

impl<'a> Blocks<'a> {
    /// Blocks of a world without frames.
    #[must_use]
    pub fn new(layout: &'a Layout, slots: u32) -> Self {
        Self {
            layout,
            slots,
            priors: Priors::new(&layout.default_priors),
            frames: [const { Vec::new() }; 4],
            empty: Frame::empty(layout),
            symbols: SymbolWriter::new(layout.contexts),
            delta: DeltaWriter::default(),
        }
    }

    /// Adds the next frame.
    pub fn push(&mut self, frame: &Frame) {
        self.frames.rotate_right(1);
        let entities = frame.tables().iter().flat_map(TableFrame::entities);
        let blocks = 1 + entities.map(|entity| entity.slot / self.slots).max().unwrap_or(0);
        self.frames[0].clear();
        self.frames[0].extend((0..blocks).map(|block| {
            let mut cut = self.empty.clone();
            for (index, table) in frame.tables().iter().enumerate() {
                let to = cut.refill(index);
                for (entity, row) in table.iter().filter(|(entity, _)| entity.slot / self.slots == block) {
                    to.push(entity).copy_from_slice(row);
                }
                if self.layout.tables[index].single && to.is_empty() {
                    to.push(EntityId::default());
                }
            }
            cut
        }));
    }

    /// Writes all blocks of the newest frame against so many frames before it, 0 to 3, and returns their bytes
    /// together.
    pub fn write(&mut self, history: usize) -> usize {
        self.symbols.clear();
        let [now, frames @ ..] = &self.frames;
        for (block, frame) in now.iter().enumerate() {
            let before =
                |index: usize| (index < history).then(|| frames[index].get(block).unwrap_or(&self.empty));
            let last = before(0).unwrap_or(&self.empty);
            let baseline = Baseline { frame: last, older: before(1), oldest: before(2) };
            self.symbols.start(&self.priors, 1);
            self.delta.write_delta(self.layout, baseline, frame, &mut self.symbols);
        }
        self.symbols.finish().len()
    }

    /// How often each context's decision was a no and a yes, in all that was written.
    pub fn tallies(&mut self) -> &[Tally] {
        self.symbols.tallies()
    }
}
