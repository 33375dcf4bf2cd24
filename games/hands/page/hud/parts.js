/**
 * The parts of the table, made once for the page. Each game in progress connects them to its room.
 * @module
 */

import { Actions } from "./actions.js";
import { Banner } from "./banner.js";
import { Hand } from "./hand.js";
import { MiddleOfTable } from "./middle.js";
import { Opponents } from "./opponents.js";
import { SuitChooser } from "./suit-chooser.js";

/** @typedef {import("../game/world.js").Card} Card */
/** @typedef {{ play: (card: Card) => void, press: (press: import("../game/world.js").Press) => void }} Player */

export class Parts {
  /** @type {Player | undefined} */
  #player;
  opponents = new Opponents();
  middle = new MiddleOfTable();
  hand = new Hand((card) => this.#player?.play(card));
  actions = new Actions((press) => this.#player?.press(press));
  banner = new Banner();
  suits = new SuitChooser();

  /**
   * Empties the table for another game.
   * @param {Player} player Gets what the player does.
   */
  connect(player) {
    this.#player = player;
    this.opponents.clear();
    this.middle.clear();
    this.hand.clear();
  }
}
