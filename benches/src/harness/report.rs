//! The table that a benchmark prints, and the file that it writes.

use std::fs;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::Outcome;

/// The figures of one measurement, as the JSON file has them.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The measured system.
    pub system: &'static str,
    /// How many clients played.
    pub clients: usize,
    /// In how many rooms, where that is not always the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rooms: Option<usize>,
    /// Updates a second, for each client.
    pub updates_per_s: f64,
    /// The server's processor time, user and system, for each second of a client, in milliseconds.
    pub cpu_ms_per_client_s: f64,
    /// Bytes of an update, with its WebSocket header.
    pub bytes_per_update: f64,
    /// From one update to the next: the median.
    pub interval_ms_p50: f64,
    /// From one update to the next: 99 of 100 are at most this.
    pub interval_ms_p99: f64,
    /// From one update to the next: the longest.
    pub interval_ms_max: f64,
    /// How much the server's resident memory has grown, for each client.
    pub rss_bytes_per_client: f64,
}

impl Row {
    /// Combines measurements of one system: the median of each figure, and the longest of the longest intervals.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    pub fn median(rows: &[Self]) -> Self {
        let median = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = rows.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        Self {
            updates_per_s: median(|row| row.updates_per_s),
            cpu_ms_per_client_s: median(|row| row.cpu_ms_per_client_s),
            bytes_per_update: median(|row| row.bytes_per_update),
            interval_ms_p50: median(|row| row.interval_ms_p50),
            interval_ms_p99: median(|row| row.interval_ms_p99),
            interval_ms_max: rows.iter().map(|row| row.interval_ms_max).fold(0.0, f64::max),
            rss_bytes_per_client: median(|row| row.rss_bytes_per_client),
            ..rows[0].clone()
        }
    }
}

/// Writes the rows as a JSON array.
///
/// # Errors
/// If the file cannot be written.
pub fn write_json(path: &Path, rows: &[Row]) -> Outcome<()> {
    let text = serde_json::to_string_pretty(rows)? + "\n";
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

/// A table of rows. The last columns, which `extra` names and fills for each row, are the benchmark's own.
#[must_use]
pub fn table(rows: &[Row], extra: &[&str], fill: impl Fn(&Row) -> Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let mut header = vec![
        "system",
        "clients",
        "updates/s",
        "CPU ms a client-s",
        "bytes an update",
        "interval ms p50 / p99 / max",
        "RSS KiB a client",
    ];
    header.extend(extra);
    table.set_header(header);
    for row in rows {
        let mut cells = vec![
            row.system.to_owned(),
            row.clients.to_string(),
            format!("{:.2}", row.updates_per_s),
            format!("{:.3}", row.cpu_ms_per_client_s),
            format!("{:.1}", row.bytes_per_update),
            format!("{:.1} / {:.1} / {:.1}", row.interval_ms_p50, row.interval_ms_p99, row.interval_ms_max),
            format!("{:.1}", row.rss_bytes_per_client / 1024.0),
        ];
        cells.extend(fill(row));
        table.add_row(cells);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
