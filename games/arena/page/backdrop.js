/**
 * What lies behind the game: clouds, stars, the grid and the border of the world.
 * @module
 */

import { seededRandom } from "./random.js";
import { blankCanvas } from "./sprites.js";
import { WORLD_SIZE } from "./world.js";

/** @typedef {import("./camera.js").Camera} Camera */

const SPACE = "#05070f";
const GRID_UNITS = 200;
const CLOUD_PIXELS = 256;
const CLOUD_DEPTH = 0.03;
/** The farther away, the less a layer moves with the camera. Tiles of different sizes hide that the sky repeats. */
const STAR_LAYERS = [
  { depth: 0.08, tile: 560, count: 110, radius: 0.8, brightness: 0.5 },
  { depth: 0.2, tile: 690, count: 70, radius: 1.1, brightness: 0.75 },
  { depth: 0.42, tile: 820, count: 30, radius: 1.7, brightness: 1 },
];
const STAR_TINTS = ["#ffffff", "#cfe3ff", "#ffe9d2", "#d9d2ff"];

export class Backdrop {
  #layers = STAR_LAYERS.map((layer, index) => ({ ...layer, picture: paintStars(layer, index) }));
  #clouds = paintClouds();

  /**
   * Expects the screen's transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   */
  drawSky(context, camera) {
    const { width, height } = camera;
    context.fillStyle = SPACE;
    context.fillRect(0, 0, width, height);
    const extent = Math.max(width, height) * 1.25;
    const shiftX = (WORLD_SIZE / 2 - camera.x) * CLOUD_DEPTH;
    const shiftY = (WORLD_SIZE / 2 - camera.y) * CLOUD_DEPTH;
    context.drawImage(this.#clouds, (width - extent) / 2 + shiftX, (height - extent) / 2 + shiftY, extent, extent);
    for (const { depth, tile, picture } of this.#layers) {
      const left = -positiveRemainder(camera.x * depth * camera.scale, tile);
      const top = -positiveRemainder(camera.y * depth * camera.scale, tile);
      for (let y = top; y < height; y += tile) {
        for (let x = left; x < width; x += tile) context.drawImage(picture, x, y, tile, tile);
      }
    }
  }

  /**
   * Expects the world's transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   */
  drawField(context, camera) {
    const left = camera.x - camera.width / 2 / camera.scale - 1;
    const top = camera.y - camera.height / 2 / camera.scale - 1;
    const right = 2 * camera.x - left;
    const bottom = 2 * camera.y - top;

    context.beginPath();
    for (let at = GRID_UNITS; at < WORLD_SIZE; at += GRID_UNITS) {
      context.moveTo(at, 0);
      context.lineTo(at, WORLD_SIZE);
      context.moveTo(0, at);
      context.lineTo(WORLD_SIZE, at);
    }
    context.strokeStyle = "rgb(120 165 255 / 0.055)";
    context.lineWidth = 1;
    context.stroke();

    // Everything outside the border, which is a hole in this shape.
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.rect(0, 0, WORLD_SIZE, WORLD_SIZE);
    context.fillStyle = "rgb(24 4 18 / 0.72)";
    context.fill("evenodd");

    // Lines of different widths on top of each other look like a glow.
    for (const [lineWidth, strokeStyle] of /** @type {const} */ ([
      [26, "rgb(255 64 129 / 0.05)"],
      [12, "rgb(255 64 129 / 0.11)"],
      [5, "rgb(255 64 129 / 0.28)"],
      [1.6, "rgb(255 190 212 / 0.95)"],
    ])) {
      context.lineWidth = lineWidth;
      context.strokeStyle = strokeStyle;
      context.strokeRect(0, 0, WORLD_SIZE, WORLD_SIZE);
    }
  }
}

/**
 * @param {typeof STAR_LAYERS[number]} layer
 * @param {number} seed
 */
function paintStars(layer, seed) {
  const sharpness = Math.min(2, window.devicePixelRatio || 1);
  const { canvas, context } = blankCanvas(layer.tile * sharpness, layer.tile * sharpness);
  context.scale(sharpness, sharpness);
  const random = seededRandom(seed);
  // A star that crossed the tile's edge would be cut off.
  const along = () => layer.radius + random() * (layer.tile - 2 * layer.radius);
  for (let star = 0; star < layer.count; star += 1) {
    context.globalAlpha = layer.brightness * (0.35 + 0.65 * random());
    context.fillStyle = STAR_TINTS[Math.floor(random() * STAR_TINTS.length)];
    context.beginPath();
    context.arc(along(), along(), layer.radius * (0.6 + 0.4 * random()), 0, Math.PI * 2);
    context.fill();
  }
  return canvas;
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

/**
 * @param {number} value
 * @param {number} divisor
 */
function positiveRemainder(value, divisor) {
  return ((value % divisor) + divisor) % divisor;
}
