/**
 * A block: one area's message of the range coder. A decision says whether the frame's hash follows; then comes the delta.
 *
 * Every block starts from the priors, so that whoever sees the area can read it, whatever else they see.
 */

/** @import { Baseline } from "./delta.js" */
/** @import { Frame } from "./frame.js" */
/** @import { Layout } from "./layout.js" */

import { RangeReader } from "../wire/range-coder.js";
import { DeltaReader } from "./delta.js";
import { Priors } from "./priors.js";
import { SymbolReader } from "./symbols.js";

/** The probability that a hash follows, in 1/65536: it does about once a second. */
export const HASH_PROBABILITY = 2048;

/** Decodes blocks, and knows the priors; it keeps the scratch memory between them. */
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
   * Takes over what a snapshot says of the priors.
   *
   * @param {boolean} keyframe whether they start afresh
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
   * Reads an area into `frame`, which holds no meaningful state after an error. Its tick is set already.
   *
   * @param {Uint8Array} bytes none if the area is as expected
   * @param {number} areaClass
   * @param {Baseline} baseline
   * @param {number} columnsLeft how many the frame may have
   * @param {Frame} frame
   * @returns {number | undefined} the hash that the frame should have, if the block says so
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
 * The contexts of each area class. A small area of a large world does not pay for all of the world's.
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
