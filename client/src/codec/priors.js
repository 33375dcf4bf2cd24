/**
 * Priors: what a context's probability is at the start of every delta, and how it adapts to what it meets.
 *
 * They begin from the defaults (see defaults.js). A room learns better ones from its own traffic and sends what has changed. They
 * are coarse, one of 63 levels.
 */

/** @import { RangeReader } from "../wire/range-coder.js" */

import { DecodeError } from "../base/errors.js";

/** Nothing is known: even odds, quickly given up. */
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
const PRIOR_WEIGHT = 7;
/** Decisions after which a probability adapts no more slowly. */
const MAX_WEIGHT = 30;
/** How far a probability moves towards what was met, in 1/65536, by the decisions met before. */
const RATES = Uint16Array.of(
  43690, 26214, 18724, 14563, 11915, 10082, 8738, 7710, 6898, 6241, 5698, 5242, 4854, 4519,
  4228, 3971, 3744, 3542, 3360, 3196, 3048, 2912, 2788, 2674, 2570, 2473, 2383, 2299,
  2221, 2148, 2080,
);

/** A context's state is the probability of a yes above so many bits, which are the decisions it counts for. */
const WEIGHT_BITS = 5;

/**
 * The state of a context at a prior.
 *
 * @param {number} prior
 */
function stateOf(prior) {
  return (PRIOR_PROBABILITIES[prior] << WEIGHT_BITS) | (prior === UNKNOWN_PRIOR ? 0 : PRIOR_WEIGHT);
}

/**
 * The probability of a yes in a state, in 1/65536.
 *
 * @param {number} state
 */
export function yesOf(state) {
  return state >>> WEIGHT_BITS;
}

/**
 * The state that has learned what a decision was.
 *
 * @param {number} state
 * @param {number} decision 1 for a yes, 0 for a no
 */
export function learned(state, decision) {
  const yes = yesOf(state);
  const weight = state & ((1 << WEIGHT_BITS) - 1);
  const rate = RATES[weight];
  // The products are below 2^32: shifted without a sign, their low halves are all of them.
  const next = decision === 1 ? yes + (Math.imul(0xffff - yes, rate) >>> 16) : yes - (Math.imul(yes, rate) >>> 16);
  return (next << WEIGHT_BITS) | (weight < MAX_WEIGHT ? weight + 1 : weight);
}

/** The priors of all contexts of a layout. */
export class Priors {
  #defaults;
  /** Each context's state at the start of a delta. */
  states;

  /** @param {Uint8Array} defaults each context's */
  constructor(defaults) {
    this.#defaults = Uint32Array.from(defaults, stateOf);
    this.states = this.#defaults.slice();
  }

  /** Goes back to the defaults. */
  clear() {
    this.states.set(this.#defaults);
  }

  /**
   * Reads a change of the priors: a bit "from the defaults", how many change, then for each its context as a gap, and its prior.
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
      if (context >= this.states.length) {
        throw new DecodeError("no_such_context");
      }
      this.states[context] = stateOf(coder.readRaw(PRIOR_BITS));
      next = context + 1;
    }
  }
}

/**
 * Reads a number that is mostly small: groups of three bits, the lowest first, each after a bit that tells whether another
 * follows.
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
