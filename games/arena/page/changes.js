/**
 * What happened between one drawn frame and the next. Compared on what is drawn, and not on the newest state, so that an
 * explosion starts where and when the ship was last seen.
 * @module
 */

/** @typedef {import("./world.js").Id} Id */
/** @typedef {import("./world.js").Ship} Ship */
/** @typedef {import("./world.js").Rock} Rock */
/** @typedef {import("./world.js").Shot} Shot */
/** @typedef {import("./world.js").World} World */

/**
 * @typedef {object} Changes
 * @property {Ship[]} newShips
 * @property {Ship[]} goneShips As they were last seen, like all that are gone.
 * @property {Ship[]} hurtShips
 * @property {Rock[]} goneRocks
 * @property {Shot[]} goneShots
 */

export class ChangeTracker {
  /** @type {Map<Id, Ship>} */
  #ships = new Map();
  /** @type {Map<Id, Rock>} */
  #rocks = new Map();
  /** @type {Map<Id, Shot>} */
  #shots = new Map();

  /**
   * @param {World} world
   * @returns {Changes}
   */
  observe(world) {
    const ships = byId(world.ships);
    const rocks = byId(world.rocks);
    const shots = byId(world.shots);
    const changes = {
      newShips: missing(ships, this.#ships),
      goneShips: missing(this.#ships, ships),
      hurtShips: world.ships.filter((ship) => ship.health < (this.#ships.get(ship.id)?.health ?? 0)),
      goneRocks: missing(this.#rocks, rocks),
      goneShots: missing(this.#shots, shots),
    };
    this.#ships = ships;
    this.#rocks = rocks;
    this.#shots = shots;
    return changes;
  }
}

/**
 * @template {{ id: Id }} T
 * @param {T[]} entities
 * @returns {Map<Id, T>}
 */
function byId(entities) {
  return new Map(entities.map((entity) => [entity.id, entity]));
}

/**
 * What the one has and the other has not.
 * @template T
 * @param {Map<Id, T>} from
 * @param {Map<Id, T>} other
 * @returns {T[]}
 */
function missing(from, other) {
  return [...from].filter(([id]) => !other.has(id)).map(([, entity]) => entity);
}
