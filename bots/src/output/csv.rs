//! The series of a run as comma-separated values, for spreadsheets and notebooks.

use serde_json::{Map, Value};

use crate::report::series::Second;

/// Writes a heading, and a line for each second. The server's own figures have columns named `server.…`; a value
/// without measurements is empty.
///
/// # Errors
/// If writing fails.
pub fn write(series: &[Second], to: impl std::io::Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(flat(&Second::default()).into_iter().map(|(name, _)| name))?;
    for second in series {
        writer.write_record(flat(second).into_iter().map(|(_, value)| value))?;
    }
    writer.flush()?;
    Ok(())
}

/// The columns of a second, with their values.
fn flat(second: &Second) -> Vec<(String, String)> {
    let server = object(&second.server.clone().unwrap_or_default());
    let mut columns = Vec::new();
    for (name, value) in object(second) {
        if name != "server" {
            columns.push((name, text(&value)));
        }
    }
    columns.extend(server.into_iter().map(|(name, value)| (format!("server.{name}"), text(&value))));
    columns
}

fn object(of: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(object)) => object,
        _ => unreachable!("it is a struct of plain data"),
    }
}

fn text(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::series::ServerSecond;

    #[test]
    fn each_second_is_a_line_under_its_heading() {
        let asked = ServerSecond { rooms: Some(4), ..ServerSecond::default() };
        let series = [
            Second { second: 0, updates: 30, interval_ms_p99: Some(33.5), ..Second::default() },
            Second { second: 1, server: Some(asked), ..Second::default() },
        ];
        let mut bytes = Vec::new();
        write(&series, &mut bytes).unwrap();
        let mut reader = csv::Reader::from_reader(&*bytes);
        let names = reader.headers().unwrap().clone();
        let lines: Vec<_> = reader.records().map(Result::unwrap).collect();
        let cell =
            |line: usize, name: &str| &lines[line][names.iter().position(|column| column == name).unwrap()];
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (cell(0, "updates"), cell(0, "interval_ms_p99"), cell(0, "server.rooms")),
            ("30", "33.5", "")
        );
        assert_eq!((cell(1, "second"), cell(1, "interval_ms_p99"), cell(1, "server.rooms")), ("1", "", "4"));
    }
}
