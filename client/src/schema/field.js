/** Fields on the wire, with the values inside them, and their checks. */

/** @import { BincodeReader } from "../wire/bincode.js" */
/** @import { Field, FieldKind, Interpolate, NestedKind } from "./kinds.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_FIELD_DEPTH, MAX_LIST_LENGTH } from "../base/limits.js";
import {
  LEAF_KINDS,
  arrayOf,
  isUsable,
  listOf,
  optionOf,
  readLeaf,
  readVariant,
  structOf,
  totalWidth,
  variantsOf,
  widthOf,
} from "./kinds.js";

/** Audience: every client. */
export const ALL = 0;
/** Audience: the clients of the owner's team. */
export const TEAM = 1;
/** Audience: the owner alone. Each audience is part of the one before. */
export const OWNER = 2;

/** Interpolation by the field's kind. */
export const SMOOTH = /** @type {Interpolate} */ (Object.freeze({ type: "Smooth" }));

/** Readers of each interpolation, by the index of the variant. */
const INTERPOLATIONS = /** @type {((reader: BincodeReader) => Interpolate)[]} */ ([
  () => SMOOTH,
  () => ({ type: "Step" }),
  () => ({ type: "None" }),
  (reader) => ({ type: "Hermite", velocity: reader.u16() }),
]);

/** Readers of the kinds with values inside, by the index of the variant after the leaves. */
const NESTED = /** @type {((reader: BincodeReader, depth: number) => NestedKind)[]} */ ([
  (reader, depth) => optionOf(readItem(reader, depth)),
  (reader, depth) => structOf(readInside(reader, depth)),
  (reader, depth) => arrayOf(reader.u16(), readItem(reader, depth)),
  (reader, depth) => listOf(reader.u16(), readItem(reader, depth)),
  (reader, depth) =>
    variantsOf(reader.list((reader) => ({ name: reader.string(), fields: readInside(reader, depth) }))),
]);

/**
 * Reads a field and checks its parameters.
 *
 * @param {BincodeReader} reader
 * @param {number} [depth] of the fields that it is inside
 * @returns {Field}
 */
export function readField(reader, depth = 0) {
  const name = reader.string();
  const kind = readKind(reader, depth);
  const linear = readVariant([false, true], reader);
  const interpolate = readVariant(INTERPOLATIONS, reader)(reader);
  const audience = readAudience(reader);
  if (!fits(kind)) {
    throw new DecodeError("bad_schema", `the parameters of field ${name} are out of range`);
  }
  return { name, kind, linear, interpolate, audience };
}

/**
 * Reads a list of fields.
 *
 * @param {BincodeReader} reader
 * @param {number} [depth]
 * @returns {Field[]}
 */
export function readFields(reader, depth = 0) {
  return reader.list((reader) => readField(reader, depth));
}

/** @param {BincodeReader} reader */
export function readAudience(reader) {
  return readVariant([ALL, TEAM, OWNER], reader);
}

/**
 * Checks that the velocity of each field is another field of the same kind and audience.
 *
 * @param {Field[]} fields
 * @param {number} base the audience of the table; a field's own may be smaller
 */
export function checkVelocities(fields, base) {
  for (const field of fields) {
    if (field.interpolate.type === "Hermite") {
      const velocity = fields.at(field.interpolate.velocity);
      const audience = (/** @type {Field} */ { audience }) => Math.max(audience, base);
      if (
        velocity === undefined ||
        velocity === field ||
        !["Float", "Vec2", "Vec3"].includes(field.kind.type) ||
        velocity.kind.type !== field.kind.type ||
        audience(velocity) !== audience(field)
      ) {
        throw new DecodeError("bad_schema", `the velocity of field ${field.name} is not another of its kind and audience`);
      }
    }
  }
}

/**
 * The fields inside a kind: one list for each variant, one list for every other kind that has any.
 *
 * @param {FieldKind} kind
 * @returns {Field[][]}
 */
export function fieldsInside(kind) {
  switch (kind.type) {
    case "Option":
    case "Array":
    case "List":
      return [[kind.item]];
    case "Struct":
      return [kind.fields];
    case "Variants":
      return kind.variants.map(({ fields }) => fields);
    default:
      return [];
  }
}

/**
 * @param {BincodeReader} reader
 * @param {number} depth
 * @returns {FieldKind}
 */
function readKind(reader, depth) {
  const index = reader.u32();
  if (index < LEAF_KINDS) {
    return readLeaf(index, reader);
  }
  if (index >= LEAF_KINDS + NESTED.length) {
    throw new DecodeError("malformed", `no kind ${index}`);
  }
  return NESTED[index - LEAF_KINDS](reader, depth);
}

/**
 * Reads the fields inside a field.
 *
 * @param {BincodeReader} reader
 * @param {number} depth of the field that they are inside
 */
function readInside(reader, depth) {
  if (depth === MAX_FIELD_DEPTH) {
    throw new DecodeError("bad_schema", "the fields are nested too deeply");
  }
  const fields = readFields(reader, depth + 1);
  const misplaced = fields.find(({ audience, kind }) => audience !== ALL || kind.type === "Press");
  if (misplaced !== undefined) {
    throw new DecodeError("bad_schema", `field ${misplaced.name} is inside another: it cannot have an audience or be a press`);
  }
  checkVelocities(fields, ALL);
  return fields;
}

/**
 * Reads the one item of an option, an array or a list.
 *
 * @param {BincodeReader} reader
 * @param {number} depth
 */
function readItem(reader, depth) {
  const fields = readInside(reader, depth);
  if (fields.length !== 1) {
    throw new DecodeError("bad_schema", `${fields.length} items instead of one`);
  }
  return fields[0];
}

/**
 * Returns true if the parameters of a kind are within their limits. The fields inside it have been checked.
 *
 * @param {FieldKind} kind
 */
function fits(kind) {
  switch (kind.type) {
    case "Option":
      return widthOf(kind.item.kind) > 0;
    case "Struct":
      return totalWidth(kind.fields) > 0;
    case "Array":
      return kind.length > 0 && widthOf(kind.item.kind) > 0;
    case "List":
      return kind.maxLength >= 1 && kind.maxLength <= MAX_LIST_LENGTH && widthOf(kind.item.kind) > 0;
    case "Variants":
      // In JavaScript the name of the variant is the property `type`.
      return kind.variants.length >= 2 && kind.variants.every(({ fields }) => fields.every(({ name }) => name !== "type"));
    default:
      return isUsable(kind);
  }
}
