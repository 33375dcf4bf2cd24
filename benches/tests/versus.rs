//! The `versus` program with the one peer that needs no npm.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::process::Command;

use serde_json::Value;

#[test]
fn a_peer_is_measured_as_drumline_is() {
    let file = std::env::temp_dir().join(format!("drumline-versus-{}.json", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_versus"))
        .args([
            "--clients",
            "20",
            "--one-room",
            "0",
            "--only",
            "tungstenite",
            "--seconds",
            "1",
            "--rounds",
            "1",
            "--json",
        ])
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    std::fs::remove_file(&file).unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["system"].as_str().unwrap()).collect();
    assert_eq!(names, ["drumline", "tungstenite"]);
    for row in &rows {
        assert_eq!(row["rooms"], 2);
        assert!(row["updates_per_s"].as_f64().unwrap() > 0.0, "{row}");
    }
    let bytes = |row: usize| rows[row]["bytes_per_update"].as_f64().unwrap();
    assert!(bytes(1) > bytes(0), "the whole state is more than what has changed: {rows:?}");
}
