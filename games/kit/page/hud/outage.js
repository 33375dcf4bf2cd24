/**
 * What is said while the connection is lost and may yet come back. The world stays as it is.
 * @module
 */

import { byId, write } from "../ui/elements.js";
import { News } from "./instruments.js";

/** @typedef {import("/client/drumline.js").Room} Room */

/** What is over sooner need not be said. */
const WORTH_SAYING_MS = 300;

export class Outage {
  #line = byId("outage");
  #left = byId("outage-left");
  #news = new News();
  /** When the connection was lost, in milliseconds; null while it is there. */
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
      if (!this.#line.hidden) this.#news.add("connection", "Connected again");
      this.#end();
    });
    room.on("close", () => this.#end());
  }

  /** @param {number} now In milliseconds. */
  frame(now) {
    if (this.#lostAt === null || now - this.#lostAt < WORTH_SAYING_MS) return;
    const left = Math.max(0, Math.ceil((this.#endsAt - now) / 1000));
    write(this.#left, `(${left} s left)`);
    this.#line.hidden = false;
  }

  #end() {
    this.#lostAt = null;
    this.#line.hidden = true;
  }
}
