//! The program on a fraction of a core, as under a CPU quota: it reports that it is the bottleneck.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use drumline::{RoomsConfig, Running};
use drumline_bots::Report;
use rustix::process::{Pid, Signal, kill_process};

/// The part of each period in which a throttled program is stopped.
const STOPPED: f64 = 0.8;

/// A child process that is killed when dropped.
struct Program(Child);

impl Program {
    /// Waits for its end. With a period, the process runs only for a part of each.
    fn end(&mut self, period: Option<Duration>) -> ExitStatus {
        let Some(period) = period else { return self.0.wait().unwrap() };
        let pid = Pid::from_child(&self.0);
        // Its process id cannot be reused before `try_wait` has returned its status.
        loop {
            kill_process(pid, Signal::STOP).unwrap();
            sleep(period.mul_f64(STOPPED));
            kill_process(pid, Signal::CONT).unwrap();
            sleep(period.mul_f64(1.0 - STOPPED));
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Killing also ends a stopped process.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn server(tick_hz: u32) -> Running {
    crate::common::server(RoomsConfig { tick_hz: Some(tick_hz), ..RoomsConfig::default() })
}

/// Runs the program against a server. Returns its exit code and report.
fn run(server: &Running, throttle: Option<Duration>) -> (Option<i32>, Report) {
    let url = format!("ws://{}", server.address());
    let file = format!("drumline-throttled-{}-{}.json", std::process::id(), server.address().port());
    let json: PathBuf = std::env::temp_dir().join(file);
    let mut command = Command::new(env!("CARGO_BIN_EXE_drumline-bots"));
    command.args(["--url", &url, "--rooms", "1", "--per-room", "4", "--seconds", "5", "--plain"]);
    command.arg("--json").arg(&json).stdout(Stdio::null());
    let status = Program(command.spawn().unwrap()).end(throttle);
    let text = std::fs::read_to_string(&json).unwrap();
    std::fs::remove_file(&json).unwrap();
    (status.code(), serde_json::from_str(&text).unwrap())
}

/// Asserts that the run is not valid because the swarm was the bottleneck, and that a CPU quota is named as a possible cause.
fn assert_is_invalid(code: Option<i32>, report: &Report) {
    assert!(code == Some(3) && !report.valid && report.is_clean(), "{code:?}: {report:?}");
    let [finding, remedy] = &report.invalid_because[..] else { panic!("{:?}", report.invalid_because) };
    assert!(finding.contains("the swarm itself could not keep up in"), "{finding}");
    assert!(remedy.contains("quota"), "{remedy}");
}

#[test]
fn a_swarm_with_a_fifth_of_a_core_reports_that_it_is_the_bottleneck() {
    let server = server(30);
    let (code, report) = run(&server, Some(Duration::from_millis(100)));
    server.stop();
    assert_is_invalid(code, &report);
}

#[test]
fn the_same_command_is_valid_without_throttling() {
    // Ticks so long that no machine is too busy for them, and stops that are longer.
    let server = server(1);
    let (code, report) = run(&server, Some(Duration::from_millis(1500)));
    assert_is_invalid(code, &report);
    let (code, report) = run(&server, None);
    server.stop();
    assert!(code == Some(0) && report.valid && report.invalid_because.is_empty(), "{code:?}: {report:?}");
}
