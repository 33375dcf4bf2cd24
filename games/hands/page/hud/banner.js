/**
 * The banner with the winner of a hand.
 * @module
 */

import { byId, write } from "/kit/ui/elements.js";
import { nameOnSeat } from "../game/players.js";

/** @typedef {import("../game/world.js").World} World */

export class Banner {
  #banner = byId("banner");
  #winner = byId("winner");
  #next = byId("next");

  /**
   * @param {World} world
   * @param {number} own
   */
  update(world, own) {
    const { phase } = world.middle;
    this.#banner.hidden = phase.type !== "Over";
    if (phase.type !== "Over") return;
    const name = nameOnSeat(world, phase.winner);
    const isOwn = world.seats.find(({ id }) => id === phase.winner)?.player === own;
    write(this.#winner, isOwn ? "You win" : name === undefined ? "The winner has left" : `${name} wins`);
    write(this.#next, `${phase.points} points`);
  }
}
