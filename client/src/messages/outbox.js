/** The numbered requests of a client on their way to the server: kept until accepted, and sent again. */

/** @import { Clock } from "../base/timers.js" */
/** @import { Welcome } from "./welcome.js" */

/** Requests that may be on the wire without having been accepted. */
const WINDOW = 64;
/** Time after which a request is sent again that found the server's queue full. */
const RETRY_MS = 100;

/**
 * A request that is not accepted yet, or whose reply is awaited.
 *
 * @template Promised
 * @typedef {object} Kept
 * @property {number} number
 * @property {(number: number) => Uint8Array<ArrayBuffer>} write
 * @property {Promised | undefined} promised the promise of its reply; undefined if none is awaited
 */

/**
 * Numbers requests, each one above the last, and delivers them exactly once and in order.
 *
 * The server accepts them in this order and ignores the numbers that it has accepted already, so a request is kept until it is
 * known to be accepted, and sent again on the next connection. A request that finds the server's queue full has not used its
 * number, and the server takes none of those behind it: it is sent again with them.
 *
 * @template Promised
 */
export class Outbox {
  #clock;
  #send;
  /** @type {Kept<Promised>[]} By ascending number. */
  #kept = [];
  /** The number of the newest request. */
  #last;
  /** The highest number that the server has accepted. */
  #accepted;
  /** The highest number that is on the wire, or accepted. */
  #sent;
  /** How many may be on the wire now: fewer while the server's queue is full, of which most would be sent in vain. */
  #window = WINDOW;
  /** @type {any} A timer that runs while nothing is sent, because the server's queue is full. */
  #pause;

  /**
   * @param {Clock} clock
   * @param {Pick<Welcome, "lastCommand">} welcome the first: a page that was reloaded counts on from the number before
   * @param {(message: Uint8Array<ArrayBuffer>) => boolean} send returns false if there is no connection
   */
  constructor(clock, { lastCommand }, send) {
    this.#clock = clock;
    this.#send = send;
    this.#last = lastCommand;
    this.#accepted = lastCommand;
    this.#sent = lastCommand;
  }

  /** The number of requests that are kept. */
  get size() {
    return this.#kept.length;
  }

  /**
   * Adds a request, and sends it if it may be sent now.
   *
   * @param {Kept<Promised>["write"]} write
   * @param {Promised} [promised]
   */
  add(write, promised) {
    this.#last++;
    this.#kept.push({ number: this.#last, write, promised });
    this.#flush();
  }

  /**
   * The promise of a request's reply; undefined if none is awaited.
   *
   * @param {number} number
   */
  promised(number) {
    return this.#kept.find((request) => request.number === number)?.promised;
  }

  /**
   * Awaits a reply no more. The request is delivered all the same.
   *
   * @param {Promised} promised
   */
  settle(promised) {
    const request = this.#kept.find((request) => request.promised === promised);
    if (request !== undefined) {
      request.promised = undefined;
    }
    this.#tidy();
  }

  /**
   * Records that the server has accepted all requests up to a number.
   *
   * @param {number} number
   */
  accepted(number) {
    this.#window = Math.min(this.#window + Math.max(number - this.#accepted, 0), WINDOW);
    this.#accept(number);
    this.#endPause();
    this.#flush();
  }

  /**
   * Records that a request has found the server's queue full: it is sent again when the server accepts more, or after a while.
   *
   * @param {number} number
   */
  refused(number) {
    if (number <= this.#accepted || number > this.#sent) {
      // The refusal is an older one: the request has been accepted since, or is going to be sent again anyway.
      return;
    }
    this.#sent = number - 1;
    this.#window = Math.max(this.#window >>> 1, 1);
    this.#endPause();
    this.#pause = this.#clock.setTimeout(() => {
      this.#pause = undefined;
      this.#flush();
    }, RETRY_MS);
  }

  /**
   * Sends on another connection what the server has not accepted. In another epoch the server may know fewer requests than it had
   * accepted: those that are kept then count on from its number.
   *
   * @param {Pick<Welcome, "lastCommand">} welcome
   * @param {boolean} sameEpoch
   */
  resume({ lastCommand }, sameEpoch) {
    this.#endPause();
    this.#window = WINDOW;
    if (sameEpoch) {
      this.#accept(lastCommand);
    } else {
      this.#accepted = lastCommand;
      this.#last = lastCommand;
      for (const request of this.#kept.filter(({ number }) => number > lastCommand)) {
        request.number = ++this.#last;
      }
      this.#tidy();
    }
    this.#sent = this.#accepted;
    this.#flush();
  }

  /** Ends: nothing is sent any more. Returns the promises of the replies that were awaited. */
  close() {
    this.#endPause();
    return this.#kept.splice(0).flatMap(({ promised }) => promised ?? []);
  }

  /** Sends as many requests as may be on the wire. */
  #flush() {
    if (this.#pause !== undefined) {
      return;
    }
    for (const { number, write } of this.#kept) {
      if (number <= this.#sent) {
        continue;
      }
      if (number > this.#accepted + this.#window || !this.#send(write(number))) {
        return;
      }
      this.#sent = number;
    }
  }

  /** @param {number} number */
  #accept(number) {
    this.#accepted = Math.max(this.#accepted, number);
    this.#sent = Math.max(this.#sent, this.#accepted);
    this.#last = Math.max(this.#last, this.#accepted);
    this.#tidy();
  }

  /** Drops the requests that are accepted and whose replies are not awaited. */
  #tidy() {
    this.#kept = this.#kept.filter(({ number, promised }) => number > this.#accepted || promised !== undefined);
  }

  #endPause() {
    this.#clock.clearTimeout(this.#pause);
    this.#pause = undefined;
  }
}
