/** A seeded generator of numbers. */

/**
 * The generator mulberry32.
 *
 * @param {number} seed
 * @returns {(below: number) => number} returns the next integer from 0 to less than `below`
 */
export function seeded(seed) {
  return (below) => {
    seed = (seed + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
