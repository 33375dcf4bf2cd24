/**
 * Each player's colours.
 * @module
 */

/**
 * @typedef {object} Colours
 * @property {string} main
 * @property {string} light
 * @property {string} hull The dark fill of a ship.
 */

const OWN_HUE = 186;

/** @type {Map<number, Colours>} */
const byHue = new Map();

/**
 * @param {number} player
 * @param {boolean} own
 * @returns {Colours}
 */
export function coloursOf(player, own) {
  // The golden angle keeps neighbouring seats far apart; the hues around the own ship's are left out.
  return coloursOfHue(own ? OWN_HUE : Math.round(OWN_HUE + 35 + ((player * 137.508) % 290)) % 360);
}

/** @param {number} hue */
function coloursOfHue(hue) {
  let colours = byHue.get(hue);
  if (!colours) {
    // Blue and violet look darker than other hues of the same lightness.
    const lightness = hue > 220 && hue < 300 ? 71 : 62;
    colours = {
      main: `hsl(${hue} 92% ${lightness}%)`,
      light: `hsl(${hue} 100% 86%)`,
      hull: `hsl(${hue} 55% 15%)`,
    };
    byHue.set(hue, colours);
  }
  return colours;
}
