//! Timers: after, every and cancel, while players come and go.

use drumline_room::testing::TestRoom;

use super::party::{Command, Party, Reply, ask, order, party};

fn after(seconds: f32, name: &str) -> Command {
    Command::After { seconds, name: name.to_owned() }
}

/// The timers that fired, each with the tick before which it was called.
fn fired(room: &mut TestRoom<Party>) -> Vec<(String, u32)> {
    let log = std::mem::take(&mut room.game_mut().log);
    let mut tick = 0;
    let fired = log.iter().rev().filter_map(|line| {
        if let Some(number) = line.strip_prefix("tick ") {
            tick = number.parse().unwrap();
        }
        Some((line.strip_prefix("timer ")?.to_owned(), tick))
    });
    let mut fired: Vec<_> = fired.collect();
    fired.reverse();
    fired
}

fn expected(list: &[(&str, u32)]) -> Vec<(String, u32)> {
    list.iter().map(|(name, tick)| ((*name).to_owned(), *tick)).collect()
}

#[test]
fn timers_fire_once_or_again_and_again_while_players_come_and_go() {
    let (mut room, [ada, ben]) = party(["Ada", "Ben"]);
    // Set on tick 2, of ten a second.
    room.command(ben, &after(0.5, "cake"));
    room.command(ben, &Command::Every { seconds: 0.3, name: "song".to_owned() });
    room.tick();
    room.leave(ben);
    room.tick();
    room.join("Cy");
    room.away(ada);
    room.ticks(7);
    let songs_and_cake = [("song", 5), ("cake", 7), ("song", 8)];
    assert_eq!(fired(&mut room), expected(&songs_and_cake));
    assert_eq!(room.current_tick(), 10);
}

#[test]
fn a_cancelled_timer_does_not_fire() {
    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &after(0.4, "cake"));
    order(&mut room, ada, &Command::Every { seconds: 0.2, name: "song".to_owned() });
    order(&mut room, ada, &Command::Cancel(0));
    room.ticks(2);
    order(&mut room, ada, &Command::Cancel(1));
    assert_eq!(ask(&mut room, ada, &Command::Cancel(0)), Reply::No("it has fired".to_owned()));
    room.ticks(10);
    assert_eq!(fired(&mut room), expected(&[("song", 5), ("song", 7)]));
}

#[test]
fn a_timer_that_a_timer_sets_fires_on_a_later_tick() {
    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &after(0.1, "again"));
    room.ticks(3);
    assert_eq!(fired(&mut room), expected(&[("again", 3), ("once more", 4)]));
}
