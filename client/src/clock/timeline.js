/** The timeline of arriving ticks: when each tick is due, and how much arrivals vary. */

import { Samples } from "./samples.js";

/** Time for which an arrival counts. A lasting change of the network is followed after this. */
const WINDOW_MS = 5000;
/** Arrivals so close together were held up by the same stall: they count once. */
const BUNCH_MS = 2;
/** The fraction of the arrivals whose lateness does not count as jitter: stalls. */
const OUTLIERS = 0.03;

/**
 * Relates ticks to the local clock by the least delayed arrivals of the last seconds. These show when a tick is due; the others
 * show how much the network varies. Only local times and ticks enter the estimate, so that a server clock that drifts is followed
 * like a network that changes.
 */
export class Timeline {
  #tickMs;
  #tick = 0;
  #arrivedAt = -Infinity;
  /** For each arrival the time at which tick 0 would have arrived, in milliseconds. */
  #starts;
  /** The same, but only for the first arrival of a bunch. */
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
   * Records the arrival of a tick.
   *
   * @param {number} tick
   * @param {number} now in milliseconds
   */
  arrived(tick, now) {
    if (tick < this.#tick) {
      // Ticks only go up: this is another timeline.
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
   * The tick that is due now, with its fraction: it arrives now unless the network delays it. A tick must have arrived before.
   *
   * @param {number} now in milliseconds
   */
  tickAt(now) {
    return (now - this.#due) / this.#tickMs;
  }

  /** How much later than due ticks arrive, except for outliers. */
  get jitterMs() {
    return this.#late - this.#due;
  }

  /** The number of arrivals that count. */
  get arrivals() {
    return this.#starts.length;
  }
}
