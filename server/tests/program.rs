//! The `drumline` program itself.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

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
