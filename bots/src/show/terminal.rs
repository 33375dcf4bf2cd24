//! Progress in the terminal: the dashboard, or lines for logs; and Ctrl-C.

use std::io::{self, IsTerminal, Stderr, stderr};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use crate::measure::live::{Live, Stage};
use crate::show::dashboard::draw;

/// Time between two lines of progress.
const LINE_PERIOD: Duration = Duration::from_secs(5);

/// Set by Ctrl-C or a signal to end: the run ends early. A second one ends the program.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Handles the signal from now on.
    #[must_use]
    pub fn listen() -> Self {
        let interrupt = Self::default();
        let signalled = Arc::clone(&interrupt.0);
        let listening = ctrlc::set_handler(move || {
            if signalled.swap(true, Relaxed) {
                std::process::exit(130);
            }
        });
        if let Err(error) = listening {
            eprintln!("drumline-bots: Ctrl-C ends the run without a report: {error}");
        }
        interrupt
    }

    /// Breaks once the signal has arrived.
    pub fn check(&self) -> ControlFlow<()> {
        if self.0.load(Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Shows the progress of a run.
pub enum ProgressView {
    /// The dashboard.
    Screen(Screen),
    /// A line now and then, for logs.
    Lines {
        /// When the next line is due.
        next: Instant,
    },
}

impl ProgressView {
    /// The dashboard if there is a terminal, unless `plain` lines are wanted.
    #[must_use]
    pub fn new(plain: bool, title: String) -> Self {
        let screen = (!plain && stderr().is_terminal()).then(|| Screen::open(title));
        match screen {
            Some(Ok(screen)) => Self::Screen(screen),
            _ => Self::Lines { next: Instant::now() },
        }
    }

    /// Shows the state of a run. Breaks if the user wants it to end.
    pub fn update(&mut self, live: &Live<'_>, interrupt: &Interrupt) -> ControlFlow<()> {
        match self {
            Self::Screen(screen) => {
                // A terminal that cannot be drawn to does not end the run.
                if screen.update(live).is_ok_and(|input| input == UserInput::EndRun) {
                    interrupt.0.store(true, Relaxed);
                }
            }
            Self::Lines { next } if Instant::now() >= *next => {
                *next = Instant::now() + LINE_PERIOD;
                eprintln!("{}", line(live));
            }
            Self::Lines { .. } => {}
        }
        interrupt.check()
    }
}

/// A user's request, by keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UserInput {
    /// Nothing.
    None,
    /// To end the run early.
    EndRun,
}

/// The terminal in raw mode. Dropping it restores the terminal.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stderr>>,
    title: String,
}

impl Screen {
    fn open(title: String) -> io::Result<Self> {
        enable_raw_mode()?;
        // From here on `Drop` restores the terminal, whatever fails.
        let mut screen = Self { terminal: Terminal::new(CrosstermBackend::new(stderr()))?, title };
        execute!(stderr(), EnterAlternateScreen)?;
        screen.terminal.clear()?;
        Ok(screen)
    }

    /// Draws the dashboard, and handles keys.
    fn update(&mut self, live: &Live<'_>) -> io::Result<UserInput> {
        self.terminal.draw(|frame| draw(frame, live, &self.title))?;
        let mut input = UserInput::None;
        while event::poll(Duration::ZERO)? {
            if let Event::Key(key) = event::read()?
                && key.kind == KeyEventKind::Press
            {
                // In raw mode Ctrl-C is a key, not a signal.
                let ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                if ctrl_c || key.code == KeyCode::Char('q') {
                    input = UserInput::EndRun;
                }
            }
        }
        Ok(input)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Errors cannot be shown anywhere, and there is nothing else to try.
        let _ = execute!(stderr(), LeaveAlternateScreen);
        let _ = disable_raw_mode();
        let _ = self.terminal.show_cursor();
    }
}

fn line(live: &Live<'_>) -> String {
    let counts = &live.counts;
    match live.stage {
        Stage::Joining => format!("{} of {} bots have joined", counts.joined, live.bots),
        Stage::Measuring => {
            let (measured, planned) = (live.measured.as_secs(), live.planned.as_secs());
            format!("{measured} of {planned} s measured, {} bots in rooms", counts.present)
        }
        Stage::Ending => format!("{} bots are leaving", counts.present),
    }
}
