/**
 * The fog beyond the own ship's view radius.
 * @module
 */

import { blankCanvas } from "/kit/drawing/sprites.js";
import { VIEW_RADIUS } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */
/** @typedef {import("/kit/world/types.js").Vec} Vec */

const PIXELS = 200;
const DENSEST = "rgb(4 6 15 / 0.88)";
/** The share of the view radius at which the fog begins. Entities must not pop up where it is clear. */
const BEGINS = 0.66;

/** Painted once and small: fog is soft, so enlarging it does not show. */
const FOG = paint();

/**
 * Expects the screen transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {Vec} eye The own ship's position.
 */
export function drawFog(context, camera, eye) {
  const { x, y } = camera.toScreen(eye);
  const reach = VIEW_RADIUS * camera.scale;
  // Whole pixels leave no seam between the picture and the rectangles around it.
  const [left, top] = [Math.round(x - reach), Math.round(y - reach)];
  const [right, bottom] = [Math.round(x + reach), Math.round(y + reach)];
  context.drawImage(FOG, left, top, right - left, bottom - top);
  context.fillStyle = DENSEST;
  context.fillRect(0, 0, camera.width, top);
  context.fillRect(0, bottom, camera.width, camera.height - bottom);
  context.fillRect(0, top, left, bottom - top);
  context.fillRect(right, top, camera.width - right, bottom - top);
}

function paint() {
  const { canvas, context } = blankCanvas(PIXELS, PIXELS);
  const middle = PIXELS / 2;
  const fog = context.createRadialGradient(middle, middle, middle * BEGINS, middle, middle, middle);
  fog.addColorStop(0, "rgb(4 6 15 / 0)");
  fog.addColorStop(0.45, "rgb(4 6 15 / 0.34)");
  fog.addColorStop(0.85, "rgb(4 6 15 / 0.8)");
  fog.addColorStop(1, DENSEST);
  context.fillStyle = fog;
  context.fillRect(0, 0, PIXELS, PIXELS);
  return canvas;
}
