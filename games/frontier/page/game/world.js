/**
 * The frontier's tables as the client receives them, and the sizes that its rules use.
 * @module
 */

/** @typedef {import("/kit/world/types.js").Vec} Vec */
/** @typedef {import("/kit/world/types.js").Id} Id */
/** @typedef {"Ember" | "Tide" | "Bloom"} Faction */
/**
 * @typedef {object} Ship
 * @property {Id} id
 * @property {number} player
 * @property {Faction} faction
 * @property {string} name
 * @property {Vec} position
 * @property {number} heading Radians.
 * @property {boolean} thrusting
 * @property {boolean} mining
 * @property {boolean} shielded
 * @property {number} [health] 0 to 100. This and the next fields are absent if their audience excludes the player.
 * @property {number} [cargo] 0 to {@link HOLD}.
 * @property {number} [energy] 0 to 100.
 */
/** @typedef {{ id: Id, position: Vec, amount: number }} Crystal */
/** @typedef {{ id: Id, kind: "Grazer" | "Hunter", position: Vec, alarmed: boolean }} Creature */
/** @typedef {{ id: Id, player: number, faction: Faction, position: Vec }} Shot */
/** @typedef {{ id: Id, position: Vec, name: string }} Station */
/** @typedef {{ id: Id, player: number, faction: Faction, kind: "Rally" | "Riches" | "Danger", position: Vec }} Marker */
/** @typedef {{ ember: number, tide: number, bloom: number, pilots: number }} Standings */
/** @typedef {{ id: Id, rank: number, player: number, faction: Faction, name: string, banked: number }} Leader */
/**
 * @typedef {object} World
 * @property {Ship[]} ships
 * @property {Crystal[]} crystals
 * @property {Creature[]} creatures
 * @property {Shot[]} shots
 * @property {Station[]} stations
 * @property {Marker[]} markers
 * @property {Standings} standings
 * @property {Leader[]} leaders
 */

/** Width and height of the map, in units. */
export const MAP_SIZE = 12_000;
/** A pilot's view radius, in units. */
export const VIEW_RADIUS = 500;

export const CREATURE_RADIUS = 17;
export const HOLD = 40;
export const MINE_REACH = 150;
export const DOCK_RADIUS = 170;
export const RESPAWN_SECONDS = 4;

/** @type {readonly Faction[]} */
export const FACTIONS = ["Ember", "Tide", "Bloom"];

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
