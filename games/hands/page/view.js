/**
 * A game in progress: shows the room's newest state, and sends what the player does.
 *
 * Nothing moves between two ticks, so the page shows the newest state itself, and not the interpolated view, which is later.
 * @module
 */

import { byId, write } from "/kit/ui/elements.js";
import { EventFeed } from "/kit/hud/event-feed.js";
import { ConnectionStatus } from "/kit/hud/status.js";
import { fits, isWild } from "./game/cards.js";
import { REFUSALS, describeEvent, describePhase, emoteText } from "./game/texts.js";
import { UNDO_SECONDS, playerOnTurn } from "./game/world.js";

/** @typedef {import("/client/drumline.js").Room<import("../hands.d.ts").Hands>} Room */
/** @typedef {import("./game/world.js").Card} Card */
/** @typedef {import("./game/world.js").Suit} Suit */
/** @typedef {import("./game/world.js").World} World */
/** @typedef {import("./hud/parts.js").Parts} Parts */

/** A refusal stays on the status line for this long. */
const REFUSAL_MS = 2500;

export class CardTable {
  #room;
  #parts;
  #screen = byId("table");
  #hud = byId("hud");
  #status = byId("status");
  #clock = byId("clock");
  #points = byId("points");
  #bubble = byId("own-bubble");
  #hand = byId("hand-number");
  #feed = new EventFeed();
  #connection = new ConnectionStatus();
  #over = false;
  /** The tick that is shown, and when its snapshot came, in milliseconds. */
  #tick = -1;
  #tickAt = 0;
  #refusal = { text: "", until: 0 };
  #onKey = (/** @type {KeyboardEvent} */ event) => this.#key(event);

  /**
   * @param {Room} room
   * @param {Parts} parts
   */
  constructor(room, parts) {
    this.#room = room;
    this.#parts = parts;
    parts.connect({ play: (card) => this.#play(card), press: (press) => this.#press(press) });
    this.#feed.clear();
    room.on("event", (event) => this.#feed.add(event.type, describeEvent(event, room.players)));
    window.addEventListener("keydown", this.#onKey);
    this.#screen.hidden = this.#hud.hidden = false;
  }

  /** @param {number} now In milliseconds. */
  frame(now) {
    if (this.#over) return;
    if (this.#room.tick !== this.#tick) {
      this.#tick = this.#room.tick;
      this.#tickAt = now;
      this.#show(now);
    }
    this.#showTime(now);
  }

  /** Called when the connection has ended. */
  freeze() {
    this.#over = true;
    window.removeEventListener("keydown", this.#onKey);
    this.#parts.suits.close();
    this.#screen.hidden = this.#hud.hidden = true;
  }

  /** @returns {World} */
  #world() {
    const { seats, middle } = this.#room.tables;
    return { seats: [...seats], middle, players: this.#room.players };
  }

  #ownSeat() {
    return this.#world().seats.find(({ player }) => player === this.#room.player);
  }

  /** @param {number} now In milliseconds. */
  #show(now) {
    const world = this.#world();
    const own = this.#room.player;
    const { phase } = world.middle;
    const { opponents, middle, hand, actions, banner } = this.#parts;
    const isOwn = playerOnTurn(phase) === own;
    opponents.update(world, own);
    middle.update(world);
    hand.update(world, own);
    actions.update(phase, isOwn);
    banner.update(world, own);
    const seat = world.seats.find(({ player }) => player === own);
    write(this.#hand, world.middle.hand > 0 ? `Hand ${world.middle.hand}` : "");
    write(this.#points, `${seat?.points ?? 0} points`);
    write(this.#bubble, emoteText(seat?.emote ?? null));
    this.#bubble.hidden = !seat?.emote;
    this.#screen.classList.toggle("own-turn", isOwn);
    if (phase.type !== "Turn") this.#parts.suits.close();
    this.#connection.update(this.#room);
    write(this.#status, now < this.#refusal.until ? this.#refusal.text : this.#statusText(world, now));
  }

  /**
   * @param {World} world
   * @param {number} now In milliseconds.
   */
  #statusText(world, now) {
    return describePhase(world, this.#room.player, Math.ceil(this.#left(now)));
  }

  /**
   * Seconds until the phase ends.
   * @param {number} now In milliseconds.
   */
  #left(now) {
    const { phase } = this.#world().middle;
    if (phase.type === "Waiting") return 0;
    const ends = phase.type === "Starting" ? phase.deals_tick : phase.ends_tick;
    return Math.max(0, (ends - this.#tick) / this.#room.tickRateHz - (now - this.#tickAt) / 1000);
  }

  /**
   * Moves the ring around the player on turn.
   * @param {number} now In milliseconds.
   */
  #showTime(now) {
    const { middle } = this.#world();
    const whole = middle.phase.type === "Laid" ? UNDO_SECONDS : middle.turn_ticks / this.#room.tickRateHz;
    const left = this.#left(now);
    const share = Math.min(1, left / whole);
    this.#parts.opponents.turn(share);
    const isOwn = playerOnTurn(middle.phase) === this.#room.player;
    this.#clock.hidden = !isOwn;
    this.#clock.style.setProperty("--share", String(share));
    this.#clock.classList.toggle("soon", left < 5);
    write(this.#clock, String(Math.ceil(left)));
  }

  /** @param {Card} card */
  #play(card) {
    const { middle } = this.#world();
    const { phase } = middle;
    if (phase.type !== "Turn" || phase.player !== this.#room.player) this.#refuse(card, "not_your_turn");
    else if (!fits(card, middle)) this.#refuse(card, "no_match");
    else if (isWild(card) && (this.#ownSeat()?.cards ?? 0) > 1) this.#parts.suits.ask((suit) => void this.#send(card, suit));
    // The suit of the last card is of no use.
    else void this.#send(card, isWild(card) ? card.suit : null);
  }

  /**
   * @param {Card} card
   * @param {Suit | null} suit
   */
  async #send(card, suit) {
    try {
      const reply = await this.#room.command({ type: "play", card, suit });
      if (reply.type === "refused") this.#refuse(card, reply.reason);
    } catch {
      // An outage, or the end, is shown already, and the card is still in the hand.
    }
  }

  /** @param {import("./game/world.js").Press} press */
  #press(press) {
    if (!this.#over && !this.#room.spectator) this.#room.press(press);
  }

  /**
   * @param {Card} card
   * @param {import("./game/texts.js").Refusal} reason
   */
  #refuse(card, reason) {
    this.#parts.hand.shake(card);
    this.#refusal = { text: REFUSALS[reason], until: performance.now() + REFUSAL_MS };
    write(this.#status, this.#refusal.text);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const typing = event.target instanceof HTMLInputElement;
    if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || this.#parts.suits.isOpen) return;
    const arrow = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (arrow && document.activeElement === document.body) this.#parts.hand.focus();
    else if (this.#parts.actions.key(event.code)) event.preventDefault();
  }
}
