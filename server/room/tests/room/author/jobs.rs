//! Work outside the room.

use drumline_room::testing::TestRoom;
use drumline_room::{JobError, JobId, JobRefused};

use super::party::{Command, Party, Reply, Work, ask, log, order, party};

fn work(times: u32, text: &str) -> Command {
    Command::Work { times, text: text.to_owned() }
}

/// Outcomes that the game was given.
fn outcomes(room: &mut TestRoom<Party>) -> Vec<String> {
    log(room).into_iter().filter(|line| line.starts_with("outcome")).collect()
}

#[test]
fn an_outcome_arrives_on_the_next_tick_once() {
    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &work(2, "song"));
    let ids = [0, 1].map(|index| JobId { tick: 2, index });
    assert_eq!(room.jobs(), ids.map(|id| (id, Work("song".to_owned()))));
    room.finish(ids[1], Ok("la".to_owned()));
    assert_eq!(outcomes(&mut room), [""; 0]);
    room.tick();
    assert_eq!(outcomes(&mut room), ["outcome 2.1 Ok(\"la\")"]);
    room.finish(ids[1], Ok("la again".to_owned()));
    room.finish(ids[0], Err(JobError::Panicked("no voice".to_owned())));
    room.tick();
    assert_eq!(outcomes(&mut room), ["outcome 2.0 Err(Panicked(\"no voice\"))"]);
}

#[test]
fn the_outcome_of_a_job_that_was_never_started_is_ignored() {
    let (mut room, [ada]) = party(["Ada"]);
    room.finish(JobId { tick: 1, index: 0 }, Ok("?".to_owned()));
    order(&mut room, ada, &work(1, "song"));
    room.finish(JobId { tick: 2, index: 1 }, Ok("?".to_owned()));
    room.tick();
    assert_eq!(outcomes(&mut room), [""; 0]);
    // Bytes that are no outcome of the game are as good as none.
    room.room().handle_outcome(JobId { tick: 2, index: 0 }, Ok(vec![0xff; 3].into()));
    room.tick();
    assert_eq!(outcomes(&mut room), ["outcome 2.0 Err(Lost)"]);
}

#[test]
fn a_room_has_a_number_of_jobs_under_way() {
    let (mut room, [ada]) = party(["Ada"]);
    order(&mut room, ada, &work(255, "dishes"));
    let refused = |error: JobRefused| Reply::No(error.to_string());
    assert_eq!(ask(&mut room, ada, &work(2, "glasses")), refused(JobRefused::TooMany));
    let jobs = room.jobs();
    assert_eq!((jobs.len(), jobs[255].0), (256, JobId { tick: 3, index: 0 }));
    room.finish(jobs[0].0, Ok(String::new()));
    room.tick();
    order(&mut room, ada, &work(1, "glasses"));
}

#[test]
fn a_job_has_a_size() {
    let (mut room, [ada]) = party(["Ada"]);
    // A command carries less, so the game makes it larger.
    let too_large = "x".repeat(64 << 10);
    let mut tick = drumline_room::testing::TestTick::<Party>::new(3);
    let refused = tick.run(|tick| tick.start(&Work(too_large)));
    assert_eq!(refused, Err(JobRefused::TooLarge));
    assert_eq!(tick.actions(), []);
    order(&mut room, ada, &work(1, "small"));
}
