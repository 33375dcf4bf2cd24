/** Which tick is arriving now, and how much that varies, from the ticks that have arrived. */

import { Samples } from "./samples.js";

/** How long an arrival counts: a lasting change of the network is believed after this. */
const WINDOW_MS = 5000;
/** What arrives so close together has waited for the same thing, as after a stall, and counts once. */
const BUNCH_MS = 2;
/** The part of the arrivals whose lateness is not waited for: stalls. */
const OUTLIERS = 0.03;

/**
 * Relates ticks to the local clock by the least delayed arrivals of the last seconds: those show when each tick is due, the
 * others only how much the network varies.
 */
export class Timeline {
  #tickMs;
  #tick = 0;
  #arrivedAt = -Infinity;
  /** When tick 0 would have arrived, in milliseconds, by each arrival. */
  #starts;
  /** The same, but of a bunch only by the first. */
  #lateStarts;
  #due = NaN;
  #late = NaN;

  /** @param {number} tickRateHz */
  constructor(tickRateHz) {
    const capacity = Math.ceil((WINDOW_MS / 1000) * tickRateHz) + 1;
    this.#tickMs = 1000 / tickRateHz;
    this.#starts = new Samples(WINDOW_MS, capacity);
    this.#lateStarts = new Samples(WINDOW_MS, capacity);
  }

  /**
   * Takes note that a tick has arrived.
   *
   * @param {number} tick
   * @param {number} now in milliseconds
   */
  arrived(tick, now) {
    if (tick < this.#tick) {
      // Another course of time.
      this.#starts.clear();
      this.#lateStarts.clear();
    }
    const start = now - tick * this.#tickMs;
    this.#starts.add(start, now);
    if (now - this.#arrivedAt >= BUNCH_MS || this.#lateStarts.length === 0) {
      this.#lateStarts.add(start, now);
    }
    this.#tick = tick;
    this.#arrivedAt = now;
    this.#due = this.#starts.least();
    this.#late = Math.max(this.#lateStarts.greatest(OUTLIERS), this.#due);
  }

  /**
   * The tick that is due now, with its fraction: it arrives now, if the network does not delay it. Some tick must have arrived
   * before.
   *
   * @param {number} now in milliseconds
   */
  tickAt(now) {
    return (now - this.#due) / this.#tickMs;
  }

  /** How much later than due ticks arrive, but for few. */
  get jitterMs() {
    return this.#late - this.#due;
  }

  /** How many arrivals that is known from. */
  get arrivals() {
    return this.#starts.length;
  }
}
