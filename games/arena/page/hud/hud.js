/**
 * What is shown on top of the world: health, score board, round, news and the connection.
 * @module
 */

import { byId, write } from "/kit/ui/elements.js";
import { ConnectionLine, FlightNote, Meter, News, flashHurt } from "/kit/hud/instruments.js";
import { ScoreBoard } from "/kit/hud/scoreboard.js";
import { ranking } from "./ranking.js";
import { RESPAWN_SECONDS } from "../game/world.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("../game/world.js").Ship} Ship */
/** @typedef {import("../game/world.js").World} World */

const LOW_HEALTH = 30;

export class Hud {
  news = new News();
  #hud = byId("hud");
  #timer = byId("timer");
  #round = byId("round");
  #health = new Meter("health", 100);
  #banner = byId("banner");
  #winner = byId("winner");
  #next = byId("next");
  #note = new FlightNote(RESPAWN_SECONDS);
  #net = new ConnectionLine();
  #scores = new ScoreBoard(byId("scores"));

  show() {
    this.#hud.hidden = false;
    this.news.clear();
  }

  hide() {
    this.#hud.hidden = true;
  }

  /**
   * @param {World} world
   * @param {Room} room
   * @param {number} now In seconds.
   */
  update(world, room, now) {
    const ship = world.ships.find((each) => each.player === room.player);
    this.#scores.update(ranking(world.pilots, room.player));
    this.#showRound(world);
    this.#showHealth(ship);
    this.#note.update(ship !== undefined, now);
    this.#net.update(room);
  }

  hurt() {
    flashHurt();
  }

  /** @param {number} now In seconds. */
  destroyed(now) {
    flashHurt();
    this.#note.destroyed(now);
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

  /** @param {Ship | undefined} ship */
  #showHealth(ship) {
    const health = ship?.health ?? 0;
    this.#health.show(health);
    this.#health.element.classList.toggle("low", health <= LOW_HEALTH);
    this.#health.element.classList.toggle("shielded", ship?.shielded ?? false);
  }
}
