//! When bots come and go.

use serde::{Deserialize, Serialize};

/// How bots arrive. Times are in seconds from the beginning of the measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrival {
    /// All come as fast as they may, and the measurement begins when they are in. One that does not get in ends the run.
    #[default]
    AtOnce,
    /// They come one after another.
    Ramp {
        /// Until all are there.
        seconds: f64,
    },
    /// They come in groups of the same size.
    Steps {
        /// Groups.
        count: u32,
        /// Between one and the next.
        every: f64,
    },
    /// Most come and go again and again, like the tide.
    Waves {
        /// From one wave to the next.
        every: f64,
        /// How long a wave's bots stay.
        stay: f64,
        /// The share of the bots that stay all the time.
        base: f64,
    },
    /// Some come all in the same moment, while the others have been playing.
    Storm {
        /// When.
        at: f64,
        /// How many.
        bots: u32,
    },
}
