//! A world that no client could hold ends its room in good order.

use std::sync::Arc;

use drumline_room::record::EndReason;
use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, Game, GameSpec, Room, RoomConfig, Setup, Tick, game};
use drumline_shared::limits::MAX_FRAME_COLUMNS;
use drumline_shared::{Replicate, Table, World};

#[derive(Debug, Clone, Default, Replicate)]
struct Wide {
    words: [[u32; 32]; 32],
}

#[derive(Debug, Clone, Default, Replicate)]
struct Idle {
    idle: bool,
}

#[derive(Default, World)]
struct Heap {
    wide: Table<Wide>,
    others: Table<Wide>,
}

/// A game whose second table grows by a row a tick, beside a first one that is nearly as large as a world can be.
#[derive(Default)]
struct Hoard {
    heap: Heap,
}

#[game]
impl Game for Hoard {
    const NAME: &'static str = "hoard";
    type World = Heap;
    type Input = Idle;

    fn new(_setup: &Setup) -> Self {
        let mut hoard = Self::default();
        for _ in 2..MAX_FRAME_COLUMNS / 1024 {
            hoard.heap.wide.insert(Wide { words: [[0; 32]; 32] });
        }
        hoard
    }

    fn world(&self) -> &Heap {
        &self.heap
    }

    fn tick(&mut self, _tick: &mut Tick<Self>) {
        self.heap.others.insert(Wide { words: [[0; 32]; 32] });
    }
}

#[test]
fn a_world_that_no_client_could_hold_ends_its_room() {
    let config = RoomConfig {
        max_players: 1,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = Room::new(Arc::new(GameSpec::of::<Hoard>()), config);
    let player = room.join("Ada").unwrap();
    for _ in 0..2 {
        room.tick();
        assert_eq!(room.end_reason(), None);
        assert!(room.poll_snapshot(player).is_some());
    }
    room.tick();
    assert_eq!(room.end_reason(), Some(EndReason::WorldTooLarge));
    assert_eq!(room.poll_snapshot(player), None, "there is no snapshot of it");
    room.close(EndReason::WorldTooLarge);
}
