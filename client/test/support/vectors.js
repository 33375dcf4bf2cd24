/** The golden vectors of the Rust sources, and hex. */

/** @import { Shape } from "../../src/schema/shapes.js" */

import { readFileSync } from "node:fs";

/**
 * @typedef {object} SnapshotVector
 * @property {string} hex
 * @property {number} tick
 * @property {number} ticks
 * @property {boolean} keyframe
 * @property {boolean} priors true if it changes them
 * @property {string} hash
 * @property {number} hashes_checked
 * @property {[number, number] | null} ack
 * @property {[number, number, number[]][][]} tables
 * @property {Record<string, any>} first_thing
 */

const file = new URL("../../../shared/vectors/kitchen.json", import.meta.url);

/** The bytes that the Rust sources write (shared/tests/shared/vectors.rs). */
export const vectors = JSON.parse(readFileSync(file, "utf8"));

const none = /** @type {Shape} */ ({ type: "Enum", variants: [], plain: true });

/** The message shapes of a game without messages. */
export const NO_MESSAGES = { event: none, command: none, reply: none };

/** @type {SnapshotVector[]} */
export const snapshots = vectors.snapshots;

/** @param {string} hex */
export function bytes(hex) {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Buffer.from(bytes).toString("hex");
}
