/**
 * The fog beyond what a pilot can see.
 * @module
 */

import { VIEW_RADIUS } from "./world.js";

/** @typedef {import("/kit/camera.js").Camera} Camera */
/** @typedef {import("/kit/camera.js").Vec} Vec */

/** Where the fog begins, as a share of the view: nothing may pop up where it can be seen well. */
const BEGINS = 0.66;

/**
 * Expects the screen's transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {Vec} eye Where the pilot is.
 */
export function drawFog(context, camera, eye) {
  const { x, y } = camera.toScreen(eye);
  const reach = VIEW_RADIUS * camera.scale;
  const fog = context.createRadialGradient(x, y, reach * BEGINS, x, y, reach);
  fog.addColorStop(0, "rgb(4 6 15 / 0)");
  fog.addColorStop(0.45, "rgb(4 6 15 / 0.34)");
  fog.addColorStop(0.85, "rgb(4 6 15 / 0.8)");
  fog.addColorStop(1, "rgb(4 6 15 / 0.88)");
  context.fillStyle = fog;
  context.fillRect(0, 0, camera.width, camera.height);
}
