/** A bit packer, for inputs: the least significant bit first, aligned to bytes only at the end. */

/** Packs values into bytes. */
export class BitWriter {
  #bytes = new Uint8Array(64);
  #bits = 0;

  /** Empties the writer, but keeps its memory. */
  clear() {
    this.#bytes.fill(0, 0, (this.#bits + 7) >>> 3);
    this.#bits = 0;
  }

  /**
   * Appends the low `bits` bits of `value`.
   *
   * @param {number} value an unsigned integer with no bits above them
   * @param {number} bits at most 32
   */
  write(value, bits) {
    if (bits > 32 || value < 0 || value >= 2 ** bits) {
      throw new RangeError(`${value} does not fit ${bits} bits`);
    }
    this.#reserve((this.#bits + bits + 7) >>> 3);
    for (let written = 0; written < bits; ) {
      const shift = this.#bits & 7;
      const part = Math.min(8 - shift, bits - written);
      // The array cuts off the bits that are shifted above the byte; the next part writes them.
      this.#bytes[this.#bits >>> 3] |= (value >>> written) << shift;
      this.#bits += part;
      written += part;
    }
  }

  /**
   * The bytes written, the last one padded with zero bits. They are valid until {@link clear}.
   *
   * @returns {Uint8Array}
   */
  finish() {
    return this.#bytes.subarray(0, (this.#bits + 7) >>> 3);
  }

  /** @param {number} bytes */
  #reserve(bytes) {
    if (bytes > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(bytes, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
  }
}
