/** Fields and their kinds: how a field's value becomes columns, and the parameters of each kind. */

/** @import { BincodeReader } from "../wire/bincode.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_TEXT_BYTES } from "../base/limits.js";

/** @typedef {{ min: number, max: number, step: number, maxQuantized: number }} Range `maxQuantized`: see {@link maxQuantized} */

/**
 * The kind of a field that has no values inside it. An `Int` is `wide` if it takes two columns, and `big` if its values are
 * BigInts, because a number cannot represent all of them exactly. An `Entity` refers to a row of the table of that name.
 *
 * @typedef {(
 *   | { type: "Float", range: Range }
 *   | { type: "Angle", bits: number }
 *   | { type: "Vec2", axes: Range[] }
 *   | { type: "Vec3", axes: Range[] }
 *   | { type: "Quat", bits: number }
 *   | { type: "Int", min: bigint, span: bigint, wide: boolean, big: boolean }
 *   | { type: "Bool" }
 *   | { type: "Enum", variants: string[] }
 *   | { type: "Text", maxBytes: number }
 *   | { type: "Player" }
 *   | { type: "Entity", table: string }
 *   | { type: "Press" }
 * )} LeafKind
 */

/** @typedef {{ name: string, start: number, fields: Field[] }} Variant `start`: the first column of its fields in the value */

/**
 * A kind with values inside it. Values that are not there, such as the items beyond a list's length, have columns all the same:
 * they are zero. `width`: the number of columns.
 *
 * @typedef {(
 *   | { type: "Option", width: number, item: Field }
 *   | { type: "Struct", width: number, fields: Field[] }
 *   | { type: "Array", width: number, item: Field, length: number }
 *   | { type: "List", width: number, item: Field, maxLength: number }
 *   | { type: "Variants", width: number, variants: Variant[] }
 * )} NestedKind
 */

/** @typedef {LeafKind | NestedKind} FieldKind */

/**
 * How a field is interpolated between ticks:
 *
 * - `Smooth`, by its kind: floats and vectors on a straight line, an angle the short way round, a rotation along its chord, the
 *   values inside a field each by its own rule, all others as `Step`;
 * - `Step`: the earlier value until the tick of the later one;
 * - `None`: the newest value received;
 * - `Hermite`: a cubic curve through the values, whose slopes are the velocities in another field of the same struct, in units a
 *   second. `velocity` is the index of that field.
 *
 * @typedef {{ type: "Smooth" | "Step" | "None" } | { type: "Hermite", velocity: number }} Interpolate
 */

/**
 * @typedef {object} Field
 * @property {string} name empty for the item of an option, an array or a list
 * @property {FieldKind} kind
 * @property {boolean} linear true if the codec predicts it to move on as it did, false if it predicts it to stay
 * @property {Interpolate} interpolate
 * @property {number} audience
 */

/** Readers of each leaf's parameters, by the index of the variant. */
const LEAVES = /** @type {((reader: BincodeReader) => LeafKind)[]} */ ([
  (reader) => ({ type: "Float", range: readRange(reader) }),
  (reader) => ({ type: "Angle", bits: reader.u8() }),
  (reader) => ({ type: "Vec2", axes: [readRange(reader), readRange(reader)] }),
  (reader) => ({ type: "Vec3", axes: [readRange(reader), readRange(reader), readRange(reader)] }),
  (reader) => ({ type: "Quat", bits: reader.u8() }),
  readInt,
  () => ({ type: "Bool" }),
  (reader) => ({ type: "Enum", variants: reader.list((reader) => reader.string()) }),
  (reader) => ({ type: "Text", maxBytes: reader.u32() }),
  () => ({ type: "Player" }),
  (reader) => ({ type: "Entity", table: reader.string() }),
  () => ({ type: "Press" }),
]);

/**
 * The number of leaf kinds. The indexes of the kinds with values inside follow.
 *
 * @internal
 */
export const LEAF_KINDS = LEAVES.length;

/**
 * Reads the parameters of a leaf kind. It does not check them: see {@link isUsable}.
 *
 * @internal
 * @param {number} index of the kind, below {@link LEAF_KINDS}
 * @param {BincodeReader} reader
 * @returns {LeafKind}
 */
export function readLeaf(index, reader) {
  return LEAVES[index](reader);
}

/**
 * @internal
 * @param {Field} item
 * @returns {NestedKind}
 */
export function optionOf(item) {
  return { type: "Option", width: 1 + widthOf(item.kind), item };
}

/**
 * @internal
 * @param {Field[]} fields
 * @returns {NestedKind}
 */
export function structOf(fields) {
  return { type: "Struct", width: totalWidth(fields), fields };
}

/**
 * @internal
 * @param {number} length
 * @param {Field} item
 * @returns {NestedKind}
 */
export function arrayOf(length, item) {
  return { type: "Array", width: length * widthOf(item.kind), item, length };
}

/**
 * @internal
 * @param {number} maxLength
 * @param {Field} item
 * @returns {NestedKind}
 */
export function listOf(maxLength, item) {
  return { type: "List", width: 1 + maxLength * widthOf(item.kind), item, maxLength };
}

/**
 * @internal
 * @param {{ name: string, fields: Field[] }[]} variants
 * @returns {NestedKind}
 */
export function variantsOf(variants) {
  let width = 1;
  const placed = variants.map(({ name, fields }) => {
    const start = width;
    width += totalWidth(fields);
    return { name, start, fields };
  });
  return { type: "Variants", width, variants: placed };
}

/**
 * The number of columns of a value. It is not bounded: a row layout refuses too many.
 *
 * @internal
 * @param {FieldKind} kind
 */
export function widthOf(kind) {
  switch (kind.type) {
    case "Vec2":
    case "Player":
    case "Entity":
      return 2;
    case "Vec3":
      return 3;
    case "Quat":
      return 4;
    case "Int":
      return kind.wide ? 2 : 1;
    case "Text":
      return textColumns(kind.maxBytes);
    case "Option":
    case "Struct":
    case "Array":
    case "List":
    case "Variants":
      return kind.width;
    default:
      return 1;
  }
}

/**
 * @internal
 * @param {Field[]} fields
 */
export function totalWidth(fields) {
  return fields.reduce((sum, { kind }) => sum + widthOf(kind), 0);
}

/**
 * The greatest quantized value of a range: the number of steps from its minimum to its maximum.
 *
 * @param {Omit<Range, "maxQuantized">} range
 */
export function maxQuantized({ min, max, step }) {
  const steps = (max - min) / step;
  // A range of a whole number of steps must not gain one by rounding.
  const whole = Math.floor(steps + 0.5);
  return steps - whole > 1e-6 ? whole + 1 : whole;
}

/**
 * The number of columns of a text: one for its length, and one for every four bytes, the first byte lowest.
 *
 * @param {number} maxBytes
 */
export function textColumns(maxBytes) {
  return 1 + Math.ceil(maxBytes / 4);
}

/**
 * Returns true if the parameters of a leaf kind are within their limits.
 *
 * @param {LeafKind} kind
 */
export function isUsable(kind) {
  switch (kind.type) {
    case "Float":
      return isUsableRange(kind.range);
    case "Vec2":
    case "Vec3":
      return kind.axes.every(isUsableRange);
    case "Angle":
      return kind.bits >= 1 && kind.bits <= 24;
    case "Quat":
      return kind.bits >= 2 && kind.bits <= 20;
    case "Int":
      return kind.span > 0n;
    case "Bool":
    case "Player":
    case "Entity":
    case "Press":
      return true;
    case "Enum":
      return kind.variants.length >= 2;
    case "Text":
      return kind.maxBytes >= 1 && kind.maxBytes <= MAX_TEXT_BYTES;
  }
}

/** @param {Range} range */
function isUsableRange({ min, max, step }) {
  const steps = (max - min) / step;
  return Number.isFinite(min) && step > 0 && steps >= 1 && steps < 2 ** 31;
}

/**
 * Reads the index of a variant, and returns that variant.
 *
 * @internal
 * @template T
 * @param {T[]} variants
 * @param {BincodeReader} reader
 */
export function readVariant(variants, reader) {
  const index = reader.u32();
  if (index >= variants.length) {
    throw new DecodeError("malformed", `no variant ${index}`);
  }
  return variants[index];
}

/**
 * @param {BincodeReader} reader
 * @returns {Range}
 */
function readRange(reader) {
  const range = { min: reader.f64(), max: reader.f64(), step: reader.f64() };
  return { ...range, maxQuantized: maxQuantized(range) };
}

/**
 * @param {BincodeReader} reader
 * @returns {FieldKind}
 */
function readInt(reader) {
  const [min, span] = [reader.i64(), reader.u64()];
  const wide = span > 0xffff_ffffn;
  const exact = [min, min + span].every((bound) => Number.isSafeInteger(Number(bound)));
  return { type: "Int", min, span, wide, big: wide || !exact };
}
