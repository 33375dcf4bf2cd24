/** Measures of predicted fields: how their values are compared, added and scaled. */

/** @import { FieldKind } from "../schema/kinds.js" */

/** A correction by more than this fraction of a field's range is shown at once. */
const LEAP_SHARE = 1 / 8;
const TURN = 2 * Math.PI;

/**
 * The arithmetic of a field's values.
 *
 * @typedef {object} Measure
 * @property {(from: any, to: any) => any} difference
 * @property {(value: any, difference: any) => any} add
 * @property {(difference: any, factor: number) => any} scale
 * @property {(difference: any) => number} size
 * @property {boolean} turns true for an angle
 * @property {number} tolerance the greatest difference that quantization makes of equal values
 * @property {number} leap the greatest correction that fades; a greater one is shown at once
 */

/**
 * Returns true if fields of a kind can be predicted.
 *
 * @param {FieldKind} kind
 */
export function isMeasured({ type }) {
  return type === "Float" || type === "Vec2" || type === "Vec3" || type === "Angle";
}

/**
 * The measure of a field. Throws a TypeError if fields of its kind cannot be predicted.
 *
 * @param {string} name
 * @param {FieldKind} kind
 * @returns {Measure}
 */
export function measureOf(name, kind) {
  switch (kind.type) {
    case "Float":
      return { ...NUMBERS, ...limits([kind.range]) };
    case "Vec2":
    case "Vec3":
      return { ...VECTORS, ...limits(kind.axes) };
    case "Angle":
      return { ...NUMBERS, difference: turn, turns: true, tolerance: TURN / 2 ** kind.bits, leap: TURN };
    default:
      throw new TypeError(`${name} cannot be predicted: it is of the kind ${kind.type}, not a float, vector or angle`);
  }
}

/** @param {{ min: number, max: number, step: number }[]} ranges */
function limits(ranges) {
  return {
    turns: false,
    tolerance: Math.hypot(...ranges.map(({ step }) => step)),
    leap: LEAP_SHARE * Math.max(...ranges.map(({ min, max }) => max - min)),
  };
}

const NUMBERS = {
  difference: (/** @type {number} */ from, /** @type {number} */ to) => to - from,
  add: (/** @type {number} */ value, /** @type {number} */ difference) => value + difference,
  scale: (/** @type {number} */ difference, /** @type {number} */ factor) => difference * factor,
  size: (/** @type {number} */ difference) => Math.abs(difference),
};

/** @typedef {Record<string, number>} Vector */

const VECTORS = {
  difference: (/** @type {Vector} */ from, /** @type {Vector} */ to) => each(to, (value, axis) => value - from[axis]),
  add: (/** @type {Vector} */ value, /** @type {Vector} */ difference) =>
    each(value, (value, axis) => value + difference[axis]),
  scale: (/** @type {Vector} */ difference, /** @type {number} */ factor) => each(difference, (value) => value * factor),
  size: (/** @type {Vector} */ difference) => Math.hypot(...Object.values(difference)),
};

/**
 * @param {Vector} vector
 * @param {(value: number, axis: string) => number} change
 * @returns {Vector}
 */
function each(vector, change) {
  return Object.fromEntries(Object.entries(vector).map(([axis, value]) => [axis, change(value, axis)]));
}

/**
 * The difference between two angles, the short way round.
 *
 * @param {number} from
 * @param {number} to
 */
function turn(from, to) {
  const way = (to - from) % TURN;
  return way > Math.PI ? way - TURN : way < -Math.PI ? way + TURN : way;
}
