/**
 * Repeatable randomness, for what must look the same each time: a rock's outline, the stars.
 * @module
 */

/**
 * A generator of numbers from 0 up to 1 (mulberry32); the same seed gives the same numbers.
 * @param {number | string} seed
 * @returns {() => number}
 */
export function seededRandom(seed) {
  let state = hash(String(seed));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * FNV-1a.
 * @param {string} text
 */
function hash(text) {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value;
}
