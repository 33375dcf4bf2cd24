/** Pings, and the round trips that they measure. */

import { writePing } from "../messages/control.js";
import { Samples } from "./samples.js";

/** Pings that may be in flight at once. */
const MAX_IN_FLIGHT = 16;
const WINDOW_MS = 10_000;
const PERIOD_MS = 1000;
/** A fraction of a tick that is added to the period, so that pings are sent at all times between two ticks. */
const SHIFT = 0.38;

/**
 * The time between two pings.
 *
 * @param {number} tickRateHz
 */
export function pingPeriodMs(tickRateHz) {
  return PERIOD_MS + SHIFT * (1000 / tickRateHz);
}

/**
 * Numbers pings and measures their round trips. The server answers at its next tick, so a round trip is measured too long, by
 * half a tick on average: the least of several is the most accurate.
 */
export class Pings {
  #sent = 0;
  #sentAt = new Float64Array(MAX_IN_FLIGHT);
  #answered = 0;
  #roundTrips = new Samples(WINDOW_MS, MAX_IN_FLIGHT);

  /**
   * The next ping message, to be sent now.
   *
   * @param {number} now
   */
  ping(now) {
    this.#sent = (this.#sent + 1) >>> 0;
    this.#sentAt[this.#sent % MAX_IN_FLIGHT] = now;
    return writePing(this.#sent);
  }

  /**
   * Records a pong, and returns when its ping was sent; undefined if no ping in flight has this nonce.
   *
   * @param {number} nonce
   * @param {number} now
   * @returns {number | undefined}
   */
  pong(nonce, now) {
    if (nonce <= this.#answered || nonce > this.#sent || this.#sent - nonce >= MAX_IN_FLIGHT) {
      return undefined;
    }
    this.#answered = nonce;
    const sentAt = this.#sentAt[nonce % MAX_IN_FLIGHT];
    this.#roundTrips.add(now - sentAt, now);
    return sentAt;
  }

  /** The least round trip of the last seconds. A pong must have arrived before. */
  get leastMs() {
    return this.#roundTrips.least();
  }
}
