//! The systems that are measured.

use clap::ValueEnum;

/// A server that the load knows how to speak to. The names are those of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// Plain TCP without a protocol: as little as the same traffic can cost.
    Floor,
    /// Drumline.
    Drumline,
    /// A plain server of tokio and tokio-tungstenite.
    Tungstenite,
    /// Colyseus.
    Colyseus,
    /// Node.js with `ws` and JSON.
    WsJson,
}

impl System {
    /// The name in rows and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Drumline => "drumline",
            Self::Tungstenite => "tungstenite",
            Self::Colyseus => "colyseus",
            Self::WsJson => "ws-json",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_calls_systems_as_rows_do() {
        for system in System::value_variants() {
            assert_eq!(System::from_str(system.name(), false), Ok(*system));
        }
    }
}
