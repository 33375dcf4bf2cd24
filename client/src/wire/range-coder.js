/**
 * A binary range coder's reader: yes-or-no decisions of any probability, at a fraction of a bit each where they are foreseen.
 *
 * The interval is split as in LZMA's coder (after Martin, 1979). Whoever wrote the bytes left out what zeros at their end would
 * say, so zeros are read there, but only as many as can have been left out.
 */

import { DecodeError } from "../base/errors.js";

/** Bits of a probability. */
const PROBABILITY_BITS = 16;
/** Below this the range is widened by a byte. */
const MIN_RANGE = 2 ** 24;
/** The interval's bounds are so many bytes wide. */
const WINDOW_BYTES = 4;
/** Where the two numbers of the window stand. */
const OFFSET = 0;
const RANGE = 1;
/** Raw bits are coded in pieces of so many: the range is always wide enough for them. */
const RAW_BITS = 8;

/** Reads decisions. One reader serves message after message. */
export class RangeReader {
  /** @type {Uint8Array} */
  #bytes = new Uint8Array(0);
  /** Bytes taken, and zeros taken after the end. */
  #taken = 0;
  /** The number less the interval's lower bound, and the range: in an array they are 32 bits, unsigned, and no doubles. */
  #window = new Uint32Array(2);

  /**
   * Begins with a message.
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
   * A decision.
   *
   * @param {number} yes the probability of a yes in 1/65536, at least 1
   * @returns {number} 1 for a yes, 0 for a no
   */
  read(yes) {
    const window = this.#window;
    const offset = window[OFFSET];
    const range = window[RANGE];
    // Below 2^32, for which the low half of the product is all of it.
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
   * A number of fixed width, all values alike.
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

  /** Checks that the bytes end where the message does. */
  finish() {
    if (this.#taken < this.#bytes.length) {
      throw new DecodeError("trailing_bits");
    }
  }

  #widen() {
    const window = this.#window;
    while (window[RANGE] < MIN_RANGE) {
      if (this.#taken >= this.#bytes.length + WINDOW_BYTES) {
        // No writer leaves out more bytes than the window has.
        throw new DecodeError("truncated");
      }
      const byte = this.#taken < this.#bytes.length ? this.#bytes[this.#taken] : 0;
      this.#taken++;
      window[OFFSET] = (window[OFFSET] << 8) | byte;
      window[RANGE] <<= 8;
    }
  }
}
