/**
 * The arena's tables as the client receives them, and the sizes that its rules use.
 * @module
 */

import { FULL_HEALTH } from "./rules.js";

/** @import { EntityOf, Shown } from "/client/drumline.js" */
/** @import { Arena } from "../../arena.d.ts" */

/** @typedef {EntityOf<Arena, "ships">} Ship */
/** @typedef {EntityOf<Arena, "rocks">} Rock */
/** @typedef {EntityOf<Arena, "shots">} Shot */
/** @typedef {EntityOf<Arena, "pilots">} Pilot */
/** @typedef {Shown<Arena>["tables"]} World */

/** Width and height of the world, in units. */
export const WORLD_SIZE = 2000;

/** @type {Readonly<Record<Rock["size"], number>>} */
export const ROCK_RADIUS = Object.freeze({ Small: 16, Medium: 30, Large: 52 });

export const RESPAWN_SECONDS = 2;

/**
 * A ship's hit points. A shield has taken no damage yet.
 * @param {Ship} ship
 */
export function healthOf({ hull }) {
  return hull.type === "Bare" ? hull.health : FULL_HEALTH;
}

/** @param {Ship} ship */
export function isShielded({ hull }) {
  return hull.type === "Shielded";
}
