/** Quantization of numbers and angles. */

/** @import { Range } from "./kinds.js" */

/** A full turn. */
const TAU = 2 * Math.PI;

/**
 * Quantizes one column of a number or vector.
 *
 * @param {Range} range
 * @param {number} value
 */
export function quantizeFloat(range, value) {
  if (Number.isNaN(value)) {
    return quantizeFloat(range, 0);
  }
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
 * Dequantizes an integer that may be too large for a number.
 *
 * @param {{ min: bigint, span: bigint, wide: boolean }} kind
 * @param {Uint32Array} row
 * @param {number} at
 */
export function dequantizeBig({ min, span, wide }, row, at) {
  const steps = BigInt(row[at]) | (wide ? BigInt(row[at + 1]) << 32n : 0n);
  return min + (steps < span ? steps : span);
}

/**
 * Clamps like a saturating cast.
 *
 * @param {number} steps
 * @param {number} max
 */
function clampSteps(steps, max) {
  return steps > 0 ? Math.min(steps, max) : 0;
}

/**
 * Quantizes an angle.
 *
 * @param {number} bits
 * @param {number} radians any number of turns
 */
export function quantizeAngle(bits, radians) {
  const steps = 2 ** bits;
  const turns = Number.isNaN(radians) ? 0 : radians / TAU;
  const part = turns - Math.floor(turns);
  return Math.floor(part * steps + 0.5) & (steps - 1);
}

/**
 * Dequantizes an angle.
 *
 * @param {number} bits
 * @param {number} steps
 */
export function dequantizeAngle(bits, steps) {
  return (steps / 2 ** bits) * TAU;
}

/**
 * Clamps an integer to a range.
 *
 * @param {{ min: bigint, span: bigint }} range
 * @param {number | bigint} value the fraction of a number is cut off
 * @returns {bigint}
 */
export function clampInt({ min, span }, value) {
  const max = min + span;
  if (value === Infinity || value === -Infinity) {
    return value > 0 ? max : min;
  }
  if (Number.isNaN(value)) {
    return clampInt({ min, span }, 0n);
  }
  const whole = typeof value === "number" ? BigInt(Math.trunc(value)) : value;
  return whole < min ? min : whole > max ? max : whole;
}
