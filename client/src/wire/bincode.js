/**
 * The encoding of control messages: bincode 2 with its `standard` configuration.
 *
 * An unsigned integer up to 250 is one byte; larger ones are a byte 251, 252 or 253 and then two, four or eight bytes, the lowest
 * first. A signed integer is zigzagged first. A string or list starts with its length, an enum with the index of its variant; a
 * struct, tuple or array is its parts, one after another.
 */

import { DecodeError } from "../base/errors.js";

const TWO_BYTES = 251;
const FOUR_BYTES = 252;
const EIGHT_BYTES = 253;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads values one after another. Every method throws a DecodeError if the bytes are not valid. */
export class BincodeReader {
  #bytes;
  #view;
  #position = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A `u8`: always one byte. */
  u8() {
    return this.#bytes[this.#advance(1)];
  }

  /** A `u16`. */
  u16() {
    return this.#varint(TWO_BYTES);
  }

  /** A `u32`. */
  u32() {
    return this.#varint(FOUR_BYTES);
  }

  /** A `u64`. */
  u64() {
    if (this.#bytes[this.#position] !== EIGHT_BYTES) {
      return BigInt(this.u32());
    }
    this.#advance(1);
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  /** An `i16`. */
  i16() {
    return unzigzag(this.u16());
  }

  /** An `i32`. */
  i32() {
    return unzigzag(this.u32());
  }

  /** An `i64`. */
  i64() {
    const zigzag = this.u64();
    return (zigzag >> 1n) ^ -(zigzag & 1n);
  }

  /** An `f32`. */
  f32() {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  /** An `f64`. */
  f64() {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /** A `bool`. */
  bool() {
    const byte = this.u8();
    if (byte > 1) {
      throw new DecodeError("malformed", "a bool is neither 0 nor 1");
    }
    return byte === 1;
  }

  /** A `String`. */
  string() {
    const length = this.#length();
    const start = this.#advance(length);
    try {
      return utf8.decode(this.#bytes.subarray(start, start + length));
    } catch {
      throw new DecodeError("malformed", "a string is not UTF-8");
    }
  }

  /** A length, then so many bytes. Returns a copy of them. */
  blob() {
    return this.bytes(this.#length()).slice();
  }

  /**
   * A byte array of a fixed length.
   *
   * @param {number} length
   */
  bytes(length) {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /**
   * A `Vec`.
   *
   * @template T
   * @param {(reader: BincodeReader) => T} element reads one element
   * @returns {T[]}
   */
  list(element) {
    const list = [];
    for (let left = this.#length(); left > 0; left--) {
      list.push(element(this));
    }
    return list;
  }

  /** The bytes that have not been read. */
  rest() {
    return this.#bytes.subarray(this.#position);
  }

  /** Checks that all bytes have been read. */
  finish() {
    if (this.#position !== this.#bytes.length) {
      throw new DecodeError("trailing_bits");
    }
  }

  /** The length of a list or string. Every element takes at least a byte, so the bytes left bound what a false length can do. */
  #length() {
    const length = this.u64();
    if (length > this.#bytes.length - this.#position) {
      throw new DecodeError("truncated");
    }
    return Number(length);
  }

  /** @param {number} widest the marker of the widest form that the type allows */
  #varint(widest) {
    const first = this.u8();
    if (first < TWO_BYTES) {
      return first;
    }
    if (first > widest) {
      throw new DecodeError("number_too_long");
    }
    return first === TWO_BYTES
      ? this.#view.getUint16(this.#advance(2), true)
      : this.#view.getUint32(this.#advance(4), true);
  }

  /**
   * Moves past some bytes and returns where they start.
   *
   * @param {number} bytes
   */
  #advance(bytes) {
    const start = this.#position;
    if (start + bytes > this.#bytes.length) {
      throw new DecodeError("truncated");
    }
    this.#position += bytes;
    return start;
  }
}

/** @param {number} zigzag */
function unzigzag(zigzag) {
  return (zigzag >>> 1) ^ -(zigzag & 1);
}

/** Writes values one after another. */
export class BincodeWriter {
  /** @type {number[]} */
  #bytes = [];

  /** The bytes written so far. */
  get bytes() {
    return Uint8Array.from(this.#bytes);
  }

  /** A `u8`. @param {number} value */
  u8(value) {
    this.#bytes.push(value);
  }

  /** A `u32`, or the index of a variant. @param {number} value */
  u32(value) {
    this.#bytes.push(...encodeU32(value));
  }

  /** A `u64`. Narrower integers have the same encoding. @param {bigint} value */
  u64(value) {
    if (value <= 0xffff_ffffn) {
      this.u32(Number(value));
    } else {
      this.#bytes.push(EIGHT_BYTES);
      for (let shift = 0n; shift < 64n; shift += 8n) {
        this.#bytes.push(Number((value >> shift) & 0xffn));
      }
    }
  }

  /** An `f32`. @param {number} value */
  f32(value) {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value, true);
    this.#append(new Uint8Array(view.buffer));
  }

  /** An `f64`. @param {number} value */
  f64(value) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    this.#append(new Uint8Array(view.buffer));
  }

  /** A `String`. @param {string} text */
  string(text) {
    this.blob(new TextEncoder().encode(text));
  }

  /** A length, then so many bytes. @param {Uint8Array} bytes */
  blob(bytes) {
    this.length(bytes.length);
    this.#append(bytes);
  }

  /** The length of a list. @param {number} length */
  length(length) {
    this.u32(length);
  }

  /** @param {Uint8Array} bytes */
  #append(bytes) {
    for (const byte of bytes) {
      this.#bytes.push(byte);
    }
  }
}

/**
 * The bytes of a `u32`.
 *
 * @param {number} value
 * @returns {number[]}
 */
export function encodeU32(value) {
  if (value < TWO_BYTES) {
    return [value];
  }
  if (value < 0x1_0000) {
    return [TWO_BYTES, value & 0xff, value >>> 8];
  }
  return [FOUR_BYTES, value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}
