/**
 * Entities added to and removed from a table between two drawn frames.
 *
 * Drawn frames are compared, not snapshots, so that an explosion starts where and when the ship was last drawn.
 * @module
 */

/** @typedef {import("./types.js").Id} Id */

/**
 * @template {{ id: Id }} T
 * @typedef {object} Changes
 * @property {T[]} added
 * @property {T[]} removed As they were in the previous frame.
 * @property {Map<Id, T>} previous All entities of the previous frame.
 */

/**
 * Remembers one table's last frame.
 * @template {{ id: Id }} T
 */
export class TableChanges {
  /** @type {Map<Id, T>} */
  #entities = new Map();

  /**
   * Takes a new frame and returns what has changed since the last one.
   * @param {T[]} entities
   * @returns {Changes<T>}
   */
  update(entities) {
    const previous = this.#entities;
    const current = new Map(entities.map((entity) => [entity.id, entity]));
    this.#entities = current;
    return { added: difference(current, previous), removed: difference(previous, current), previous };
  }
}

/**
 * Entities of `from` that are not in `other`.
 * @template T
 * @param {Map<Id, T>} from
 * @param {Map<Id, T>} other
 * @returns {T[]}
 */
function difference(from, other) {
  return [...from].filter(([id]) => !other.has(id)).map(([, entity]) => entity);
}
