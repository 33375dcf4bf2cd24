/**
 * Status lines that every game shows: respawning, the connection, and a flash when the own ship is hit.
 * @module
 */

import { byId, write } from "../ui/elements.js";

/** @typedef {import("/client/drumline.js").Room} Room */

const FLASH_MS = 380;

/** The line shown while the player has no ship, and to spectators. */
export class RespawnNote {
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
   * @param {boolean} flying
   * @param {number} now In seconds.
   * @param {boolean} spectator
   */
  update(flying, now, spectator) {
    this.#note.hidden = flying;
    if (spectator) {
      write(this.#note, "Watching");
    } else if (flying) {
      this.#destroyedAt = null;
    } else if (this.#destroyedAt === null) {
      write(this.#note, "Launching…");
    } else {
      const left = Math.ceil(this.#destroyedAt + this.#respawnSeconds - now);
      write(this.#note, left > 0 ? `Destroyed. Respawning in ${left}…` : "Respawning…");
    }
  }
}

/** The connection's main figures in one line. */
export class ConnectionStatus {
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

/** Flashes the edges of the screen red. */
export function flashDamage() {
  byId("hurt").animate([{ opacity: 0.85 }, { opacity: 0 }], { duration: FLASH_MS, easing: "ease-out" });
}
