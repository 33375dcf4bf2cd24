/**
 * The arena's tables as the client receives them, and the sizes that its rules use.
 * @module
 */

/** @typedef {import("/kit/world/types.js").Vec} Vec */
/** @typedef {import("/kit/world/types.js").Id} Id */
/**
 * @typedef {object} Ship
 * @property {Id} id
 * @property {number} player
 * @property {Vec} position
 * @property {number} heading Radians.
 * @property {number} health 0 to 100.
 * @property {boolean} thrusting
 * @property {boolean} shielded
 */
/** @typedef {"Small" | "Medium" | "Large"} RockSize */
/** @typedef {{ id: Id, position: Vec, size: RockSize }} Rock */
/** @typedef {{ id: Id, player: number, position: Vec }} Shot */
/** @typedef {{ id: Id, player: number, name: string, score: number, kills: number, deaths: number }} Pilot */
/** @typedef {{ number: number, phase: "Playing" | "Finished", seconds_left: number, winner: number }} Round */
/** @typedef {{ ships: Ship[], rocks: Rock[], shots: Shot[], pilots: Pilot[], round: Round }} World */

/** Width and height of the world, in units. */
export const WORLD_SIZE = 2000;

/** @type {Readonly<Record<RockSize, number>>} */
export const ROCK_RADIUS = Object.freeze({ Small: 16, Medium: 30, Large: 52 });

export const RESPAWN_SECONDS = 2;
