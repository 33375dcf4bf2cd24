/**
 * The game's tables as the client receives them.
 * @module
 */

/** @import { EntityOf, Room } from "/client/drumline.js" */
/** @import { Hands } from "../../hands.d.ts" */

/** @typedef {EntityOf<Hands, "seats">} Seat `hand` is there in the own seat alone. */
/** @typedef {Hands["singles"]["middle"]} Middle */
/** @typedef {Middle["phase"]} Phase */
/** @typedef {Middle["top"][number]["card"]} Card `rank`: 1 for the ace, 11 to 13 for jack, queen and king. */
/** @typedef {Card["suit"]} Suit */
/** @typedef {NonNullable<Seat["emote"]>["emote"]} Emote */
/** @typedef {Hands["presses"]} Press */
/** @typedef {Room["players"][number]} Player */
/** @typedef {{ seats: Seat[], middle: Middle, players: readonly Player[] }} World `players`: the room's list. */

/** The time in which a card can be taken back, in seconds. */
export const UNDO_SECONDS = 4;

/**
 * The player whose turn it is.
 * @param {Phase} phase
 */
export function playerOnTurn(phase) {
  return phase.type === "Turn" || phase.type === "Laid" ? phase.player : undefined;
}
