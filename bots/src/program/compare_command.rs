//! `drumline-bots compare`: the differences between the figures of runs.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use comfy_table::{CellAlignment, Table, presets};

use crate::report::compare::{Change, Difference, compare, doubts};
use crate::report::figures::Report;

/// Compares the reports in these files, and prints a table.
pub(super) fn compare_files(before: &[PathBuf], after: &[PathBuf]) -> Result<ExitCode, Box<dyn Error>> {
    let read = |paths: &[PathBuf]| paths.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>();
    let (before, after) = (read(before)?, read(after)?);
    for doubt in doubts(&before, &after) {
        eprintln!("drumline-bots: {doubt}");
    }
    println!("{}", difference_table(&compare(&before, &after)));
    if before.len() < 2 || after.len() < 2 {
        println!(
            "The noise is estimated from the seconds of each run; several runs on each side show it better."
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Report, Box<dyn Error>> {
    let cannot = |error: &dyn Error| format!("cannot read {}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| cannot(&error))?;
    Ok(serde_json::from_str(&text).map_err(|error| cannot(&error))?)
}

fn difference_table(differences: &[Difference]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["figure", "before", "after", "change", "noise", ""]);
    for Difference { name, before, after, noise, change } in differences {
        let percent = |value: f64| format!("{:.1} %", value / before * 100.0);
        table.add_row([
            (*name).to_owned(),
            format!("{before:.2}"),
            format!("{after:.2}"),
            format!("{:+.1} %", (after / before - 1.0) * 100.0),
            noise.map_or_else(|| "unknown".to_owned(), |noise| format!("± {}", percent(noise))),
            match change {
                Change::WithinNoise => "within the noise",
                Change::Better => "better",
                Change::Worse => "worse",
                Change::Unknown => "too short to tell",
            }
            .to_owned(),
        ]);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
