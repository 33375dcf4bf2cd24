/**
 * The frontier's minimap: stations, visible ships, the own faction's markers, and the own ship's view radius.
 * @module
 */

import { MinimapCanvas } from "/kit/drawing/minimap-canvas.js";
import { FACTION_COLOURS, MARKER_COLOURS, STATION_COLOUR } from "../drawing/palette.js";
import { MAP_SIZE, VIEW_RADIUS } from "../game/world.js";

/** @typedef {import("../game/visibility.js").Visible} Visible */
/** @typedef {import("../game/world.js").Ship} Ship */
/** @typedef {import("../game/world.js").World} World */

const GRID_UNITS = 2000;

export class Minimap {
  #map;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#map = new MinimapCanvas(canvas, MAP_SIZE);
  }

  /**
   * @param {World} world
   * @param {Visible} visible
   * @param {Ship | undefined} own
   */
  draw(world, visible, own) {
    const map = this.#map;
    map.clear();
    map.grid(GRID_UNITS, "rgb(120 165 255 / 0.09)");
    map.ring(visible.eye, VIEW_RADIUS, "rgb(190 220 255 / 0.1)", "rgb(190 220 255 / 0.4)");
    for (const { position } of world.stations) {
      map.dot(position, 7, "rgb(150 190 255 / 0.22)");
      map.dot(position, 3.6, STATION_COLOUR);
    }
    for (const { position, faction, player } of visible.ships) {
      if (player !== own?.player) map.dot(position, 3.2, FACTION_COLOURS[faction].main);
    }
    for (const { position, kind } of visible.markers) {
      map.dot(position, 9, "rgb(5 6 13 / 0.7)");
      map.dot(position, 6.5, MARKER_COLOURS[kind]);
    }
    if (own) map.arrow(own);
  }
}
