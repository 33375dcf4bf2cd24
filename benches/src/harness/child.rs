//! Child processes that exchange lines with this one.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use super::{Outcome, proc};

/// A process on a core of its own. It is ended when this is dropped.
pub struct Pinned {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    name: String,
}

impl Pinned {
    /// Starts a process on a core.
    ///
    /// # Errors
    /// If the program is missing or the core may not be used.
    pub fn start(name: &str, mut command: Command, core: usize) -> Outcome<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A process starts on the cores of the thread that starts it: this thread's own stay as they are.
        let start = move || {
            proc::pin(core).map_err(|error| error.to_string())?;
            command
                .spawn()
                .map_err(|error| format!("{} cannot be run: {error}", command.get_program().display()))
        };
        let mut child = thread::spawn(start).join().map_err(|_| "the starting thread panicked")??;
        let stdin = child.stdin.take().ok_or("no standard input")?;
        let stdout = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { child, stdin: Some(stdin), stdout, name: name.to_owned() })
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a line to the process.
    ///
    /// # Errors
    /// If it has ended.
    pub fn say(&mut self, line: &str) -> Outcome<()> {
        let stdin = self.stdin.as_mut().ok_or("its standard input has ended")?;
        writeln!(stdin, "{line}").map_err(|error| format!("{}: {error}", self.name).into())
    }

    /// Waits for the line that begins with this word, and returns the rest of it.
    ///
    /// # Errors
    /// If the process ends without it.
    pub fn hear(&mut self, word: &str) -> Outcome<String> {
        let mut line = String::new();
        while self.stdout.read_line(&mut line)? > 0 {
            if let Some(rest) = line.strip_prefix(word) {
                return Ok(rest.trim().to_owned());
            }
            line.clear();
        }
        Err(format!("{} ended without saying `{word}`", self.name).into())
    }
}

impl Pinned {
    /// Closes the process's standard input, and returns the rest of its lines that begin with one word, up to a line of the
    /// other word.
    ///
    /// # Errors
    /// If it ends without that.
    pub fn end_and_hear(mut self, word: &str, last: &str) -> Outcome<Vec<String>> {
        drop(self.stdin.take());
        let (mut lines, mut line) = (Vec::new(), String::new());
        while self.stdout.read_line(&mut line)? > 0 {
            if line.trim() == last {
                return Ok(lines);
            }
            lines.extend(line.strip_prefix(word).map(|rest| rest.trim().to_owned()));
            line.clear();
        }
        Err(format!("{} ended without saying `{last}`", self.name).into())
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ends this process when the one that started it is gone: its end of standard input is closed then.
pub fn end_with_parent() {
    thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
}
