/** A clock of ticks that runs evenly, while the estimate that it follows jumps. */

/** Beyond this error the clock leaps forward, or stands still until its target has caught up. */
const MAX_ERROR_MS = 500;

/**
 * Follows a target that mostly moves at the rate of time, by running a little faster or slower than time. It never goes back. It
 * reads no clock: its caller passes the time.
 */
export class SteadyClock {
  #tickMs;
  #slew;
  /** The last reading, and its time. */
  #tick = NaN;
  #readAt = 0;
  #mayLeap = false;

  /**
   * @param {number} tickRateHz
   * @param {{ slower: number, faster: number, easeMs: number }} slew the fractions by which the clock may run slower or faster
   *   than time, and roughly the time in which it makes up for a small error
   */
  constructor(tickRateHz, slew) {
    this.#tickMs = 1000 / tickRateHz;
    this.#slew = slew;
  }

  /**
   * The reading now, in ticks. The first reading is the target.
   *
   * @param {number} now in milliseconds
   * @param {number} target the right reading now, in ticks
   * @param {number} [most] the greatest reading: the clock waits there
   */
  read(now, target, most = Infinity) {
    const elapsed = Math.max(0, (now - this.#readAt) / this.#tickMs);
    const before = this.#tick;
    const error = target - (before + elapsed);
    const tick = before + elapsed + this.#correction(error, elapsed);
    // The first error is NaN, for which this leaps too.
    const leaps = !(error * this.#tickMs <= (this.#mayLeap ? 0 : MAX_ERROR_MS));
    const next = Math.min(leaps ? target : tick, most);
    this.#tick = next < before ? before : next;
    this.#readAt = Math.max(now, this.#readAt);
    this.#mayLeap = false;
    return this.#tick;
  }

  /** Lets the next reading leap forward to its target, however small the error is. */
  mayLeap() {
    this.#mayLeap = true;
  }

  /** Starts over: the next reading is its target, even if that is earlier than the last reading. */
  reset() {
    this.#tick = NaN;
  }

  /**
   * The ticks to advance beyond those of the elapsed time.
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
    // Not beyond the target, however long ago the clock was read.
    return Math.min(Math.abs(elapsed * rate), Math.abs(error)) * Math.sign(error);
  }
}
