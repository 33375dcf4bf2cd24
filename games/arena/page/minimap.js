/**
 * The whole world, small.
 * @module
 */

import { coloursOf } from "./palette.js";
import { ROCK_RADIUS, WORLD_SIZE } from "./world.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./world.js").World} World */

const PIXELS = 288;
const UNIT = PIXELS / WORLD_SIZE;

export class Minimap {
  #context;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    canvas.width = PIXELS;
    canvas.height = PIXELS;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser cannot draw on a canvas");
    this.#context = context;
  }

  /**
   * @param {World} world
   * @param {Camera} camera
   * @param {number} own The own seat.
   */
  draw(world, camera, own) {
    const context = this.#context;
    context.clearRect(0, 0, PIXELS, PIXELS);

    context.fillStyle = "rgb(139 156 201 / 0.5)";
    for (const { position, size } of world.rocks) dot(context, position.x, position.y, ROCK_RADIUS[size] * UNIT);

    const width = (camera.width / camera.scale) * UNIT;
    const height = (camera.height / camera.scale) * UNIT;
    context.strokeStyle = "rgb(125 243 255 / 0.3)";
    context.lineWidth = 2;
    context.strokeRect(camera.x * UNIT - width / 2, camera.y * UNIT - height / 2, width, height);

    for (const ship of world.ships) {
      if (ship.player === own) continue;
      context.fillStyle = coloursOf(ship.player, false).main;
      dot(context, ship.position.x, ship.position.y, 5);
    }
    const ownShip = world.ships.find((ship) => ship.player === own);
    if (ownShip) drawOwn(context, ownShip.position.x * UNIT, ownShip.position.y * UNIT, ownShip.heading);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x In units of the world.
 * @param {number} y
 * @param {number} radius In pixels.
 */
function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x * UNIT, y * UNIT, radius, 0, Math.PI * 2);
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x In pixels.
 * @param {number} y
 * @param {number} heading
 */
function drawOwn(context, x, y, heading) {
  context.save();
  context.translate(x, y);
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
