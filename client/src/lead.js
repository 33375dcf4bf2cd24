/** How far ahead of the arriving ticks inputs are meant, so that each reaches the server just before its tick. */

/** @import { InputAck } from "./snapshot.js" */

import { MAX_LEAD_TICKS } from "./input.js";

/** Enough on a local network; elsewhere the first slack that comes back corrects it. */
const START_TICKS = 2;
/** An input that waits for this many ticks or fewer is in time without being early. */
const COMFORTABLE_SLACK_TICKS = 2;

/**
 * Steers by the slack that the server returns: late inputs raise the lead at once, early ones lower it by halves. After a
 * correction it waits until an input sent since then comes back, or it would correct the same error again and again.
 */
export class Lead {
  /** The lead, in ticks and fractions. */
  ticks = START_TICKS;
  #patienceTicks;
  /** The newest input known to be consumed, and the tick of the snapshot that told. */
  #acked = 0;
  #ackedTick = 0;
  /** The newest input that was sent with another lead. */
  #corrected = 0;

  /** @param {number} tickRateHz */
  constructor(tickRateHz) {
    this.#patienceTicks = tickRateHz;
  }

  /**
   * Takes a snapshot's word on the inputs.
   *
   * @param {InputAck | undefined} ack
   * @param {number} tick the snapshot's
   * @param {number} sent the number of the newest input sent
   */
  steer(ack, tick, sent) {
    const acked = ack === undefined ? 0 : sent - ((sent - ack.number) & 0xff);
    if (ack === undefined || acked <= this.#acked) {
      // The server takes what is late, but not what is too early: if it takes nothing for a second, begin anew.
      if (tick - this.#ackedTick > this.#patienceTicks && sent > this.#acked) {
        this.#ackedTick = tick;
        this.#correct(START_TICKS, sent);
      }
      return;
    }
    this.#acked = acked;
    this.#ackedTick = tick;
    if (acked <= this.#corrected) {
      return;
    }
    const excess = ack.slackTicks - COMFORTABLE_SLACK_TICKS;
    if (ack.slackTicks < 0) {
      this.#correct(this.ticks - ack.slackTicks + 1, sent);
    } else if (excess > 0) {
      this.#correct(this.ticks - excess / 2, sent);
    }
  }

  /**
   * @param {number} ticks
   * @param {number} sent
   */
  #correct(ticks, sent) {
    this.ticks = Math.min(Math.max(ticks, 0), MAX_LEAD_TICKS);
    this.#corrected = sent;
  }
}
