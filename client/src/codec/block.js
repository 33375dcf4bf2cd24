/**
 * A block: one area's part of a snapshot, range-coded. A decision "hash follows", the hash of the frame, then the delta.
 *
 * Every block starts from the priors, so that the server encodes it once, and every client that sees the area can read it,
 * whatever other areas the client sees.
 */

/** @import { Baseline } from "./delta.js" */
/** @import { Frame } from "./frame.js" */
/** @import { Layout } from "./layout.js" */

import { RangeReader } from "../wire/range-coder.js";
import { DeltaReader } from "./delta.js";
import { Priors } from "./priors.js";
import { SymbolReader } from "./symbols.js";

/** The probability that a hash follows, in 1/65536. One follows about once a second. */
export const HASH_PROBABILITY = 2048;

/** Decodes blocks. It holds the priors, and memory that is used again for each block. */
export class BlockReader {
  #coder = new RangeReader();
  #priors;
  #symbols;
  #delta;

  /** @param {Layout} layout */
  constructor(layout) {
    this.#priors = new Priors(layout.defaultPriors);
    this.#symbols = new SymbolReader(this.#coder, this.#priors, contextRuns(layout));
    this.#delta = new DeltaReader(layout);
  }

  /**
   * Applies a snapshot's change of the priors.
   *
   * @param {boolean} keyframe true if the change starts from the defaults
   * @param {Uint8Array | undefined} change
   */
  readPriors(keyframe, change) {
    if (keyframe) {
      this.#priors.clear();
    }
    if (change !== undefined) {
      this.#coder.start(change);
      this.#priors.read(this.#coder);
      this.#coder.finish();
    }
  }

  /**
   * Decodes an area into `frame`, whose tick is set. After an error the content of `frame` is undefined.
   *
   * @param {Uint8Array} bytes empty if the area is exactly as predicted
   * @param {number} areaClass
   * @param {Baseline} baseline
   * @param {number} columnsLeft columns that the frame may have
   * @param {Frame} frame
   * @returns {number | undefined} the server's hash of the frame, if the block has one
   */
  read(bytes, areaClass, baseline, columnsLeft, frame) {
    if (bytes.length === 0) {
      this.#delta.read(areaClass, baseline, columnsLeft, undefined, frame);
      return undefined;
    }
    this.#coder.start(bytes);
    const hash = this.#coder.read(HASH_PROBABILITY) === 1 ? this.#coder.readRaw(32) : undefined;
    this.#symbols.start(areaClass);
    this.#delta.read(areaClass, baseline, columnsLeft, this.#symbols, frame);
    this.#coder.finish();
    return hash;
  }
}

/**
 * The runs of contexts of each area class. A block resets only those of its class, so that a small area of a large world costs
 * little.
 *
 * @param {Layout} layout
 * @returns {[first: number, end: number][][]}
 */
function contextRuns({ parts, classes }) {
  return classes.map((indexes) => {
    /** @type {[number, number][]} */
    const runs = [];
    for (const index of indexes) {
      const { population: first, end } = parts[index].contexts;
      const last = runs.at(-1);
      if (last?.[1] === first) {
        last[1] = end;
      } else {
        runs.push([first, end]);
      }
    }
    return runs;
  });
}
