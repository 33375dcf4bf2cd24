/** Writers of decisions and symbols, which the server has and the client does not. */

import { EXPONENTS, MODELLED_CHOICE_BITS, SIGNS } from "../../src/codec/contexts.js";
import { Priors, learned, yesOf } from "../../src/codec/priors.js";

/** Writes decisions, as shared/src/codec/range_coder.rs. */
export class RangeWriter {
  /** @type {number[]} */
  #bytes = [];
  /** The low end of the interval, four bytes wide. A carry out of it is added to the bytes before at once. */
  #low = 0;
  #range = 0xffff_ffff;

  /**
   * @param {number} yes
   * @param {number} decision
   */
  write(yes, decision) {
    const split = Math.floor(this.#range / 65_536) * yes;
    if (decision === 1) {
      this.#range = split;
    } else {
      this.#add(split);
      this.#range -= split;
    }
    this.#widen();
  }

  /**
   * @param {number} value
   * @param {number} bits
   */
  writeRaw(value, bits) {
    for (let left = bits; left > 0; ) {
      const piece = Math.min(left, 8);
      left -= piece;
      this.#range >>>= piece;
      this.#add((Math.floor(value / 2 ** left) % 2 ** piece) * this.#range);
      this.#widen();
    }
  }

  /**
   * A number in groups of three bits, as shared/src/codec/priors.rs.
   *
   * @param {number} value
   */
  writeGap(value) {
    let left = value;
    for (; left > 7; left = Math.floor(left / 8) - 1) {
      this.writeRaw(8 | (left & 7), 4);
    }
    this.writeRaw(left, 4);
  }

  /** All bytes, including zeros at the end. */
  finish() {
    return Uint8Array.of(...this.#bytes, this.#low >>> 24, this.#low >>> 16, this.#low >>> 8, this.#low);
  }

  /** @param {number} part */
  #add(part) {
    this.#low += part;
    if (this.#low > 0xffff_ffff) {
      this.#low -= 2 ** 32;
      let at = this.#bytes.length - 1;
      for (; this.#bytes[at] === 0xff; at--) {
        this.#bytes[at] = 0;
      }
      this.#bytes[at]++;
    }
  }

  #widen() {
    while (this.#range < 2 ** 24) {
      this.#bytes.push(this.#low >>> 24);
      this.#low = (this.#low << 8) >>> 0;
      this.#range *= 256;
    }
  }
}

/** Writes symbols. Every context starts at its prior. */
export class SymbolWriter {
  coder = new RangeWriter();
  #states;

  /** @param {Priors} priors */
  constructor(priors) {
    this.#states = priors.states.slice();
  }

  /**
   * @param {number} context
   * @param {number} decision
   */
  flag(context, decision) {
    this.coder.write(yesOf(this.#states[context]), decision);
    this.#states[context] = learned(this.#states[context], decision);
  }

  /**
   * @param {number} first
   * @param {number} value
   */
  count(first, value) {
    const exponent = 31 - Math.clz32(value + 1);
    this.exponent(first, exponent);
    this.coder.writeRaw((value + 1) % 2 ** exponent, exponent);
  }

  /**
   * @param {number} first
   * @param {number} bits
   * @param {number} choice
   */
  choice(first, bits, choice) {
    if (bits > MODELLED_CHOICE_BITS) {
      this.coder.writeRaw(choice, bits);
      return;
    }
    for (let left = bits, node = 1; left > 0; left--) {
      const bit = (choice >>> (left - 1)) & 1;
      this.flag(first + node - 1, bit);
      node = (node << 1) | bit;
    }
  }

  /**
   * @param {number} set
   * @param {number} shared
   * @param {number} before
   * @param {number} number
   */
  number(set, shared, before, number) {
    this.flag(shared + before, number < 0 ? 1 : 0);
    const magnitude = Math.abs(number);
    const exponent = 31 - Math.clz32(magnitude);
    this.exponent(set + 1, exponent);
    const bit = (/** @type {number} */ place) => (magnitude >>> (exponent - place)) & 1;
    const second = shared + SIGNS + Math.min(exponent, EXPONENTS) - 1;
    if (exponent >= 1) {
      this.flag(second, bit(1));
    }
    if (exponent >= 2) {
      this.flag(second + EXPONENTS * (1 + bit(1)), bit(2));
      this.coder.writeRaw(magnitude % 2 ** (exponent - 2), exponent - 2);
    }
  }

  /**
   * @param {number} first
   * @param {number} exponent
   */
  exponent(first, exponent) {
    for (let step = 0; step < exponent; step++) {
      this.flag(first + Math.min(step, EXPONENTS - 1), 1);
    }
    if (exponent < 31) {
      this.flag(first + Math.min(exponent, EXPONENTS - 1), 0);
    }
  }
}
