/**
 * Seeded random numbers, for shapes that must look the same each time, such as rocks and stars.
 * @module
 */

/**
 * Returns a generator of numbers in [0, 1) (mulberry32). The same seed gives the same numbers.
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
