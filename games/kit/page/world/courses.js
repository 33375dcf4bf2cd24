/**
 * Where things are headed. The state has no velocities: a course follows from how something has moved.
 * @module
 */

/** @typedef {import("../drawing/camera.js").Vec} Vec */
/** @typedef {import("./table-changes.js").Id} Id */
/** @typedef {{ x: number, y: number, angle: number, travelled: number }} Course */

export class Courses {
  /** @type {Map<Id, Course>} */
  #courses = new Map();

  /**
   * The course of something that is seen here now.
   * @param {Id} id
   * @param {Vec} position
   * @returns {Course}
   */
  follow(id, position) {
    let course = this.#courses.get(id);
    if (!course) {
      course = { x: position.x, y: position.y, angle: 0, travelled: 0 };
      this.#courses.set(id, course);
    }
    const moved = Math.hypot(position.x - course.x, position.y - course.y);
    // Not after less than a unit: the angle of so short a way is mostly rounding.
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
