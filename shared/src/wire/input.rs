//! The input message: a player's input for one tick.
//!
//! ```text
//! byte 0     kind: KIND_INPUT
//! bytes 1-2  the input's number, low 16 bits, little-endian
//! bytes 3-4  the acked tick: that of the last snapshot received, low 16 bits, little-endian
//! byte 5     lead: the tick that the input is for, less the acked tick, signed
//! byte 6     view: how far the world on the player's screen lay behind the acked tick, in eighths of a tick
//! bytes 7…   the input struct's row, in bits: for each column a flag "not as in the neutral row", and then which of the
//!            other values it has
//! ```
//!
//! The receiver knows both counters roughly, so 16 bits of each are enough.

use crate::error::DecodeError;
use crate::layout::InputLayout;
use crate::wire::bits::{BitReader, BitWriter};

/// The first byte of an input.
pub const KIND_INPUT: u8 = 1;

const HEADER_BYTES: usize = 7;

/// Units of [`InputHeader::view_eighths`] in a tick.
pub const VIEW_EIGHTHS: u32 = 8;

/// An input's numbers, without its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputHeader {
    /// The number of the input; a player's inputs count from 1.
    pub number: u32,
    /// The tick of the last snapshot that the client had received.
    pub acked_tick: u32,
    /// The tick that the input is for.
    pub tick: u32,
    /// How far the world on the player's screen lay behind the acked tick, in eighths of a tick; 255 if it was more.
    pub view_eighths: u8,
}

/// Writes an input message into `out`, which is emptied first.
///
/// # Panics
/// If a column of the row is above its maximum.
pub fn write_input(layout: &InputLayout, header: InputHeader, row: &[u32], out: &mut Vec<u8>) {
    let lead = i64::from(header.tick) - i64::from(header.acked_tick);
    out.clear();
    out.push(KIND_INPUT);
    out.extend_from_slice(&(header.number as u16).to_le_bytes());
    out.extend_from_slice(&(header.acked_tick as u16).to_le_bytes());
    out.push(lead.clamp(-128, 127) as i8 as u8);
    out.push(header.view_eighths);
    let mut bits = BitWriter::after(std::mem::take(out));
    for ((column, &neutral), &value) in layout.row.columns.iter().zip(&layout.neutral).zip(row) {
        assert!(value <= column.max, "a quantized value is within its column's range");
        bits.write(u32::from(value != neutral), 1);
        if value != neutral {
            bits.write(column.choice_of(neutral, value), column.choice_bits());
        }
    }
    *out = bits.finish();
}

/// The bytes of an input message that hold its row; empty if there are none. Equal rows have equal bytes.
#[must_use]
pub fn row_bytes(message: &[u8]) -> &[u8] {
    message.get(HEADER_BYTES..).unwrap_or_default()
}

/// Reads an input message into `row`. `last_number` is the newest number received from this client, and `now` is the room's tick.
/// The 16-bit counters stand for the values nearest to these; an acked tick is never after `now`.
///
/// # Errors
/// [`DecodeError`] if the message is not a whole, valid input.
pub fn read_input(
    layout: &InputLayout,
    message: &[u8],
    last_number: u32,
    now: u32,
    row: &mut [u32],
) -> Result<InputHeader, DecodeError> {
    let Some((header, rest)) = message.split_first_chunk::<HEADER_BYTES>() else {
        return Err(DecodeError::Truncated);
    };
    let &[kind, number_low, number_high, acked_low, acked_high, lead, view_eighths] = header;
    if kind != KIND_INPUT {
        return Err(DecodeError::UnknownKind(kind));
    }
    let number_16 = u16::from_le_bytes([number_low, number_high]);
    let step = number_16.wrapping_sub(last_number as u16) as i16;
    let acked_16 = u16::from_le_bytes([acked_low, acked_high]);
    let behind = (now as u16).wrapping_sub(acked_16);
    let acked_tick = now.saturating_sub(u32::from(behind));
    let header = InputHeader {
        number: last_number.saturating_add_signed(i32::from(step)),
        acked_tick,
        tick: acked_tick.saturating_add_signed(i32::from(lead as i8)),
        view_eighths,
    };
    let mut bits = BitReader::new(rest);
    for ((column, &neutral), value) in layout.row.columns.iter().zip(&layout.neutral).zip(row) {
        *value = neutral;
        if bits.read(1)? == 1 {
            let choice = bits.read(column.choice_bits())?;
            *value = column.chosen(neutral, choice).ok_or(DecodeError::ValueOutOfRange)?;
        }
    }
    if bits.at_end() { Ok(header) } else { Err(DecodeError::TrailingBits) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantize::Range;
    use crate::schema::{Field, FieldKind, InputSchema, Predict};
    use proptest::prelude::*;

    fn layout() -> InputLayout {
        let axis = Range::new(-1.0, 1.0, 0.125);
        let fields = vec![
            Field::new("thrust", FieldKind::Vec2([axis, axis]), Predict::Last),
            Field::new("fire", FieldKind::Bool, Predict::Last),
        ];
        InputLayout::new(&InputSchema { fields: fields.into(), neutral: vec![8, 8, 0] }).unwrap()
    }

    #[test]
    fn a_neutral_input_takes_a_bit_for_each_column() {
        let layout = layout();
        let header = InputHeader { number: 1, acked_tick: 1, tick: 1, view_eighths: 0 };
        let mut message = Vec::new();
        write_input(&layout, header, &layout.neutral, &mut message);
        assert_eq!(row_bytes(&message), [0]);
    }

    proptest! {
        #[test]
        fn inputs_round_trip_from_any_point(
            number in 1u32..1_000_000, seen in 1i32..1000, now in 0u32..1_000_000, lag in 0u32..30_000, lead in any::<i8>(),
            view_eighths in any::<u8>(),
            row in prop::array::uniform2(0u32..=16),
        ) {
            let acked_tick = now.saturating_sub(lag);
            let tick = acked_tick.saturating_add_signed(i32::from(lead));
            let header = InputHeader { number, acked_tick, tick, view_eighths };
            let row = [row[0], row[1], number & 1];
            let mut message = Vec::new();
            write_input(&layout(), header, &row, &mut message);
            let mut back = [9; 3];
            let last_number = number.saturating_add_signed(-seen);
            prop_assert_eq!(read_input(&layout(), &message, last_number, now, &mut back), Ok(header));
            prop_assert_eq!(back, row);
        }

        #[test]
        fn any_bytes_are_refused_or_in_range(message in prop::collection::vec(any::<u8>(), 0..40), fix in any::<bool>()) {
            let mut message = message;
            if fix && !message.is_empty() {
                message[0] = KIND_INPUT;
            }
            let mut row = [0; 3];
            if read_input(&layout(), &message, 7, 100, &mut row).is_ok() {
                prop_assert!(row[0] <= 16 && row[1] <= 16 && row[2] <= 1);
            }
        }
    }
}
