/** The playhead: the tick that is drawn, a little in the past, so that the next snapshot has mostly arrived. */

/** @import { Timeline } from "./timeline.js" */

import { SteadyClock } from "./steady.js";

/** The delay without jitter: interpolation needs the ticks on both sides, which is one tick, and a quarter of a tick to spare. */
const TICKS = 1.25;
/** The least delay until the jitter is known. */
const START_TICKS = 2.25;
/** The greatest delay. */
const MOST_TICKS = 10;
/** How much faster or slower than time the playhead may run: so little that players do not see it. */
const SLEW = { slower: 0.1, faster: 0.1, easeMs: 300 };

/** Follows the ticks that are due, less a delay that adapts to the jitter. It runs evenly, and never goes back. */
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

  /** The delay behind the ticks that are due, in ticks. */
  get delayTicks() {
    const { jitterMs, arrivals } = this.#timeline;
    const { least, most } = this.#bounds;
    const needed = TICKS + (jitterMs * this.#tickRateHz) / 1000;
    return Math.min(Math.max(needed, arrivals < this.#tickRateHz ? START_TICKS : 0, least), most);
  }

  /** The same in milliseconds. */
  get delayMs() {
    return (this.delayTicks * 1000) / this.#tickRateHz;
  }

  /** The greatest delay, in ticks. */
  get mostTicks() {
    return this.#bounds.most;
  }

  /**
   * The tick to draw now, with its fraction.
   *
   * @param {number} now in milliseconds
   * @param {number} most the tick at which the playhead waits
   */
  at(now, most) {
    return this.#steady.read(now, this.#timeline.tickAt(now) - this.delayTicks, most);
  }

  /** Starts over: another timeline begins. */
  reset() {
    this.#steady.reset();
  }
}
