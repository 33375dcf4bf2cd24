/**
 * Draws shots and their trails.
 * @module
 */

import { Courses } from "../world/courses.js";
import { drawGlow, drawStreak } from "./sprites.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../world/types.js").Vec} Vec */
/** @typedef {import("../world/types.js").Id} Id */
/** @typedef {{ id: Id, position: Vec }} Shot */

const TRAIL_UNITS = 62;

/** @template {Shot} T */
export class Shots {
  #courses = new Courses();

  /**
   * Expects the world transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   * @param {T[]} shots
   * @param {(shot: T) => string} colourOf
   */
  draw(context, camera, shots, colourOf) {
    context.globalCompositeOperation = "lighter";
    for (const shot of shots) {
      const course = this.#courses.follow(shot.id, shot.position);
      if (!camera.sees(shot.position, TRAIL_UNITS)) continue;
      const { x, y } = shot.position;
      const main = colourOf(shot);
      context.globalAlpha = 0.55;
      drawGlow(context, main, x, y, 17);
      context.globalAlpha = 1;
      drawStreak(context, main, x, y, course.angle, Math.min(TRAIL_UNITS, course.travelled), 11);
    }
    context.globalCompositeOperation = "source-over";
  }

  /** @param {Id} id */
  forget(id) {
    this.#courses.forget(id);
  }
}
