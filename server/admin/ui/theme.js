/**
 * The style sheet's colours, for drawing on canvases.
 * @module
 */

const SERIES = 8;

/** @type {Map<string, string>} */
const known = new Map();
matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => known.clear());

/**
 * The value of one of the style sheet's colours.
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
 * The name of a colour from a set of easily distinguished ones.
 *
 * @param {number} index
 */
export function seriesColour(index) {
  return `series-${(index % SERIES) + 1}`;
}
