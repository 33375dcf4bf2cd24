//! Figures with their units.

/// A time in milliseconds.
#[must_use]
pub fn ms(value: f64) -> String {
    format!("{value:.1} ms")
}

/// A number of bytes.
#[must_use]
pub fn bytes(value: f64) -> String {
    match value {
        value if value >= 1e9 => format!("{:.1} GB", value / 1e9),
        value if value >= 1e6 => format!("{:.1} MB", value / 1e6),
        value if value >= 1e4 => format!("{:.0} kB", value / 1e3),
        value if value >= 1e3 => format!("{:.1} kB", value / 1e3),
        value => format!("{value:.0} B"),
    }
}
