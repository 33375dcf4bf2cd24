/** One area of a mirror: its last three frames, and the one that is being decoded. */

/** @import { Baseline } from "../codec/delta.js" */
/** @import { PartShape } from "../codec/layout.js" */

import { Frame } from "../codec/frame.js";

/** Frames that a delta may be based on. */
const MAX_KNOWN = 3;

/** An area of a client's list. A frame that is decoded into {@link next} becomes {@link frame} with {@link advance}. */
export class Area {
  /** The class, which decides the parts that it has. */
  areaClass;
  /** The newest frame. */
  frame;
  /** The frame that is being decoded. */
  next;
  /** @type {Baseline} The frames that the next frame is a delta from. */
  baseline;
  #older;
  #oldest;
  #empty;
  /** Ticks that a frame may be older than one that is based on it. */
  #maxAgeTicks;
  /** How many of the last three frames the next one may be based on. */
  #known = 0;

  /**
   * @param {number} areaClass
   * @param {PartShape[]} shapes the parts of the class
   * @param {Frame} empty the empty frame of the class
   * @param {number} maxAgeTicks ticks that a frame may be older than one that is based on it
   */
  constructor(areaClass, shapes, empty, maxAgeTicks) {
    this.areaClass = areaClass;
    this.frame = new Frame(shapes);
    this.next = new Frame(shapes);
    this.#older = new Frame(shapes);
    this.#oldest = new Frame(shapes);
    this.#empty = empty;
    this.#maxAgeTicks = maxAgeTicks;
    this.baseline = { frame: empty, older: undefined, oldest: undefined };
  }

  /** Forgets all frames: the area has left the list, and its memory serves another. */
  reset() {
    this.#known = 0;
  }

  /**
   * Chooses the baseline of the next frame, by the same rule as the server: the newest frame, or, if that is too old, the empty
   * one. Older frames show motion, but only if they lie as far apart as the new frame lies ahead.
   *
   * @param {number} tick of the next frame
   * @param {boolean} keyframe true if it is sent whole in any case
   */
  prepare(tick, keyframe) {
    const { frame, baseline, next } = this;
    next.tick = tick;
    /** @param {Frame} known */
    const isKept = (known) => tick - known.tick <= this.#maxAgeTicks;
    const whole = keyframe || this.#known === 0 || !isKept(frame);
    const moving = !whole && this.#known >= 2 && isKept(this.#older) && isInStep(this.#older, frame, next);
    const surprised =
      moving && this.#known >= 3 && isKept(this.#oldest) && isInStep(this.#oldest, this.#older, frame);
    baseline.frame = whole ? this.#empty : frame;
    baseline.older = moving ? this.#older : undefined;
    baseline.oldest = surprised ? this.#oldest : undefined;
  }

  /** Makes the decoded frame the newest one. */
  advance() {
    const whole = this.baseline.frame === this.#empty;
    const { next } = this;
    this.next = this.#oldest;
    this.#oldest = this.#older;
    this.#older = this.frame;
    this.frame = next;
    this.#known = whole ? 1 : Math.min(this.#known + 1, MAX_KNOWN);
  }
}

/**
 * Returns true if three frames lie evenly spaced.
 *
 * @param {Frame} first
 * @param {Frame} second
 * @param {Frame} third
 */
function isInStep(first, second, third) {
  return third.tick - second.tick === second.tick - first.tick;
}
