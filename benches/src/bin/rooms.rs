//! Measures what it costs ticking rooms that others are opened, joined by a crowd, or hoarded.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("rooms reads /proc: it runs on Linux");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;

    use clap::{Parser, ValueEnum};
    use drumline_benches::harness::{Outcome, prepare};
    use drumline_benches::rooms::{hoard, opening};

    /// The command line.
    #[derive(Parser)]
    #[command(
        name = "rooms",
        about = "Measures what it costs ticking rooms that others are opened or hoarded"
    )]
    struct Arguments {
        /// The measurement
        what: What,

        /// The server's program [default: `drumline` beside this program]
        #[arg(long)]
        server: Option<PathBuf>,

        /// Seconds of each stretch of play, for `hoard`
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        seconds: u32,
    }

    /// The measurement.
    #[derive(Debug, Clone, Copy, ValueEnum)]
    enum What {
        /// 64 rooms are opened and 1,000 players join one of them, every ten seconds, beside 80 rooms that tick
        Opening,
        /// Four addresses hold 64 rooms each with a silent player, beside 64 honest players
        Hoard,
    }

    pub fn main() -> ExitCode {
        let arguments = Arguments::parse();
        match run(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("rooms: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn run(arguments: &Arguments) -> Outcome<()> {
        prepare()?;
        let beside = std::env::current_exe()?.with_file_name("drumline");
        let server = arguments.server.as_deref().unwrap_or(&beside);
        match arguments.what {
            What::Opening => print_opening(server),
            What::Hoard => print_hoard(server, arguments.seconds),
        }
    }

    fn print_opening(server: &Path) -> Outcome<()> {
        for (name, stretch) in ["idle", "opening"].into_iter().zip(opening::measure(server)?) {
            let opening::Stretch { lateness, waits, failed, .. } = &stretch;
            println!(
                "{name}: lateness p99 {} µs, max {} µs, busy {:.1} %",
                lateness.p99_us, lateness.max_us, lateness.busy_percent
            );
            if !waits.is_empty() {
                let mut waits = waits.clone();
                waits.sort_unstable();
                let at = |percent: usize| waits[(waits.len() - 1) * percent / 100].as_millis();
                println!(
                    "{} joins, first snapshot after p50 {} ms, p99 {} ms, max {} ms; {failed} failed",
                    waits.len(),
                    at(50),
                    at(99),
                    at(100)
                );
            }
        }
        Ok(())
    }

    fn print_hoard(server: &Path, seconds: u32) -> Outcome<()> {
        let hoarded = hoard::measure(server, seconds)?;
        let (alone, beside) = (hoarded.alone.interval_ms_p99, hoarded.beside.interval_ms_p99);
        println!("interval p99: {alone:.2} ms alone, {beside:.2} ms beside, {:.3} times", beside / alone);
        println!("honest requests: {}, refused: {}", hoarded.asked, hoarded.refused.len());
        for refusal in hoarded.refused.iter().take(5) {
            println!("  {refusal}");
        }
        println!(
            "beside: the server's core is {:.0} % busy, its memory {:.0} MB; {} rooms are hoarded",
            hoarded.busy * 100.0,
            hoarded.resident_mb,
            hoarded.held
        );
        println!(
            "the server's ticks: lateness p99 {} µs, max {} µs",
            hoarded.lateness.p99_us, hoarded.lateness.max_us
        );
        Ok(())
    }
}
