/**
 * What is shown on top of the world: health, score board, round, news and the connection.
 * @module
 */

import { byId } from "./elements.js";
import { ScoreBoard, write } from "./scores.js";
import { RESPAWN_SECONDS } from "./world.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("./world.js").Ship} Ship */
/** @typedef {import("./world.js").World} World */

const NEWS_SHOWN = 5;
const NEWS_MILLISECONDS = 6000;
const LOW_HEALTH = 30;
const HURT_MILLISECONDS = 380;

export class Hud {
  #hud = byId("hud");
  #timer = byId("timer");
  #round = byId("round");
  #health = byId("health");
  #healthText = byId("health-text");
  #banner = byId("banner");
  #winner = byId("winner");
  #next = byId("next");
  #note = byId("note");
  #feed = byId("feed");
  #net = byId("net");
  #hurt = byId("hurt");
  #scores = new ScoreBoard(byId("scores"));
  /** When the own ship was destroyed, in seconds; null while it flies or before its first flight. */
  #destroyedAt = /** @type {number | null} */ (null);

  show() {
    this.#hud.hidden = false;
    this.#feed.replaceChildren();
  }

  hide() {
    this.#hud.hidden = true;
  }

  /**
   * @param {World} world
   * @param {Ship | undefined} ship The own one, while it flies.
   * @param {Room} room
   * @param {number} now In seconds.
   */
  update(world, ship, room, now) {
    this.#scores.update(world.pilots, room.player);
    this.#showRound(world);
    this.#showHealth(ship);
    this.#showNote(ship, now);
    this.#showNet(room);
  }

  /** A red flash at the edges of the screen. */
  hurt() {
    this.#hurt.animate([{ opacity: 0.85 }, { opacity: 0 }], { duration: HURT_MILLISECONDS, easing: "ease-out" });
  }

  /** @param {number} now In seconds. */
  destroyed(now) {
    this.#destroyedAt = now;
  }

  /**
   * @param {string} kind
   * @param {string} text
   */
  addNews(kind, text) {
    const line = document.createElement("li");
    line.textContent = text;
    line.dataset.kind = kind;
    this.#feed.append(line);
    while (this.#feed.children.length > NEWS_SHOWN) this.#feed.firstElementChild?.remove();
    setTimeout(() => line.remove(), NEWS_MILLISECONDS);
  }

  /** @param {World} world */
  #showRound({ round, pilots }) {
    const minutes = Math.floor(round.seconds_left / 60);
    const seconds = String(round.seconds_left % 60).padStart(2, "0");
    const finished = round.phase === "Finished";
    write(this.#timer, `${minutes}:${seconds}`);
    write(this.#round, finished ? "next round" : `round ${round.number}`);
    this.#timer.classList.toggle("soon", !finished && round.seconds_left <= 10);
    this.#banner.hidden = !finished;
    if (!finished) return;
    const winner = pilots.find((pilot) => pilot.player === round.winner);
    write(this.#winner, winner ? `${winner.name} wins` : "Nobody wins");
    const points = winner ? `${winner.score} points · ` : "";
    write(this.#next, `${points}next round in ${round.seconds_left}`);
  }

  /** @param {Room} room */
  #showNet({ id, stats }) {
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

  /** @param {Ship | undefined} ship */
  #showHealth(ship) {
    const health = ship?.health ?? 0;
    write(this.#healthText, String(health));
    this.#health.setAttribute("aria-valuenow", String(health));
    this.#health.style.setProperty("--health", String(health / 100));
    this.#health.classList.toggle("low", health <= LOW_HEALTH);
    this.#health.classList.toggle("shielded", ship?.shielded ?? false);
  }

  /**
   * @param {Ship | undefined} ship
   * @param {number} now
   */
  #showNote(ship, now) {
    this.#note.hidden = ship !== undefined;
    if (ship) {
      this.#destroyedAt = null;
    } else if (this.#destroyedAt === null) {
      write(this.#note, "Launching…");
    } else {
      const left = Math.ceil(this.#destroyedAt + RESPAWN_SECONDS - now);
      write(this.#note, left > 0 ? `Destroyed. Respawning in ${left}…` : "Respawning…");
    }
  }
}
