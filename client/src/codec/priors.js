/**
 * Priors: the probability of each context at the start of every block, and how it adapts to the decisions that are read.
 *
 * Every block starts from the priors, and not from where the last one ended, so that a client that has missed some blocks can
 * read the next one. A room learns its priors from its own traffic, beginning with the defaults (default-priors.js), and sends
 * their changes. They are coarse: one of 63 levels.
 */

/** @import { RangeReader } from "../wire/range-coder.js" */

import { DecodeError } from "../base/errors.js";

/** The prior of a context of which nothing is known: even odds, which adapt quickly. */
const UNKNOWN_PRIOR = 0;
const PRIOR_BITS = 6;

/** The probability of a 1 at each prior, in 1/65536: 1 / (1 + exp((32 - prior) / 4)). */
const PRIOR_PROBABILITIES = Uint16Array.of(
  32768,
  28, 36, 47, 60, 77, 98, 126, 162, 208, 267, 342, 439, 562, 720,
  922, 1179, 1506, 1921, 2446, 3108, 3938, 4971, 6249, 7812, 9702, 11955, 14595, 17625,
  21025, 24743, 28693, 32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565,
  61598, 62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974, 65097, 65194, 65269, 65328, 65374,
  65410, 65438, 65459, 65476, 65489, 65500, 65508,
);

/** Weight of a known prior, in decisions. */
const PRIOR_WEIGHT = 7;
/** Weight above which a probability adapts no more slowly. */
const MAX_WEIGHT = 30;
/** How far a probability moves towards a decision, in 1/65536, by its weight before. */
const RATES = Uint16Array.of(
  43690, 26214, 18724, 14563, 11915, 10082, 8738, 7710, 6898, 6241, 5698, 5242, 4854, 4519,
  4228, 3971, 3744, 3542, 3360, 3196, 3048, 2912, 2788, 2674, 2570, 2473, 2383, 2299,
  2221, 2148, 2080,
);

/** A context's state is the probability of a 1, above so many bits of its weight. */
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
 * The probability of a 1 in a state, in 1/65536.
 *
 * @param {number} state
 */
export function yesOf(state) {
  return state >>> WEIGHT_BITS;
}

/**
 * The state after a decision.
 *
 * @param {number} state
 * @param {number} decision 1 or 0
 */
export function learned(state, decision) {
  const yes = yesOf(state);
  const weight = state & ((1 << WEIGHT_BITS) - 1);
  const rate = RATES[weight];
  // The products are below 2^32, so their low halves, which imul returns, are all of them when shifted without a sign.
  const next = decision === 1 ? yes + (Math.imul(0xffff - yes, rate) >>> 16) : yes - (Math.imul(yes, rate) >>> 16);
  return (next << WEIGHT_BITS) | (weight < MAX_WEIGHT ? weight + 1 : weight);
}

/** The priors of all contexts of a layout. */
export class Priors {
  #defaults;
  /** Each context's state at the start of a block. */
  states;

  /** @param {Uint8Array} defaults the default prior of each context */
  constructor(defaults) {
    this.#defaults = Uint32Array.from(defaults, stateOf);
    this.states = this.#defaults.slice();
  }

  /** Goes back to the defaults. */
  clear() {
    this.states.set(this.#defaults);
  }

  /**
   * Reads a change of the priors: a bit "from the defaults", the number of changes, then for each its context, as a gap from the
   * one before, and its prior.
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
 * Reads a number that is mostly small: groups of three bits, the lowest first, each after a bit that is set if another follows.
 *
 * @param {RangeReader} coder
 */
export function readGap(coder) {
  let value = 0;
  // The value may take 34 bits: add doubles instead of shifting.
  for (let unit = 1; unit < 2 ** 33; unit *= 8) {
    const group = coder.readRaw(4);
    value += (group & 7) * unit;
    if (group < 8) {
      if (value > 0xffff_ffff) {
        break;
      }
      return value;
    }
    // A further group counts for at least one, so that no number has two encodings.
    value += unit * 8;
  }
  throw new DecodeError("number_too_long");
}
