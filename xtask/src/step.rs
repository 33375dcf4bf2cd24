//! One check after another, each with its name, its time and its verdict.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// A command that can be given an environment in passing.
pub struct Run(Command);

/// A program with arguments that contain no spaces, to be run in a folder.
pub fn command(folder: &Path, program: &str, arguments: &str) -> Run {
    let mut command = Command::new(program);
    command.args(arguments.split_whitespace()).current_dir(folder);
    Run(command)
}

impl Run {
    /// Adds a variable to the command's environment.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(key, value);
        self
    }

    /// Runs the command to its end; an error says how it failed.
    pub fn run(mut self) -> Result<(), String> {
        let program = self.0.get_program().to_string_lossy().into_owned();
        match self.0.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{program} failed: {status}")),
            Err(error) => Err(format!("{program} cannot be run: {error}")),
        }
    }
}

/// The steps so far.
#[derive(Default)]
pub struct Steps {
    passed: usize,
}

impl Steps {
    /// Runs a command as a step.
    pub fn run(&mut self, name: &str, run: Run) -> Result<(), String> {
        self.check(name, || run.run())
    }

    /// Runs a function as a step.
    pub fn check(&mut self, name: &str, check: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
        println!("── {name}");
        let began = Instant::now();
        let outcome = check();
        let seconds = began.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => {
                println!("── {name}: passed in {seconds:.1} s\n");
                self.passed += 1;
                Ok(())
            }
            Err(message) => {
                println!("── {name}: FAILED after {seconds:.1} s");
                println!("steps: {} passed, 1 failed", self.passed);
                Err(format!("{name}: {message}"))
            }
        }
    }

    /// Says that all is well.
    pub fn finish(self) {
        println!("steps: {} passed, 0 failed", self.passed);
    }
}
