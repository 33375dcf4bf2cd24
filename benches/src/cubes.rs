//! Glenn Fiedler's cubes: traces of 901 physics cubes, in the layout of his "network delta compression" data challenge.
//!
//! A file is such a trace as it is or compressed (`.xz`): little-endian `i32`, eight a cube, 901 cubes a frame. The eight are
//! `largest` (0..=3) and `a` `b` `c` (0..=511) of the smallest-three quaternion, the position `x` `y` `z` in 512 steps a
//! unit, and `interacting` (0 or 1).

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use drumline_shared::layout::Layout;
use drumline_shared::quantize::PackedQuat;
use drumline_shared::schema::shape::MessageSchema;
use drumline_shared::schema::{InputSchema, Schema};
use drumline_shared::{Replicate, Table, World};
use glam::Vec3;

/// Cubes of a frame.
const CUBES: usize = 901;
/// Integers of a cube.
const INTEGERS: usize = 8;
/// Steps a unit of length.
const STEPS: f32 = 512.0;
/// Positions beyond this many units are not in these traces; they would be clamped.
const BOUND: i32 = 1024 * 512;

/// A cube as it stands in the file.
pub type Integers = [i32; INTEGERS];

/// A cube.
#[derive(Debug, Clone, PartialEq, Replicate)]
pub struct Cube {
    /// Where it is.
    #[sync(range = -1024.0..=1024.0, step = 1.0 / 512.0, predict = linear)]
    pub position: Vec3,
    /// How it is turned.
    #[sync(bits = 9, predict = linear)]
    pub orientation: PackedQuat,
    /// Whether the player has touched it or what touched it.
    pub interacting: bool,
}

/// The world of a trace.
#[derive(Default, World)]
pub struct Cubes {
    /// All cubes.
    pub cubes: Table<Cube>,
}

impl Cube {
    /// The cube of the file's integers, if they are within their ranges.
    #[must_use]
    pub fn of_integers(&[largest, a, b, c, place @ .., interacting]: &Integers) -> Option<Self> {
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

    /// The file's integers of the cube.
    #[must_use]
    pub fn to_integers(&self) -> Integers {
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

impl Cubes {
    /// The layout of a world of cubes.
    ///
    /// # Panics
    /// Never: the cubes are within the limits.
    #[must_use]
    pub fn layout() -> Layout {
        let schema = Schema {
            tables: Self::TABLES.into(),
            input: InputSchema::default(),
            messages: MessageSchema::default(),
        };
        Layout::new(&schema).expect("the cubes are within the limits")
    }

    /// The world of a frame of a trace.
    ///
    /// # Errors
    /// If there is no cube of some of its integers.
    pub fn of_integers(frame: &[Integers]) -> io::Result<Self> {
        let mut world = Self::default();
        for integers in frame {
            let cube = Cube::of_integers(integers).ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, format!("no cube: {integers:?}"))
            })?;
            world.cubes.insert(cube);
        }
        Ok(world)
    }
}

/// The frames of a trace.
///
/// # Errors
/// If the file cannot be read, or does not hold whole frames.
pub fn read_trace(path: &Path) -> io::Result<Vec<Vec<Integers>>> {
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
