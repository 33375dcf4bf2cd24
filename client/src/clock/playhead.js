/** Which moment is shown: a little in the past, so that what comes after it has mostly arrived. */

/** @import { Timeline } from "./timeline.js" */

import { SteadyClock } from "./steady.js";

/** Between two ticks both must be there: one tick, and a bit for what is not foreseen. */
const TICKS = 1.25;
/** Until it is known how much arrivals vary. */
const START_TICKS = 2.25;
/** How far back it goes at most, however much they vary. */
const MOST_TICKS = 10;
/** The part by which it may go faster or slower than time: so little that it is not seen. */
const SLEW = { slower: 0.1, faster: 0.1, easeMs: 300 };

/**
 * The moment shown follows the ticks that are due, less a delay that adapts to how much their arrivals vary. It moves evenly,
 * waits where it is told to, and never goes back.
 */
export class Playhead {
  #timeline;
  #tickRateHz;
  #bounds;
  #steady;

  /**
   * @param {Timeline} timeline
   * @param {number} tickRateHz
   * @param {{ least: number, most: number }} [bounds] of the delay, in ticks
   */
  constructor(timeline, tickRateHz, bounds = { least: TICKS, most: MOST_TICKS }) {
    this.#timeline = timeline;
    this.#tickRateHz = tickRateHz;
    this.#bounds = bounds;
    this.#steady = new SteadyClock(tickRateHz, SLEW);
  }

  /** How far it is to stay behind the ticks that are due, in ticks. */
  get delayTicks() {
    const { jitterMs, arrivals } = this.#timeline;
    const { least, most } = this.#bounds;
    const needed = TICKS + (jitterMs * this.#tickRateHz) / 1000;
    return Math.min(Math.max(needed, arrivals < this.#tickRateHz ? START_TICKS : 0, least), most);
  }

  /** The most that can be. */
  get mostTicks() {
    return this.#bounds.most;
  }

  /**
   * The moment to show now.
   *
   * @param {number} now in milliseconds
   * @param {number} most where it waits, in ticks
   */
  at(now, most) {
    return this.#steady.read(now, this.#timeline.tickAt(now) - this.delayTicks, most);
  }

  /** Another course of time begins. */
  reset() {
    this.#steady.reset();
  }
}
