/** What the tests share: the golden vectors, hex, a seeded source of numbers, a clock and a socket that do as they are told. */

/** @import { Shape } from "../../src/schema/shapes.js" */

import { readFileSync } from "node:fs";

/**
 * @typedef {object} SnapshotVector
 * @property {string} hex
 * @property {number} tick
 * @property {number} ticks
 * @property {boolean} keyframe
 * @property {boolean} priors whether it changes them
 * @property {string} hash
 * @property {number} hashes_checked
 * @property {[number, number] | null} ack
 * @property {[number, number, number[]][][]} tables
 * @property {Record<string, any>} first_thing
 */

const file = new URL("../../../shared/vectors/kitchen.json", import.meta.url);

/** What the Rust sources put on the wire (shared/tests/vectors.rs). */
export const vectors = JSON.parse(readFileSync(file, "utf8"));

const none = /** @type {Shape} */ ({ type: "Enum", variants: [], plain: true });

/** The messages of a game that has none. */
export const NO_MESSAGES = { event: none, command: none, reply: none };

/** @type {SnapshotVector[]} */
export const snapshots = vectors.snapshots;

/** @param {string} hex */
export function bytes(hex) {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Buffer.from(bytes).toString("hex");
}

/**
 * The generator mulberry32.
 *
 * @param {number} seed
 * @returns {(below: number) => number} the next whole number below the given one
 */
export function seeded(seed) {
  return (below) => {
    seed = (seed + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Time that passes only when told. */
export class FakeClock {
  #now = 1000;
  /** @type {Map<number, { due: number, action: () => void }>} */
  #timers = new Map();
  #made = 0;

  now = () => this.#now;

  /**
   * @param {() => void} action
   * @param {number} ms
   */
  setTimeout = (action, ms) => {
    this.#timers.set(++this.#made, { due: this.#now + ms, action });
    return this.#made;
  };

  /** @param {number} timer */
  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  /** Timers that wait. */
  get waiting() {
    return this.#timers.size;
  }

  /**
   * Lets time pass, and timers fire when they are due.
   *
   * @param {number} ms
   */
  pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due);
      if (next === undefined || next[1].due > end) {
        break;
      }
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].due);
      next[1].action();
    }
    this.#now = end;
  }

  /**
   * Lets time pass without timers, as in a hidden page.
   *
   * @param {number} ms
   */
  hold(ms) {
    this.#now += ms;
  }

  /**
   * Lets time pass; what is due fires only afterwards, once.
   *
   * @param {number} ms
   */
  sleep(ms) {
    this.hold(ms);
    this.pass(0);
  }
}

/** A WebSocket whose server is the test. */
export class FakeSocket extends EventTarget {
  /** @type {FakeSocket} The last one made. */
  static last;

  binaryType = "blob";
  /** As a WebSocket's: connecting, open, closed. */
  readyState = 0;
  /** @type {Uint8Array[]} */
  sent = [];
  /** @type {[number, string | undefined] | undefined} */
  closedWith;

  /**
   * @param {string} url
   * @param {string | string[]} protocols
   */
  constructor(url, protocols) {
    super();
    this.url = url;
    this.protocols = [protocols].flat();
    this.protocol = this.protocols[0];
    FakeSocket.last = this;
  }

  /** @param {Uint8Array} message */
  send(message) {
    this.sent.push(message);
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   */
  close(code, reason) {
    this.closedWith = [code, reason];
  }

  /** The server accepts. */
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /**
   * The server sends.
   *
   * @param {Uint8Array} message
   */
  deliver(message) {
    this.dispatchEvent(new MessageEvent("message", { data: Uint8Array.from(message).buffer }));
  }

  /**
   * The connection ends.
   *
   * @param {number} code
   * @param {string} reason
   */
  end(code, reason) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason, wasClean: code !== 1006 }));
  }
}
