/**
 * The shades of one colour used to paint a ship.
 * @module
 */

/**
 * @typedef {object} Colours
 * @property {string} main
 * @property {string} light
 * @property {string} hull The dark fill of a ship.
 * @property {string} dark For details on top of the main colour.
 */

/**
 * @param {number} hue
 * @param {number} saturation
 * @param {number} lightness
 * @returns {Colours}
 */
export function shadesOf(hue, saturation, lightness) {
  return {
    main: `hsl(${hue} ${saturation}% ${lightness}%)`,
    light: `hsl(${hue} 100% 87%)`,
    hull: `hsl(${hue} 55% 15%)`,
    dark: `hsl(${hue} 80% 13%)`,
  };
}

/** The name of a player who is away. @type {Colours} */
export const AWAY_COLOURS = { main: "hsl(0 0% 50%)", light: "hsl(0 0% 62%)", hull: "hsl(0 0% 15%)", dark: "hsl(0 0% 13%)" };
