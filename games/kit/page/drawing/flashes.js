/**
 * What was hit lights up for a moment.
 * @module
 */

/** @typedef {import("../world/table-changes.js").Id} Id */

const SECONDS = 0.22;

export class Flashes {
  /** @type {Map<Id, number>} */
  #left = new Map();

  /** @param {Id} id */
  start(id) {
    this.#left.set(id, 1);
  }

  /**
   * How much of it is left, from 1 to 0.
   * @param {Id} id
   */
  of(id) {
    return this.#left.get(id) ?? 0;
  }

  /** @param {number} seconds */
  advance(seconds) {
    for (const [id, left] of this.#left) {
      if (left <= 0) this.#left.delete(id);
      else this.#left.set(id, left - seconds / SECONDS);
    }
  }
}
