//! How a run is shown while it goes on.

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

use crate::dashboard::draw;
use crate::observe::{Live, Stage};

/// Time between two lines of progress where there is no terminal.
const LINE_PERIOD: Duration = Duration::from_secs(5);

/// Ctrl-C, or a signal to end: the run ends early, and a second one ends the program.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for it from now on.
    #[must_use]
    pub fn listen() -> Self {
        let interrupt = Self::default();
        let heard = Arc::clone(&interrupt.0);
        let listening = ctrlc::set_handler(move || {
            if heard.swap(true, Relaxed) {
                std::process::exit(130);
            }
        });
        if let Err(error) = listening {
            eprintln!("drumline-bots: Ctrl-C ends the run without a report: {error}");
        }
        interrupt
    }

    /// Breaks off once it has been heard.
    pub fn goes_on(&self) -> ControlFlow<()> {
        if self.0.load(Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// What shows a run.
pub enum Show {
    /// The whole screen.
    Screen(Screen),
    /// A line now and then, for logs.
    Lines {
        /// When the next one is due.
        next: Instant,
    },
}

impl Show {
    /// The screen if there is one, and it is wanted.
    #[must_use]
    pub fn new(plain: bool, title: String) -> Self {
        let screen = (!plain && stderr().is_terminal()).then(|| Screen::open(title));
        match screen {
            Some(Ok(screen)) => Self::Screen(screen),
            _ => Self::Lines { next: Instant::now() },
        }
    }

    /// Shows where a run stands; it breaks off if somebody wants it to end.
    pub fn update(&mut self, live: &Live<'_>, interrupt: &Interrupt) -> ControlFlow<()> {
        match self {
            Self::Screen(screen) => {
                if screen.update(live).unwrap_or(false) {
                    interrupt.0.store(true, Relaxed);
                }
            }
            Self::Lines { next } if Instant::now() >= *next => {
                *next = Instant::now() + LINE_PERIOD;
                eprintln!("{}", line(live));
            }
            Self::Lines { .. } => {}
        }
        interrupt.goes_on()
    }
}

/// The terminal, taken over; dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stderr>>,
    title: String,
}

impl Screen {
    fn open(title: String) -> io::Result<Self> {
        enable_raw_mode()?;
        // From here on the screen is given back, whatever fails.
        let mut screen = Self { terminal: Terminal::new(CrosstermBackend::new(stderr()))?, title };
        execute!(stderr(), EnterAlternateScreen)?;
        screen.terminal.clear()?;
        Ok(screen)
    }

    /// Draws; whether a key says that the run is to end.
    fn update(&mut self, live: &Live<'_>) -> io::Result<bool> {
        self.terminal.draw(|frame| draw(frame, live, &self.title))?;
        let mut ends = false;
        while event::poll(Duration::ZERO)? {
            if let Event::Key(key) = event::read()?
                && key.kind == KeyEventKind::Press
            {
                let ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                ends |= ctrl_c || key.code == KeyCode::Char('q');
            }
        }
        Ok(ends)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // There is nobody to tell, and nothing else to try.
        let _ = execute!(stderr(), LeaveAlternateScreen);
        let _ = disable_raw_mode();
        let _ = self.terminal.show_cursor();
    }
}

fn line(live: &Live<'_>) -> String {
    let counts = &live.counts;
    match live.phase {
        Stage::Joining => format!("{} of {} bots have joined", counts.joined, live.bots),
        Stage::Measuring => {
            let (measured, wanted) = (live.measured.as_secs(), live.wanted.as_secs());
            format!("{measured} of {wanted} s measured, {} bots are there", counts.present)
        }
        Stage::Ending => format!("{} bots say goodbye", counts.present),
    }
}
