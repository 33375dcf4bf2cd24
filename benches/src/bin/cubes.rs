//! Glenn Fiedler's cubes through the codec: `cargo run --release -p drumline-benches --bin cubes -- FILE [--hz 60]`.
//!
//! What is in the file says [`drumline_benches::cubes`].
//!
//! Every frame goes the way of a room's: a derived struct is captured, coded against the frame before with the
//! priors learned so far (looked at once a second), decoded by a mirror and compared with the file. Bytes are those
//! of the snapshot's body, priors included; the three bytes before it are each client's own. The first six frames,
//! which are alike in these traces, warm up. One line of JSON is printed.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use drumline_benches::cubes::{Cube, Cubes, Integers, read_trace};
use drumline_shared::delta::Baseline;
use drumline_shared::frame::Frame;
use drumline_shared::hash::frame_hash;
use drumline_shared::learner::Learner;
use drumline_shared::schema::Layout;
use drumline_shared::snapshot::{BodyWriter, write_prefix};
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
    layout: Layout,
    /// The last four frames, the newest last.
    frames: Vec<Frame>,
    writer: BodyWriter,
    learner: Learner,
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
            frames: vec![Frame::empty(&layout); 4],
            writer: BodyWriter::new(&layout),
            learner: Learner::new(&layout.default_priors),
            mirror: Mirror::new(layout.clone()),
            layout,
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
            self.learner.learn(self.writer.tallies(), tick);
        }
        let [oldest, older, frame, now] = &self.frames[..] else { unreachable!("there are four frames") };
        let baseline = (index > 0).then(|| Baseline {
            frame,
            older: (index > 1).then_some(older),
            oldest: (index > 2).then_some(oldest),
        });
        let hash = (index == 0).then(|| frame_hash(now));

        let start = Instant::now();
        let (head, body) = self.writer.write(&self.layout, baseline, now, hash, &self.learner);
        let encode = start.elapsed();
        let mut message = write_prefix(head, None).to_vec();
        message.extend_from_slice(body);
        let body_bytes = body.len() as u64;
        let start = Instant::now();
        let applied = self.mirror.apply(&message);
        let decode = start.elapsed();

        let same = applied.is_ok() && self.mirror.frame() == now;
        let rows = self.mirror.rows::<Cube>(0).map(|(_, cube)| cube.to_integers());
        if !same || !rows.eq(integers.iter().copied()) {
            self.mismatches += 1;
        }
        if index >= WARM_UP {
            self.counted += 1;
            self.bytes += body_bytes;
            self.encode_ns.saturating_record(encode.as_nanos() as u64);
            self.decode_ns.saturating_record(decode.as_nanos() as u64);
        }
        Ok(())
    }

    /// Captures the trace's next frame.
    fn capture(&mut self, tick: u32, integers: &[Integers]) -> io::Result<()> {
        let world = Cubes::of_integers(integers)?;
        self.frames.rotate_left(1);
        let frame = &mut self.frames[3];
        world.capture(frame);
        frame.tick = tick;
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

/// What was measured.
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
