/**
 * The symbols that deltas are made of, and how each is read as decisions of the range coder.
 *
 * The delta codec says *what* a symbol is and in which context; only this file knows how it is written. Numbers are Exp-Golomb
 * codes (Teuhola, 1978) of decisions that adapt: the exponent, then the bits below it.
 */

/** @import { RangeReader } from "../wire/range-coder.js" */
/** @import { Priors } from "./priors.js" */

import { EXPONENTS, MODELLED_CHOICE_BITS, SIGNS } from "./contexts.js";
import { learned, yesOf } from "./priors.js";

/** Exponents are at most this. */
const MAX_EXPONENT = 31;

/** Reads symbols. */
export class SymbolReader {
  #coder;
  /** Each context's state. */
  #states;
  /** For each kind of message the states of its contexts, run by run, and where they start from. */
  #kinds;

  /**
   * @param {RangeReader} coder
   * @param {Priors} priors
   * @param {[first: number, end: number][][]} kinds for each kind of message the runs of contexts that it uses
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
   * Reads on from where the coder is, every context at its prior.
   *
   * @param {number} kind the message's
   */
  start(kind) {
    for (const { states, priors } of this.#kinds[kind]) {
      states.set(priors);
    }
  }

  /**
   * A yes (1) or no (0).
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
   * A number of fixed width.
   *
   * @param {number} bits at most 32
   */
  raw(bits) {
    return this.#coder.readRaw(bits);
  }

  /**
   * A number from 0, mostly small.
   *
   * @param {number} first the first of its contexts
   */
  count(first) {
    const exponent = this.#exponent(first);
    return (((1 << exponent) | this.raw(exponent)) >>> 0) - 1;
  }

  /**
   * Which of a column's other values it has.
   *
   * @param {number} first the first of its contexts
   * @param {number} bits as many as the greatest choice needs
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
   * A number that is not zero.
   *
   * @param {number} set the context that says so; those of the exponent follow
   * @param {number} shared the first of the contexts that the number's sets share
   * @param {number} before the sign that it had a tick ago
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
    // 2^31 has no positive form; it wraps to itself.
    return negative === 1 ? -magnitude | 0 : magnitude;
  }

  /**
   * As many yeses as the exponent, and a no.
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
