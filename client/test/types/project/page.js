// The same in JavaScript with JSDoc: correct uses.

/** @import { EntityOf, Room } from "drumline" */
/** @import { Arena } from "./games/arena.js" */

import { join } from "drumline";

/** @returns {Promise<Room<Arena>>} */
export function enter() {
  return join("", { game: "arena", name: "Ada" });
}

/** @param {EntityOf<Arena, "ships">} ship */
export function describe(ship) {
  return `${ship.id} at ${ship.position.x}`;
}

/** @type {Room<Arena>} */
const room = await join("", { game: "arena" });
room.view().tables.ships.map(describe);
room.input({ fire: true });
