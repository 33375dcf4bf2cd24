/**
 * Colours of factions, minerals, markers and stations, and each faction's hull.
 * @module
 */

import { shadesOf } from "/kit/drawing/colours.js";
import { DART } from "/kit/drawing/ships.js";

/** @typedef {import("/kit/drawing/colours.js").Colours} Colours */
/** @typedef {import("/kit/drawing/ships.js").Hull} Hull */
/** @typedef {import("../game/world.js").Faction} Faction */
/** @typedef {import("../game/world.js").Marker} Marker */
/** @typedef {import("../game/world.js").Mineral} Mineral */
/** @typedef {{ glow: string, light: string, dark: string }} Tint */

/** @type {Readonly<Record<Faction, Colours>>} */
export const FACTION_COLOURS = {
  Ember: shadesOf(26, 98, 60),
  Tide: shadesOf(207, 96, 64),
  Bloom: shadesOf(296, 84, 70),
};

/** @type {Readonly<Record<Faction, Hull>>} */
export const FACTION_HULLS = {
  Ember: DART,
  Tide: {
    outline: new Path2D("M23 0 L9 6 L3 15 L-9 19 L-5 9 L-15 6 L-11 0 L-15 -6 L-5 -9 L-9 -19 L3 -15 L9 -6 Z"),
    spine: new Path2D("M9 6 L-5 9 M9 -6 L-5 -9"),
    cockpit: new Path2D("M14 0 L5 3.6 L-4 0 L5 -3.6 Z"),
  },
  Bloom: {
    outline: new Path2D("M9 0 L23 8 L13 13 L-1 11 L-13 17 L-17 7 L-11 0 L-17 -7 L-13 -17 L-1 -11 L13 -13 L23 -8 Z"),
    spine: new Path2D("M9 0 L-1 11 M9 0 L-1 -11"),
    cockpit: new Path2D("M5 0 L-1 3.8 L-8 0 L-1 -3.8 Z"),
  },
};

/**
 * Slightly different tints of each mineral. They are few because a glow sprite is kept for each.
 * @type {Readonly<Record<Mineral, readonly Tint[]>>}
 */
export const MINERAL_TINTS = { Beryl: tintsOf(150), Citrine: tintsOf(44), Amethyst: tintsOf(262) };

/** @type {Readonly<Record<Marker["kind"], string>>} */
export const MARKER_COLOURS = {
  Rally: "hsl(50 100% 68%)",
  Riches: "hsl(160 85% 66%)",
  Danger: "hsl(352 100% 66%)",
};

export const STATION_COLOUR = "hsl(212 60% 82%)";

/**
 * @param {number} least The least hue.
 * @returns {Tint[]}
 */
function tintsOf(least) {
  return [8, 16, 24, 0].map((more) => ({
    glow: `hsl(${least + more} 85% 62%)`,
    light: `hsl(${least + more} 80% 82%)`,
    dark: `hsl(${least + more} 62% 44%)`,
  }));
}
