/**
 * Texts for events, replies and the state of play.
 * @module
 */

/** @import { RoomEvent } from "/client/drumline.js" */
/** @import { Hands } from "../../hands.d.ts" */

/** @typedef {Extract<Hands["reply"], { type: "refused" }>["reason"]} Refusal */
/** @typedef {import("./world.js").Emote} Emote */
/** @typedef {import("./world.js").Player} Player */
/** @typedef {import("./world.js").Seat} Seat */
/** @typedef {import("./world.js").World} World */

import { playerName } from "./players.js";
import { fits } from "./cards.js";
import { playerOnTurn } from "./world.js";

/** @type {Readonly<Record<Emote, string>>} */
export const EMOTES = { Hello: "Hello!", Nice: "Well played!", Oops: "Oops…", Hurry: "Hurry up!" };

/**
 * An emote, and how often it was pressed.
 * @param {Seat["emote"]} shown
 */
export function emoteText(shown) {
  if (!shown) return "";
  const text = EMOTES[shown.emote];
  return shown.times > 1 ? `${text} ×${shown.times}` : text;
}

/** @type {Readonly<Record<Refusal, string>>} */
export const REFUSALS = {
  not_your_turn: "It is not your turn.",
  not_yours: "You no longer have that card.",
  no_match: "That card does not fit: match the rank or the suit.",
  no_suit: "An eight needs a suit.",
};

/**
 * An event as a line of the feed.
 * @param {RoomEvent<Hands>} event
 * @param {readonly Player[]} players
 */
export function describeEvent(event, players) {
  if (event.type === "reshuffled") return "The cards are shuffled again";
  const name = playerName(players, event.player);
  switch (event.type) {
    case "drew":
      return `${name} draws a card`;
    case "timed_out":
      return `${name} was too slow`;
    case "took_back":
      return `${name} takes a card back`;
    case "won":
      return `${name} wins ${event.points} points`;
  }
}

/**
 * The line that says what happens now, or what the player can do.
 * @param {World} world
 * @param {number} own
 * @param {number} left Seconds until the phase ends.
 */
export function describePhase({ seats, middle, players }, own, left) {
  const { phase } = middle;
  const seat = seats.find(({ player }) => player === own);
  const isOwn = playerOnTurn(phase) === own;
  switch (phase.type) {
    case "Waiting":
      return "Waiting for another player…";
    case "Starting":
      return `The cards are dealt in ${left} s`;
    case "Over":
      return `The next hand begins in ${left} s`;
    case "Laid":
      return isOwn ? "End your turn, or take the card back" : `${playerName(players, phase.player)} has laid a card`;
    case "Turn": {
      const waits = seat && !seat.plays ? " · you play in the next hand" : "";
      if (!isOwn) return `${playerName(players, phase.player)}’s turn${waits}`;
      const canLay = seat?.hand?.some((card) => fits(card, middle));
      if (canLay) return phase.drew ? "Lay a card, or pass" : "Your turn: lay a card, or draw";
      return phase.drew ? "No card fits: pass" : "No card fits: draw one";
    }
  }
}
