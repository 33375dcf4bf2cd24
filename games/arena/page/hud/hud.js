/**
 * The arena's HUD: health, scoreboard, round, events and connection.
 * @module
 */

import { byId, write } from "/kit/ui/elements.js";
import { EventFeed } from "/kit/hud/event-feed.js";
import { Meter } from "/kit/hud/meter.js";
import { Scoreboard } from "/kit/hud/scoreboard.js";
import { ConnectionStatus, RespawnNote, flashDamage } from "/kit/hud/status.js";
import { ranking } from "./ranking.js";
import { RESPAWN_SECONDS, healthOf, isShielded } from "../game/world.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("../game/world.js").Ship} Ship */
/** @typedef {import("../game/world.js").World} World */

const LOW_HEALTH = 30;

export class Hud {
  feed = new EventFeed();
  #hud = byId("hud");
  #timer = byId("timer");
  #round = byId("round");
  #health = new Meter("health", 100);
  #banner = byId("banner");
  #winner = byId("winner");
  #next = byId("next");
  #note = new RespawnNote(RESPAWN_SECONDS);
  #connection = new ConnectionStatus();
  #scores = new Scoreboard(byId("scores"));

  show() {
    this.#hud.hidden = false;
    this.feed.clear();
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
    this.#note.update(ship !== undefined, now, room.spectator);
    this.#connection.update(room);
  }

  hit() {
    flashDamage();
  }

  /** @param {number} now In seconds. */
  destroyed(now) {
    flashDamage();
    this.#note.destroyed(now);
  }

  /** @param {World} world */
  #showRound({ round, pilots }) {
    const { number, phase } = round;
    const { seconds_left: left } = phase;
    const finished = phase.type === "Finished";
    write(this.#timer, `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
    write(this.#round, finished ? "next round" : `round ${number}`);
    this.#timer.classList.toggle("soon", !finished && left <= 10);
    this.#banner.hidden = !finished;
    if (!finished) return;
    const winner = pilots.find((pilot) => pilot.player === phase.winner);
    write(this.#winner, winner ? `${winner.name} wins` : "Nobody wins");
    const points = winner ? `${winner.score} points · ` : "";
    write(this.#next, `${points}next round in ${left} s`);
  }

  /** @param {Ship | undefined} ship */
  #showHealth(ship) {
    const health = ship ? healthOf(ship) : 0;
    this.#health.show(health);
    this.#health.element.classList.toggle("low", health <= LOW_HEALTH);
    this.#health.element.classList.toggle("shielded", ship !== undefined && isShielded(ship));
  }
}
