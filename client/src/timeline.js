/** Which tick is arriving now, from the ticks that have arrived. */

/** How far the estimate follows a later arrival: slowly, for most are just delayed. */
const RISE = 0.05;

/**
 * Relates ticks to the local clock by the least delayed arrivals: those show when each tick is due, the others only how much
 * the network varies. An earlier arrival counts at once, a later one a little, so that a lasting change is followed too.
 */
export class Timeline {
  #tickMs;
  /** When tick 0 would have arrived, in milliseconds. */
  #start = NaN;

  /** @param {number} tickRateHz */
  constructor(tickRateHz) {
    this.#tickMs = 1000 / tickRateHz;
  }

  /**
   * Takes note that a tick has arrived.
   *
   * @param {number} tick
   * @param {number} now in milliseconds
   */
  arrived(tick, now) {
    const start = now - tick * this.#tickMs;
    this.#start = start > this.#start ? this.#start + (start - this.#start) * RISE : start;
  }

  /**
   * The tick that is due now, with its fraction. Some tick must have arrived before.
   *
   * @param {number} now in milliseconds
   */
  tickAt(now) {
    return (now - this.#start) / this.#tickMs;
  }
}
