//! Bit packing, least significant bit first, aligned only at the very end.
//!
//! The writer asserts that values fit; the reader returns an error for any bytes that a peer may have sent.

use crate::error::DecodeError;

/// Packs values into bytes, least significant bit first.
#[derive(Debug, Default, Clone)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that are not in `bytes` yet; fewer than eight between calls.
    pending: u64,
    pending_bits: u32,
}

impl BitWriter {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer that continues after whole bytes.
    #[must_use]
    pub fn after(bytes: Vec<u8>) -> Self {
        Self { bytes, pending: 0, pending_bits: 0 }
    }

    /// Appends the low `bits` bits of `value`.
    ///
    /// # Panics
    /// If `bits` is over 32 or `value` has bits above them.
    #[inline]
    pub fn write(&mut self, value: u32, bits: u32) {
        assert!(bits <= 32, "at most 32 bits a call");
        assert!(u64::from(value) >> bits == 0, "{value} does not fit {bits} bits");
        self.pending |= u64::from(value) << self.pending_bits;
        self.pending_bits += bits;
        while self.pending_bits >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.pending_bits -= 8;
        }
    }

    /// The number of bits written so far.
    #[must_use]
    pub fn bit_len(&self) -> usize {
        self.bytes.len() * 8 + self.pending_bits as usize
    }

    /// Pads the last byte with zero bits and returns all bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.pending_bits > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}

/// Unpacks values from bytes, least significant bit first.
#[derive(Debug, Clone)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    position_bits: usize,
}

impl<'a> BitReader<'a> {
    /// Reads `bytes` from their first bit.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position_bits: 0 }
    }

    /// Takes the next `bits` bits.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer are left.
    ///
    /// # Panics
    /// If `bits` is over 32. Callers pass widths of a schema that was checked.
    #[inline]
    pub fn read(&mut self, bits: u32) -> Result<u32, DecodeError> {
        assert!(bits <= 32, "at most 32 bits a call");
        let first = self.position_bits / 8;
        let shift = self.position_bits % 8;
        let end = self.position_bits + bits as usize;
        if end > self.bytes.len() * 8 {
            return Err(DecodeError::Truncated);
        }
        // Five bytes hold any 32 bits at any shift; near the end there are fewer.
        let mut window = [0u8; 8];
        let available = (self.bytes.len() - first).min(8);
        window[..available].copy_from_slice(&self.bytes[first..first + available]);
        self.position_bits = end;
        let mask = (1u64 << bits) - 1;
        Ok(((u64::from_le_bytes(window) >> shift) & mask) as u32)
    }

    /// Returns true if nothing is left but the zero padding of the last byte.
    #[must_use]
    pub fn at_end(&self) -> bool {
        let left = self.bytes.len() * 8 - self.position_bits;
        left < 8 && (left == 0 || self.bytes[self.bytes.len() - 1] >> (8 - left) == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packs_least_significant_bit_first() {
        let mut writer = BitWriter::new();
        writer.write(0b1, 1);
        writer.write(0b01, 2);
        writer.write(0xABCD, 16);
        assert_eq!(writer.bit_len(), 19);
        // 0xABCD << 3 | 0b01 << 1 | 1 = 0x55E6B
        assert_eq!(writer.finish(), [0x6B, 0x5E, 0x05]);
    }

    #[test]
    fn padding_must_be_zero() {
        let mut reader = BitReader::new(&[0b0000_0101]);
        reader.read(3).unwrap();
        assert!(reader.at_end());
        let mut reader = BitReader::new(&[0b0001_0101]);
        reader.read(3).unwrap();
        assert!(!reader.at_end());
        assert!(!BitReader::new(&[0]).at_end(), "a whole byte is not padding");
    }

    proptest! {
        #[test]
        fn reads_back_what_was_written(values in prop::collection::vec((any::<u32>(), 0u32..=32), 0..200)) {
            let mut writer = BitWriter::new();
            let masked = |value: u32, bits: u32| (u64::from(value) & ((1u64 << bits) - 1)) as u32;
            for &(value, bits) in &values {
                writer.write(masked(value, bits), bits);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for &(value, bits) in &values {
                prop_assert_eq!(reader.read(bits), Ok(masked(value, bits)));
            }
            prop_assert!(reader.at_end());
            prop_assert_eq!(reader.read(8), Err(DecodeError::Truncated));
        }
    }
}
