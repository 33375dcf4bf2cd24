//! `Players` as a table of a world.

use drumline_room::prelude::*;
use drumline_room::testing::TestRoom;

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Tent {
    player: PlayerId,
    #[sync(range = 0.0..=1000.0, step = 0.5)]
    position: Vec2,
    #[sync(audience = owner)]
    key: u16,
}

#[derive(Debug, Clone, Default, Replicate)]
struct Still {}

#[derive(Default, World)]
struct Meadow {
    #[sync(at = position, owner = player)]
    tents: Players<Tent>,
}

/// Players with tents: two that stand together, and one far off.
#[derive(Default)]
struct Camp {
    meadow: Meadow,
}

#[game]
impl Game for Camp {
    const NAME: &'static str = "camp";
    const MAX_PLAYERS: u16 = 3;
    const INTEREST: Interest = Interest::Grid { cell: 100.0, view: 100.0 };
    type World = Meadow;
    type Input = Still;

    fn world(&self) -> &Meadow {
        &self.meadow
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        let x = if player.seat() == 2 { 900.0 } else { 50.0 };
        let key = 100 + player.seat();
        self.meadow.tents.insert(player, Tent { player, position: Vec2::new(x, 50.0), key });
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.meadow.tents.remove(player);
    }

    fn tick(&mut self, _: &mut Tick<Self>) {}

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        sight.point = self.meadow.tents.get(player).map(|tent| tent.position);
    }
}

/// The tents that a player sees: the entity's slot and generation, the player, and the key if it is shown.
fn seen(room: &TestRoom<Camp>, player: PlayerId) -> Vec<(u32, u32, PlayerId, u16)> {
    let rows = room.rows::<Tent>(player, "tents").into_iter();
    rows.map(|(entity, tent)| (entity.slot, entity.generation, tent.player, tent.key)).collect()
}

#[test]
fn a_players_row_is_an_entity_of_the_seat_and_the_generation() {
    let mut room = TestRoom::<Camp>::new();
    let [ada, ben, cy] = ["Ada", "Ben", "Cy"].map(|name| room.join(name));
    room.tick();
    // Each has the key of the own tent, and sees those nearby.
    assert_eq!(seen(&room, ada), [(0, 0, ada, 100), (1, 0, ben, 0)]);
    assert_eq!(seen(&room, ben), [(0, 0, ada, 0), (1, 0, ben, 101)]);
    assert_eq!(seen(&room, cy), [(2, 0, cy, 102)]);

    // The next player of the seat is another entity: clients see one go and one come.
    room.leave(ben);
    let di = room.join("Di");
    assert_eq!((di.seat(), di.generation()), (1, 1));
    room.tick();
    assert_eq!(seen(&room, ada), [(0, 0, ada, 100), (1, 1, di, 0)]);
    assert_eq!(seen(&room, di), [(0, 0, ada, 0), (1, 1, di, 101)]);
    room.leave(di);
    room.tick();
    assert_eq!(seen(&room, ada), [(0, 0, ada, 100)]);
}

#[test]
fn a_player_on_the_move_is_seen_by_those_nearby() {
    let mut room = TestRoom::<Camp>::new();
    let [ada, _, cy] = ["Ada", "Ben", "Cy"].map(|name| room.join(name));
    room.tick();
    room.game_mut().meadow.tents[cy].position.x = 60.0;
    room.ticks(3);
    assert_eq!(seen(&room, ada).iter().map(|(slot, ..)| *slot).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(seen(&room, cy).len(), 3);
    room.game_mut().meadow.tents[cy].position.x = 900.0;
    room.ticks(3);
    assert_eq!(seen(&room, ada).len(), 2);
}
