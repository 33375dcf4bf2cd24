/**
 * Directions of movement, derived from successive positions: the state has no velocities.
 * @module
 */

/** @typedef {import("./types.js").Id} Id */
/** @typedef {import("./types.js").Vec} Vec */
/** @typedef {{ x: number, y: number, angle: number, travelled: number }} Course `travelled`: in units, since first seen. */

export class Courses {
  /** @type {Map<Id, Course>} */
  #courses = new Map();

  /**
   * Updates and returns an entity's course.
   * @param {Id} id
   * @param {Vec} position Its current position.
   * @returns {Course}
   */
  follow(id, position) {
    let course = this.#courses.get(id);
    if (!course) {
      course = { x: position.x, y: position.y, angle: 0, travelled: 0 };
      this.#courses.set(id, course);
    }
    const moved = Math.hypot(position.x - course.x, position.y - course.y);
    // Over less than a unit the angle is mostly rounding error.
    if (moved >= 1) {
      course.angle = Math.atan2(position.y - course.y, position.x - course.x);
      course.travelled += moved;
      course.x = position.x;
      course.y = position.y;
    }
    return course;
  }

  /** @param {Id} id */
  forget(id) {
    this.#courses.delete(id);
  }
}
