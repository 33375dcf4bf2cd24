//! A tick waits for nobody, whatever the front holds.

use std::sync::mpsc;
use std::thread;

use super::*;

/// Holds a lock on another thread while `work` runs. It is given up after some time: who waits for it must fail, not hang.
fn while_locked<G>(lock: impl FnOnce() -> G + Send, work: impl FnOnce()) {
    let (held, is_held) = mpsc::channel();
    let (done, is_done) = mpsc::channel();
    thread::scope(|scope| {
        let holder = scope.spawn(move || {
            let guard = lock();
            held.send(()).unwrap();
            let was_held_throughout = is_done.recv_timeout(Duration::from_secs(20)).is_ok();
            drop(guard);
            was_held_throughout
        });
        is_held.recv().unwrap();
        work();
        let _ = done.send(());
        assert!(holder.join().unwrap(), "a tick waited for the lock");
    });
}

#[test]
fn players_leave_and_rooms_end_while_the_front_lists_rooms() {
    let (test, new) = TestRoom::open();
    let now = Instant::now();
    let mut driver = Driver::open(new.make().unwrap(), now);
    let mut clients = [(); 2].map(|()| test.join());
    driver.step(now);
    while_locked(
        || test.registry.lock(),
        || {
            clients[0].send(CLOSE, &[0x03, 0xe8]);
            while driver.room.players().count() > 1 {
                driver.step(now);
            }
            driver.end(EndReason::Game, now);
            driver.step(now);
            drop(driver);
        },
    );
    assert_eq!(clients[1].receive_all().closed, Some(4008));
    assert!(test.listing().is_none());
}

#[test]
fn an_empty_room_ends_while_the_front_lists_rooms() {
    let (test, new) = TestRoom::open();
    let now = Instant::now();
    let mut driver = Driver::open(new.make().unwrap(), now);
    let end = now + Duration::from_secs(31);
    while_locked(|| test.registry.lock(), || assert_eq!(driver.step(end), Progress::Ended));
    assert!(test.listing().is_none());
}
