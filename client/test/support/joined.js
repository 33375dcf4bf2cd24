/** A client that has joined a room, on a fake clock and with a fake page around it. */

import { join } from "../../src/drumline.js";
import { FakeClock } from "./fake-clock.js";
import { settle } from "./fake-lobby.js";
import { seeded } from "./random.js";
import { LATENCY_MS, SeatServer } from "./seat.js";

/** A page's window and document. The test dispatches their events. */
export class FakeWindow extends EventTarget {
  document = Object.assign(new EventTarget(), { visibilityState: "visible" });

  online() {
    this.dispatchEvent(new Event("online"));
  }

  /** @param {string} state */
  turn(state) {
    this.document.visibilityState = state;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }
}

/**
 * Joins a room on a {@link SeatServer}, and records the events of its connection.
 *
 * @param {{ seed?: number, resumeSeconds?: number }} [options]
 */
export async function joined({ seed = 1, resumeSeconds = 30 } = {}) {
  const clock = new FakeClock();
  const below = seeded(seed);
  const server = new SeatServer(clock, below);
  server.resumeSeconds = resumeSeconds;
  const window = new FakeWindow();
  const { WebSocket } = server;
  // A test may replace it.
  const fetch = (/** @type {any} */ address, /** @type {any} */ init) => server.fetch(address, init);
  const random = () => below(2 ** 30) / 2 ** 30;
  const joining = join("https://example.test/", { game: "kitchen", clock, WebSocket, fetch, random, window });
  await settle();
  clock.pass(10 * LATENCY_MS);
  const room = await joining;
  /** @type {[string, any][]} */
  const events = [];
  room.on("reconnecting", (event) => events.push(["reconnecting", event]));
  room.on("resumed", (event) => events.push(["resumed", event]));
  room.on("close", (event) => events.push(["close", event]));
  const names = () => events.map(([name]) => name);
  /** Lets time pass in small steps, and promises settle. @param {number} ms */
  const pass = async (ms) => {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      clock.pass(Math.min(end - clock.now(), 50));
      await settle();
    }
  };
  return { clock, server, window, room, events, names, pass };
}
