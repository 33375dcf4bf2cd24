/** A reading in ticks that goes on evenly, whatever the estimates that it follows do. */

/** Beyond this it leaps forward, or stands until what it follows has come. */
const MAX_ERROR_MS = 500;

/**
 * Follows a target that mostly moves as time does, by going a little faster or slower than time. It never goes back. It reads no
 * clock: time is what its caller says.
 */
export class SteadyClock {
  #tickMs;
  #slew;
  /** The last reading, and when it was. */
  #tick = NaN;
  #readAt = 0;
  #mayLeap = false;

  /**
   * @param {number} tickRateHz
   * @param {{ slower: number, faster: number, easeMs: number }} slew the part by which it may go slower or faster than time, and
   *   in about what time it makes up for a small error
   */
  constructor(tickRateHz, slew) {
    this.#tickMs = 1000 / tickRateHz;
    this.#slew = slew;
  }

  /**
   * Reads it. The first reading is the target.
   *
   * @param {number} now in milliseconds
   * @param {number} target where it should be now, in ticks
   * @param {number} [most] where it waits
   */
  read(now, target, most = Infinity) {
    const elapsed = Math.max(0, (now - this.#readAt) / this.#tickMs);
    const before = this.#tick;
    const error = target - (before + elapsed);
    const tick = before + elapsed + this.#correction(error, elapsed);
    // The very first error is NaN.
    const leaps = !(error * this.#tickMs <= (this.#mayLeap ? 0 : MAX_ERROR_MS));
    const next = Math.min(leaps ? target : tick, most);
    this.#tick = next < before ? before : next;
    this.#readAt = Math.max(now, this.#readAt);
    this.#mayLeap = false;
    return this.#tick;
  }

  /** Lets the next reading leap forward to its target, however near that is. */
  mayLeap() {
    this.#mayLeap = true;
  }

  /** Begins anew: the next reading is its target, even if that is farther back. */
  reset() {
    this.#tick = NaN;
  }

  /**
   * By how much to go on more than time does.
   *
   * @param {number} error
   * @param {number} elapsed
   */
  #correction(error, elapsed) {
    const errorMs = error * this.#tickMs;
    if (errorMs < -MAX_ERROR_MS) {
      return -elapsed;
    }
    const { slower, faster, easeMs } = this.#slew;
    const rate = Math.min(Math.max(errorMs / easeMs, -slower), faster);
    // No farther than to the target, however long ago it was last read.
    return Math.min(Math.abs(elapsed * rate), Math.abs(error)) * Math.sign(error);
  }
}
