/**
 * The reader of a binary range coder: binary decisions of any probability. A likely decision costs a fraction of a bit.
 *
 * The interval is split as in LZMA's coder (after Martin, 1979). The writer leaves out zero bytes at the end of a message, so the
 * reader reads zeros there, but only as many as a writer can leave out.
 */

import { DecodeError } from "../base/errors.js";

/** Bits of a probability. */
const PROBABILITY_BITS = 16;
/** The range is widened by a byte when it falls below this. */
const MIN_RANGE = 2 ** 24;
/** Width of the interval's bounds, in bytes. */
const WINDOW_BYTES = 4;
/** Indexes of the two numbers of the window. */
const OFFSET = 0;
const RANGE = 1;
/** Raw bits are coded in pieces of at most so many bits: the range is always wide enough for that. */
const RAW_BITS = 8;

/** Reads decisions. One reader serves many messages, one after another. */
export class RangeReader {
  /** @type {Uint8Array} */
  #bytes = new Uint8Array(0);
  /** Bytes taken, including the zeros after the end. */
  #taken = 0;
  /** The code value less the interval's lower bound, and the range. A typed array keeps them unsigned 32-bit integers. */
  #window = new Uint32Array(2);

  /**
   * Starts a message.
   *
   * @param {Uint8Array} bytes
   */
  start(bytes) {
    this.#bytes = bytes;
    this.#taken = WINDOW_BYTES;
    let offset = 0;
    for (let index = 0; index < WINDOW_BYTES; index++) {
      offset = (offset << 8) | (index < bytes.length ? bytes[index] : 0);
    }
    this.#window[OFFSET] = offset;
    this.#window[RANGE] = 0xffff_ffff;
  }

  /**
   * Reads a decision.
   *
   * @param {number} yes the probability of a 1, in 1/65536; at least 1
   * @returns {number} 1 or 0
   */
  read(yes) {
    const window = this.#window;
    const offset = window[OFFSET];
    const range = window[RANGE];
    // The product is below 2^32, so its low half, which imul returns, is all of it.
    const split = Math.imul(range >>> PROBABILITY_BITS, yes) >>> 0;
    if (offset < split) {
      window[RANGE] = split;
      if (split < MIN_RANGE) {
        this.#widen();
      }
      return 1;
    }
    window[OFFSET] = offset - split;
    window[RANGE] = range - split;
    if (range - split < MIN_RANGE) {
      this.#widen();
    }
    return 0;
  }

  /**
   * Reads a number of fixed width, whose values are all equally likely.
   *
   * @param {number} bits at most 32
   * @returns {number} unsigned
   */
  readRaw(bits) {
    const window = this.#window;
    let value = 0;
    for (let left = bits; left > 0; ) {
      const piece = Math.min(left, RAW_BITS);
      left -= piece;
      const range = window[RANGE] >>> piece;
      const part = (window[OFFSET] / range) >>> 0;
      if (part >>> piece !== 0) {
        // The division left a rest that no writer produces.
        throw new DecodeError("not_canonical");
      }
      window[OFFSET] -= part * range;
      window[RANGE] = range;
      if (range < MIN_RANGE) {
        this.#widen();
      }
      value = (value << piece) | part;
    }
    return value >>> 0;
  }

  /** Checks that the message has no bytes after its end. */
  finish() {
    if (this.#taken < this.#bytes.length) {
      throw new DecodeError("trailing_bits");
    }
  }

  #widen() {
    const window = this.#window;
    while (window[RANGE] < MIN_RANGE) {
      if (this.#taken >= this.#bytes.length + WINDOW_BYTES) {
        // A writer leaves out at most as many bytes as the window has.
        throw new DecodeError("truncated");
      }
      const byte = this.#taken < this.#bytes.length ? this.#bytes[this.#taken] : 0;
      this.#taken++;
      window[OFFSET] = (window[OFFSET] << 8) | byte;
      window[RANGE] <<= 8;
    }
  }
}
