/** Links: when messages arrive over a simulated network. */

/** @import { NetworkProfile } from "./profile.js" */

/**
 * One direction of a connection. It is a function of the seed and of the times and sizes of messages: it reads no clock, and the
 * same messages arrive at the same times.
 */
export class Link {
  #profile;
  #jitter;
  #stalls;
  /** The time at which the last message has been sent off, and its time of arrival. */
  #free;
  #arrival;
  /** The next stall, or the current one. */
  #stallStart;
  #stallEnd;

  /**
   * @param {NetworkProfile} profile
   * @param {number} seed
   * @param {number} now the time of its creation, in milliseconds
   */
  constructor(profile, seed, now) {
    this.#profile = profile;
    this.#jitter = random(seed);
    this.#stalls = random(seed ^ 0x5eed_57a1);
    this.#free = now;
    this.#arrival = now;
    this.#stallStart = now;
    this.#stallEnd = now;
  }

  /**
   * The time of arrival of a message that is sent now. It is never before that of an earlier message.
   *
   * @param {number} now in milliseconds; never goes back
   * @param {number} bytes
   */
  send(now, bytes) {
    const { delayMs, jitterMs, bitsPerS } = this.#profile;
    const transmission = bitsPerS > 0 ? (bytes * 8000) / bitsPerS : 0;
    this.#free = Math.max(this.#free, now) + transmission;
    const delay = Math.max(delayMs + (this.#jitter() * 2 - 1) * jitterMs, 0);
    this.#arrival = this.#afterStall(Math.max(this.#arrival, this.#free + delay));
    return this.#arrival;
  }

  /**
   * Delays a time of arrival to the end of a stall, if it is in one. Times must not go back.
   *
   * @param {number} time
   */
  #afterStall(time) {
    const { stallShare, stallMs } = this.#profile;
    if (stallShare === 0) {
      return time;
    }
    while (this.#stallEnd <= time) {
      const gap = exponential(this.#stalls) * stallMs * ((1 - stallShare) / stallShare);
      this.#stallStart = this.#stallEnd + gap;
      this.#stallEnd = this.#stallStart + stallMs;
    }
    return time >= this.#stallStart ? this.#stallEnd : time;
  }
}

/**
 * The time after which a connection breaks, in milliseconds; infinite if it never does.
 *
 * @param {NetworkProfile} profile
 * @param {number} seed
 */
export function lifetimeMs({ cutsPerS }, seed) {
  return cutsPerS > 0 ? (exponential(random(seed ^ 0x0c07_0c07)) / cutsPerS) * 1000 : Infinity;
}

/**
 * The generator mulberry32.
 *
 * @param {number} seed
 * @returns {() => number} the next number, from 0 to less than 1
 */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * An exponentially distributed number of mean 1.
 *
 * @param {() => number} next
 */
function exponential(next) {
  return -Math.log(1 - next());
}
