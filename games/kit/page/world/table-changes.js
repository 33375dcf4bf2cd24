/**
 * Who came and who went between one drawn frame and the next. Compared on what is drawn, and not on the newest state, so
 * that an explosion starts where and when the ship was last seen.
 * @module
 */

/** @typedef {number} Id */

/**
 * @template {{ id: Id }} T
 * @typedef {object} Changes
 * @property {T[]} come
 * @property {T[]} gone As they were last seen.
 * @property {Map<Id, T>} before Everyone in the frame before.
 */

/**
 * What happens to one table.
 * @template {{ id: Id }} T
 */
export class TableWatch {
  /** @type {Map<Id, T>} */
  #seen = new Map();

  /**
   * @param {T[]} entities
   * @returns {Changes<T>}
   */
  observe(entities) {
    const before = this.#seen;
    const now = new Map(entities.map((entity) => [entity.id, entity]));
    this.#seen = now;
    return { come: missing(now, before), gone: missing(before, now), before };
  }
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
