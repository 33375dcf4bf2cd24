/** The golden vectors of the Rust sources, and hex. */

/** @import { FieldKind, NestedKind } from "../../src/schema/kinds.js" */
/** @import { Shape } from "../../src/schema/shapes.js" */

import { readFileSync } from "node:fs";

import { worldLayout } from "../../src/codec/layout.js";
import { Mirror } from "../../src/mirror/mirror.js";
import { fieldsInside } from "../../src/schema/field.js";
import { widthOf } from "../../src/schema/kinds.js";
import { dequantize } from "../../src/schema/quantize.js";
import { readSchema } from "../../src/schema/schema.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { BincodeReader } from "../../src/wire/bincode.js";

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

/** @typedef {[slot: number, generation: number, columns: number[]]} RowVector */

/**
 * A world: its schema, and for each frame its snapshot, its hash and, in a world with a name, its rows.
 *
 * @typedef {{ name: string | null, schema: string, frames: [hex: string, hash: string, rows?: RowVector[]][] }} WorldVector
 */

/**
 * A state between two rows.
 *
 * @typedef {object} BetweenVector
 * @property {string} schema
 * @property {number} ticks
 * @property {number} part
 * @property {number[]} from
 * @property {number[]} to
 * @property {number[]} newest
 * @property {number[]} row
 */

/** @param {string} name */
const read = (name) => JSON.parse(readFileSync(new URL(`../../../shared/vectors/${name}.json`, import.meta.url), "utf8"));

/** The bytes that the Rust sources write (shared/tests/shared/vectors.rs). */
export const vectors = read("kitchen");

/**
 * Nested state (shared/tests/nested/golden.rs).
 *
 * @type {{ kinds: WorldVector[], worlds: WorldVector[], between: BetweenVector[] }}
 */
export const nested = read("nested");

const none = /** @type {Shape} */ ({ type: "Enum", variants: [], plain: true });

/** The message shapes of a game without messages. */
export const NO_MESSAGES = { event: none, command: none, reply: none };

/** The input of a game without inputs. */
export const NO_INPUT = { fields: [], neutral: new Uint32Array() };

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

/** A schema from its bytes. @param {string} hex */
export function schemaOf(hex) {
  const reader = new BincodeReader(bytes(hex));
  const schema = readSchema(reader);
  reader.finish();
  return schema;
}

/** A mirror of a world, with the structs of its tables. @param {string} schema its bytes, in hex */
export function mirrorOf(schema) {
  const structs = tableStructs(schemaOf(schema));
  return { structs, mirror: new Mirror(worldLayout(allParts(structs)), 30) };
}

/**
 * Returns true if two values are equal but for a rounding that could go either way.
 *
 * @param {FieldKind} kind
 * @param {number[]} columns
 * @param {number[]} others
 * @returns {boolean}
 */
export function isNear(kind, columns, others) {
  switch (kind.type) {
    case "Option":
    case "List":
    case "Variants":
    case "Struct":
    case "Array":
      return areNear(kind, columns, others);
    case "Float":
    case "Vec2":
    case "Vec3":
      return columns.every((column, index) => Math.abs(column - others[index]) <= 1);
    case "Angle": {
      const off = Math.abs(columns[0] - others[0]);
      return Math.min(off, 2 ** kind.bits - off) <= 1;
    }
    case "Quat": {
      const [a, b] = [columns, others].map((row) => dequantize(kind, Uint32Array.from(row), 0));
      return Math.abs(a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w) > 1 - 2 ** (3 - 2 * kind.bits);
    }
    default:
      return String(columns) === String(others);
  }
}

/**
 * @param {NestedKind} kind
 * @param {number[]} columns
 * @param {number[]} others
 * @returns {boolean}
 */
function areNear(kind, columns, others) {
  const repeats = kind.type === "Array" ? kind.length : kind.type === "List" ? kind.maxLength : 1;
  const fields = Array(repeats).fill(fieldsInside(kind).flat()).flat();
  let at = kind.type === "Struct" || kind.type === "Array" ? 0 : 1;
  const alike = at === 0 || columns[0] === others[0];
  return alike && fields.every(({ kind }) => {
    const start = at;
    at += widthOf(kind);
    return isNear(kind, columns.slice(start, at), others.slice(start, at));
  });
}
