//! The cost of an update with Drumline, beside the cost of the same bytes over plain TCP.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("fanout reads /proc: it runs on Linux");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::PathBuf;
    use std::process::ExitCode;

    use clap::Parser;
    use drumline_benches::harness::measure::{Plan, measure};
    use drumline_benches::harness::report::{Row, table, write_json};
    use drumline_benches::harness::role::Role;
    use drumline_benches::harness::system::System;
    use drumline_benches::harness::{Outcome, ROOM_SIZE, finish, prepare};

    /// The command line.
    #[derive(Parser)]
    #[command(name = "fanout", about = "What an update costs Drumline, beside the same bytes over plain TCP")]
    struct Arguments {
        #[command(subcommand)]
        role: Option<Role>,

        /// How many clients, one measurement after the other
        #[arg(long, value_delimiter = ',', default_value = "64,320,640,1280", value_name = "N,…",
              value_parser = clap::value_parser!(u32).range(1..=100_000))]
        clients: Vec<u32>,

        /// Seconds of a measurement
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
        seconds: u64,

        /// Measurements of each, in turn; the median is printed
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=99))]
        rounds: u64,

        /// Where to write the rows as JSON
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    }

    pub fn main() -> ExitCode {
        let arguments = Arguments::parse();
        finish("fanout", arguments.role.as_ref(), || compare(&arguments))
    }

    /// Measures Drumline and then the floor for each number of clients. Returns how many updates were wrong.
    fn compare(arguments: &Arguments) -> Outcome<u64> {
        prepare()?;
        let mut rows: Vec<Row> = Vec::new();
        let (mut hashes, mut mismatches) = (0, 0);
        for &clients in &arguments.clients {
            let mut plan = Plan {
                system: System::Drumline,
                clients: clients as usize,
                room_size: ROOM_SIZE,
                update_bytes: 0,
                seconds: arguments.seconds,
            };
            // In turn: a neighbour of this machine that is busy for a while troubles both.
            let (mut drumline, mut floor) = (Vec::new(), Vec::new());
            for _ in 0..arguments.rounds {
                plan.system = System::Drumline;
                let measured = measure(plan)?;
                hashes += measured.hashes;
                mismatches += measured.mismatches;
                plan.system = System::Floor;
                plan.update_bytes = measured.row.bytes_per_update.round() as usize;
                drumline.push(measured.row);
                floor.push(measure(plan)?.row);
            }
            rows.extend([Row::median(&floor), Row::median(&drumline)]);
        }
        println!("{}", table(&rows, &["CPU / floor"], |row| vec![over_floor(&rows, row)]));
        println!("{hashes} hashes compared, {mismatches} updates were wrong");
        if let Some(path) = &arguments.json {
            write_json(path, &rows)?;
        }
        Ok(mismatches)
    }

    /// The ratio of a row's processor time to the floor's with as many clients.
    fn over_floor(rows: &[Row], row: &Row) -> String {
        let same = |floor: &&Row| floor.system == System::Floor.name() && floor.clients == row.clients;
        let floor = rows.iter().find(same).expect("each count of clients has its floor");
        format!("{:.2}", row.cpu_ms_per_client_s / floor.cpu_ms_per_client_s)
    }
}
