//! The symbols that deltas are made of, and how each becomes bits.
//!
//! This is the seam for an entropy coder: the delta codec says *what* a symbol is (a flag, a count, a
//! difference), and only this file knows how it is written. Numbers of no fixed width are Exp-Golomb codes
//! (Teuhola, 1978; as in H.264, 9.1).

use crate::bits::{BitReader, BitWriter};
use crate::delta::DecodeError;

/// Low bits that a gap between two indexes or slots always has; gaps are mostly small.
const GAP_ORDER: u32 = 2;
/// Low bits that a difference always has: one tick's change is seldom over eight steps, and cheap up to there.
const DIFFERENCE_ORDER: u32 = 3;

/// Writes symbols as bits.
#[derive(Debug, Default)]
pub struct SymbolWriter {
    bits: BitWriter,
}

impl SymbolWriter {
    /// Empties the writer and keeps its memory.
    pub fn clear(&mut self) {
        self.bits.clear();
    }

    /// Pads to a whole byte and returns all bytes.
    pub fn finish(&mut self) -> &[u8] {
        self.bits.finish()
    }

    /// A yes or no.
    #[inline]
    pub fn flag(&mut self, value: bool) {
        self.bits.write(u32::from(value), 1);
    }

    /// A number of fixed width.
    #[inline]
    pub fn raw(&mut self, value: u32, bits: u32) {
        self.bits.write(value, bits);
    }

    /// A number that is mostly zero.
    pub fn count(&mut self, value: u32) {
        self.exp_golomb(value, 0);
    }

    /// A distance to the next index, slot or generation.
    pub fn gap(&mut self, value: u32) {
        self.exp_golomb(value, GAP_ORDER);
    }

    /// A signed difference that is not zero.
    #[inline]
    pub fn difference(&mut self, value: i32) {
        debug_assert!(value != 0, "a zero difference is a flag, not a difference");
        let zigzag = ((value << 1) ^ (value >> 31)) as u32;
        self.exp_golomb(zigzag - 1, DIFFERENCE_ORDER);
    }

    #[inline]
    fn exp_golomb(&mut self, value: u32, order: u32) {
        let shifted = u64::from(value) + (1 << order);
        let length = shifted.ilog2();
        // As many zeros as the number is longer than its order, a one, and the number below its top bit.
        let zeros = length - order;
        if zeros == 32 {
            self.bits.write(0, 32);
            self.bits.write(1, 1);
        } else {
            self.bits.write(1 << zeros, zeros + 1);
        }
        self.bits.write((shifted & ((1 << length) - 1)) as u32, length);
    }
}

/// Reads the symbols that a [`SymbolWriter`] wrote.
#[derive(Debug)]
pub struct SymbolReader<'a> {
    bits: BitReader<'a>,
}

impl<'a> SymbolReader<'a> {
    /// Reads `bytes` from their first bit.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bits: BitReader::new(bytes) }
    }

    /// A yes or no.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        Ok(self.bits.read(1)? == 1)
    }

    /// A number of fixed width.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn raw(&mut self, bits: u32) -> Result<u32, DecodeError> {
        Ok(self.bits.read(bits)?)
    }

    /// A number that is mostly zero.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end or the number is over 32 bits.
    pub fn count(&mut self) -> Result<u32, DecodeError> {
        self.exp_golomb(0)
    }

    /// A distance to the next index, slot or generation.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end or the number is over 32 bits.
    pub fn gap(&mut self) -> Result<u32, DecodeError> {
        self.exp_golomb(GAP_ORDER)
    }

    /// A signed difference that is not zero.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes end or the number is over 32 bits.
    #[inline]
    pub fn difference(&mut self) -> Result<i32, DecodeError> {
        let zigzag = self.exp_golomb(DIFFERENCE_ORDER)?.checked_add(1).ok_or(DecodeError::NumberTooLong)?;
        Ok((zigzag >> 1) as i32 ^ -((zigzag & 1) as i32))
    }

    /// Checks that nothing but the padding of the last byte is left.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBits`] if there is more.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.bits.at_end() { Ok(()) } else { Err(DecodeError::TrailingBits) }
    }

    #[inline]
    fn exp_golomb(&mut self, order: u32) -> Result<u32, DecodeError> {
        let mut length = order;
        while !self.flag()? {
            length += 1;
            if length > 32 {
                return Err(DecodeError::NumberTooLong);
            }
        }
        let shifted = (1u64 << length) | u64::from(self.bits.read(length)?);
        u32::try_from(shifted - (1 << order)).map_err(|_| DecodeError::NumberTooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_numbers_are_short() {
        let bits = |write: &dyn Fn(&mut SymbolWriter)| {
            let mut writer = SymbolWriter::default();
            write(&mut writer);
            writer.bits.bit_len()
        };
        assert_eq!(bits(&|w| w.count(0)), 1);
        assert_eq!(bits(&|w| w.gap(0)), 3);
        assert_eq!(bits(&|w| w.difference(1)), 4);
        assert_eq!(bits(&|w| w.difference(-4)), 4);
        assert_eq!(bits(&|w| w.difference(5)), 6);
        assert_eq!(bits(&|w| w.difference(i32::MIN)), 62);
    }

    proptest! {
        #[test]
        fn symbols_round_trip(values in prop::collection::vec((any::<u32>(), any::<i32>(), 0u32..32), 1..50)) {
            let mut writer = SymbolWriter::default();
            for &(number, difference, shift) in &values {
                writer.count(number >> shift);
                writer.gap(number >> shift);
                if difference >> shift != 0 {
                    writer.difference(difference >> shift);
                }
                writer.flag(number & 1 == 1);
            }
            let bytes = writer.finish().to_vec();
            let mut reader = SymbolReader::new(&bytes);
            for &(number, difference, shift) in &values {
                prop_assert_eq!(reader.count(), Ok(number >> shift));
                prop_assert_eq!(reader.gap(), Ok(number >> shift));
                if difference >> shift != 0 {
                    prop_assert_eq!(reader.difference(), Ok(difference >> shift));
                }
                prop_assert_eq!(reader.flag(), Ok(number & 1 == 1));
            }
            prop_assert_eq!(reader.finish(), Ok(()));
        }
    }
}
