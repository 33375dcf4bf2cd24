/**
 * Priors: what a context's probability is at the start of every delta, and how it adapts to what it meets.
 *
 * A room learns the priors from its own traffic and sends what has changed. They are coarse, one of 63 levels.
 */

/** @import { RangeReader } from "./range-coder.js" */

import { DecodeError } from "./errors.js";

/** Nothing is known yet: even odds, quickly given up. */
const UNKNOWN_PRIOR = 0;
const PRIOR_BITS = 6;

/** The probability of a yes at each prior, in 1/65536: 1 / (1 + exp((32 - prior) / 4)). */
const PRIOR_PROBABILITIES = Uint16Array.of(
  32768,
  28, 36, 47, 60, 77, 98, 126, 162, 208, 267, 342, 439, 562, 720,
  922, 1179, 1506, 1921, 2446, 3108, 3938, 4971, 6249, 7812, 9702, 11955, 14595, 17625,
  21025, 24743, 28693, 32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565,
  61598, 62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974, 65097, 65194, 65269, 65328, 65374,
  65410, 65438, 65459, 65476, 65489, 65500, 65508,
);

/** Decisions that a known prior counts for when it meets the first real one. */
const PRIOR_WEIGHT = 10;
/** Decisions after which a probability adapts no more slowly. */
const MAX_WEIGHT = 30;
/** How far a probability moves towards what was met, in 1/65536, by the decisions met before. */
const RATES = Uint16Array.of(
  43690, 26214, 18724, 14563, 11915, 10082, 8738, 7710, 6898, 6241, 5698, 5242, 4854, 4519,
  4228, 3971, 3744, 3542, 3360, 3196, 3048, 2912, 2788, 2674, 2570, 2473, 2383, 2299,
  2221, 2148, 2080,
);

/** The contexts' probabilities while a delta is read. */
export class States {
  /** The probability of a yes in each context, in 1/65536. */
  yes;
  /** Decisions that each counts for, up to {@link MAX_WEIGHT}. */
  #weights;

  /** @param {number} contexts */
  constructor(contexts) {
    this.yes = new Uint16Array(contexts);
    this.#weights = new Uint8Array(contexts);
    this.clear();
  }

  /** Every context is unknown. */
  clear() {
    this.yes.fill(PRIOR_PROBABILITIES[UNKNOWN_PRIOR]);
    this.#weights.fill(0);
  }

  /**
   * Takes over other states of the same contexts.
   *
   * @param {States} other
   */
  copyFrom(other) {
    this.yes.set(other.yes);
    this.#weights.set(other.#weights);
  }

  /**
   * Begins a context at a prior.
   *
   * @param {number} context
   * @param {number} prior
   */
  set(context, prior) {
    this.yes[context] = PRIOR_PROBABILITIES[prior];
    this.#weights[context] = prior === UNKNOWN_PRIOR ? 0 : PRIOR_WEIGHT;
  }

  /**
   * Learns what a context's decision was.
   *
   * @param {number} context
   * @param {number} decision 1 for a yes, 0 for a no
   */
  learn(context, decision) {
    const yes = this.yes[context];
    const weight = this.#weights[context];
    const rate = RATES[weight];
    // The products are below 2^32: shifted without a sign, their low halves are all of them.
    if (decision === 1) {
      this.yes[context] = yes + (Math.imul(0xffff - yes, rate) >>> 16);
    } else {
      this.yes[context] = yes - (Math.imul(yes, rate) >>> 16);
    }
    if (weight < MAX_WEIGHT) {
      this.#weights[context] = weight + 1;
    }
  }
}

/** The priors of all contexts of a layout. */
export class Priors {
  /** Each context at the start of a delta. */
  states;
  #contexts;

  /** @param {number} contexts */
  constructor(contexts) {
    this.states = new States(contexts);
    this.#contexts = contexts;
  }

  /** Forgets all. */
  clear() {
    this.states.clear();
  }

  /**
   * Reads a change of the priors: a bit "from unknown ones", how many change, then for each its context as a gap, and its prior.
   *
   * @param {RangeReader} coder
   */
  read(coder) {
    if (coder.readRaw(1) === 1) {
      this.clear();
    }
    let next = 0;
    for (let left = readGap(coder); left > 0; left--) {
      const context = next + readGap(coder);
      if (context >= this.#contexts) {
        throw new DecodeError("no_such_context");
      }
      this.states.set(context, coder.readRaw(PRIOR_BITS));
      next = context + 1;
    }
  }
}

/**
 * Reads a number that is mostly small: groups of three bits, the lowest first, each after a bit that tells whether another follows.
 *
 * @param {RangeReader} coder
 */
export function readGap(coder) {
  let value = 0;
  // Up to 34 bits: sums of doubles, not shifts.
  for (let unit = 1; unit < 2 ** 33; unit *= 8) {
    const group = coder.readRaw(4);
    value += (group & 7) * unit;
    if (group < 8) {
      if (value > 0xffff_ffff) {
        break;
      }
      return value;
    }
    // A further group stands for at least one: no number has two forms.
    value += unit * 8;
  }
  throw new DecodeError("number_too_long");
}
