/** Interpolation between two rows of an entity, and extrapolation beyond them, field by field. */

/** @import { FieldKind, Range } from "../schema/kinds.js" */
/** @import { Quat } from "../schema/quantize.js" */
/** @import { Field, Interpolate } from "../schema/schema.js" */

import { dequantize, dequantizeFloat } from "../schema/quantize.js";

const TAU = 2 * Math.PI;
/** A field that changes by more than this fraction of its range in a tick has leapt: it is not interpolated. */
export const LEAP = 1 / 16;
/** @type {Range[]} */
const NO_RANGES = [];

/**
 * How a field is shown.
 *
 * @typedef {object} ShownField
 * @property {string} name
 * @property {FieldKind} kind
 * @property {Interpolate["type"]} rule
 * @property {boolean} moves true if it is shown between its values, false if it steps from one to the next
 * @property {number} at its first column in a row
 * @property {Range[]} ranges of its axes; empty if it is no float or vector
 * @property {{ at: number, ranges: Range[] } | undefined} velocity the field with its velocity, if it has one
 */

/** Two rows of an entity, to interpolate between or to extrapolate from. One object serves many rows. */
export class Gap {
  /** The earlier row: its array of columns, and where it starts there. */
  from = new Uint32Array(0);
  fromAt = 0;
  /** The later row. */
  to = this.from;
  toAt = 0;
  /** The newest row that has arrived. */
  newest = this.from;
  newestAt = 0;
  /** The time between the earlier and the later row, in ticks and in seconds. */
  ticks = 1;
  seconds = 1;
}

/**
 * Works out how the fields of a struct are shown.
 *
 * @param {Pick<Field, "name" | "kind" | "interpolate">[]} fields
 * @param {{ start: number }[]} layout the first column of each
 * @returns {ShownField[]}
 */
export function shownFields(fields, layout) {
  return fields.map(({ name, kind, interpolate }, index) => {
    const of = interpolate.type === "Hermite" ? interpolate.velocity : -1;
    const velocity = of < 0 ? undefined : { at: layout[of].start, ranges: rangesOf(fields[of].kind) };
    const ranges = rangesOf(kind);
    const isNumber = ranges.length > 0 || kind.type === "Angle" || kind.type === "Quat";
    const moves = isNumber && (interpolate.type === "Smooth" || interpolate.type === "Hermite");
    return { name, kind, rule: interpolate.type, moves, at: layout[index].start, ranges, velocity };
  });
}

/**
 * The value of a field at a position in a gap. A field that leaps or is not a number steps from the earlier value to the later
 * one at position 1.
 *
 * @param {ShownField} field
 * @param {Gap} gap
 * @param {number} part the position: 0 is the earlier row, 1 the later one; above 1 the field is extrapolated
 * @returns {any}
 */
export function interpolate(field, gap, part) {
  const { kind, at } = field;
  if (field.rule === "None") {
    return dequantize(kind, gap.newest, gap.newestAt + at);
  }
  if (!field.moves || leaps(field, gap)) {
    return part < 1 ? dequantize(kind, gap.from, gap.fromAt + at) : dequantize(kind, gap.to, gap.toAt + at);
  }
  switch (kind.type) {
    case "Float":
      return along(field, 0, gap, part);
    case "Vec2":
      return { x: along(field, 0, gap, part), y: along(field, 1, gap, part) };
    case "Vec3":
      return { x: along(field, 0, gap, part), y: along(field, 1, gap, part), z: along(field, 2, gap, part) };
    case "Angle":
      return mixAngle(dequantize(kind, gap.from, gap.fromAt + at), dequantize(kind, gap.to, gap.toAt + at), part);
    default:
      return mixQuat(dequantize(kind, gap.from, gap.fromAt + at), dequantize(kind, gap.to, gap.toAt + at), part);
  }
}

/**
 * The ranges of the axes of a float or vector.
 *
 * @param {FieldKind} kind
 */
function rangesOf(kind) {
  return kind.type === "Float" ? [kind.range] : kind.type === "Vec2" || kind.type === "Vec3" ? kind.axes : NO_RANGES;
}

/**
 * Returns true if a field has changed too much for the values in between to be real, such as a position after a teleport. Angles
 * and rotations never leap.
 *
 * @param {ShownField} field
 * @param {Gap} gap
 */
function leaps({ ranges, at }, { from, fromAt, to, toAt, ticks }) {
  for (let axis = 0; axis < ranges.length; axis++) {
    const change = Math.abs(to[toAt + at + axis] - from[fromAt + at + axis]);
    if (change > ranges[axis].maxQuantized * LEAP * ticks) {
      return true;
    }
  }
  return false;
}

/**
 * Interpolates a float, or an axis of a vector: on a straight line, or on the curve that has both velocities at its ends.
 *
 * @param {ShownField} field
 * @param {number} axis
 * @param {Gap} gap
 * @param {number} part
 */
function along({ at, ranges, velocity }, axis, { from, fromAt, to, toAt, seconds }, part) {
  const range = ranges[axis];
  const earlier = dequantizeFloat(range, from[fromAt + at + axis]);
  const later = dequantizeFloat(range, to[toAt + at + axis]);
  if (velocity === undefined) {
    return within(range, mix(earlier, later, part));
  }
  const earlierSlope = dequantizeFloat(velocity.ranges[axis], from[fromAt + velocity.at + axis]) * seconds;
  const laterSlope = dequantizeFloat(velocity.ranges[axis], to[toAt + velocity.at + axis]) * seconds;
  return within(range, curve(earlier, earlierSlope, later, laterSlope, part));
}

/**
 * @param {Range} range
 * @param {number} value
 */
function within({ min, max }, value) {
  return Math.min(Math.max(value, min), max);
}

/**
 * A cubic Hermite curve, extended by straight lines on both sides.
 *
 * @param {number} from
 * @param {number} fromSlope
 * @param {number} to
 * @param {number} toSlope
 * @param {number} part
 */
function curve(from, fromSlope, to, toSlope, part) {
  if (part < 0) {
    return from + fromSlope * part;
  }
  if (part > 1) {
    return to + toSlope * (part - 1);
  }
  const rest = 1 - part;
  const bend = part * rest * (fromSlope * rest - toSlope * part);
  return mix(from, to, part * part * (3 - 2 * part)) + bend;
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} part
 */
function mix(from, to, part) {
  return from + (to - from) * part;
}

/**
 * @param {number} from
 * @param {number} to both in 0 to 2π, as is the result
 * @param {number} part
 */
function mixAngle(from, to, part) {
  return turned(from + shortTurn(to - from) * part);
}

/**
 * Wraps an angle into 0 to 2π.
 *
 * @param {number} angle
 */
export function turned(angle) {
  return angle < 0 || angle >= TAU ? angle - Math.floor(angle / TAU) * TAU : angle;
}

/**
 * Wraps a difference of angles into -π to π: the short way round.
 *
 * @param {number} turn
 */
export function shortTurn(turn) {
  return turn - Math.round(turn / TAU) * TAU;
}

/**
 * @param {Quat} from
 * @param {Quat} to
 * @param {number} part
 * @returns {Quat}
 */
function mixQuat(from, to, part) {
  // A quaternion and its negative are the same rotation: take the nearer one, so that the sum is never close to zero.
  const sign = from.x * to.x + from.y * to.y + from.z * to.z + from.w * to.w < 0 ? -1 : 1;
  const x = mix(from.x, sign * to.x, part);
  const y = mix(from.y, sign * to.y, part);
  const z = mix(from.z, sign * to.z, part);
  const w = mix(from.w, sign * to.w, part);
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  return { x: x / length, y: y / length, z: z / length, w: w / length };
}
