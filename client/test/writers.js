/** What the server does and the client does not: symbols are written, so that tests can say what no server would. */

/** @import { Layout } from "../src/layout.js" */

import { EXPONENTS } from "../src/contexts.js";
import { Priors, learned, yesOf } from "../src/priors.js";

/** A row's history in a keyframe: there is no frame before. */
const HISTORY_UNKNOWN = 9;
/** The head of a keyframe with a hash and without priors. */
const KEYFRAME_WITH_HASH = 0b1_00_10;

/** Writes decisions, as shared/src/range_coder.rs, but with all the bytes at the end. */
export class RangeWriter {
  /** All that has been written, as one number, and how many bits of it lie behind the point. */
  #low = 0n;
  #range = 0xffff_ffffn;
  #widened = 0n;

  /**
   * @param {number} yes
   * @param {number} decision
   */
  write(yes, decision) {
    const split = (this.#range >> 16n) * BigInt(yes);
    if (decision === 1) {
      this.#range = split;
    } else {
      this.#low += split;
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
      this.#range >>= BigInt(piece);
      this.#low += BigInt(Math.floor(value / 2 ** left) % 2 ** piece) * this.#range;
      this.#widen();
    }
  }

  /**
   * A number in groups of three bits, as shared/src/priors.rs.
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

  /** All bytes; of those that zeros would say as well none is left out. */
  finish() {
    const length = Number(this.#widened) + 4;
    return Uint8Array.from(Buffer.from(this.#low.toString(16).padStart(length * 2, "0"), "hex"));
  }

  #widen() {
    while (this.#range < 1n << 24n) {
      this.#low <<= 8n;
      this.#range <<= 8n;
      this.#widened++;
    }
  }
}

/** Writes symbols, every context at its default prior. */
export class SymbolWriter {
  coder = new RangeWriter();
  #states;

  /** @param {Uint8Array} defaults each context's prior */
  constructor(defaults) {
    this.#states = new Priors(defaults).states;
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

/**
 * A keyframe of a world without entities, whose singles are all zeros.
 *
 * @param {Layout} layout
 * @param {number} tick
 * @param {number} hash that it claims to have
 */
export function emptyKeyframe({ tables, defaultPriors }, tick, hash) {
  const symbols = new SymbolWriter(defaultPriors);
  symbols.coder.writeRaw(tick, 32);
  symbols.coder.writeRaw(hash, 32);
  for (const table of tables) {
    symbols.flag(table.single ? table.contexts.row(HISTORY_UNKNOWN, 0) : table.contexts.population, 0);
  }
  return Uint8Array.of(KEYFRAME_WITH_HASH, 0, 0x80, ...symbols.coder.finish());
}
