/**
 * What every game shows on top of its world: meters, news, a note while no ship flies, and the connection.
 * @module
 */

import { byId, write } from "../ui/elements.js";

/** @typedef {import("/client/drumline.js").Room} Room */

const NEWS_SHOWN = 5;
const NEWS_MILLISECONDS = 6000;
const HURT_MILLISECONDS = 380;

/** A bar with a number, as `<div id="…" role="meter"><span class="bar"></span><span class="figure"></span></div>`. */
export class Meter {
  element;
  #figure;
  #most;

  /**
   * @param {string} id
   * @param {number} most
   */
  constructor(id, most) {
    this.element = byId(id);
    const figure = this.element.querySelector(".figure");
    if (!figure) throw new Error(`#${id} has no figure`);
    this.#figure = figure;
    this.#most = most;
  }

  /**
   * @param {number} value
   * @param {string} [text] Instead of the value.
   */
  show(value, text = String(value)) {
    write(this.#figure, text);
    this.element.setAttribute("aria-valuenow", String(value));
    this.element.style.setProperty("--share", String(value / this.#most));
  }
}

/** Lines that go away after a while. */
export class News {
  #feed = byId("feed");

  clear() {
    this.#feed.replaceChildren();
  }

  /**
   * @param {string} kind
   * @param {string} text
   */
  add(kind, text) {
    const line = document.createElement("li");
    line.textContent = text;
    line.dataset.kind = kind;
    this.#feed.append(line);
    while (this.#feed.children.length > NEWS_SHOWN) this.#feed.firstElementChild?.remove();
    setTimeout(() => line.remove(), NEWS_MILLISECONDS);
  }
}

/** What is said while the own ship does not fly. */
export class FlightNote {
  #note = byId("note");
  #respawnSeconds;
  /** When the own ship was destroyed, in seconds; null while it flies or before its first flight. */
  #destroyedAt = /** @type {number | null} */ (null);

  /** @param {number} respawnSeconds */
  constructor(respawnSeconds) {
    this.#respawnSeconds = respawnSeconds;
  }

  /** @param {number} now In seconds. */
  destroyed(now) {
    this.#destroyedAt = now;
  }

  /**
   * @param {boolean} flies
   * @param {number} now In seconds.
   */
  update(flies, now) {
    this.#note.hidden = flies;
    if (flies) {
      this.#destroyedAt = null;
    } else if (this.#destroyedAt === null) {
      write(this.#note, "Launching…");
    } else {
      const left = Math.ceil(this.#destroyedAt + this.#respawnSeconds - now);
      write(this.#note, left > 0 ? `Destroyed. Respawning in ${left}…` : "Respawning…");
    }
  }
}

/** How the connection is doing. */
export class ConnectionLine {
  #net = byId("net");

  /** @param {Room} room */
  update({ id, stats }) {
    const parts = [
      `room ${id}`,
      `${Math.round(stats.pingMs)} ms`,
      `${(stats.bytesPerS / 1000).toFixed(1)} kB/s`,
      `${Math.round(stats.updatesPerS)} updates/s`,
      stats.mismatches === 0 ? "mirror ok" : `mirror: ${stats.mismatches} mismatches`,
    ];
    write(this.#net, parts.join(" · "));
    this.#net.classList.toggle("bad", stats.mismatches > 0);
  }
}

/** A red flash at the edges of the screen. */
export function flashHurt() {
  byId("hurt").animate([{ opacity: 0.85 }, { opacity: 0 }], { duration: HURT_MILLISECONDS, easing: "ease-out" });
}
