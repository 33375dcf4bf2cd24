/** One area of a mirror: its last three frames, and the next one in the making. */

/** @import { Baseline } from "../codec/delta.js" */
/** @import { PartShape } from "../codec/layout.js" */

import { Frame } from "../codec/frame.js";

/** Frames that a delta may be taken from. */
const MAX_KNOWN = 3;
/** Ticks that a frame may lie back for that. */
const MAX_AGE_TICKS = 31;

/** An area of a client's list. What it is told becomes its frame only with {@link advance}. */
export class Area {
  /** What kinds of rows it has. */
  areaClass;
  /** The area as it was last told. */
  frame;
  /** Where it is told next. */
  next;
  /** @type {Baseline} What the next frame is told against. */
  baseline;
  #older;
  #oldest;
  #empty;
  /** How many of its frames it can be told against. */
  #known = 0;

  /**
   * @param {number} areaClass
   * @param {PartShape[]} shapes of the class's parts
   * @param {Frame} empty the empty frame of the class
   */
  constructor(areaClass, shapes, empty) {
    this.areaClass = areaClass;
    this.frame = new Frame(shapes);
    this.next = new Frame(shapes);
    this.#older = new Frame(shapes);
    this.#oldest = new Frame(shapes);
    this.#empty = empty;
    this.baseline = { frame: empty, older: undefined, oldest: undefined };
  }

  /** Becomes an area that has never been told. */
  forget() {
    this.#known = 0;
  }

  /**
   * Gets ready to be told what it is like at a tick, by its last frame or, if that is too old, from nothing. Earlier frames show
   * how it moves, if they lie as far apart as the new one lies ahead.
   *
   * @param {number} tick
   * @param {boolean} afresh whether from nothing whatever its last frame is
   */
  prepare(tick, afresh) {
    const { frame, baseline, next } = this;
    next.tick = tick;
    const whole = afresh || this.#known === 0 || tick - frame.tick > MAX_AGE_TICKS;
    const moving = !whole && this.#known >= 2 && isInStep(this.#older, frame, next);
    const surprised = moving && this.#known >= 3 && isInStep(this.#oldest, this.#older, frame);
    baseline.frame = whole ? this.#empty : frame;
    baseline.older = moving ? this.#older : undefined;
    baseline.oldest = surprised && tick - this.#oldest.tick <= MAX_AGE_TICKS ? this.#oldest : undefined;
  }

  /** Takes over what it has been told. */
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
 * Whether three frames lie evenly, and near enough.
 *
 * @param {Frame} first
 * @param {Frame} second
 * @param {Frame} third
 */
function isInStep(first, second, third) {
  return third.tick - second.tick === second.tick - first.tick && third.tick - first.tick <= MAX_AGE_TICKS;
}
