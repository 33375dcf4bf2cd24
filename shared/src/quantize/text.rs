//! Strings of bounded length.

/// Columns of a string of at most `max_bytes` bytes: one for the length, then one for every four bytes, the first lowest.
#[must_use]
pub const fn text_columns(max_bytes: usize) -> usize {
    1 + max_bytes.div_ceil(4)
}

/// Writes `text` into its columns, cut at the end of a character to at most `max_bytes` bytes. Returns true if it was cut.
///
/// # Panics
/// If the number of `columns` is not [`text_columns`]`(max_bytes)`.
pub fn quantize_text(text: &str, max_bytes: usize, columns: &mut [u32]) -> bool {
    assert_eq!(columns.len(), text_columns(max_bytes), "a text has a fixed number of columns");
    let mut length = text.len().min(max_bytes);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    columns.fill(0);
    columns[0] = length as u32;
    for (index, &byte) in text.as_bytes()[..length].iter().enumerate() {
        columns[1 + index / 4] |= u32::from(byte) << (8 * (index % 4));
    }
    length < text.len()
}

/// The string of such columns. Bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn dequantize_text(columns: &[u32]) -> String {
    let Some((&length, words)) = columns.split_first() else {
        return String::new();
    };
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).take(length as usize).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
