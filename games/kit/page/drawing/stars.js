/**
 * Stars in layers that move with the camera. Distant layers move less.
 * @module
 */

import { seededRandom } from "./random.js";
import { blankCanvas } from "./sprites.js";

/** @typedef {import("./camera.js").Camera} Camera */
/**
 * @typedef {object} Layer
 * @property {number} depth The share of the camera's movement that the layer follows.
 * @property {number} tile The side of the repeated tile, in CSS pixels.
 * @property {number} count Stars in a tile.
 * @property {number} radius
 * @property {number} brightness
 */

/**
 * Different tile sizes hide the repetition.
 * @type {readonly Layer[]}
 */
export const FAR_LAYERS = [
  { depth: 0.08, tile: 560, count: 110, radius: 0.8, brightness: 0.5 },
  { depth: 0.2, tile: 690, count: 70, radius: 1.1, brightness: 0.75 },
  { depth: 0.42, tile: 820, count: 30, radius: 1.7, brightness: 1 },
];
const TINTS = ["#ffffff", "#cfe3ff", "#ffe9d2", "#d9d2ff"];

export class Stars {
  #layers;

  /** @param {readonly Layer[]} layers */
  constructor(layers) {
    this.#layers = layers.map((layer, index) => ({ ...layer, picture: paint(layer, index) }));
  }

  /**
   * Expects the screen transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   */
  draw(context, camera) {
    const { width, height } = camera;
    for (const { depth, tile, picture } of this.#layers) {
      const left = -positiveRemainder(camera.x * depth * camera.scale, tile);
      const top = -positiveRemainder(camera.y * depth * camera.scale, tile);
      for (let y = top; y < height; y += tile) {
        for (let x = left; x < width; x += tile) context.drawImage(picture, x, y, tile, tile);
      }
    }
  }
}

/**
 * @param {Layer} layer
 * @param {number} seed
 */
function paint(layer, seed) {
  const sharpness = Math.min(2, window.devicePixelRatio || 1);
  const { canvas, context } = blankCanvas(layer.tile * sharpness, layer.tile * sharpness);
  context.scale(sharpness, sharpness);
  const random = seededRandom(seed);
  // Keep each star inside its tile: at the edge it would be cut off.
  const along = () => layer.radius + random() * (layer.tile - 2 * layer.radius);
  for (let star = 0; star < layer.count; star += 1) {
    context.globalAlpha = layer.brightness * (0.35 + 0.65 * random());
    context.fillStyle = TINTS[Math.floor(random() * TINTS.length)];
    context.beginPath();
    context.arc(along(), along(), layer.radius * (0.6 + 0.4 * random()), 0, Math.PI * 2);
    context.fill();
  }
  return canvas;
}

/**
 * @param {number} value
 * @param {number} divisor
 */
function positiveRemainder(value, divisor) {
  return ((value % divisor) + divisor) % divisor;
}
