/**
 * The frontier's tables as the client receives them, and the sizes that its rules use.
 * @module
 */

/** @typedef {import("/kit/world/types.js").Vec} Vec */
/** @import { EntityOf, Shown } from "/client/drumline.js" */
/** @import { Frontier } from "../../frontier.d.ts" */

/** @typedef {EntityOf<Frontier, "ships">} Ship */
/** @typedef {EntityOf<Frontier, "crystals">} Crystal */
/** @typedef {EntityOf<Frontier, "creatures">} Creature */
/** @typedef {EntityOf<Frontier, "shots">} Shot */
/** @typedef {EntityOf<Frontier, "stations">} Station */
/** @typedef {EntityOf<Frontier, "markers">} Marker */
/** @typedef {EntityOf<Frontier, "leaders">} Leader */
/** @typedef {Frontier["singles"]["standings"]} Standings */
/** @typedef {Ship["faction"]} Faction */
/** @typedef {Crystal["mineral"]} Mineral */
/** @typedef {NonNullable<Ship["cargo"]>} Cargo A stack of each mineral on board. */
/** @typedef {Shown<Frontier>["tables"]} World */

/** Width and height of the map, in units. */
export const MAP_SIZE = 12_000;
/** A pilot's view radius, in units. */
export const VIEW_RADIUS = 500;

export const CREATURE_RADIUS = 17;
export const HOLD = 40;
/** The points that a piece of each mineral brings. @type {Readonly<Record<Mineral, number>>} */
export const WORTH = Object.freeze({ Beryl: 1, Citrine: 2, Amethyst: 3 });
export const MINE_REACH = 150;
export const DOCK_RADIUS = 170;
export const RESPAWN_SECONDS = 4;

/** @type {readonly Faction[]} */
export const FACTIONS = ["Ember", "Tide", "Bloom"];

/**
 * The number of pieces in some cargo.
 * @param {Cargo} cargo
 */
export function piecesOf(cargo) {
  return cargo.reduce((sum, { amount }) => sum + amount, 0);
}

/**
 * The points that some cargo brings at a station.
 * @param {Cargo} cargo
 */
export function worthOf(cargo) {
  return cargo.reduce((sum, { mineral, amount }) => sum + amount * WORTH[mineral], 0);
}

/**
 * The nearest of some entities.
 * @template {{ position: Vec }} T
 * @param {T[]} entities
 * @param {Vec} from
 * @param {number} [reach] Entities farther away are ignored.
 * @returns {T | undefined}
 */
export function nearest(entities, from, reach = Infinity) {
  let best;
  let least = reach;
  for (const entity of entities) {
    const distance = distanceOf(entity.position, from);
    if (distance <= least) [best, least] = [entity, distance];
  }
  return best;
}

/**
 * @param {Vec} a
 * @param {Vec} b
 */
export function distanceOf(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
