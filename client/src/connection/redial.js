/** Reconnecting after a loss: attempts at growing intervals, until one succeeds, is refused for good, or time is up. */

/** @import { Welcome } from "../messages/welcome.js" */
/** @import { Network, Outcome } from "./dial.js" */

import { CLOSE_SILENT, isFinal } from "../base/close.js";
import { JoinError } from "../base/errors.js";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;
/** Time after which an attempt is given up. */
const ATTEMPT_MS = 5000;

/** Refusals that another attempt would get again. Others, such as that of a full or restarting server, may go away. */
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
 * @property {number} inMs time until the attempt
 * @property {number} leftMs time until the client gives up
 */

/**
 * The handlers of a {@link Redial}.
 *
 * @typedef {object} RedialListener
 * @property {(waiting: Waiting) => void} waiting an attempt will follow
 * @property {(socket: WebSocket, welcome: Welcome) => void} reached an attempt has succeeded
 * @property {(error: JoinError) => void} failed the client gives up
 */

/**
 * The time to wait before an attempt: a random part of a time that doubles, so that clients that were lost together do not come
 * back together.
 *
 * @param {number} attempt counted from 0
 * @param {() => number} random
 */
export function waitMs(attempt, random) {
  return random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
}

/**
 * Returns true if another attempt would fail in the same way.
 *
 * @param {JoinError} error
 */
function isLasting({ code, close }) {
  return LASTING.has(code) || (close !== undefined && isFinal(close.code));
}

/**
 * Makes attempts to reconnect.
 *
 * @internal
 */
export class Redial {
  #clock;
  #random;
  #dial;
  #listener;
  #attempt = 0;
  #endsAt = 0;
  /** @type {any} A timer that fires when time is up. */
  #limit;
  /** @type {any} A timer that fires when the wait is over, or when the attempt in progress takes too long. */
  #next;
  /** @type {((code: number) => void) | undefined} Cancels the attempt in progress; undefined if there is none. */
  #cancel;

  /**
   * @param {Pick<Network, "clock" | "random">} network
   * @param {(outcome: Outcome) => (code: number) => void} dial starts an attempt, and returns a function that cancels it
   * @param {RedialListener} listener
   */
  constructor({ clock, random }, dial, listener) {
    this.#clock = clock;
    this.#random = random;
    this.#dial = dial;
    this.#listener = listener;
  }

  /**
   * Starts.
   *
   * @param {number} limitMs time after which to give up
   * @param {boolean} [atOnce] true if the first attempt is made without a wait, because it is likely to succeed now
   */
  start(limitMs, atOnce = false) {
    this.#endsAt = this.#clock.now() + limitMs;
    this.#limit = this.#clock.setTimeout(() => {
      this.stop(CLOSE_SILENT);
      this.#listener.failed(new JoinError("expired", "the client could not reconnect in time"));
    }, limitMs);
    this.#waitFor(atOnce ? 0 : waitMs(this.#attempt, this.#random));
  }

  /**
   * Makes an attempt at once, because it is likely to succeed now.
   *
   * @param {boolean} restart true if an attempt in progress is to be replaced, because the network has changed
   */
  retryNow(restart) {
    if (this.#cancel === undefined || restart) {
      this.#try();
    }
  }

  /** Resets the waiting times, once a connection has delivered a message. */
  reset() {
    this.#attempt = 0;
  }

  /**
   * Stops.
   *
   * @param {number} code close code for an attempt in progress
   */
  stop(code) {
    this.#clock.clearTimeout(this.#limit);
    this.#clock.clearTimeout(this.#next);
    this.#cancel?.(code);
    this.#cancel = undefined;
  }

  /** @param {number} [atLeastSeconds] the server's `Retry-After` */
  #wait(atLeastSeconds = 0) {
    this.#cancel = undefined;
    this.#waitFor(atLeastSeconds * 1000 + waitMs(this.#attempt, this.#random));
  }

  /** @param {number} inMs */
  #waitFor(inMs) {
    this.#next = this.#clock.setTimeout(() => this.#try(), inMs);
    this.#listener.waiting({ attempt: this.#attempt, inMs, leftMs: this.#endsAt - this.#clock.now() });
  }

  #try() {
    this.#clock.clearTimeout(this.#next);
    // Every code of an attempt must be one after which the server still holds the seat.
    this.#cancel?.(CLOSE_SILENT);
    this.#attempt++;
    this.#cancel = this.#dial({
      welcomed: (socket, welcome) => {
        this.#cancel = undefined;
        this.stop(CLOSE_SILENT);
        this.#listener.reached(socket, welcome);
      },
      failed: (error) => {
        this.#clock.clearTimeout(this.#next);
        if (isLasting(error)) {
          this.#cancel = undefined;
          this.stop(CLOSE_SILENT);
          this.#listener.failed(error);
        } else {
          this.#wait(error.retryAfter);
        }
      },
    });
    this.#next = this.#clock.setTimeout(() => {
      this.#cancel?.(CLOSE_SILENT);
      this.#wait();
    }, ATTEMPT_MS);
  }
}
