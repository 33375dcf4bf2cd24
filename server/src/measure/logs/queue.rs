//! The queue of log lines between the threads that log and the one that writes.
//!
//! Standard error may be a pipe that nobody reads. A thread that wrote there would stop after 64 KiB, and with it all its rooms.
//! Lines therefore go into a bounded queue; a line that finds it full is dropped and counted.

use std::io::{self, Write};
use std::mem;
use std::sync::OnceLock;

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};

/// Lines that may wait to be written: about a megabyte.
const QUEUE_LINES: usize = 4096;

/// The counter of dropped lines, once the log is started.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// Lines dropped since the program started.
#[must_use]
pub fn dropped_lines() -> u64 {
    DROPPED.get().map_or(0, |counter| counter.dropped_lines() as u64)
}

/// Starts the thread that writes lines to standard error. Returns the queue, and the value whose drop flushes it.
pub fn start() -> (NonBlocking, Flush) {
    let builder = NonBlockingBuilder::default().buffered_lines_limit(QUEUE_LINES).thread_name("log");
    let (queue, worker) = builder.finish(io::stderr());
    DROPPED.get_or_init(|| queue.error_counter());
    (queue.clone(), Flush { queue, worker: Some(worker) })
}

/// Writes the waiting lines when it is dropped, in about a second at most.
#[derive(Debug)]
pub struct Flush {
    queue: NonBlocking,
    worker: Option<WorkerGuard>,
}

impl Drop for Flush {
    fn drop(&mut self) {
        let before = dropped_lines();
        // Writing to this queue cannot fail. Two empty lines find out if it has room for the message that ends the worker.
        let _ = self.queue.write(&[]).and_then(|_| self.queue.write(&[]));
        if dropped_lines() > before {
            // Nobody reads the log, so its end is lost. The worker's guard would complain about that on standard output.
            mem::forget(self.worker.take());
        }
    }
}

/// Reports how many lines were dropped.
#[derive(Debug, Default)]
pub struct DroppedReporter {
    reported: u64,
}

impl DroppedReporter {
    /// Logs the number of lines dropped since the last report.
    pub fn report(&mut self) {
        let dropped = dropped_lines();
        if dropped == self.reported {
            return;
        }
        tracing::warn!(lines = dropped - self.reported, "lines were dropped: standard error was not read");
        // If the report is dropped as well, the next one makes up for it.
        if dropped_lines() == dropped {
            self.reported = dropped;
        }
    }
}
