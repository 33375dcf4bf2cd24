/**
 * The style sheet's colours, for what is drawn.
 * @module
 */

const SERIES = 8;

/** @type {Map<string, string>} */
const known = new Map();
matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => known.clear());

/**
 * The value of a colour, by its name in the style sheet.
 *
 * @param {string} name without the dashes
 */
export function colour(name) {
  let value = known.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    known.set(name, value);
  }
  return value;
}

/**
 * The name of one of the colours that are well told from each other.
 *
 * @param {number} index
 */
export function seriesColour(index) {
  return `series-${(index % SERIES) + 1}`;
}
