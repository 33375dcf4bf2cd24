/** A reader of plain bytes, for the headers of snapshots and fragments. */

import { DecodeError } from "../base/errors.js";

/** Reads numbers, bit maps and runs of bytes. */
export class ByteReader {
  #bytes;
  #position = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  /** The number of bytes that are left. */
  get left() {
    return this.#bytes.length - this.#position;
  }

  /** One byte. */
  u8() {
    return this.#bytes[this.#advance(1)];
  }

  /** Four bytes, the lowest first. */
  u32() {
    const at = this.#advance(4);
    const [low, second, third, high] = this.#bytes.subarray(at, at + 4);
    return (low | (second << 8) | (third << 16) | (high << 24)) >>> 0;
  }

  /** A number of at most 32 bits in at most five bytes: seven bits a byte, the lowest first; the eighth is set if more follow. */
  varint() {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    const high = this.u8();
    if (high > 0x0f) {
      throw new DecodeError("number_too_long");
    }
    return (value | (high << 28)) >>> 0;
  }

  /**
   * A bit map, the first bit in the lowest bit of the first byte. The last byte is padded with zeros.
   *
   * @param {number} length in bits
   * @returns {number[]} each 0 or 1
   */
  map(length) {
    const bytes = this.take(Math.ceil(length / 8));
    if (length % 8 !== 0 && bytes[bytes.length - 1] >>> (length % 8) !== 0) {
      throw new DecodeError("bad_snapshot", "a map is padded with ones");
    }
    const bits = [];
    for (let index = 0; index < length; index++) {
      bits.push((bytes[index >>> 3] >>> (index & 7)) & 1);
    }
    return bits;
  }

  /**
   * The next bytes.
   *
   * @param {number} length
   */
  take(length) {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /**
   * Moves past some bytes and returns where they start.
   *
   * @param {number} length
   */
  #advance(length) {
    const start = this.#position;
    if (length > this.left) {
      throw new DecodeError("truncated");
    }
    this.#position += length;
    return start;
  }
}
