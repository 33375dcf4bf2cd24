/**
 * Types that drawing, prediction and input share.
 * @module
 */

/** @typedef {number} Id An entity's id, unique in its table. */
/** @typedef {{ x: number, y: number }} Vec */

export {};
