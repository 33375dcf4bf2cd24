/**
 * Shots and the trails behind them.
 * @module
 */

import { coloursOf } from "./palette.js";
import { drawGlow, drawStreak } from "./sprites.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./world.js").Id} Id */
/** @typedef {import("./world.js").Shot} Shot */
/** @typedef {{ x: number, y: number, angle: number, travelled: number }} Course */

const TRAIL_UNITS = 62;

export class Shots {
  /** @type {Map<Id, Course>} */
  #courses = new Map();

  /**
   * Expects the world's transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   * @param {Shot[]} shots
   * @param {number} own The own seat.
   */
  draw(context, camera, shots, own) {
    context.globalCompositeOperation = "lighter";
    for (const shot of shots) {
      const course = this.#advance(shot);
      if (!camera.sees(shot.position, TRAIL_UNITS)) continue;
      const { x, y } = shot.position;
      const { main } = coloursOf(shot.player, shot.player === own);
      context.globalAlpha = 0.55;
      drawGlow(context, main, x, y, 17);
      context.globalAlpha = 1;
      drawStreak(context, main, x, y, course.angle, Math.min(TRAIL_UNITS, course.travelled), 11);
    }
    context.globalCompositeOperation = "source-over";
  }

  /** @param {Id} id */
  forget(id) {
    this.#courses.delete(id);
  }

  /**
   * The state has no velocity of a shot: where it points follows from how it moved.
   * @param {Shot} shot
   */
  #advance({ id, position }) {
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
}
