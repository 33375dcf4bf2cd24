/**
 * The whole world, small.
 * @module
 */

import { Chart } from "/kit/drawing/minimap-canvas.js";
import { coloursOf } from "../drawing/palette.js";
import { ROCK_RADIUS, WORLD_SIZE } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */
/** @typedef {import("../game/world.js").World} World */

export class Minimap {
  #chart;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#chart = new Chart(canvas, WORLD_SIZE);
  }

  /**
   * @param {World} world
   * @param {Camera} camera
   * @param {number} own The own seat.
   */
  draw(world, camera, own) {
    const chart = this.#chart;
    chart.clear();
    for (const { position, size } of world.rocks) {
      chart.dot(position, ROCK_RADIUS[size] * chart.unit, "rgb(139 156 201 / 0.5)");
    }
    chart.frame(camera);
    for (const { player, position } of world.ships) {
      if (player !== own) chart.dot(position, 5, coloursOf(player, false).main);
    }
    const ownShip = world.ships.find((ship) => ship.player === own);
    if (ownShip) chart.arrow(ownShip);
  }
}
