//! The program drains, as its supervisor and its players see it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Client, goodbye, http, soon};
use drumline_shared::wire::control::ServerMessage;

/// The program, and the rest of its standard output.
struct Program {
    child: Child,
    address: SocketAddr,
    _output: BufReader<ChildStdout>,
}

impl Program {
    fn start(drain_seconds: u32) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_drumline"))
            .args(["--bind", "127.0.0.1:0", "--set", &format!("drain.seconds={drain_seconds}")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line
            .strip_prefix("drumline listening on http://")
            .expect("the ready line")
            .trim()
            .parse()
            .unwrap();
        Self { child, address, _output: output }
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the program's end and returns its exit code.
    async fn end(mut self) -> i32 {
        let ended = tokio::task::spawn_blocking(move || self.child.wait().unwrap());
        soon(ended).await.unwrap().code().unwrap()
    }

    async fn status(&self, path: &str) -> (u16, String) {
        http(&self.address, "GET", path, "").await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn notice(client: &mut Client) -> u32 {
    loop {
        if let ServerMessage::Draining { seconds } = client.control().await {
            return seconds;
        }
    }
}

#[tokio::test]
async fn nobody_is_admitted_and_rooms_end_at_the_deadline() {
    let program = Program::start(2);
    let mut client = Client::join(&program.address, "name=a").await;
    assert_eq!(program.status("/readyz").await.0, 200);
    let began = Instant::now();
    program.signal("-TERM");
    assert_eq!(notice(&mut client).await, 2);
    let (status, body) = program.status("/readyz").await;
    assert!(
        status == 503 && body.contains("\"state\":\"draining\"") && body.contains("\"seconds_left\":"),
        "{body}"
    );
    assert_eq!(program.status("/healthz").await, (200, "ok\n".into()));
    for choice in ["", "?room=new"] {
        let (status, body) = program.status(&format!("/play/arena{choice}")).await;
        assert!(status == 503 && body.contains("\"draining\""), "{status} {body}");
    }
    // A player whose connection is lost may resume.
    let session = client.welcome.session.clone();
    drop(client);
    let mut client = Client::join(&program.address, &format!("session={session}")).await;
    assert!((1..=2).contains(&notice(&mut client).await));
    assert_eq!(client.closed().await, (1001, "the server is shutting down".into()));
    assert!(began.elapsed() >= Duration::from_secs(2), "not before its time");
    assert_eq!(program.end().await, 0);
}

#[tokio::test]
async fn the_program_ends_when_the_last_player_has_left() {
    let program = Program::start(3600);
    let mut client = Client::join(&program.address, "name=a").await;
    program.signal("-TERM");
    assert_eq!(notice(&mut client).await, 3600);
    client.socket.close(Some(goodbye())).await.unwrap();
    assert_eq!(program.end().await, 0);

    let program = Program::start(3600);
    program.signal("-TERM");
    assert_eq!(program.end().await, 0, "nobody was there");
}

#[tokio::test]
async fn a_second_signal_ends_at_once_and_an_interrupt_needs_no_second() {
    for (second, code) in [("-TERM", 143), ("-INT", 130)] {
        let program = Program::start(3600);
        let mut client = Client::join(&program.address, "name=a").await;
        program.signal("-TERM");
        assert_eq!(notice(&mut client).await, 3600);
        program.signal(second);
        assert_eq!(client.closed().await.0, 1001);
        assert_eq!(program.end().await, code);
    }
    let program = Program::start(3600);
    let mut client = Client::join(&program.address, "name=a").await;
    program.signal("-INT");
    assert_eq!(client.closed().await.0, 1001);
    assert_eq!(program.end().await, 0);
}

#[tokio::test]
async fn a_drain_of_no_time_ends_rooms_at_once() {
    let program = Program::start(0);
    let mut client = Client::join(&program.address, "name=a").await;
    program.signal("-TERM");
    assert_eq!(client.closed().await.0, 1001);
    assert_eq!(program.end().await, 0);
}
