/**
 * White flashes on entities that have just been hit.
 * @module
 */

/** @typedef {import("../world/types.js").Id} Id */

const SECONDS = 0.22;

export class Flashes {
  /** @type {Map<Id, number>} */
  #left = new Map();

  /** @param {Id} id */
  start(id) {
    this.#left.set(id, 1);
  }

  /**
   * The flash's strength, from 1 down to 0.
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
