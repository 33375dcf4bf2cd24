/**
 * The symbols that deltas are made of, and how each becomes bits. Numbers of no fixed width are Exp-Golomb codes: as many zeros
 * as the number is longer than its order, a one, and the number below its top bit.
 */

import { BitReader, BitWriter } from "./bits.js";
import { DecodeError } from "./errors.js";

/** Low bits that a gap between two indexes or slots always has. */
const GAP_ORDER = 2;
/** Low bits that a difference always has. */
const DIFFERENCE_ORDER = 3;

/** Writes symbols as bits: those that an input needs. */
export class SymbolWriter {
  #bits = new BitWriter();

  /** Empties the writer and keeps its memory. */
  clear() {
    this.#bits.clear();
  }

  /** Pads to a whole byte and returns all bytes. */
  finish() {
    return this.#bits.finish();
  }

  /**
   * A yes or no.
   *
   * @param {boolean} value
   */
  flag(value) {
    this.#bits.write(value ? 1 : 0, 1);
  }

  /**
   * A number of fixed width.
   *
   * @param {number} value
   * @param {number} bits
   */
  raw(value, bits) {
    this.#bits.write(value, bits);
  }
}

/** Reads symbols. */
export class SymbolReader {
  #bits;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bits = new BitReader(bytes);
  }

  /** A yes or no. */
  flag() {
    return this.#bits.read(1) === 1;
  }

  /**
   * A number of fixed width.
   *
   * @param {number} bits
   */
  raw(bits) {
    return this.#bits.read(bits);
  }

  /** A number that is mostly zero. */
  count() {
    return this.#expGolomb(0);
  }

  /** A distance to the next index, slot or generation. */
  gap() {
    return this.#expGolomb(GAP_ORDER);
  }

  /** A signed difference that is not zero. */
  difference() {
    const zigzag = checked(this.#expGolomb(DIFFERENCE_ORDER) + 1);
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  /** Checks that nothing but the padding of the last byte is left. */
  finish() {
    if (!this.#bits.atEnd()) {
      throw new DecodeError("trailing_bits");
    }
  }

  /** @param {number} order */
  #expGolomb(order) {
    let length = order;
    while (!this.flag()) {
      length++;
      if (length > 32) {
        throw new DecodeError("number_too_long");
      }
    }
    // Up to 33 bits: sums of doubles, not shifts.
    return checked(2 ** length + this.#bits.read(length) - 2 ** order);
  }
}

/** @param {number} value */
function checked(value) {
  if (value > 0xffff_ffff) {
    throw new DecodeError("number_too_long");
  }
  return value;
}
