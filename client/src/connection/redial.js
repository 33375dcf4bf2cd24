/** Getting a lost connection back: again and again, at growing intervals, until it is there, refused, or too late. */

/** @import { Welcome } from "../messages/control.js" */
/** @import { Network, Outcome } from "./dial.js" */

import { CLOSE_SILENT, isFinal } from "../base/close.js";
import { JoinError } from "../base/errors.js";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;
/** After so long an attempt is given up for the next one. */
const ATTEMPT_MS = 5000;

/** Refusals that stay as they are; any other, of a full or restarting server or of something before it, may go away. */
const LASTING = new Set([
  "unknown_session",
  "unknown_game",
  "schema_mismatch",
  "wrong_subprotocol",
  "wrong_origin",
  "bad_query",
  "malformed",
]);

/**
 * The next attempt.
 *
 * @typedef {object} Waiting
 * @property {number} attempt counted from 0
 * @property {number} inMs
 * @property {number} leftMs how long attempts will be made
 */

/**
 * What is told of the search.
 *
 * @typedef {object} Told
 * @property {(waiting: Waiting) => void} waiting
 * @property {(socket: WebSocket, welcome: Welcome) => void} reached
 * @property {(error: JoinError) => void} failed it is over
 */

/**
 * How long to wait before an attempt: anything up to a time that doubles, so that those who were lost together do not come back
 * together.
 *
 * @param {number} attempt counted from 0
 * @param {() => number} random
 */
export function waitMs(attempt, random) {
  return random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
}

/**
 * Whether another attempt would come to the same.
 *
 * @param {JoinError} error
 */
function isLasting({ code, close }) {
  return LASTING.has(code) || (close !== undefined && isFinal(close.code));
}

/** The search for a way back. */
export class Redial {
  #clock;
  #random;
  #dial;
  #told;
  #attempt = 0;
  #endsAt = 0;
  /** @type {any} A timer that fires when it is too late. */
  #limit;
  /** @type {any} A timer that fires when the wait is over, or the attempt that is under way takes too long. */
  #next;
  /** @type {((code: number) => void) | undefined} Ends the attempt that is under way. */
  #hangUp;

  /**
   * @param {Pick<Network, "clock" | "random">} network
   * @param {(outcome: Outcome) => (code: number) => void} dial makes an attempt, and returns how to end it
   * @param {Told} told
   */
  constructor({ clock, random }, dial, told) {
    this.#clock = clock;
    this.#random = random;
    this.#dial = dial;
    this.#told = told;
  }

  /**
   * Begins.
   *
   * @param {number} limitMs
   */
  start(limitMs) {
    this.#endsAt = this.#clock.now() + limitMs;
    this.#limit = this.#clock.setTimeout(() => {
      this.stop(CLOSE_SILENT);
      this.#told.failed(new JoinError("expired", "the connection did not come back in time"));
    }, limitMs);
    this.#wait();
  }

  /**
   * It may work now: makes an attempt at once.
   *
   * @param {boolean} afresh whether one that is under way is as good as lost
   */
  hurry(afresh) {
    if (this.#hangUp === undefined || afresh) {
      this.#try();
    }
  }

  /** A connection has proved good: if it is lost as well, the next search does not wait for long. */
  proved() {
    this.#attempt = 0;
  }

  /**
   * Ends.
   *
   * @param {number} code for an attempt that is under way
   */
  stop(code) {
    this.#clock.clearTimeout(this.#limit);
    this.#clock.clearTimeout(this.#next);
    this.#hangUp?.(code);
    this.#hangUp = undefined;
  }

  /** @param {number} [atLeastSeconds] as the server bids */
  #wait(atLeastSeconds = 0) {
    this.#hangUp = undefined;
    const inMs = atLeastSeconds * 1000 + waitMs(this.#attempt, this.#random);
    this.#next = this.#clock.setTimeout(() => this.#try(), inMs);
    this.#told.waiting({ attempt: this.#attempt, inMs, leftMs: this.#endsAt - this.#clock.now() });
  }

  #try() {
    this.#clock.clearTimeout(this.#next);
    this.#hangUp?.(CLOSE_SILENT);
    this.#attempt++;
    this.#hangUp = this.#dial({
      welcomed: (socket, welcome) => {
        this.#hangUp = undefined;
        this.stop(CLOSE_SILENT);
        this.#told.reached(socket, welcome);
      },
      failed: (error) => {
        this.#clock.clearTimeout(this.#next);
        if (isLasting(error)) {
          this.#hangUp = undefined;
          this.stop(CLOSE_SILENT);
          this.#told.failed(error);
        } else {
          this.#wait(error.retryAfter);
        }
      },
    });
    this.#next = this.#clock.setTimeout(() => {
      this.#hangUp?.(CLOSE_SILENT);
      this.#wait();
    }, ATTEMPT_MS);
  }
}
