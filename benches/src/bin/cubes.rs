//! Glenn Fiedler's cubes through the codec: `cargo run --release -p drumline-benches --bin cubes -- FILE [--hz 60]`.
//!
//! The file is a trace of 901 physics cubes in the layout of his "network delta compression" data challenge, as it is
//! or compressed (`.xz`): little-endian `i32`, eight a cube, 901 cubes a frame. The eight are `largest` (0..=3) and
//! `a` `b` `c` (0..=511) of the smallest-three quaternion, the position `x` `y` `z` in 512 steps a unit, and
//! `interacting` (0 or 1).
//!
//! Every frame goes the way of a room's: a derived struct is captured, coded against the frame before with the
//! priors learned so far (looked at once a second), decoded by a mirror and compared with the file. Bytes are those
//! of the snapshot but for the three that each begins with, priors included. The time to encode is that from a captured
//! frame to its snapshot, and the recorder's for keeping a copy of the frame as a baseline; the time to decode is the
//! mirror's for a snapshot. The first six frames, which are alike in these traces, warm up. One line of JSON is printed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use drumline_shared::frame::Frame;
use drumline_shared::layout::Layout;
use drumline_shared::quantize::PackedQuat;
use drumline_shared::recorder::Recorder;
use drumline_shared::schema::Schema;
use drumline_shared::snapshot::PREFIX_BYTES;
use drumline_shared::{Mirror, Replicate, Table, World};
use glam::Vec3;
use hdrhistogram::Histogram;
use serde::Serialize;

const CUBES: usize = 901;
const INTEGERS: usize = 8;
/// Frames before the first one that counts.
const WARM_UP: usize = 6;
/// Steps a unit of length.
const STEPS: f32 = 512.0;
/// Positions beyond this many units are not in these traces; they would be clamped.
const BOUND: i32 = 1024 * 512;

/// Measures the snapshot codec on a physics trace.
#[derive(Parser)]
struct Options {
    /// The trace, `.bin` or `.bin.xz`.
    file: PathBuf,
    /// Frames a second, for the bandwidth.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=240))]
    hz: u32,
}

#[derive(Debug, Clone, PartialEq, Replicate)]
struct Cube {
    #[sync(range = -1024.0..=1024.0, step = 1.0 / 512.0, predict = linear)]
    position: Vec3,
    #[sync(bits = 9, predict = linear)]
    orientation: PackedQuat,
    interacting: bool,
}

#[derive(Default, World)]
struct Cubes {
    cubes: Table<Cube>,
}

impl Cube {
    fn of_integers(&[largest, a, b, c, place @ .., interacting]: &[i32; INTEGERS]) -> Option<Self> {
        let parts = [a, b, c];
        let fits = (0..4).contains(&largest)
            && parts.iter().all(|part| (0..512).contains(part))
            && place.iter().all(|along| along.abs() <= BOUND)
            && (0..2).contains(&interacting);
        fits.then(|| Self {
            position: Vec3::from_array(place.map(|along| along as f32 / STEPS)),
            orientation: PackedQuat { largest: largest as u8, parts: parts.map(|part| part as u32) },
            interacting: interacting == 1,
        })
    }

    fn to_integers(&self) -> [i32; INTEGERS] {
        let [a, b, c] = self.orientation.parts.map(|part| part as i32);
        let place = (self.position * STEPS).to_array().map(|along| along as i32);
        [
            i32::from(self.orientation.largest),
            a,
            b,
            c,
            place[0],
            place[1],
            place[2],
            i32::from(self.interacting),
        ]
    }
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

/// The frames of a trace.
fn read_trace(path: &Path) -> io::Result<Vec<Vec<[i32; INTEGERS]>>> {
    let file = BufReader::new(File::open(path)?);
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|extension| extension == "xz") {
        lzma_rust2::XzReader::new(file, true).read_to_end(&mut bytes)?;
    } else {
        { file }.read_to_end(&mut bytes)?;
    }
    let frame_bytes = CUBES * INTEGERS * size_of::<i32>();
    if bytes.is_empty() || !bytes.len().is_multiple_of(frame_bytes) {
        let message = format!("{} bytes are no whole number of frames of {frame_bytes} bytes", bytes.len());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let (integers, _) = bytes.as_chunks::<4>();
    let integers: Vec<i32> = integers.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
    let (cubes, _) = integers.as_chunks::<INTEGERS>();
    Ok(cubes.chunks(CUBES).map(<[_]>::to_vec).collect())
}

/// The codec on its way through a trace.
struct Run {
    world: Cubes,
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
        let schema = Schema { tables: Cubes::TABLES.into(), input: Cube::FIELDS.into() };
        let layout = Layout::new(&schema).expect("the cubes are within the limits");
        let histogram = || Histogram::new_with_bounds(1, 1_000_000_000, 3).expect("the bounds are in order");
        Self {
            world: Cubes::default(),
            frame: Frame::empty(&layout),
            recorder: Recorder::new(layout.clone()),
            mirror: Mirror::new(layout),
            learn_ticks: hz,
            counted: 0,
            bytes: 0,
            mismatches: 0,
            encode_ns: histogram(),
            decode_ns: histogram(),
        }
    }

    fn step(&mut self, index: usize, integers: &[[i32; INTEGERS]]) -> io::Result<()> {
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

    /// Puts the trace's next frame into the world, and captures it.
    fn capture(&mut self, tick: u32, integers: &[[i32; INTEGERS]]) -> io::Result<()> {
        self.world.cubes = Table::default();
        for cube in integers {
            let cube = Cube::of_integers(cube).ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, format!("frame {}: no cube: {cube:?}", tick - 1))
            })?;
            self.world.cubes.insert(cube);
        }
        self.world.capture(&mut self.frame);
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
