/**
 * The arena's background: clouds and stars.
 * @module
 */

import { blankCanvas } from "/kit/drawing/sprites.js";
import { FAR_LAYERS, Stars } from "/kit/drawing/stars.js";
import { WORLD_SIZE } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */

const SPACE = "#05070f";
const CLOUD_PIXELS = 256;
const CLOUD_DEPTH = 0.03;

export class Backdrop {
  #stars = new Stars(FAR_LAYERS);
  #clouds = paintClouds();

  /**
   * Expects the screen transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   */
  draw(context, camera) {
    const { width, height } = camera;
    context.fillStyle = SPACE;
    context.fillRect(0, 0, width, height);
    const extent = Math.max(width, height) * 1.25;
    const shiftX = (WORLD_SIZE / 2 - camera.x) * CLOUD_DEPTH;
    const shiftY = (WORLD_SIZE / 2 - camera.y) * CLOUD_DEPTH;
    context.drawImage(this.#clouds, (width - extent) / 2 + shiftX, (height - extent) / 2 + shiftY, extent, extent);
    this.#stars.draw(context, camera);
  }
}

function paintClouds() {
  const { canvas, context } = blankCanvas(CLOUD_PIXELS, CLOUD_PIXELS);
  context.scale(CLOUD_PIXELS, CLOUD_PIXELS);
  for (const [x, y, radius, tint] of /** @type {const} */ ([
    [0.26, 0.3, 0.42, "58 48 160 / 0.30"],
    [0.74, 0.66, 0.46, "16 92 140 / 0.26"],
    [0.62, 0.2, 0.3, "130 36 120 / 0.17"],
    [0.3, 0.8, 0.32, "14 110 120 / 0.15"],
  ])) {
    const cloud = context.createRadialGradient(x, y, 0, x, y, radius);
    cloud.addColorStop(0, `rgb(${tint})`);
    cloud.addColorStop(1, `rgb(${tint.split("/")[0]} / 0)`);
    context.fillStyle = cloud;
    context.fillRect(0, 0, 1, 1);
  }
  return canvas;
}
