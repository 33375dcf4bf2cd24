//! Reading the files that settings name. Nothing is read without a bound, and nothing that could block a reload for ever.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The most bytes of a file. A certificate chain, the largest of them, has some kilobytes.
const MAX_BYTES: u64 = 1 << 20;

/// Reads a file that is read again later, at a reload: it must be a regular one, since a pipe would block or be empty then.
///
/// # Errors
/// If it is not a regular file, is too long, or cannot be read.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    read_bounded(path)
}

/// Reads a file of any kind to its end.
///
/// # Errors
/// If it is too long, or cannot be read.
pub fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}
