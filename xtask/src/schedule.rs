//! Runs steps side by side, as soon as those before them have passed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::run::{Output, Run};

/// Between two lines on what is running.
const PROGRESS: Duration = Duration::from_secs(30);

type Work<'a> = Box<dyn FnOnce(&Output) -> Result<(), String> + Send + 'a>;

/// A step with its name.
pub struct Step<'a> {
    name: &'static str,
    after: &'static [&'static str],
    work: Work<'a>,
}

/// The steps of a chore.
#[derive(Default)]
pub struct Schedule<'a> {
    steps: Vec<Step<'a>>,
}

/// A step that has ended.
struct Ended {
    name: &'static str,
    seconds: f64,
    failure: Option<String>,
}

/// A step that has begun.
struct Running {
    began: Instant,
    output: Arc<Output>,
}

impl<'a> Schedule<'a> {
    /// Adds a function as a step that begins when those named in `after` have passed.
    pub fn step(
        &mut self,
        name: &'static str,
        after: &'static [&'static str],
        work: impl FnOnce(&Output) -> Result<(), String> + Send + 'a,
    ) {
        self.steps.push(Step { name, after, work: Box::new(work) });
    }

    /// Adds a command as a step.
    pub fn command(&mut self, name: &'static str, after: &'static [&'static str], run: Run) {
        self.step(name, after, |output| run.run(output));
    }

    /// Runs all steps and prints a table of their times. A step whose predecessor fails is left out; all others run, so
    /// that one run shows all failures.
    ///
    /// # Errors
    /// If a step fails; names those that did.
    pub fn run(self) -> Result<(), String> {
        let began = Instant::now();
        let mut waiting = self.steps;
        let mut running: HashMap<&'static str, Running> = HashMap::new();
        let mut ended: Vec<Ended> = Vec::new();
        let (sender, results) = mpsc::channel();
        thread::scope(|scope| {
            loop {
                let passed =
                    |name: &&str| ended.iter().any(|step| step.name == *name && step.failure.is_none());
                let ready = waiting.extract_if(.., |step| step.after.iter().all(passed));
                for step in ready {
                    println!("── {} …", step.name);
                    let output = Arc::new(Output::default());
                    running.insert(step.name, Running { began: Instant::now(), output: Arc::clone(&output) });
                    let sender = sender.clone();
                    scope.spawn(move || {
                        let result = (step.work)(&output);
                        // The receiver lives until all steps have ended.
                        let _ = sender.send((step.name, result));
                    });
                }
                if running.is_empty() {
                    break;
                }
                match results.recv_timeout(PROGRESS) {
                    Ok((name, result)) => {
                        let Some(step) = running.remove(name) else { continue };
                        let seconds = step.began.elapsed().as_secs_f64();
                        print_output(name, seconds, &step.output.text(), result.as_ref().err());
                        ended.push(Ended { name, seconds, failure: result.err() });
                    }
                    Err(RecvTimeoutError::Timeout) => print_progress(&running),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        });
        let left_out: Vec<&str> = waiting.iter().map(|step| step.name).collect();
        conclude(&ended, &left_out, began.elapsed().as_secs_f64())
    }
}

fn print_output(name: &str, seconds: f64, text: &str, failure: Option<&String>) {
    println!("\n══ {name}");
    print!("{text}");
    if !text.is_empty() && !text.ends_with('\n') {
        println!();
    }
    match failure {
        None => println!("══ {name}: passed in {seconds:.1} s\n"),
        Some(message) => println!("══ {name}: FAILED after {seconds:.1} s: {message}\n"),
    }
}

fn print_progress(running: &HashMap<&str, Running>) {
    for (name, step) in running {
        let last: String = step.output.last_line().chars().take(90).collect();
        println!("   {name}, {:.0} s: {last}", step.began.elapsed().as_secs_f64());
    }
}

/// Prints the table, and what failed.
fn conclude(ended: &[Ended], left_out: &[&str], seconds: f64) -> Result<(), String> {
    println!("step                    seconds");
    for step in ended {
        let verdict = if step.failure.is_some() { "  FAILED" } else { "" };
        println!("{:<22}{:>9.1}{verdict}", step.name, step.seconds);
    }
    for name in left_out {
        println!("{name:<22}{:>9}  not run: a step before it failed", "-");
    }
    println!("{:<22}{seconds:>9.1}", "all, side by side");
    let failed: Vec<&str> =
        ended.iter().filter(|step| step.failure.is_some()).map(|step| step.name).collect();
    println!("steps: {} passed, {} failed", ended.len() - failed.len(), failed.len());
    if failed.is_empty() && left_out.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn steps_run_after_those_before_them() {
        let log = Mutex::new(Vec::new());
        let note = |name: &'static str| {
            let log = &log;
            move |_: &Output| {
                log.lock().unwrap().push(name);
                Ok(())
            }
        };
        let mut schedule = Schedule::default();
        schedule.step("c", &["a", "b"], note("c"));
        schedule.step("b", &["a"], note("b"));
        schedule.step("a", &[], note("a"));
        assert_eq!(schedule.run(), Ok(()));
        assert_eq!(*log.lock().unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn a_failure_leaves_out_only_what_comes_after_it() {
        let ran = Mutex::new(false);
        let mut schedule = Schedule::default();
        schedule.step("bad", &[], |_| Err("no".into()));
        schedule.step("after it", &["bad"], |_| unreachable!("its predecessor failed"));
        schedule.step("beside it", &[], |_| {
            *ran.lock().unwrap() = true;
            Ok(())
        });
        assert_eq!(schedule.run(), Err("failed: bad".into()));
        assert!(*ran.lock().unwrap());
    }
}
