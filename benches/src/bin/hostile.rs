//! Measures how a thousand hostile clients disturb honest players.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("hostile reads /proc: it runs on Linux");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::SocketAddr;
    use std::path::PathBuf;
    use std::process::ExitCode;

    use clap::{Parser, Subcommand};
    use comfy_table::{Table, presets};
    use drumline_benches::harness::{Outcome, prepare};
    use drumline_benches::siege::roles::{attack, serve};
    use drumline_benches::siege::{Besieged, Plan, Stretch, besiege, refusal_cost};

    /// The command line.
    #[derive(Parser)]
    #[command(name = "hostile", about = "Measures how a thousand hostile clients disturb honest players")]
    struct Arguments {
        #[command(subcommand)]
        role: Option<Role>,

        /// Honest bots
        #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1024))]
        honest: u32,

        /// Hostile clients
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        hostile: u32,

        /// Addresses that the hostile clients share; each honest bot has its own
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=60_000))]
        addresses: u32,

        /// All come from addresses to which no limit on each address applies
        #[arg(long)]
        from_exempt: bool,

        /// The server speaks TLS, and the hostile clients begin handshakes, over and over
        #[arg(long)]
        tls: bool,

        /// Seconds of each stretch of play
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        seconds: u32,

        /// Stretches alone and beside hostile clients, in turn
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
        rounds: u32,
    }

    /// The role of a process.
    #[derive(Debug, Clone, Subcommand)]
    enum Role {
        /// Serves the arena
        #[command(hide = true)]
        Serve {
            /// Exempt this machine's addresses from limits (true or false)
            #[arg(action = clap::ArgAction::Set)]
            exempts: bool,
            /// Connections at once, at most
            connections: Option<u32>,
            /// The folder of the certificate, to speak TLS
            #[arg(long)]
            certificate: Option<PathBuf>,
        },
        /// Attacks a server
        #[command(hide = true)]
        Attack {
            /// The server's address
            address: SocketAddr,
            /// Hostile clients
            clients: u32,
            /// Addresses that they share
            addresses: Option<u32>,
            /// Begin TLS handshakes
            #[arg(long)]
            over_tls: bool,
        },
    }

    pub fn main() -> ExitCode {
        let arguments = Arguments::parse();
        let done = match arguments.role {
            Some(Role::Serve { exempts, connections, certificate }) => {
                serve(exempts, connections, certificate.as_deref()).map(|()| true)
            }
            Some(Role::Attack { address, clients, addresses, over_tls }) => {
                attack(address, clients, addresses, over_tls).map(|()| true)
            }
            None => measure(&arguments),
        };
        match done {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => {
                eprintln!("hostile: honest bots were harmed");
                ExitCode::FAILURE
            }
            Err(error) => {
                eprintln!("hostile: {error}");
                ExitCode::FAILURE
            }
        }
    }

    /// Measures and prints the figures; returns true if no honest bot was harmed.
    fn measure(arguments: &Arguments) -> Outcome<bool> {
        prepare()?;
        let besieged = besiege(Plan {
            honest: arguments.honest,
            hostile: arguments.hostile,
            addresses: (!arguments.from_exempt).then_some(arguments.addresses),
            seconds: arguments.seconds,
            rounds: arguments.rounds,
            tls: arguments.tls,
        })?;
        let Besieged { stretches, resident_bytes, listing, tally } = &besieged;
        println!("{}", table(stretches));
        let median = |besieged| median(stretches, besieged);
        let (alone, beside) = (median(false), median(true));
        println!(
            "interval p99, medians: {alone:.2} ms alone, {beside:.2} ms beside, {:.3} times",
            beside / alone
        );
        let megabytes: Vec<String> =
            resident_bytes.iter().map(|bytes| format!("{:.0}", *bytes as f64 / 1e6)).collect();
        println!("the server's memory, MB, each second: {}", megabytes.join(" "));
        println!("refused: {}", listing["refusals"]);
        println!("closed: {}", listing["closes"]);
        println!("rooms at the end: {}", listing["rooms"].as_array().map_or(0, Vec::len));
        println!("what became of each harm in the last round:\n  {}", tally.join("\n  "));
        let (server_us, client_us) = refusal_cost()?;
        println!(
            "a connection that is turned away costs the server {server_us:.1} µs, its client {client_us:.1} µs"
        );
        Ok(stretches.iter().all(|stretch| stretch.report.is_clean()))
    }

    fn median(stretches: &[Stretch], besieged: bool) -> f64 {
        let of_kind = stretches.iter().filter(|stretch| stretch.besieged == besieged);
        let mut p99: Vec<f64> = of_kind.map(|stretch| stretch.report.interval_ms_p99).collect();
        p99.sort_by(f64::total_cmp);
        p99[p99.len() / 2]
    }

    fn table(stretches: &[Stretch]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header([
            "",
            "interval ms p50",
            "p99",
            "max",
            "updates/s",
            "coalesced",
            "hashes",
            "mismatches",
            "resumes",
            "server's threads, % of the core",
        ]);
        for Stretch { besieged, report, busy } in stretches {
            let busy: Vec<String> =
                busy.iter().map(|(name, share)| format!("{name} {:.1}", share * 100.0)).collect();
            table.add_row([
                (if *besieged { "beside" } else { "alone" }).to_owned(),
                format!("{:.2}", report.interval_ms_p50),
                format!("{:.2}", report.interval_ms_p99),
                format!("{:.1}", report.interval_ms_max),
                format!("{:.2}", report.updates_per_s),
                report.ticks_coalesced.to_string(),
                report.hashes_checked.to_string(),
                report.mismatches.to_string(),
                report.resumes.to_string(),
                busy.join(", "),
            ]);
        }
        table
    }
}
