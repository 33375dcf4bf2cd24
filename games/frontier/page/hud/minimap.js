/**
 * The whole map, small: stations, the own faction's markers, and how far the own ship sees.
 * @module
 */

import { Chart } from "/kit/drawing/minimap-canvas.js";
import { FACTION_COLOURS, MARKER_COLOURS, STATION_COLOUR } from "../drawing/palette.js";
import { MAP_SIZE, VIEW_RADIUS } from "../game/world.js";

/** @typedef {import("../game/visibility.js").Seen} Seen */
/** @typedef {import("../game/world.js").Ship} Ship */
/** @typedef {import("../game/world.js").World} World */

const GRID_UNITS = 2000;

export class Minimap {
  #chart;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#chart = new Chart(canvas, MAP_SIZE);
  }

  /**
   * @param {World} world
   * @param {Seen} seen
   * @param {Ship | undefined} own
   */
  draw(world, seen, own) {
    const chart = this.#chart;
    chart.clear();
    chart.grid(GRID_UNITS, "rgb(120 165 255 / 0.09)");
    chart.ring(seen.eye, VIEW_RADIUS, "rgb(190 220 255 / 0.1)", "rgb(190 220 255 / 0.4)");
    for (const { position } of world.stations) {
      chart.dot(position, 7, "rgb(150 190 255 / 0.22)");
      chart.dot(position, 3.6, STATION_COLOUR);
    }
    for (const { position, faction, player } of seen.ships) {
      if (player !== own?.player) chart.dot(position, 3.2, FACTION_COLOURS[faction].main);
    }
    for (const { position, kind } of seen.markers) {
      chart.dot(position, 9, "rgb(5 6 13 / 0.7)");
      chart.dot(position, 6.5, MARKER_COLOURS[kind]);
    }
    if (own) chart.arrow(own);
  }
}
