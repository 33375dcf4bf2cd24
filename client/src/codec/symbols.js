/**
 * The symbols of a delta (flags, counts, choices and numbers), read as decisions of the range coder.
 *
 * The delta codec decides which symbol comes next, and in which context; only this file knows its encoding. Numbers are
 * Exp-Golomb codes (Teuhola, 1978) whose decisions adapt: the exponent, then the bits below it.
 */

/** @import { RangeReader } from "../wire/range-coder.js" */
/** @import { Priors } from "./priors.js" */

import { EXPONENTS, MODELLED_CHOICE_BITS, SIGNS } from "./contexts.js";
import { learned, yesOf } from "./priors.js";

/** The greatest exponent. */
const MAX_EXPONENT = 31;

/** Reads symbols. */
export class SymbolReader {
  #coder;
  /** Each context's state. */
  #states;
  /** For each kind of block the states of its contexts, and their priors, run by run. */
  #kinds;

  /**
   * @param {RangeReader} coder
   * @param {Priors} priors
   * @param {[first: number, end: number][][]} kinds for each kind of block the runs of contexts that it uses
   */
  constructor(coder, priors, kinds) {
    this.#coder = coder;
    this.#states = new Uint32Array(priors.states.length);
    this.#kinds = kinds.map((runs) =>
      runs.map(([first, end]) => ({
        states: this.#states.subarray(first, end),
        priors: priors.states.subarray(first, end),
      })),
    );
  }

  /**
   * Sets every context of a kind of block to its prior.
   *
   * @param {number} kind index in `kinds`
   */
  start(kind) {
    for (const { states, priors } of this.#kinds[kind]) {
      states.set(priors);
    }
  }

  /**
   * Reads a flag: 1 or 0.
   *
   * @param {number} context
   */
  flag(context) {
    const state = this.#states[context];
    const decision = this.#coder.read(yesOf(state));
    this.#states[context] = learned(state, decision);
    return decision;
  }

  /**
   * Reads a number of fixed width.
   *
   * @param {number} bits at most 32
   */
  raw(bits) {
    return this.#coder.readRaw(bits);
  }

  /**
   * Reads a number from 0, mostly small.
   *
   * @param {number} first the first of its contexts
   */
  count(first) {
    const exponent = this.#exponent(first);
    return (((1 << exponent) | this.raw(exponent)) >>> 0) - 1;
  }

  /**
   * Reads a choice among a column's other values.
   *
   * @param {number} first the first of its contexts
   * @param {number} bits that the greatest choice needs
   */
  choice(first, bits) {
    if (bits > MODELLED_CHOICE_BITS) {
      return this.raw(bits);
    }
    let node = 1;
    for (let left = bits; left > 0; left--) {
      node = (node << 1) | this.flag(first + node - 1);
    }
    return node ^ (1 << bits);
  }

  /**
   * Reads a number that is not zero.
   *
   * @param {number} set the context of the flag "zero"; those of the exponent follow
   * @param {number} shared the first of the contexts that the number's sets share
   * @param {number} before the sign of the surprise a tick ago
   * @returns {number} 32 bits, signed
   */
  number(set, shared, before) {
    const negative = this.flag(shared + before);
    const exponent = this.#exponent(set + 1);
    let magnitude = 1;
    if (exponent >= 1) {
      const secondBit = shared + SIGNS + Math.min(exponent, EXPONENTS) - 1;
      const second = this.flag(secondBit);
      magnitude = 2 | second;
      if (exponent >= 2) {
        const third = this.flag(secondBit + EXPONENTS * (1 + second));
        magnitude = (((magnitude << 1) | third) << (exponent - 2)) | this.raw(exponent - 2);
      }
    }
    // 2^31 does not fit a signed integer; it wraps to -2^31, which is the same difference.
    return negative === 1 ? -magnitude | 0 : magnitude;
  }

  /**
   * Reads an exponent: as many ones as it counts, and a zero.
   *
   * @param {number} first
   */
  #exponent(first) {
    let exponent = 0;
    while (exponent < MAX_EXPONENT && this.flag(first + Math.min(exponent, EXPONENTS - 1)) === 1) {
      exponent++;
    }
    return exponent;
  }
}
