/** A WebSocket over a simulated network: delay, jitter, stalls, little bandwidth, and connections that break. */

/** @import { Clock } from "../base/timers.js" */
/** @import { NetworkProfile } from "./profile.js" */

import { CLOSE_ABNORMAL } from "../base/close.js";
import { systemClock } from "../base/timers.js";
import { Link, lifetimeMs } from "./link.js";

/** The approximate size of a handshake's request and answer. */
const HANDSHAKE_BYTES = 500;

/**
 * Returns a WebSocket class whose connections go through a simulated network, on top of the class `Base`. It has the events and
 * methods of a `WebSocket`, but no `on…` properties. When a connection breaks, this side gets a `close` event, while the server
 * receives nothing more, not even a close frame.
 *
 * @param {typeof globalThis.WebSocket} Base
 * @param {NetworkProfile} profile
 * @param {{ seed?: number, clock?: Clock }} [options]
 * @returns {typeof globalThis.WebSocket}
 */
export function shapedWebSocket(Base, profile, { seed = 1, clock = systemClock } = {}) {
  let made = 0;
  class ShapedWebSocket extends ShapedSocket {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      // Each connection has a seed of its own.
      const connectionSeed = Math.imul(seed + made++, 0x9e37_79b1);
      super(() => new Base(url, protocols), url, profile, connectionSeed, clock);
    }
  }
  return /** @type {any} */ (ShapedWebSocket);
}

/** The messages in flight in one direction. Each has an action that runs when it arrives, in the order of sending. */
class Pipe {
  #link;
  #clock;
  /** @type {{ due: number, action: () => void }[]} */
  #queue = [];
  /** @type {any} */
  #timer;

  /**
   * @param {Link} link
   * @param {Clock} clock
   */
  constructor(link, clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /**
   * @param {number} bytes
   * @param {() => void} action
   */
  send(bytes, action) {
    const now = this.#clock.now();
    const due = this.#link.send(now, bytes);
    this.#queue.push({ due, action });
    if (this.#queue.length === 1) {
      this.#wait(now);
    }
  }

  /** Drops all messages in flight. */
  cut() {
    this.#queue.length = 0;
    this.#clock.clearTimeout(this.#timer);
  }

  /** @param {number} now */
  #wait(now) {
    this.#timer = this.#clock.setTimeout(() => this.#arrive(), Math.max(this.#queue[0].due - now, 0));
  }

  #arrive() {
    const now = this.#clock.now();
    while (this.#queue.length > 0 && this.#queue[0].due <= now) {
      const { action } = this.#queue[0];
      this.#queue.shift();
      action();
    }
    if (this.#queue.length > 0) {
      this.#wait(now);
    }
  }
}

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];

/** One connection through the simulated network. */
class ShapedSocket extends EventTarget {
  static CONNECTING = CONNECTING;
  static OPEN = OPEN;
  static CLOSING = CLOSING;
  static CLOSED = CLOSED;

  readyState = CONNECTING;
  /** @type {BinaryType} */
  binaryType = "blob";
  url;
  /** @type {WebSocket | undefined} The connection to the server, once the handshake has reached it. */
  #inner;
  #up;
  #down;
  #clock;
  #breaking;
  #listening = new AbortController();

  /**
   * @param {() => WebSocket} open
   * @param {string | URL} url
   * @param {NetworkProfile} profile
   * @param {number} seed
   * @param {Clock} clock
   */
  constructor(open, url, profile, seed, clock) {
    super();
    const now = clock.now();
    this.url = String(url);
    this.#clock = clock;
    this.#up = new Pipe(new Link(profile, seed, now), clock);
    this.#down = new Pipe(new Link(profile, ~seed, now), clock);
    const lifetime = lifetimeMs(profile, seed);
    const cut = () => this.#close(CLOSE_ABNORMAL, "", false);
    this.#breaking = Number.isFinite(lifetime) ? clock.setTimeout(cut, lifetime) : undefined;
    this.#up.send(HANDSHAKE_BYTES, () => this.#connect(open()));
  }

  /** The subprotocol that the server chose. */
  get protocol() {
    return this.#inner?.protocol ?? "";
  }

  /** @param {Uint8Array} message */
  send(message) {
    if (this.readyState === CONNECTING) {
      throw new DOMException("still connecting", "InvalidStateError");
    }
    if (this.readyState === OPEN) {
      const copy = Uint8Array.from(message);
      this.#up.send(copy.length, () => this.#inner?.send(copy));
    }
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    if (this.readyState < CLOSING) {
      this.readyState = CLOSING;
      this.#up.send(0, () => this.#inner?.close(code, reason));
    }
  }

  /** @param {WebSocket} inner */
  #connect(inner) {
    const { signal } = this.#listening;
    const down = this.#down;
    this.#inner = inner;
    inner.binaryType = this.binaryType;
    inner.addEventListener("open", () => down.send(HANDSHAKE_BYTES, () => this.#open()), { signal });
    inner.addEventListener(
      "message",
      ({ data }) => {
        down.send(data.byteLength ?? data.length, () => this.dispatchEvent(new MessageEvent("message", { data })));
      },
      { signal },
    );
    inner.addEventListener("error", () => down.send(0, () => this.dispatchEvent(new Event("error"))), { signal });
    inner.addEventListener(
      "close",
      ({ code, reason, wasClean }) => down.send(0, () => this.#close(code, reason, wasClean)),
      { signal },
    );
  }

  #open() {
    if (this.readyState === CONNECTING) {
      this.readyState = OPEN;
      this.dispatchEvent(new Event("open"));
    }
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @param {boolean} wasClean
   */
  #close(code, reason, wasClean) {
    this.readyState = CLOSED;
    this.#clock.clearTimeout(this.#breaking);
    this.#listening.abort();
    this.#up.cut();
    this.#down.cut();
    // Node.js 20 has no CloseEvent.
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason, wasClean }));
  }
}
