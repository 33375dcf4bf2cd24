//! Drumline beside other servers, with the same workload and the same load.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("versus reads /proc: it runs on Linux");
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

    /// Drumline first: the others are compared with it.
    const SYSTEMS: [System; 4] = [System::Drumline, System::Tungstenite, System::Colyseus, System::WsJson];

    /// The command line.
    #[derive(Parser)]
    #[command(
        name = "versus",
        about = "Drumline beside other servers, with the same workload and the same load"
    )]
    struct Arguments {
        #[command(subcommand)]
        role: Option<Role>,

        /// How many clients play in rooms of 16
        #[arg(long, default_value_t = 640, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        clients: u32,

        /// How many clients play in one room; 0 leaves it out
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(0..=1024))]
        one_room: u16,

        /// The peers [default: all]
        #[arg(long, value_delimiter = ',', value_name = "PEER,…")]
        only: Vec<System>,

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
        finish("versus", arguments.role.as_ref(), || compare(&arguments))
    }

    /// Measures each system in rooms of 16, and then in one room. Returns how many updates were wrong.
    fn compare(arguments: &Arguments) -> Outcome<u64> {
        prepare()?;
        let mut stages = vec![(arguments.clients as usize, ROOM_SIZE)];
        if arguments.one_room > 0 {
            stages.push((arguments.one_room.into(), arguments.one_room));
        }
        let chosen = |system: &System| {
            *system == System::Drumline || arguments.only.is_empty() || arguments.only.contains(system)
        };
        let mut rows: Vec<Row> = Vec::new();
        let (mut hashes, mut mismatches) = (0, 0);
        for (clients, room_size) in stages {
            let systems: Vec<System> = SYSTEMS.into_iter().filter(chosen).collect();
            let mut measured = vec![Vec::new(); systems.len()];
            for _ in 0..arguments.rounds {
                for (&system, rows) in systems.iter().zip(&mut measured) {
                    let seconds = arguments.seconds;
                    let one = measure(Plan { system, clients, room_size, update_bytes: 0, seconds })?;
                    hashes += one.hashes;
                    mismatches += one.mismatches;
                    rows.push(Row { rooms: Some(clients.div_ceil(room_size.into())), ..one.row });
                }
            }
            rows.extend(measured.iter().map(|rows| Row::median(rows)));
        }
        println!(
            "{}",
            table(&rows, &["rooms", "CPU / Drumline", "bytes / Drumline"], |row| ratios(&rows, row))
        );
        println!("{hashes} hashes compared, {mismatches} updates were wrong");
        if let Some(path) = &arguments.json {
            write_json(path, &rows)?;
        }
        Ok(mismatches)
    }

    /// The number of rooms, and a row's figures over Drumline's with as many clients and rooms.
    fn ratios(rows: &[Row], row: &Row) -> Vec<String> {
        let same = |other: &&Row| (other.clients, other.rooms) == (row.clients, row.rooms);
        let drumline = rows.iter().find(same).expect("Drumline is the first of its stage");
        vec![
            row.rooms.unwrap_or_default().to_string(),
            format!("{:.2}", row.cpu_ms_per_client_s / drumline.cpu_ms_per_client_s),
            format!("{:.2}", row.bytes_per_update / drumline.bytes_per_update),
        ]
    }
}
