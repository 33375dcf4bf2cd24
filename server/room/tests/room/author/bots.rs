//! Bots that a game seats.

use drumline_room::testing::TestRoom;

use super::party::{Command, Guest, Party, Walk, log, order, party};

fn seat(name: &str, yields: bool) -> Command {
    Command::SeatBot { name: name.to_owned(), yields }
}

/// Steps that a guest has gone.
fn steps(room: &TestRoom<Party>, seat: u16) -> u32 {
    let guests = &room.game().floor.guests;
    guests.values().find(|guest| guest.player.seat() == seat).map_or(0, |guest| guest.steps)
}

#[test]
fn a_bot_plays_by_inputs_of_the_game_and_sees_the_whole_world() {
    let (mut room, [ada]) = party(["Ada"]);
    // Far away, where no player at the bot's place would see her.
    order(&mut room, ada, &Command::Move { x: 1000.0, y: 1000.0 });
    order(&mut room, ada, &seat("Bot", false));
    log(&mut room);
    room.tick();
    assert_eq!(log(&mut room), ["join Bot Plain bot"]);
    let [bot] = room.bots()[..] else { panic!("a bot") };
    assert_eq!((bot.seat(), steps(&room, 1)), (1, 1), "it sees the guests of the last tick");
    room.ticks(5);
    assert_eq!(steps(&room, 1), 6);
    assert_eq!(room.rows::<Guest>(ada, "guests").len(), 1, "and she does not see it");
    let inputs: Vec<_> = room.room().record().public.inputs.iter().map(|(input, _)| input.player).collect();
    assert_eq!(inputs, [ada, bot]);
    let listed = room.room().players().map(|(player, _)| player).collect::<Vec<_>>();
    assert_eq!(listed, [ada], "a bot has no client");
}

#[test]
fn players_and_bots_have_inputs_of_their_own() {
    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &seat("Bot", false));
    room.tick();
    let before = steps(&room, 0);
    room.input(ada, &Walk { steps: 7 });
    room.ticks(2);
    assert_eq!((steps(&room, 0), steps(&room, 1)), (before + 14, 3));
}

#[test]
fn a_bot_is_removed_as_a_player_is() {
    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &seat("Bot", false));
    room.tick();
    let bot = room.bots()[0];
    log(&mut room);
    order(&mut room, ada, &Command::Kick(bot));
    room.tick();
    assert_eq!(log(&mut room), ["command 0", "leave Bot"]);
    assert!(room.bots().is_empty() && !room.is_here(bot));
}

#[test]
fn a_bot_gives_way_if_all_seats_are_taken() {
    let (mut room, [ada]) = party(["Ada"]);
    for name in ["One", "Two", "Three", "Four"] {
        order(&mut room, ada, &seat(name, true));
    }
    room.tick();
    assert_eq!(room.bots().len(), 3, "the fourth found no seat");
    log(&mut room);
    room.join("Ben");
    room.tick();
    assert_eq!(log(&mut room), ["leave Three", "join Ben Plain"]);
    assert_eq!(room.bots().len(), 2);
}
