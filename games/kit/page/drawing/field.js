/**
 * Draws the world's grid and border.
 * @module
 */

/** @typedef {import("./camera.js").Camera} Camera */

const GRID_UNITS = 200;

/**
 * Expects the world transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {number} worldSize
 */
export function drawField(context, camera, worldSize) {
  const left = camera.x - camera.width / 2 / camera.scale - 1;
  const top = camera.y - camera.height / 2 / camera.scale - 1;
  const right = 2 * camera.x - left;
  const bottom = 2 * camera.y - top;

  const last = worldSize - GRID_UNITS;
  context.beginPath();
  for (let x = firstLine(left); x <= Math.min(right, last); x += GRID_UNITS) {
    context.moveTo(x, Math.max(top, 0));
    context.lineTo(x, Math.min(bottom, worldSize));
  }
  for (let y = firstLine(top); y <= Math.min(bottom, last); y += GRID_UNITS) {
    context.moveTo(Math.max(left, 0), y);
    context.lineTo(Math.min(right, worldSize), y);
  }
  context.strokeStyle = "rgb(120 165 255 / 0.055)";
  context.lineWidth = 1;
  context.stroke();

  // Darken everything outside the border: the world is a hole in this shape.
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.rect(0, 0, worldSize, worldSize);
  context.fillStyle = "rgb(24 4 18 / 0.72)";
  context.fill("evenodd");

  // Stacked lines of different widths look like a glow.
  for (const [lineWidth, strokeStyle] of /** @type {const} */ ([
    [26, "rgb(255 64 129 / 0.05)"],
    [12, "rgb(255 64 129 / 0.11)"],
    [5, "rgb(255 64 129 / 0.28)"],
    [1.6, "rgb(255 190 212 / 0.95)"],
  ])) {
    context.lineWidth = lineWidth;
    context.strokeStyle = strokeStyle;
    context.strokeRect(0, 0, worldSize, worldSize);
  }
}

/**
 * The first grid line inside both the world and the view.
 * @param {number} from
 */
function firstLine(from) {
  return Math.max(1, Math.ceil(from / GRID_UNITS)) * GRID_UNITS;
}
