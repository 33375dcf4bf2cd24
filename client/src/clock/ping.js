/** Round trips, measured by pings. */

import { writePing } from "../messages/control.js";
import { Samples } from "./samples.js";

/** Pings that can be under way at once. */
const UNDER_WAY = 16;
const WINDOW_MS = 10_000;

/**
 * Sends pings and takes their pongs. A server answers at its next tick, so that a round trip seems longer by up to a tick, and
 * by half a tick on average: the least of several is nearest to the truth.
 */
export class Pings {
  #sent = 0;
  #sentAt = new Float64Array(UNDER_WAY);
  #answered = 0;
  #roundTrips = new Samples(WINDOW_MS, UNDER_WAY);

  /**
   * The next ping, to be sent now.
   *
   * @param {number} now
   */
  ping(now) {
    this.#sent = (this.#sent + 1) >>> 0;
    this.#sentAt[this.#sent % UNDER_WAY] = now;
    return writePing(this.#sent);
  }

  /**
   * When the ping was sent whose pong has come; undefined if it is not waited for.
   *
   * @param {number} nonce
   * @param {number} now
   * @returns {number | undefined}
   */
  pong(nonce, now) {
    if (nonce <= this.#answered || nonce > this.#sent || this.#sent - nonce >= UNDER_WAY) {
      return undefined;
    }
    this.#answered = nonce;
    const sentAt = this.#sentAt[nonce % UNDER_WAY];
    this.#roundTrips.add(now - sentAt, now);
    return sentAt;
  }

  /** The least round trip of the last seconds. Some pong must have come before. */
  get leastMs() {
    return this.#roundTrips.least();
  }
}
