//! A binary range coder: yes-or-no decisions of any probability. A likely decision takes a fraction of a bit.
//!
//! The interval is split as in LZMA's coder (after Martin, 1979). A carry is added to the bytes already written. The reader takes
//! zeros after the end, so the writer leaves zero bytes at the end out.

use crate::error::DecodeError;

/// Bits of a [`Probability`].
const PROBABILITY_BITS: u32 = 16;
/// Below this the range is widened by a byte.
const MIN_RANGE: u32 = 1 << 24;
/// The width of the interval's bounds, in bytes.
const WINDOW_BYTES: usize = 4;
/// Raw numbers are coded in pieces of at most this many bits: the range is always wide enough for one.
const RAW_BITS: u32 = 8;

/// The probability of a yes, in 1/65536; never 0.
pub type Probability = u16;

/// Writes decisions.
#[derive(Debug)]
pub struct RangeWriter {
    bytes: Vec<u8>,
    low: u32,
    range: u32,
}

impl Default for RangeWriter {
    fn default() -> Self {
        Self { bytes: Vec::new(), low: 0, range: u32::MAX }
    }
}

impl RangeWriter {
    /// Empties the writer and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.low = 0;
        self.range = u32::MAX;
    }

    /// Writes a decision that is a yes with the probability `yes`.
    #[inline]
    pub fn write(&mut self, yes: Probability, decision: bool) {
        let split = (self.range >> PROBABILITY_BITS) * u32::from(yes);
        if decision {
            self.range = split;
        } else {
            self.raise(split);
            self.range -= split;
        }
        self.widen();
    }

    /// Writes a number of fixed width, all values being equally likely.
    ///
    /// # Panics
    /// If the value does not fit `bits` bits, or `bits` is over 32.
    pub fn write_raw(&mut self, value: u32, bits: u32) {
        assert!(bits <= 32 && u64::from(value) < 1 << bits, "a raw number fits its width");
        let mut left = bits;
        while left > 0 {
            let piece = left.min(RAW_BITS);
            left -= piece;
            self.range >>= piece;
            self.raise(((value >> left) & ((1 << piece) - 1)) * self.range);
            self.widen();
        }
    }

    /// Ends the message and returns its bytes. Write no more before [`clear`](Self::clear).
    pub fn finish(&mut self) -> &[u8] {
        // Of all numbers in the interval, write the one with the most zero bytes at its end, without these.
        for kept in 0..=WINDOW_BYTES {
            let below = (1u64 << (8 * (WINDOW_BYTES - kept))) - 1;
            let value = (u64::from(self.low) + below) & !below;
            if value < u64::from(self.low) + u64::from(self.range) {
                if value > u64::from(u32::MAX) {
                    self.carry();
                }
                self.bytes.extend_from_slice(&(value as u32).to_be_bytes()[..kept]);
                break;
            }
        }
        &self.bytes
    }

    #[inline]
    fn raise(&mut self, by: u32) {
        let (low, overflow) = self.low.overflowing_add(by);
        self.low = low;
        if overflow {
            self.carry();
        }
    }

    #[cold]
    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    #[inline]
    fn widen(&mut self) {
        while self.range < MIN_RANGE {
            self.bytes.push((self.low >> 24) as u8);
            self.low <<= 8;
            self.range <<= 8;
        }
    }
}

/// Reads what a [`RangeWriter`] wrote.
#[derive(Debug)]
pub struct RangeReader<'a> {
    bytes: &'a [u8],
    /// Bytes taken, and zeros taken after the end.
    taken: usize,
    /// The coded number less the interval's lower bound.
    offset: u32,
    range: u32,
}

impl<'a> RangeReader<'a> {
    /// Reads `bytes` from their first decision.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut window = [0; WINDOW_BYTES];
        let available = bytes.len().min(WINDOW_BYTES);
        window[..available].copy_from_slice(&bytes[..available]);
        Self { bytes, taken: WINDOW_BYTES, offset: u32::from_be_bytes(window), range: u32::MAX }
    }

    /// Reads a decision that is a yes with the probability `yes`.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] beyond the end of the bytes.
    #[inline]
    pub fn read(&mut self, yes: Probability) -> Result<bool, DecodeError> {
        let split = (self.range >> PROBABILITY_BITS) * u32::from(yes);
        let decision = self.offset < split;
        if decision {
            self.range = split;
        } else {
            self.offset -= split;
            self.range -= split;
        }
        self.widen()?;
        Ok(decision)
    }

    /// Reads a number of fixed width, at most 32 bits.
    ///
    /// # Errors
    /// [`DecodeError`] beyond the end of the bytes, or if no writer writes them.
    pub fn read_raw(&mut self, bits: u32) -> Result<u32, DecodeError> {
        let mut value = 0;
        let mut left = bits;
        while left > 0 {
            let piece = left.min(RAW_BITS);
            left -= piece;
            self.range >>= piece;
            let part = self.offset / self.range;
            if part >> piece != 0 {
                return Err(DecodeError::NotCanonical);
            }
            self.offset -= part * self.range;
            self.widen()?;
            value = value << piece | part;
        }
        Ok(value)
    }

    /// Checks that the bytes end where the message does.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBits`] if there are more.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.taken >= self.bytes.len() { Ok(()) } else { Err(DecodeError::TrailingBits) }
    }

    #[inline]
    fn widen(&mut self) -> Result<(), DecodeError> {
        while self.range < MIN_RANGE {
            let byte = match self.bytes.get(self.taken) {
                Some(&byte) => byte,
                // A writer leaves out at most as many bytes as the window has.
                None if self.taken < self.bytes.len() + WINDOW_BYTES => 0,
                None => return Err(DecodeError::Truncated),
            };
            self.taken += 1;
            self.offset = self.offset << 8 | u32::from(byte);
            self.range <<= 8;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Symbol {
        Decision(u16, bool),
        Raw(u32, u32),
    }

    fn symbol() -> impl Strategy<Value = Symbol> {
        prop_oneof![
            (prop_oneof![1u16..=65535, Just(1), Just(65535)], any::<bool>())
                .prop_map(|(yes, decision)| Symbol::Decision(yes, decision)),
            (any::<u32>(), 0u32..=32)
                .prop_map(|(value, bits)| Symbol::Raw((u64::from(value) & ((1 << bits) - 1)) as u32, bits)),
        ]
    }

    fn write(symbols: &[Symbol]) -> Vec<u8> {
        let mut writer = RangeWriter::default();
        for symbol in symbols {
            match *symbol {
                Symbol::Decision(yes, decision) => writer.write(yes, decision),
                Symbol::Raw(value, bits) => writer.write_raw(value, bits),
            }
        }
        writer.finish().to_vec()
    }

    fn read(symbols: &[Symbol], bytes: &[u8]) -> Result<bool, DecodeError> {
        let mut reader = RangeReader::new(bytes);
        let mut same = true;
        for symbol in symbols {
            same &= match *symbol {
                Symbol::Decision(yes, decision) => reader.read(yes)? == decision,
                Symbol::Raw(value, bits) => reader.read_raw(bits)? == value,
            };
        }
        reader.finish()?;
        Ok(same)
    }

    #[test]
    fn a_likely_decision_costs_next_to_nothing() {
        let mut writer = RangeWriter::default();
        for _ in 0..1000 {
            writer.write(65535, true);
        }
        assert_eq!(writer.finish().len(), 0, "1,000 decisions at 0.00002 bits each");
        writer.clear();
        writer.write(1, true);
        assert_eq!(writer.finish().len(), 2, "16 bits");
    }

    proptest! {
        #[test]
        fn reads_back_what_was_written(symbols in prop::collection::vec(symbol(), 0..300)) {
            prop_assert_eq!(read(&symbols, &write(&symbols)), Ok(true));
        }

        #[test]
        fn bytes_after_the_end_are_refused(symbols in prop::collection::vec(symbol(), 0..50), more in 5usize..9) {
            let mut bytes = write(&symbols);
            bytes.extend(std::iter::repeat_n(0, more));
            prop_assert_eq!(read(&symbols, &bytes), Err(DecodeError::TrailingBits));
        }

        #[test]
        fn any_bytes_can_be_read(
            symbols in prop::collection::vec(symbol(), 0..300),
            bytes in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            // An error or another message, but no panic.
            let _ = read(&symbols, &bytes);
        }
    }
}
