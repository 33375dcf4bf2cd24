/**
 * The canvas of a minimap, in world coordinates.
 * @module
 */

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../world/types.js").Vec} Vec */

const PIXELS = 288;

export class MinimapCanvas {
  context;
  /** Pixels per world unit. */
  unit;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} worldSize
   */
  constructor(canvas, worldSize) {
    canvas.width = PIXELS;
    canvas.height = PIXELS;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser cannot draw on a canvas");
    this.context = context;
    this.unit = PIXELS / worldSize;
  }

  clear() {
    this.context.clearRect(0, 0, PIXELS, PIXELS);
  }

  /**
   * @param {Vec} position
   * @param {number} radius In pixels.
   * @param {string} colour
   */
  dot(position, radius, colour) {
    this.context.fillStyle = colour;
    this.context.beginPath();
    this.context.arc(position.x * this.unit, position.y * this.unit, radius, 0, Math.PI * 2);
    this.context.fill();
  }

  /**
   * Draws an outlined disc with a radius in world units.
   * @param {Vec} position
   * @param {number} radius In world units.
   * @param {string} fill
   * @param {string} line
   */
  ring(position, radius, fill, line) {
    this.dot(position, radius * this.unit, fill);
    this.context.strokeStyle = line;
    this.context.lineWidth = 1.5;
    this.context.stroke();
  }

  /**
   * Draws a grid.
   * @param {number} units The distance between lines.
   * @param {string} colour
   */
  grid(units, colour) {
    this.context.fillStyle = colour;
    for (let at = units * this.unit; at < PIXELS - 1; at += units * this.unit) {
      this.context.fillRect(at, 0, 1, PIXELS);
      this.context.fillRect(0, at, PIXELS, 1);
    }
  }

  /**
   * Outlines the part of the world on the screen.
   * @param {Camera} camera
   */
  frame(camera) {
    const width = (camera.width / camera.scale) * this.unit;
    const height = (camera.height / camera.scale) * this.unit;
    this.context.strokeStyle = "rgb(125 243 255 / 0.3)";
    this.context.lineWidth = 2;
    this.context.strokeRect(camera.x * this.unit - width / 2, camera.y * this.unit - height / 2, width, height);
  }

  /**
   * Draws the own ship.
   * @param {{ position: Vec, heading: number }} ship
   */
  arrow({ position, heading }) {
    const context = this.context;
    context.save();
    context.translate(position.x * this.unit, position.y * this.unit);
    context.rotate(heading);
    context.fillStyle = "#ffffff";
    context.beginPath();
    context.moveTo(12, 0);
    context.lineTo(-8, 8);
    context.lineTo(-4, 0);
    context.lineTo(-8, -8);
    context.fill();
    context.restore();
  }
}
