/** A watchdog of a connection: a socket may not report a dead path for minutes. */

/** @import { Clock } from "../base/timers.js" */

import { pace } from "../base/timers.js";

const PERIOD_MS = 500;
/** Silent periods in a row after which the path is dead. Snapshots arrive many times a second, and pongs once. */
const MAX_SILENT_PERIODS = 8;
/** The same while the path is suspect, after a ping was sent. */
const MAX_SUSPECT_PERIODS = 3;

/**
 * Counts the periods of a timer in which nothing was received. It does not compare times: after a page has slept, its timers may
 * fire before the messages that arrived meanwhile are delivered.
 */
export class Watch {
  #clock;
  #dead;
  #silent = 0;
  #stop = () => {};

  /**
   * @param {Clock} clock
   * @param {() => void} dead called once when the path is dead; the watch then stops
   */
  constructor(clock, dead) {
    this.#clock = clock;
    this.#dead = dead;
  }

  /** Starts, or starts over. */
  start() {
    this.#count(0);
  }

  /** Records that a message was received. */
  received() {
    this.#silent = 0;
  }

  /** Suspects the path, as after the network has changed: if nothing is received soon, it is dead. */
  suspect() {
    this.#count(MAX_SILENT_PERIODS - MAX_SUSPECT_PERIODS);
  }

  /** Stops. */
  stop() {
    this.#stop();
  }

  /** @param {number} silent periods to count as silent already */
  #count(silent) {
    this.#stop();
    this.#silent = silent;
    this.#stop = pace(this.#clock, PERIOD_MS, () => {
      this.#silent++;
      if (this.#silent >= MAX_SILENT_PERIODS) {
        this.#stop();
        this.#dead();
      }
    });
  }
}
