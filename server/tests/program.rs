//! The `drumline` program itself.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use drumline_shared::messages::{ServerMessage, Welcome, read_control};

fn drumline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drumline"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
    command
}

/// The address in the ready line, and the rest of standard output to be read.
fn ready(child: &mut Child) -> (String, BufReader<ChildStdout>) {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    (line.strip_prefix("drumline listening on http://").expect("the ready line").trim().to_owned(), output)
}

#[cfg(unix)]
#[test]
fn it_prints_a_ready_line_and_on_an_interrupt_its_tick_quality() {
    for signal in ["-INT", "-TERM"] {
        let mut child = drumline(&["--bind", "127.0.0.1:0", "--shards", "2"]).spawn().unwrap();
        let (address, mut output) = ready(&mut child);
        assert!(!address.ends_with(":0"), "the port that it got");
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert!(child.wait().unwrap().success());
        let first_words: Vec<_> = rest.lines().map(|line| line.split_whitespace().next()).collect();
        // A heading; of each shard its life and its last minute.
        assert_eq!(first_words, ["shard", "0", "lately", "1", "lately"].map(Some), "{rest}");
        assert!(rest.contains("lateness us p50") && rest.contains("duration us p50"), "{rest}");
    }
}

#[test]
fn a_taken_port_is_an_error_that_helps() {
    let mut first = drumline(&["--bind", "127.0.0.1:0"]).spawn().unwrap();
    let (address, _output) = ready(&mut first);
    let second = drumline(&["--bind", &address]).output().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let words = String::from_utf8(second.stderr).unwrap();
    assert!(words.contains("cannot listen on") && words.contains("--bind"), "{words}");
}

#[test]
fn options_come_from_the_environment_too_and_are_checked() {
    let mut child =
        drumline(&[]).env("DRUMLINE_BIND", "127.0.0.1:0").env("DRUMLINE_SHARDS", "1").spawn().unwrap();
    assert!(ready(&mut child).0.starts_with("127.0.0.1:"));
    child.kill().unwrap();
    child.wait().unwrap();
    for bad in [
        ["--tick-hz", "0"],
        ["--max-players", "5000"],
        ["--budget-bytes", "255"],
        ["--resume-seconds", "3601"],
        ["--bind", "nowhere"],
    ] {
        let mut child = drumline(&bad).spawn().unwrap();
        let mut words = String::new();
        child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(2));
        assert!(words.contains(bad[0]), "{words}");
    }
}

/// Does a handshake and reads the welcome.
fn connect(address: &str, query: &str) -> (TcpStream, Welcome) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /play/arena?{query} HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: drumline.1\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    let mut header = [0; 4];
    stream.read_exact(&mut header).unwrap();
    assert_eq!(header[..2], [0x82, 126], "a binary frame whose length is in two bytes");
    let mut welcome = vec![0; u16::from_be_bytes([header[2], header[3]]).into()];
    stream.read_exact(&mut welcome).unwrap();
    let Ok(ServerMessage::Welcome(welcome)) = read_control(&welcome) else { panic!("a welcome first") };
    (stream, welcome)
}

#[test]
fn no_token_is_ever_in_the_logs() {
    let mut child = drumline(&["--bind", "127.0.0.1:0"]).env("DRUMLINE_LOG", "trace").spawn().unwrap();
    let (address, _output) = ready(&mut child);
    let mut stderr = child.stderr.take().unwrap();
    // Read as it is written: a full pipe would stop the server.
    let log = thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).unwrap();
        log
    });
    let (first, welcome) = connect(&address, "name=Ada");
    let (second, resumed) = connect(&address, &format!("session={}&tick={}", welcome.session, welcome.tick));
    drop((first, second));
    child.kill().unwrap();
    child.wait().unwrap();
    let log = log.join().unwrap();
    assert!(log.contains("joined") && log.contains("resumed"), "{log}");
    for token in [welcome.session, resumed.session] {
        let in_decimals = format!("{:?}", &token.0[..4]);
        for text in [token.to_string().as_str(), in_decimals.trim_matches(['[', ']'])] {
            assert!(!log.contains(text), "{log}");
        }
    }
}
