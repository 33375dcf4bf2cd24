/**
 * The arena's minimap.
 * @module
 */

import { MinimapCanvas } from "/kit/drawing/minimap-canvas.js";
import { coloursOf } from "../drawing/palette.js";
import { ROCK_RADIUS, WORLD_SIZE } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */
/** @typedef {import("../game/world.js").World} World */

export class Minimap {
  #map;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#map = new MinimapCanvas(canvas, WORLD_SIZE);
  }

  /**
   * @param {World} world
   * @param {Camera} camera
   * @param {number} own The own player number.
   */
  draw(world, camera, own) {
    const map = this.#map;
    map.clear();
    for (const { position, size } of world.rocks) {
      map.dot(position, ROCK_RADIUS[size] * map.unit, "rgb(139 156 201 / 0.5)");
    }
    map.frame(camera);
    for (const { player, position } of world.ships) {
      if (player !== own) map.dot(position, 5, coloursOf(player, false).main);
    }
    const ownShip = world.ships.find((ship) => ship.player === own);
    if (ownShip) map.arrow(ownShip);
  }
}
