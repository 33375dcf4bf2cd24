//! From counts of presses to presses: see [`Press`](drumline_shared::Press).

use std::sync::Arc;

use drumline_shared::layout::InputLayout;

use crate::player_id::PlayerId;

/// The counts of presses in the last input of every player.
#[derive(Debug)]
pub(crate) struct PressCounts {
    layout: Arc<InputLayout>,
    /// By seat: the counts, in the order of the input's fields.
    last: Vec<Vec<u32>>,
    /// Scratch: a row in which presses are counted since the last tick.
    row: Vec<u32>,
}

impl PressCounts {
    pub(super) fn new(layout: Arc<InputLayout>, max_players: u16) -> Self {
        let last = vec![vec![0; layout.presses.len()]; max_players.into()];
        Self { last, row: Vec::new(), layout }
    }

    /// Starts over for a player who has taken a seat.
    pub(super) fn restart(&mut self, player: PlayerId) {
        self.last[player.index()].fill(0);
    }

    /// The row of an input, with the presses since the player's last one in place of their counts.
    pub(super) fn since_last<'a>(&'a mut self, player: PlayerId, row: &'a [u32]) -> &'a [u32] {
        if self.layout.presses.is_empty() {
            return row;
        }
        self.row.clear();
        self.row.extend_from_slice(row);
        for (last, &column) in self.last[player.index()].iter_mut().zip(&self.layout.presses) {
            let count = std::mem::replace(last, row[column]);
            self.row[column] = row[column].wrapping_sub(count) & self.layout.row.columns[column].max;
        }
        &self.row
    }
}
