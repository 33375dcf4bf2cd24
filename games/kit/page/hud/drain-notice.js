/**
 * A countdown to the server's restart, shown to all players while the server drains.
 * @module
 */

import { byId, make, write } from "../ui/elements.js";

/** @typedef {import("/client/drumline.js").Room} Room */

export class DrainNotice {
  #left = make("span", { "aria-hidden": "true" });
  #line = make("p", { id: "notice", role: "status", hidden: true }, "Server restarts ", this.#left);
  #endsAt = 0;

  constructor() {
    byId("hud").append(this.#line);
  }

  /** @param {Room} room */
  watch(room) {
    this.#line.hidden = true;
    room.on("draining", ({ seconds }) => {
      this.#endsAt = performance.now() + seconds * 1000;
      this.#line.hidden = false;
    });
    room.on("close", () => (this.#line.hidden = true));
  }

  /** @param {number} now In milliseconds. */
  frame(now) {
    if (!this.#line.hidden) write(this.#left, `in ${Math.max(0, Math.ceil((this.#endsAt - now) / 1000))} s`);
  }
}
