/** Acknowledgements of snapshots by messages of their own. */

import { writeAck } from "./control.js";

/** Time without an input after which a snapshot is acknowledged by a message of its own: timers of a hidden page hardly run. */
const PERIOD_MS = 250;

/**
 * Sends an acknowledgement when no input, each of which has one, has been sent for some time.
 *
 * @internal
 */
export class Acks {
  #send;
  /** When a snapshot was last acknowledged, by an input or by a message of its own. */
  #sentAt;

  /**
   * @param {(message: Uint8Array<ArrayBuffer>) => void} send
   * @param {number} now
   */
  constructor(send, now) {
    this.#send = send;
    this.#sentAt = now;
  }

  /** Records that an input was sent. @param {number} now */
  sent(now) {
    this.#sentAt = now;
  }

  /**
   * Acknowledges a snapshot if it is due.
   *
   * @param {number} tick of the snapshot
   * @param {number} now
   */
  applied(tick, now) {
    if (now - this.#sentAt >= PERIOD_MS) {
      this.#sentAt = now;
      this.#send(writeAck(tick));
    }
  }
}
