//! The program's log goes to a pipe that nobody reads.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::common::http_api::Api;
use crate::common::{Client, http, soon};
use drumline_arena::world::Controls;

/// Refused joins, each of which logs a line: more than fit a pipe (64 KiB) and the queue of lines together.
const REFUSALS: u64 = 6000;

/// The program, whose standard error is a pipe that stays open and unread.
struct Program {
    child: Child,
    address: SocketAddr,
    _output: BufReader<ChildStdout>,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_drumline"))
            .args(["--bind", "127.0.0.1:0", "--set", "log.lines_per_second=0", "--set", "drain.seconds=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.strip_prefix("drumline listening on http://").expect("the ready line").trim();
        Self { child, address: address.parse().unwrap(), _output: output }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn ticks_joins_health_and_the_end_go_on_while_nobody_reads_the_log() {
    let mut program = Program::start();
    let mut before = Client::join(&program.address, "name=before").await;
    let mut api = Api::connect(program.address).await;
    let refusals = async {
        for _ in 0..REFUSALS {
            assert_eq!(api.get("/play/arena?room=nowhere").await.0, 404);
        }
    };
    let playing = async {
        loop {
            before.update().await;
            before.steer(&Controls::default()).await;
        }
    };
    tokio::select! {
        () = soon(refusals) => {}
        () = playing => unreachable!("the player plays on"),
    }
    for _ in 0..60 {
        before.update().await;
        before.steer(&Controls::default()).await;
    }
    // To join and to leave logs on the room's own thread.
    for _ in 0..3 {
        let mut after = soon(Client::join(&program.address, "name=after")).await;
        after.update().await;
    }
    before.update().await;
    assert_eq!(soon(http(&program.address, "GET", "/healthz", "")).await, (200, "ok\n".into()));
    let (_, metrics) = soon(http(&program.address, "GET", "/metrics", "host: localhost\r\n")).await;
    let dropped = metrics.lines().find_map(|line| line.strip_prefix("drumline_log_lines_dropped_total "));
    assert!(dropped.expect("the counter").parse::<u64>().unwrap() > 0, "{dropped:?}");

    Command::new("kill").args(["-TERM", &program.child.id().to_string()]).status().unwrap();
    assert_eq!(before.closed().await.0, 1001);
    let ended = tokio::task::spawn_blocking(move || program.child.wait().unwrap().code());
    assert_eq!(soon(ended).await.unwrap(), Some(0));
}

#[tokio::test]
async fn dropped_lines_are_reported_once_the_log_is_read_again() {
    let mut program = Program::start();
    let mut api = Api::connect(program.address).await;
    for _ in 0..REFUSALS {
        assert_eq!(soon(api.get("/play/arena?room=nowhere")).await.0, 404);
    }
    let log = BufReader::new(program.child.stderr.take().unwrap());
    let reported = tokio::task::spawn_blocking(move || {
        let mut refusals = 0;
        for line in log.lines().map(Result::unwrap) {
            refusals += u64::from(line.contains("a join was refused"));
            if let Some((_, count)) =
                line.split_once("lines were dropped: standard error was not read lines=")
            {
                return (refusals, count.parse::<u64>().unwrap());
            }
        }
        panic!("the program has ended without a report");
    });
    let (written, dropped) = soon(reported).await.unwrap();
    assert!(dropped > 0 && written + dropped >= REFUSALS, "{written} written, {dropped} dropped");
}
