/**
 * The other players: their names, cards, points and emotes, in the order of their turns.
 * @module
 */

import { byId, make, write } from "/kit/ui/elements.js";
import { faceDown } from "../drawing/cards.js";
import { isAway, playerName, othersAfter } from "../game/players.js";
import { emoteText } from "../game/texts.js";
import { playerOnTurn } from "../game/world.js";

/** @typedef {import("../game/world.js").Seat} Seat */
/** @typedef {import("../game/world.js").World} World */

/** More cards than these do not make a fan wider. */
const MAX_BACKS = 10;

/** One player's place at the table. */
class Place {
  #letter = make("span", { class: "ring", "aria-hidden": "true" });
  #name = make("span", { class: "name" });
  #about = make("span", { class: "about" });
  #fan = make("span", { class: "fan", "aria-hidden": "true" });
  #bubble = make("span", { class: "bubble", role: "status" });
  element = make("li", {}, this.#letter, this.#name, this.#about, this.#fan, this.#bubble);

  /**
   * @param {Seat} seat
   * @param {World} world
   */
  update(seat, { middle, players }) {
    const name = playerName(players, seat.player);
    write(this.#letter, [...name][0]?.toUpperCase() ?? "?");
    write(this.#name, name);
    const cards = seat.plays ? `${seat.cards} ${seat.cards === 1 ? "card" : "cards"}` : "next hand";
    const away = isAway(players, seat.player);
    write(this.#about, `${away ? "away · " : ""}${cards} · ${seat.points} pts`);
    const backs = Math.min(seat.cards, MAX_BACKS);
    while (this.#fan.children.length > backs) this.#fan.lastElementChild?.remove();
    while (this.#fan.children.length < backs) this.#fan.append(faceDown());
    write(this.#bubble, emoteText(seat.emote));
    this.#bubble.hidden = !seat.emote;
    const isOn = playerOnTurn(middle.phase) === seat.player;
    this.element.classList.toggle("on", isOn);
    this.element.classList.toggle("last", seat.plays && seat.cards === 1);
    this.element.classList.toggle("waits", !seat.plays || away);
    if (isOn) this.element.setAttribute("aria-current", "true");
    else this.element.removeAttribute("aria-current");
  }

  /** @param {number} share The time that is left, 0 to 1. */
  turn(share) {
    this.#letter.style.setProperty("--share", String(share));
  }
}

export class Opponents {
  #list = byId("opponents");
  /** @type {Map<number, Place>} By seat. */
  #places = new Map();

  clear() {
    this.#places.clear();
    this.#list.replaceChildren();
  }

  /**
   * @param {World} world
   * @param {number} own
   */
  update(world, own) {
    const others = othersAfter(world.seats, own);
    for (const seat of others) {
      const place = this.#places.get(seat.id) ?? new Place();
      this.#places.set(seat.id, place);
      place.update(seat, world);
    }
    for (const id of this.#places.keys()) {
      if (!others.some((seat) => seat.id === id)) this.#places.delete(id);
    }
    const elements = others.map(({ id }) => /** @type {Place} */ (this.#places.get(id)).element);
    const shown = [...this.#list.children];
    const isSame = shown.length === elements.length && elements.every((element, index) => element === shown[index]);
    if (!isSame) this.#list.replaceChildren(...elements);
  }

  /** @param {number} share The time that is left of a turn, 0 to 1. */
  turn(share) {
    this.#places.forEach((place) => place.turn(share));
  }
}
