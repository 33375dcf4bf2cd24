//! A spectator of a divided world sees all areas of every audience.

use crate::areas::border::Border;
use crate::areas::world::tables;
use crate::onlookers::{Outcome, Play, run};

#[test]
fn a_spectator_sees_hidden_state_and_changes_no_byte_of_the_players() {
    let mut total = Outcome::default();
    for seed in 0..8 {
        let play = Play { seed, ticks: 300, players: 6, spectators: 3 };
        let watched = run::<Border>(play);
        assert!(watched.players == run::<Border>(Play { spectators: 0, ..play }).players, "seed {seed}");
        total.delivered += watched.delivered;
        total.hashes_checked += watched.hashes_checked;
        total.keyframes += watched.keyframes;
        total.complete += watched.complete;
        total.rows.extend(watched.rows);
    }
    assert!(total.delivered > 3000 && total.hashes_checked > 3000 && total.keyframes > 20, "{total:?}");
    assert!(total.complete > 2000, "{}", total.complete);
    let hidden = [tables::SCOUTS, tables::PLANS, tables::CARDS, tables::RATS];
    assert!(hidden.iter().all(|table| total.rows[table] > 0), "{:?}", total.rows);
}
