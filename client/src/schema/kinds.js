/** Field kinds: how a field's value becomes columns, and the parameters of each kind. */

/** @import { BincodeReader } from "../wire/bincode.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_TEXT_BYTES } from "../base/limits.js";

/** @typedef {{ min: number, max: number, step: number, maxQuantized: number }} Range `maxQuantized`: see {@link maxQuantized} */

/**
 * The kind of a field. An `Int` is `wide` if it takes two columns, and `big` if its values are BigInts, because a number cannot
 * represent all of them exactly.
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
 * )} FieldKind
 */

/** Readers of each kind's parameters, by the index of the variant. */
const KINDS = /** @type {((reader: BincodeReader) => FieldKind)[]} */ ([
  (reader) => ({ type: "Float", range: readRange(reader) }),
  (reader) => ({ type: "Angle", bits: reader.u8() }),
  (reader) => ({ type: "Vec2", axes: [readRange(reader), readRange(reader)] }),
  (reader) => ({ type: "Vec3", axes: [readRange(reader), readRange(reader), readRange(reader)] }),
  (reader) => ({ type: "Quat", bits: reader.u8() }),
  readInt,
  () => ({ type: "Bool" }),
  (reader) => ({ type: "Enum", variants: reader.list((reader) => reader.string()) }),
  (reader) => ({ type: "Text", maxBytes: reader.u32() }),
]);

/**
 * Reads a kind and its parameters. It does not check them: see {@link isUsable}.
 *
 * @internal
 * @param {BincodeReader} reader
 * @returns {FieldKind}
 */
export function readKind(reader) {
  return readVariant(KINDS, reader)(reader);
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
 * Returns true if the parameters of a kind are within their limits.
 *
 * @param {FieldKind} kind
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
