/**
 * The line shown while a lost connection is being restored. The world stays as it is meanwhile.
 * @module
 */

import { byId, write } from "../ui/elements.js";
import { EventFeed } from "./event-feed.js";

/** @typedef {import("/client/drumline.js").Room} Room */

/** Shorter outages are not shown: the line would only flicker. */
const SHOW_AFTER_MS = 300;

export class Outage {
  #line = byId("outage");
  #left = byId("outage-left");
  #feed = new EventFeed();
  /** When the connection was lost, in milliseconds; null while connected. */
  #lostAt = /** @type {number | null} */ (null);
  #endsAt = 0;

  /** @param {Room} room */
  watch(room) {
    room.on("reconnecting", ({ leftMs }) => {
      const now = performance.now();
      this.#lostAt ??= now;
      this.#endsAt = now + leftMs;
    });
    room.on("resumed", () => {
      if (!this.#line.hidden) this.#feed.add("connection", "Reconnected");
      this.#end();
    });
    room.on("close", () => this.#end());
  }

  /** @param {number} now In milliseconds. */
  frame(now) {
    if (this.#lostAt === null || now - this.#lostAt < SHOW_AFTER_MS) return;
    const left = Math.max(0, Math.ceil((this.#endsAt - now) / 1000));
    write(this.#left, `(${left} s left)`);
    this.#line.hidden = false;
  }

  #end() {
    this.#lostAt = null;
    this.#line.hidden = true;
  }
}
