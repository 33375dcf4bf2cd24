//! Commands, whose output is kept until it can be printed whole.

use std::ffi::OsStr;
use std::io::{Read, pipe};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A command that is being put together.
pub struct Run(Command);

/// A program with arguments that contain no spaces, to be run in a folder.
pub fn command(folder: &Path, program: &str, arguments: &str) -> Run {
    let mut command = Command::new(program);
    command.args(arguments.split_whitespace()).current_dir(folder);
    Run(command)
}

/// As [`command`], but all other programs go first: it gets the processor time that they leave.
pub fn background(folder: &Path, program: &str, arguments: &str) -> Run {
    if cfg!(unix) {
        command(folder, "nice", &format!("-n 19 {program} {arguments}"))
    } else {
        command(folder, program, arguments)
    }
}

impl Run {
    /// Adds a variable to the command's environment.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(key, value);
        self
    }

    /// Runs the command to its end. Both its streams go to `output`, in the order in which it writes.
    ///
    /// # Errors
    /// If it cannot be run, or fails.
    pub fn run(self, output: &Output) -> Result<(), String> {
        let Self(mut command) = self;
        let program = command.get_program().to_string_lossy().into_owned();
        let status =
            drain(&mut command, output).map_err(|error| format!("{program} cannot be run: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("{program} failed: {status}")) }
    }
}

fn drain(command: &mut Command, output: &Output) -> std::io::Result<ExitStatus> {
    let (mut reader, writer) = pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // The command holds our ends of the pipe, which would keep it open for ever.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut buffer = [0; 4096];
    loop {
        let bytes = reader.read(&mut buffer)?;
        if bytes == 0 {
            return child.wait();
        }
        output.push(&buffer[..bytes]);
    }
}

/// Runs a command and returns its output.
///
/// # Errors
/// If it cannot be run, or fails; with its errors then.
pub fn text_of(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program} cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "{program} failed: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{program} wrote something that is not UTF-8"))
}

/// Returns cargo's folder of build products.
#[must_use]
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// The output of a step.
#[derive(Debug, Default)]
pub struct Output(Mutex<Vec<u8>>);

impl Output {
    /// Adds bytes as they came.
    pub fn push(&self, bytes: &[u8]) {
        self.lock().extend_from_slice(bytes);
    }

    /// Adds a line.
    pub fn line(&self, text: &str) {
        let mut output = self.lock();
        output.extend_from_slice(text.as_bytes());
        output.push(b'\n');
    }

    /// Returns all of it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock()).into_owned()
    }

    /// Returns the last line that is not empty, for a word on the progress.
    pub fn last_line(&self) -> String {
        let text = self.text();
        text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_kept_in_order() {
        let output = Output::default();
        let script = Run({
            let mut shell = Command::new("sh");
            shell.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
            shell
        });
        let error = script.run(&output).unwrap_err();
        assert!(error.contains("sh failed") && error.contains('3'), "{error}");
        assert_eq!(output.text(), "one\ntwo\nthree\n");
        assert_eq!(output.last_line(), "three");
    }
}
