//! `#[game]` adds what a game does not write, and nothing else.

use std::any::TypeId;

use drumline_room::prelude::*;
use drumline_room::testing::TestRoom;

use super::party::{Colour, Command, Dress, Event, Floor, Party, Reply, Theme, Work};

#[derive(Default, World)]
struct Least {
    ticks: Single<Count>,
}

#[derive(Default, Replicate)]
struct Count {
    ticks: u32,
}

#[derive(Default, Replicate)]
struct Still {}

#[game]
impl Game for Least {
    const NAME: &'static str = "least";
    type Input = Still;

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.ticks.ticks = tick.number;
    }
}

fn is<A: 'static, B: 'static>() -> bool {
    TypeId::of::<A>() == TypeId::of::<B>()
}

#[test]
fn a_game_that_writes_the_least_is_its_own_world_and_has_nothing_else() {
    assert!(is::<<Least as Game>::World, Least>());
    assert!(is::<<Least as Game>::Event, Nothing>());
    assert!(is::<<Least as Game>::Command, Nothing>());
    assert!(is::<<Least as Game>::Reply, Nothing>());
    assert!(is::<<Least as Game>::JoinOptions, ()>());
    assert!(is::<<Least as Game>::Metadata, Nothing>());
    assert!(is::<<Least as Game>::Timer, Nothing>());
    assert!(is::<<Least as Game>::Job, Nothing>());
    let mut room = TestRoom::<Least>::new();
    let ada = room.join("Ada");
    room.ticks(3);
    assert_eq!(room.rows::<Count>(ada, "ticks")[0].1.ticks, 3);
}

#[test]
fn a_game_keeps_what_it_writes() {
    assert!(is::<<Party as Game>::World, Floor>());
    assert!(is::<<Party as Game>::Event, Event>());
    assert!(is::<<Party as Game>::Command, Command>());
    assert!(is::<<Party as Game>::Reply, Reply>());
    assert!(is::<<Party as Game>::JoinOptions, Dress>());
    assert!(is::<<Party as Game>::Metadata, Theme>());
    assert!(is::<<Party as Game>::Timer, String>());
    assert!(is::<<Party as Game>::Job, Work>());
    assert_eq!(Dress::default().colour, Colour::Plain);
}
