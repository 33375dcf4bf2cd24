//! The `fanout` program, with a few clients for a moment: it measures both systems and writes the figures.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::process::Command;

use serde_json::Value;

/// Every field of a row, sorted.
const FIELDS: [&str; 9] = [
    "bytes_per_update",
    "clients",
    "cpu_ms_per_client_s",
    "interval_ms_max",
    "interval_ms_p50",
    "interval_ms_p99",
    "rss_bytes_per_client",
    "system",
    "updates_per_s",
];

#[test]
fn rows_are_whole_and_every_mirror_is_right() {
    let file = std::env::temp_dir().join(format!("drumline-fanout-{}.json", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_fanout"))
        .args(["--clients", "3,20", "--seconds", "1", "--rounds", "1", "--json"])
        .arg(&file)
        .output()
        .unwrap();
    // Wrong updates would be a failure.
    assert!(output.status.success(), "{output:?}");
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    std::fs::remove_file(&file).unwrap();
    let measured: Vec<_> =
        rows.iter().map(|row| (row["system"].as_str().unwrap(), row["clients"].as_u64().unwrap())).collect();
    assert_eq!(measured, [("floor", 3), ("drumline", 3), ("floor", 20), ("drumline", 20)]);
    for row in &rows {
        let mut fields: Vec<_> = row.as_object().unwrap().keys().collect();
        fields.sort();
        assert_eq!(fields, FIELDS);
        for field in ["updates_per_s", "cpu_ms_per_client_s", "bytes_per_update", "interval_ms_p50"] {
            assert!(row[field].as_f64().unwrap() > 0.0, "{field} of {row}");
        }
    }
    // The floor sends as many bytes as Drumline did.
    let difference =
        rows[0]["bytes_per_update"].as_f64().unwrap() - rows[1]["bytes_per_update"].as_f64().unwrap();
    assert!(difference.abs() <= 0.5, "{difference}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("0 updates were wrong"), "{text}");
}
