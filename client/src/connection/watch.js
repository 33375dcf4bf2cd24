/** Noticing that a path has gone dead: a socket may not say so for minutes. */

/** @import { Clock } from "../base/timers.js" */

import { pace } from "../base/timers.js";

const PERIOD_MS = 500;
/** So many silent periods in a row, and the path is dead: snapshots come many times a second, and pongs once. */
const PATIENCE_PERIODS = 8;
/** As many, once there is a doubt and a ping has been sent. */
const DOUBT_PERIODS = 3;

/**
 * Counts periods of a timer in which nothing was heard. Time itself says nothing: after a page's timers were held back, what has
 * arrived meanwhile is only about to be told.
 */
export class Watch {
  #clock;
  #dead;
  #silent = 0;
  #stop = () => {};

  /**
   * @param {Clock} clock
   * @param {() => void} dead called once, and then the watch is over
   */
  constructor(clock, dead) {
    this.#clock = clock;
    this.#dead = dead;
  }

  /** Begins, or begins anew. */
  start() {
    this.#count(0);
  }

  /** Something has been heard. */
  heard() {
    this.#silent = 0;
  }

  /** There is a doubt: if nothing is heard soon, the path is dead. */
  doubt() {
    this.#count(PATIENCE_PERIODS - DOUBT_PERIODS);
  }

  /** Ends. */
  stop() {
    this.#stop();
  }

  /** @param {number} silent periods that count as silent already */
  #count(silent) {
    this.#stop();
    this.#silent = silent;
    this.#stop = pace(this.#clock, PERIOD_MS, () => {
      this.#silent++;
      if (this.#silent >= PATIENCE_PERIODS) {
        this.#stop();
        this.#dead();
      }
    });
  }
}
