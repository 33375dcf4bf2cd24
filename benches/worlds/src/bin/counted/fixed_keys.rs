//! The keys of std's hash maps, fixed: otherwise each run hashes, and so allocates and frees, in another order.

/// Stands in for libc's `getrandom`, which std asks for the keys; nothing else in this program wants random bytes.
///
/// # Safety
/// As libc's: `buffer` points to `length` bytes that may be written.
#[allow(unsafe_code, reason = "replaces a function of libc's for this program")]
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    // SAFETY: the caller owns the bytes.
    unsafe { buffer.write_bytes(1, length) };
    length as isize
}
