/** A client that has joined a room, on a fake clock and with a fake page around it. */

/** @import { JoinOptions, Room } from "../../src/drumline.js" */

import { join } from "../../src/drumline.js";
import { FakeClock } from "./fake-clock.js";
import { settle } from "./fake-lobby.js";
import { seeded } from "./random.js";
import { LATENCY_MS, SeatServer } from "./seat.js";

/** A target that never forgets a listener: Node.js may miss an abort signal that would remove one. */
class Target extends EventTarget {
  /** @param {string} type @param {(event: Event) => void} listener */
  addEventListener(type, listener) {
    super.addEventListener(type, listener);
  }
}

/** A page's window and document. The test dispatches their events. */
export class FakeWindow extends Target {
  document = Object.assign(new Target(), { visibilityState: "visible" });

  online() {
    this.dispatchEvent(new Event("online"));
  }

  /** @param {string} state */
  turn(state) {
    this.document.visibilityState = state;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  /**
   * Hides the page, or shows it again, as on the way to another page and back.
   *
   * @param {"pagehide" | "pageshow"} type
   * @param {boolean} persisted true if the browser keeps the page
   */
  page(type, persisted) {
    this.dispatchEvent(Object.assign(new Event(type), { persisted }));
  }

  /** @param {"freeze" | "resume"} type */
  life(type) {
    this.document.dispatchEvent(new Event(type));
  }
}

/** A page's storage. */
export class FakeStorage {
  /** @type {Map<string, string>} */
  items;
  /** True if it throws, as one that is blocked does. */
  blocked = false;

  /** @param {Iterable<[string, string]>} [items] those of a page that is duplicated or restored */
  constructor(items = []) {
    this.items = new Map(items);
  }

  /** @param {string} key */
  getItem(key) {
    this.#check();
    return this.items.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.#check();
    this.items.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.#check();
    this.items.delete(key);
  }

  #check() {
    if (this.blocked) throw new DOMException("blocked", "SecurityError");
  }
}

/** A {@link SeatServer} and its clock. @param {{ seed?: number, resumeSeconds?: number }} [options] */
export function seatServer({ seed = 1, resumeSeconds = 30 } = {}) {
  const clock = new FakeClock();
  const below = seeded(seed);
  const server = new SeatServer(clock, below);
  server.resumeSeconds = resumeSeconds;
  /** Lets time pass in small steps, and promises settle. @param {number} ms */
  const pass = async (ms) => {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      clock.pass(Math.min(end - clock.now(), 50));
      await settle();
    }
  };
  return { clock, below, server, pass };
}

/**
 * The options of a join on a {@link SeatServer}, from a page of its own.
 *
 * @param {Pick<ReturnType<typeof seatServer>, "clock" | "below" | "server">} place
 */
export function pageOn({ clock, below, server }) {
  const { WebSocket } = server;
  // A test may replace it.
  const fetch = (/** @type {any} */ address, /** @type {any} */ init) => server.fetch(address, init);
  const random = () => below(2 ** 30) / 2 ** 30;
  return { game: "kitchen", clock, WebSocket, fetch, random, window: new FakeWindow() };
}

/**
 * Records the events of a room's connection.
 *
 * @param {Room} room
 */
export function record(room) {
  /** @type {[string, any][]} */
  const events = [];
  room.on("reconnecting", (event) => events.push(["reconnecting", event]));
  room.on("resumed", (event) => events.push(["resumed", event]));
  room.on("lost", (event) => events.push(["lost", event]));
  room.on("close", (event) => events.push(["close", event]));
  const names = () => events.map(([name]) => name);
  return { events, names };
}

/**
 * Joins a room on a {@link SeatServer}, and records the events of its connection.
 *
 * @param {{ seed?: number, resumeSeconds?: number } & Pick<JoinOptions, "resume">} [options]
 */
export async function joined({ seed, resumeSeconds, resume } = {}) {
  const place = seatServer({ seed, resumeSeconds });
  const { clock, server, pass } = place;
  const page = pageOn(place);
  const joining = join("https://example.test/", { ...page, resume });
  await settle();
  clock.pass(10 * LATENCY_MS);
  const room = await joining;
  return { ...place, clock, server, pass, window: page.window, room, ...record(room) };
}
