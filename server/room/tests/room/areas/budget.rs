//! Snapshots keep to their budget: a player's own and near areas go first, and a client that lags gets smaller snapshots.

use std::sync::Arc;

use drumline_room::{ChatRules, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::Mirror;
use drumline_shared::schema::Audience;

use crate::areas::border::{Border, FROZEN_TICK};

const BUDGET_BYTES: u32 = 60;

struct Play {
    room: Room,
    players: Vec<PlayerId>,
    mirror: Mirror,
}

impl Play {
    fn new(budget_bytes: u32) -> Self {
        let spec = Arc::new(GameSpec::of::<Border>());
        let mirror = Mirror::new(spec.layout.clone(), 30);
        let config = RoomConfig {
            max_players: 32,
            tick_rate_hz: 20,
            setup: Setup::new(3),
            budget_bytes,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(spec, config);
        let players = (0..20).map(|_| room.join("p").unwrap()).collect();
        Self { room, players, mirror }
    }

    /// Advances one tick. Returns the bytes of the first player's snapshot, or 0 if they do not take it.
    fn tick(&mut self, takes: bool) -> usize {
        self.room.tick();
        if !takes {
            return 0;
        }
        let message = self.room.poll_snapshot(self.players[0]).unwrap();
        self.mirror.apply(message).unwrap();
        let bytes = message.len();
        self.room.handle_ack(self.players[0], self.mirror.tick());
        bytes
    }
}

#[test]
fn snapshots_keep_to_the_budget_and_a_players_own_area_goes_first() {
    let mut play = Play::new(BUDGET_BYTES);
    let (mut over, mut stale_own, mut stale_others, mut others) = (0, 0, 0, 0);
    for tick in 1..FROZEN_TICK {
        over += usize::from(play.tick(true) > BUDGET_BYTES as usize);
        if tick < 40 {
            continue;
        }
        for (class, frame) in play.mirror.areas() {
            let stale = tick - frame.tick;
            if class.audience() == Audience::Owner {
                stale_own = stale_own.max(stale);
            } else {
                stale_others += stale;
                others += 1;
            }
        }
    }
    assert!(over < FROZEN_TICK as usize / 20, "areas that go together do not fit now and then: {over}");
    assert!(stale_others > others / 2, "the budget was short: {stale_others} of {others}");
    assert!(stale_own <= 12, "{stale_own}");
}

#[test]
fn a_client_that_lags_gets_smaller_snapshots() {
    let mut play = Play::new(4096);
    let mut sizes = Vec::new();
    for tick in 0..FROZEN_TICK - 1 {
        let bytes = play.tick(tick % 12 == 0);
        sizes.extend((bytes > 0).then_some(bytes));
    }
    let fits = |bytes: &&usize| **bytes <= 256;
    let late = &sizes[12..];
    assert!(sizes[..6].iter().filter(fits).count() <= 2, "the changes of twelve ticks take more: {sizes:?}");
    assert!(late.iter().filter(fits).count() * 5 >= late.len() * 4, "{sizes:?}");
}
