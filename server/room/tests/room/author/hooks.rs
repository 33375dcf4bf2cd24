//! The order of the hooks in one tick.

use drumline_room::testing::TestRoom;
use drumline_room::{EndReason, JobId};

use super::party::{Colour, Command, Party, dressed, order, party};

#[test]
fn hooks_are_called_in_their_order_whatever_the_order_of_arrival_was() {
    let (mut room, [ada, ben]) = party(["Ada", "Ben"]);
    let timer = Command::After { seconds: 0.2, name: "cake".to_owned() };
    order(&mut room, ada, &Command::Work { times: 1, text: "song".to_owned() });
    order(&mut room, ada, &timer);
    order(&mut room, ada, &Command::SeatBot { name: "Bot".to_owned(), yields: false });
    room.game_mut().log.clear();
    let job = JobId { tick: 2, index: 0 };

    room.finish(job, Ok("la".to_owned()));
    room.command(ada, &Command::Lock(true));
    room.say(ada, "hi");
    room.away(ada);
    room.join_as(dressed("Cy", Colour::Red));
    room.leave(ben);
    room.tick();
    let log = &room.game().log;
    let expected = [
        "leave Ben",
        "join Bot Plain bot",
        "join Cy Red",
        "away Ada",
        "say 0 hi",
        "outcome 2.0 Ok(\"la\")",
        "bot sees 2 at 4",
        "timer cake",
        "tick 5",
        "command 0",
    ];
    assert_eq!(log, &expected);
}

#[test]
fn the_last_call_may_leave_a_job_behind() {
    let (room, _) = party(["Ada"]);
    assert_eq!(room.close(EndReason::ServerStopping).unwrap().0, "over: server_stopping");
    let mut room = TestRoom::<Party>::new();
    room.tick();
    assert_eq!(room.close(EndReason::Empty), None);

    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &Command::End);
    assert_eq!(room.end_reason(), Some(EndReason::Game));
}

#[test]
fn a_room_that_closes_starts_its_last_job_by_an_action() {
    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &Command::Work { times: 1, text: "sweep".to_owned() });
    assert_eq!(room.jobs().len(), 1);
    room.room().close(EndReason::Operator);
    let [drumline_room::Action::Start(job)] = &room.room().take_actions()[..] else { panic!("a job") };
    assert_eq!(job.id, JobId { tick: 3, index: 0 });
    room.room().close(EndReason::Operator);
    assert_eq!(room.room().take_actions(), [], "a room closes once");
}
