//! Golden vectors of a divided world: the messages that a player of [`Border`] is sent, in `shared/vectors/border.json`. Every
//! other implementation must decode them to the same rows and hashes.
//!
//! The test fails when the bytes change. After an intended change, write the file again with `UPDATE_VECTORS=1`.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use drumline_room::{ChatRules, GameSpec, Room, RoomConfig, Setup};
use drumline_shared::Mirror;
use drumline_shared::frame::AreaFrame;
use drumline_shared::frame::area_hash;
use serde_json::{Value, json};

use crate::areas::border::Border;

const TICKS: u32 = 130;
/// Rows are written on one tick in so many; hashes cover the others.
const TICKS_PER_ROWS: u32 = 12;

#[test]
fn the_committed_vectors_are_what_a_room_sends() {
    let document = document();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/border.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let differing = committed.lines().zip(document.lines()).position(|(old, new)| old != new);
    assert_eq!(differing, None, "the line of {} (from zero) that has changed", path.display());
    assert_eq!(committed.len(), document.len());
}

/// A welcome and the snapshots of one player of three. The player's budget is too small, and they stall sometimes.
fn document() -> String {
    let spec = Arc::new(GameSpec::of::<Border>());
    let layout = spec.layout.clone();
    let config = RoomConfig {
        max_players: 32,
        tick_rate_hz: 20,
        setup: Setup::new(5),
        budget_bytes: 150,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = Room::new(spec, config);
    let players = [(); 3].map(|()| room.join("p").unwrap());
    let mut mirror = Mirror::new(layout.clone(), 30);
    let mut lines = Vec::new();
    for tick in 1..=TICKS {
        room.tick();
        if tick == 70 {
            room.handle_resync(players[0]);
        }
        // Once for longer than the frame ring lasts.
        if matches!(tick, 20..=22 | 40 | 42 | 44 | 80..=112) {
            continue;
        }
        let message = room.poll_snapshot(players[0]).unwrap().to_vec();
        let applied = mirror.apply(&message).unwrap();
        for player in players {
            room.handle_ack(player, tick);
        }
        let areas = mirror.areas().map(|(class, frame)| {
            let hash = area_hash(&layout, class, AreaFrame::whole(frame));
            json!([class.number(), frame.tick, format!("{hash:08x}")])
        });
        let mut line = json!({
            "hex": hex(&message),
            "tick": tick,
            "ticks": applied.ticks,
            "keyframe": applied.keyframe,
            "hashes_checked": applied.hashes_checked,
            "areas_skipped": applied.areas_skipped,
            "areas": areas.collect::<Vec<_>>(),
        });
        if tick % TICKS_PER_ROWS == 0 {
            let parts = (0..layout.parts.len()).map(|part| rows(&mirror, part));
            line["parts"] = parts.collect();
        }
        lines.push(line.to_string());
    }
    let welcome = hex(&room.welcome(players[0], drumline_room::SessionTerms::default()));
    format!("{{\n\"welcome\": \"{welcome}\",\n\"snapshots\": [\n{}\n]\n}}\n", lines.join(",\n"))
}

/// `[[slot, generation, [columns…]], …]`, by slot.
fn rows(mirror: &Mirror, part: usize) -> Value {
    let mut rows: Vec<_> = mirror.part_rows(part).collect();
    rows.sort_by_key(|(entity, _)| entity.slot);
    rows.into_iter().map(|(entity, row)| json!([entity.slot, entity.generation, row])).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
