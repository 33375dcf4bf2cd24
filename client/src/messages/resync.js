/** Requests for a keyframe, after a snapshot that could not be applied. */

import { writeResync } from "./control.js";

const PERIOD_MS = 1000;

/**
 * Requests a keyframe until it arrives. A request may be lost.
 *
 * @internal
 */
export class Resync {
  #send;
  /** @type {{ tick: number, sentAt: number } | undefined} The newest request; undefined while no keyframe is awaited. */
  #request;

  /** @param {(message: Uint8Array<ArrayBuffer>) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** True while a keyframe is awaited. */
  get waits() {
    return this.#request !== undefined;
  }

  /**
   * Requests a keyframe.
   *
   * @param {number} tick of the snapshot that failed
   * @param {number} now
   */
  start(tick, now) {
    this.#request = { tick, sentAt: now };
    this.#send(writeResync(tick));
  }

  /**
   * Repeats the request if it is due.
   *
   * @param {number} now
   */
  repeat(now) {
    if (this.#request !== undefined && now - this.#request.sentAt >= PERIOD_MS) {
      this.start(this.#request.tick, now);
    }
  }

  /**
   * Records a resume. While a keyframe is awaited it is one without a tick, so that the server sends a keyframe without another
   * request.
   *
   * @param {number} now
   */
  resumed(now) {
    if (this.#request !== undefined) {
      this.#request.sentAt = now;
    }
  }

  /** Records that a snapshot was applied. */
  end() {
    this.#request = undefined;
  }
}
