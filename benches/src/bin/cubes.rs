//! Glenn Fiedler's cubes through the codec: `cargo run --release -p drumline-benches --bin cubes -- FILE [--hz 60]`.
//!
//! The file's format is described in [`drumline_benches::cubes`].
//!
//! Every frame goes the way of a room's: a derived struct is captured, coded against the frame before with the
//! priors learned so far (updated once a second), decoded by a mirror and compared with the file. Bytes are those
//! of the snapshot but for the three that each begins with, priors included. The time to encode is that from a captured
//! frame to its snapshot, and the recorder's for keeping a copy of the frame as a baseline; the time to decode is the
//! mirror's for a snapshot. The first six frames, which are alike in these traces, warm up. One line of JSON is printed.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use drumline_benches::cubes::{Cube, Cubes, Integers, read_trace};
use drumline_shared::frame::Frame;
use drumline_shared::recorder::Recorder;
use drumline_shared::wire::snapshot::PREFIX_BYTES;
use drumline_shared::world::ClampedValues;
use drumline_shared::{Mirror, World};
use hdrhistogram::Histogram;
use serde::Serialize;

/// Frames before the first one that counts.
const WARM_UP: usize = 6;

/// Measures the snapshot codec on a physics trace.
#[derive(Parser)]
struct Options {
    /// The trace, `.bin` or `.bin.xz`.
    file: PathBuf,
    /// Frames a second, for the bandwidth.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=240))]
    hz: u32,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let trace = read_trace(&options.file)?;
    let mut run = Run::new(options.hz);
    for (index, frame) in trace.iter().enumerate() {
        run.step(index, frame)?;
    }
    println!("{}", serde_json::to_string(&run.report(options.hz))?);
    Ok(())
}

/// The codec on its way through a trace.
struct Run {
    frame: Frame,
    recorder: Recorder,
    mirror: Mirror,
    learn_ticks: u32,
    counted: u64,
    bytes: u64,
    mismatches: u64,
    encode_ns: Histogram<u64>,
    decode_ns: Histogram<u64>,
}

impl Run {
    fn new(hz: u32) -> Self {
        let layout = Cubes::layout();
        let histogram = || Histogram::new_with_bounds(1, 1_000_000_000, 3).expect("the bounds are in order");
        Self {
            frame: Frame::empty(&layout),
            recorder: Recorder::new(layout.clone()),
            mirror: Mirror::new(layout, 30),
            learn_ticks: hz,
            counted: 0,
            bytes: 0,
            mismatches: 0,
            encode_ns: histogram(),
            decode_ns: histogram(),
        }
    }

    fn step(&mut self, index: usize, integers: &[Integers]) -> io::Result<()> {
        let tick = index as u32 + 1;
        self.capture(tick, integers)?;
        if tick.is_multiple_of(self.learn_ticks) {
            self.recorder.learn(tick);
        }

        let start = Instant::now();
        let message = self.recorder.write(&self.frame, index == 0, None);
        let encode = start.elapsed();
        let start = Instant::now();
        let applied = self.mirror.apply(&message);
        let decode = start.elapsed();

        let same = applied.is_ok() && *self.mirror.public() == self.frame;
        let rows = self.mirror.rows::<Cube>(0).map(|(_, cube)| cube.to_integers());
        if !same || !rows.eq(integers.iter().copied()) {
            self.mismatches += 1;
        }
        if index >= WARM_UP {
            self.counted += 1;
            self.bytes += (message.len() - PREFIX_BYTES) as u64;
            self.encode_ns.saturating_record(encode.as_nanos() as u64);
            self.decode_ns.saturating_record(decode.as_nanos() as u64);
        }
        Ok(())
    }

    /// Captures the trace's next frame.
    fn capture(&mut self, tick: u32, integers: &[Integers]) -> io::Result<()> {
        Cubes::of_integers(integers)?.capture(&mut self.frame, &mut ClampedValues::default());
        self.frame.tick = tick;
        Ok(())
    }

    fn report(&self, hz: u32) -> Report {
        let bytes_per_frame = self.bytes as f64 / self.counted.max(1) as f64;
        let microseconds = |histogram: &Histogram<u64>| histogram.value_at_quantile(0.5) as f64 / 1000.0;
        Report {
            frames: self.counted,
            bytes_per_frame: two_places(bytes_per_frame),
            kbit_s: two_places(bytes_per_frame * 8.0 * f64::from(hz) / 1000.0),
            encode_us_p50: two_places(microseconds(&self.encode_ns)),
            decode_us_p50: two_places(microseconds(&self.decode_ns)),
            mismatches: self.mismatches,
        }
    }
}

/// The figures.
#[derive(Serialize)]
struct Report {
    frames: u64,
    bytes_per_frame: f64,
    kbit_s: f64,
    encode_us_p50: f64,
    decode_us_p50: f64,
    mismatches: u64,
}

fn two_places(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
