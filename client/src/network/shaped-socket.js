/** A simulated network between a client and its server: delay, jitter, stalls, little bandwidth, and connections that break. */

/** @import { Clock } from "../base/timers.js" */

import { NetworkError } from "../base/errors.js";
import { systemClock } from "../base/timers.js";

/** A close code that is never sent: the connection has broken. */
const CLOSE_BROKEN = 1006;
/** What the messages of the handshake weigh, roughly. */
const HANDSHAKE_BYTES = 500;
const UNITS = { bit: 1, kbit: 1e3, mbit: 1e6 };

/**
 * What a network is like, in each direction.
 *
 * @typedef {object} NetworkProfile
 * @property {number} delayMs one way
 * @property {number} jitterMs each message's delay is within so much of `delayMs`
 * @property {number} stallShare the part of the time in which nothing gets through, 0 to 1
 * @property {number} stallMs how long that lasts each time
 * @property {number} bitsPerS zero: no limit
 * @property {number} cutsPerS how often a connection breaks, on average
 */

/** @type {Readonly<NetworkProfile>} A network that does nothing. */
const PERFECT = { delayMs: 0, jitterMs: 0, stallShare: 0, stallMs: 0, bitsPerS: 0, cutsPerS: 0 };

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} form how it is written
 * @property {RegExp} pattern
 * @property {(numbers: number[], unit: keyof typeof UNITS) => Partial<NetworkProfile>} read
 */

/** @type {Part[]} The parts of a profile's text. */
const PARTS = [
  {
    name: "delay",
    form: "delay=60ms",
    pattern: /^delay=([\d.]+)ms$/,
    read: ([delayMs]) => ({ delayMs }),
  },
  {
    name: "jitter",
    form: "jitter=20ms",
    pattern: /^jitter=([\d.]+)ms$/,
    read: ([jitterMs]) => ({ jitterMs }),
  },
  {
    name: "stall",
    form: "stall=1%:300ms",
    pattern: /^stall=([\d.]+)%:([\d.]+)ms$/,
    read: ([percent, stallMs]) => ({ stallShare: percent / 100, stallMs }),
  },
  {
    name: "bandwidth",
    form: "bandwidth=256kbit",
    pattern: /^bandwidth=([\d.]+)(bit|kbit|mbit)$/,
    read: ([bits], unit) => ({ bitsPerS: bits * UNITS[unit] }),
  },
  {
    name: "drop",
    form: "drop=conn:0.1/s",
    pattern: /^drop=conn:([\d.]+)\/s$/,
    read: ([cutsPerS]) => ({ cutsPerS }),
  },
];

/**
 * Reads a profile, such as `delay=60ms,jitter=20ms,stall=1%:300ms,bandwidth=256kbit,drop=conn:0.1/s`. All parts are optional.
 *
 * @param {string} text
 * @returns {NetworkProfile}
 */
export function parseNetwork(text) {
  const profile = { ...PERFECT };
  const seen = new Set();
  for (const word of text.split(",").map((word) => word.trim()).filter((word) => word !== "")) {
    const name = word.split("=")[0];
    const part = PARTS.find((part) => part.name === name);
    if (part === undefined) {
      throw new NetworkError("unknown_part", `${word}; there are ${PARTS.map(({ form }) => form).join(", ")}`);
    }
    if (seen.has(name)) {
      throw new NetworkError("repeated_part", name);
    }
    seen.add(name);
    Object.assign(profile, readPart(part, word));
  }
  return profile;
}

/**
 * @param {Part} part
 * @param {string} word
 */
function readPart({ pattern, form, read }, word) {
  const found = pattern.exec(word);
  if (found === null) {
    throw new NetworkError("bad_value", `${word}; it is written like ${form}`);
  }
  const numbers = found.slice(1).map(Number);
  const unit = /** @type {keyof typeof UNITS} */ (found.at(-1));
  const values = read(numbers, unit);
  const { stallShare = 0, stallMs = 1, bitsPerS = 1 } = values;
  if (!Object.values(values).every(Number.isFinite) || stallShare >= 1 || stallMs <= 0 || bitsPerS <= 0) {
    throw new NetworkError("bad_value", `${word}; it is written like ${form}, stalls take less than 100 % of the time`);
  }
  return values;
}

/** One direction of a connection. The same seed and the same times of sending give the same times of arrival. */
export class Link {
  #profile;
  #jitter;
  #stalls;
  /** When the last message has left, and when it arrives. */
  #free;
  #arrival;
  /** The next stall, or the one that lasts. */
  #stallStart;
  #stallEnd;

  /**
   * @param {NetworkProfile} profile
   * @param {number} seed
   * @param {number} now when it comes into being, in milliseconds
   */
  constructor(profile, seed, now) {
    this.#profile = profile;
    this.#jitter = random(seed);
    this.#stalls = random(seed ^ 0x5eed_57a1);
    this.#free = now;
    this.#arrival = now;
    this.#stallStart = now;
    this.#stallEnd = now;
  }

  /**
   * When a message arrives that is sent now: after all that were sent before it.
   *
   * @param {number} now in milliseconds; never goes back
   * @param {number} bytes
   */
  send(now, bytes) {
    const { delayMs, jitterMs, bitsPerS } = this.#profile;
    const transmission = bitsPerS > 0 ? (bytes * 8000) / bitsPerS : 0;
    this.#free = Math.max(this.#free, now) + transmission;
    const delay = Math.max(delayMs + (this.#jitter() * 2 - 1) * jitterMs, 0);
    this.#arrival = this.#afterStall(Math.max(this.#arrival, this.#free + delay));
    return this.#arrival;
  }

  /**
   * When something gets through that would at some time. Times never go back.
   *
   * @param {number} time
   */
  #afterStall(time) {
    const { stallShare, stallMs } = this.#profile;
    if (stallShare === 0) {
      return time;
    }
    while (this.#stallEnd <= time) {
      const gap = exponential(this.#stalls) * stallMs * ((1 - stallShare) / stallShare);
      this.#stallStart = this.#stallEnd + gap;
      this.#stallEnd = this.#stallStart + stallMs;
    }
    return time >= this.#stallStart ? this.#stallEnd : time;
  }
}

/**
 * How long a connection lives before it breaks, in milliseconds.
 *
 * @param {NetworkProfile} profile
 * @param {number} seed
 */
export function lifetimeMs({ cutsPerS }, seed) {
  return cutsPerS > 0 ? (exponential(random(seed ^ 0x0c07_0c07)) / cutsPerS) * 1000 : Infinity;
}

/**
 * A WebSocket class whose connections go through a simulated network, on top of a real one or a test's. It has the events and
 * methods that a `WebSocket` has, but no `on…` properties. A connection that breaks says so here, while its server hears
 * nothing more, not even a goodbye.
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
      const ofThis = Math.imul(seed + made++, 0x9e37_79b1);
      super(() => new Base(url, protocols), url, profile, ofThis, clock);
    }
  }
  return /** @type {any} */ (ShapedWebSocket);
}

/** A direction's messages on their way: each action happens when its message arrives, in the order of sending. */
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

  /** Forgets all that is on its way. */
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
    const cut = () => this.#close(CLOSE_BROKEN, "", false);
    this.#breaking = Number.isFinite(lifetime) ? clock.setTimeout(cut, lifetime) : undefined;
    this.#up.send(HANDSHAKE_BYTES, () => this.#connect(open()));
  }

  /** The subprotocol that the server has chosen. */
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
    // Not every place where this runs has a CloseEvent.
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason, wasClean }));
  }
}

/**
 * The generator mulberry32.
 *
 * @param {number} seed
 * @returns {() => number} the next number, from 0 to less than 1
 */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Exponentially distributed, with mean 1.
 *
 * @param {() => number} next
 */
function exponential(next) {
  return -Math.log(1 - next());
}
