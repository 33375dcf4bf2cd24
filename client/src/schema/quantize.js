/**
 * Quantization: field values to unsigned integers (columns) and back.
 *
 * The arithmetic is the server's, operation for operation: basic operations, `floor` and `sqrt` on doubles give the same
 * integers everywhere. A value outside its declared range is clamped; a NaN becomes the minimum. A dequantized float is a
 * double, where the server's struct may hold the nearest `f32`.
 */

/** @import { FieldKind, Range } from "./kinds.js" */

import { textColumns } from "./kinds.js";

/** @typedef {{ x: number, y: number }} Vec2 */
/** @typedef {{ x: number, y: number, z: number }} Vec3 */
/** @typedef {{ x: number, y: number, z: number, w: number }} Quat */
/** @typedef {number | bigint | boolean | string | Vec2 | Vec3 | Quat} FieldValue the type depends on the field's kind */

const TAU = 2 * Math.PI;

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Writes the columns of a value into `row`, from `at` on. Throws a TypeError if an enum has no such variant.
 *
 * @param {FieldKind} kind
 * @param {any} value a {@link FieldValue} of the kind
 * @param {Uint32Array} row
 * @param {number} at
 */
export function quantize(kind, value, row, at) {
  switch (kind.type) {
    case "Float":
      row[at] = quantizeFloat(kind.range, value);
      break;
    case "Angle":
      row[at] = quantizeAngle(kind.bits, value);
      break;
    case "Vec2":
    case "Vec3":
      row[at] = quantizeFloat(kind.axes[0], value.x);
      row[at + 1] = quantizeFloat(kind.axes[1], value.y);
      if (kind.type === "Vec3") {
        row[at + 2] = quantizeFloat(kind.axes[2], value.z);
      }
      break;
    case "Quat":
      quantizeQuat(kind.bits, value, row, at);
      break;
    case "Int": {
      const steps = clampInt(kind, value) - kind.min;
      row[at] = Number(steps & 0xffff_ffffn);
      if (kind.wide) {
        row[at + 1] = Number(steps >> 32n);
      }
      break;
    }
    case "Bool":
      row[at] = value ? 1 : 0;
      break;
    case "Enum":
      if (!kind.variants.includes(value)) {
        throw new TypeError(`${value} is none of ${kind.variants.join(", ")}`);
      }
      row[at] = kind.variants.indexOf(value);
      break;
    case "Text":
      quantizeText(kind.maxBytes, value, row, at);
      break;
  }
}

/**
 * Reads a value from the columns of `row`, from `at` on.
 *
 * @param {FieldKind} kind
 * @param {Uint32Array} row
 * @param {number} at
 * @returns {any} a {@link FieldValue} of the kind
 */
export function dequantize(kind, row, at) {
  switch (kind.type) {
    case "Float":
      return dequantizeFloat(kind.range, row[at]);
    case "Angle":
      return (row[at] / 2 ** kind.bits) * TAU;
    case "Vec2":
      return { x: dequantizeFloat(kind.axes[0], row[at]), y: dequantizeFloat(kind.axes[1], row[at + 1]) };
    case "Vec3":
      return {
        x: dequantizeFloat(kind.axes[0], row[at]),
        y: dequantizeFloat(kind.axes[1], row[at + 1]),
        z: dequantizeFloat(kind.axes[2], row[at + 2]),
      };
    case "Quat":
      return dequantizeQuat(kind.bits, row, at);
    case "Int":
      return kind.big ? dequantizeBig(kind, row, at) : Number(kind.min) + row[at];
    case "Bool":
      return row[at] !== 0;
    case "Enum":
      return kind.variants[row[at]];
    case "Text":
      return dequantizeText(kind.maxBytes, row, at);
  }
}

/**
 * The neutral value of a kind: zero, false, the first variant, the empty text, no rotation.
 *
 * @param {FieldKind} kind
 * @returns {any} a {@link FieldValue} of the kind
 */
export function neutral(kind) {
  switch (kind.type) {
    case "Float":
    case "Angle":
      return 0;
    case "Vec2":
      return { x: 0, y: 0 };
    case "Vec3":
      return { x: 0, y: 0, z: 0 };
    case "Quat":
      return { x: 0, y: 0, z: 0, w: 1 };
    case "Int":
      return kind.big ? 0n : 0;
    case "Bool":
      return false;
    case "Enum":
      return kind.variants[0];
    case "Text":
      return "";
  }
}

/**
 * @param {Range} range
 * @param {number} value
 */
function quantizeFloat(range, value) {
  return clampSteps(Math.floor((value - range.min) / range.step + 0.5), range.maxQuantized);
}

/**
 * Dequantizes one column of a number or vector.
 *
 * @param {Range} range
 * @param {number} steps
 */
export function dequantizeFloat(range, steps) {
  return Math.min(range.min + steps * range.step, range.max);
}

/**
 * @param {Extract<FieldKind, { type: "Int" }>} kind
 * @param {Uint32Array} row
 * @param {number} at
 */
function dequantizeBig({ min, span, wide }, row, at) {
  const steps = BigInt(row[at]) | (wide ? BigInt(row[at + 1]) << 32n : 0n);
  return min + (steps < span ? steps : span);
}

/**
 * Clamps like a saturating cast: a NaN becomes zero.
 *
 * @param {number} steps
 * @param {number} max
 */
function clampSteps(steps, max) {
  return steps > 0 ? Math.min(steps, max) : 0;
}

/**
 * @param {number} bits
 * @param {number} radians any number of turns
 */
function quantizeAngle(bits, radians) {
  const steps = 2 ** bits;
  const turns = radians / TAU;
  const part = turns - Math.floor(turns);
  return Math.floor(part * steps + 0.5) & (steps - 1);
}

/**
 * Quantizes a rotation by its smallest three components: the index of the largest, then the others in the order x y z w. They lie
 * within ±1/√2, and the largest follows from them (Glenn Fiedler, "Snapshot Compression", 2015).
 *
 * @param {number} bits
 * @param {Quat} rotation
 * @param {Uint32Array} row
 * @param {number} at
 */
function quantizeQuat(bits, rotation, row, at) {
  let parts = [rotation.x, rotation.y, rotation.z, rotation.w];
  const length = Math.sqrt(parts.reduce((sum, part) => sum + part * part, 0));
  parts = Number.isFinite(length) && length > 1e-9 ? parts.map((part) => part / length) : [0, 0, 0, 1];
  let largest = 0;
  for (let index = 1; index < 4; index++) {
    if (Math.abs(parts[index]) > Math.abs(parts[largest])) {
      largest = index;
    }
  }
  // A quaternion and its negative are the same rotation: make the largest component positive, since it is not sent.
  const sign = parts[largest] < 0 ? -1 : 1;
  const max = 2 ** bits - 1;
  row[at] = largest;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const unit = (parts[index] * sign * Math.SQRT2 + 1) * 0.5;
      row[column++] = clampSteps(Math.floor(unit * max + 0.5), max);
    }
  }
}

/**
 * @param {number} bits
 * @param {Uint32Array} row
 * @param {number} at
 * @returns {Quat}
 */
function dequantizeQuat(bits, row, at) {
  const max = 2 ** bits - 1;
  const largest = row[at];
  const parts = [0, 0, 0, 0];
  let rest = 1;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const part = ((row[column++] / max) * 2 - 1) * Math.SQRT1_2;
      parts[index] = part;
      rest -= part * part;
    }
  }
  parts[largest] = Math.sqrt(Math.max(rest, 0));
  const length = Math.sqrt(parts.reduce((sum, part) => sum + part * part, 0));
  return { x: parts[0] / length, y: parts[1] / length, z: parts[2] / length, w: parts[3] / length };
}

/**
 * @param {{ min: bigint, span: bigint }} range
 * @param {number | bigint} value the fraction of a number is cut off
 * @returns {bigint}
 */
function clampInt({ min, span }, value) {
  const max = min + span;
  if (typeof value === "number" && !Number.isFinite(value)) {
    return value > 0 ? max : min;
  }
  const whole = typeof value === "number" ? BigInt(Math.trunc(value)) : value;
  return whole < min ? min : whole > max ? max : whole;
}

/**
 * Writes a text, cut at the end of a character if it is too long.
 *
 * @param {number} maxBytes
 * @param {string} text
 * @param {Uint32Array} row
 * @param {number} at
 */
function quantizeText(maxBytes, text, row, at) {
  const bytes = utf8Encoder.encode(text);
  let length = Math.min(bytes.length, maxBytes);
  // A byte 0b10…… continues a character: do not cut before it.
  while ((bytes[length] & 0xc0) === 0x80) {
    length--;
  }
  row.fill(0, at, at + textColumns(maxBytes));
  row[at] = length;
  for (let index = 0; index < length; index++) {
    row[at + 1 + (index >>> 2)] |= bytes[index] << (8 * (index & 3));
  }
}

/**
 * @param {number} maxBytes
 * @param {Uint32Array} row
 * @param {number} at
 */
function dequantizeText(maxBytes, row, at) {
  const bytes = new Uint8Array(Math.min(row[at], maxBytes));
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = row[at + 1 + (index >>> 2)] >>> (8 * (index & 3));
  }
  return utf8Decoder.decode(bytes);
}
