/** Interpolation between two rows of an entity, and extrapolation beyond them, field by field. */

/** @import { FieldKind, Range } from "../schema/kinds.js" */
/** @import { References } from "../schema/quantize.js" */
/** @import { Quat } from "../schema/rotation.js" */
/** @import { ShownField } from "./shown-fields.js" */

import { widthOf } from "../schema/kinds.js";
import { dequantizeFloat } from "../schema/numbers.js";
import { dequantize, setProperty } from "../schema/quantize.js";

const TAU = 2 * Math.PI;
/** A field that changes by more than this fraction of its range in a tick has leapt: it is not interpolated. */
export const LEAP = 1 / 16;

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
  /** @type {References | undefined} The entities of the frame that is shown. */
  references = undefined;
}

/**
 * The value of a field at a position in a gap. A field that leaps or is not a number steps from the earlier value to the later
 * one at position 1.
 *
 * @param {ShownField} field
 * @param {Gap} gap
 * @param {number} part the position: 0 is the earlier row, 1 the later one; above 1 the field is extrapolated
 * @param {number} [start] the first column of the value that the field is inside
 * @returns {any}
 */
export function interpolate(field, gap, part, start = 0) {
  const { kind } = field;
  const at = start + field.at;
  if (field.rule === "None") {
    return dequantize(kind, gap.newest, gap.newestAt + at, gap.references);
  }
  if (!field.moves || leaps(field, at, gap)) {
    return stepped(kind, at, gap, part);
  }
  switch (kind.type) {
    case "Float":
      return along(field, start, 0, gap, part);
    case "Vec2":
      return { x: along(field, start, 0, gap, part), y: along(field, start, 1, gap, part) };
    case "Vec3":
      return {
        x: along(field, start, 0, gap, part),
        y: along(field, start, 1, gap, part),
        z: along(field, start, 2, gap, part),
      };
    case "Angle":
      return mixAngle(dequantize(kind, gap.from, gap.fromAt + at), dequantize(kind, gap.to, gap.toAt + at), part);
    case "Quat":
      return mixQuat(dequantize(kind, gap.from, gap.fromAt + at), dequantize(kind, gap.to, gap.toAt + at), part);
    default:
      return interpolateInside(field, at, gap, part);
  }
}

/**
 * A value that changes at once when the later row's time comes.
 *
 * @param {FieldKind} kind
 * @param {number} at
 * @param {Gap} gap
 * @param {number} part
 */
function stepped(kind, at, gap, part) {
  return part < 1
    ? dequantize(kind, gap.from, gap.fromAt + at, gap.references)
    : dequantize(kind, gap.to, gap.toAt + at, gap.references);
}

/**
 * Interpolates the values inside a field, each by its own rule. A list that has got another length, or an enum that has become
 * another variant, changes at once: its values are not those of the earlier one. Values that may come and go are not
 * extrapolated.
 *
 * @param {ShownField} field
 * @param {number} at
 * @param {Gap} gap
 * @param {number} part
 */
function interpolateInside(field, at, gap, part) {
  const { kind } = field;
  const inside = /** @type {ShownField[][]} */ (field.inside);
  if (kind.type === "Struct") {
    return interpolateFields(inside[0], at, gap, part, {});
  }
  if (kind.type === "Array") {
    return interpolateItems(inside[0][0], kind.length, at, gap, part);
  }
  const shape = gap.to[gap.toAt + at];
  if (gap.from[gap.fromAt + at] !== shape) {
    return stepped(kind, at, gap, part);
  }
  const { newest, newestAt } = gap;
  if (newest[newestAt + at] !== shape) {
    gap.newest = gap.to;
    gap.newestAt = gap.toAt;
  }
  const value = interpolateShape(kind, inside, shape, at, gap, Math.min(part, 1));
  gap.newest = newest;
  gap.newestAt = newestAt;
  return value;
}

/**
 * @param {FieldKind} kind of the value
 * @param {ShownField[][]} inside
 * @param {number} shape its length or variant
 * @param {number} at
 * @param {Gap} gap
 * @param {number} part
 */
function interpolateShape(kind, inside, shape, at, gap, part) {
  switch (kind.type) {
    case "List":
      return interpolateItems(inside[0][0], shape, at, gap, part);
    case "Variants":
      return interpolateFields(inside[shape], at, gap, part, { type: kind.variants[shape].name });
    default:
      return shape === 0 ? null : interpolate(inside[0][0], gap, part, at);
  }
}

/**
 * @param {ShownField[]} fields
 * @param {number} at the first column of the value that they are inside
 * @param {Gap} gap
 * @param {number} part
 * @param {Record<string, any>} object gets the fields
 */
function interpolateFields(fields, at, gap, part, object) {
  for (const field of fields) {
    setProperty(object, field.name, interpolate(field, gap, part, at));
  }
  return object;
}

/**
 * @param {ShownField} item
 * @param {number} length
 * @param {number} at the first column of the value that they are inside
 * @param {Gap} gap
 * @param {number} part
 */
function interpolateItems(item, length, at, gap, part) {
  const width = widthOf(item.kind);
  return Array.from({ length }, (_, index) => interpolate(item, gap, part, at + index * width));
}

/**
 * Returns true if a field has changed too much for the values in between to be real, such as a position after a teleport. Angles
 * and rotations never leap.
 *
 * @param {ShownField} field
 * @param {number} at its first column in the row
 * @param {Gap} gap
 */
function leaps({ ranges }, at, { from, fromAt, to, toAt, ticks }) {
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
 * @param {number} start the first column of the value that the field is inside
 * @param {number} axis
 * @param {Gap} gap
 * @param {number} part
 */
function along(field, start, axis, { from, fromAt, to, toAt, seconds }, part) {
  const { ranges, velocity } = field;
  const range = ranges[axis];
  const at = start + field.at;
  const earlier = dequantizeFloat(range, from[fromAt + at + axis]);
  const later = dequantizeFloat(range, to[toAt + at + axis]);
  if (velocity === undefined) {
    return within(range, mix(earlier, later, part));
  }
  const earlierSlope = dequantizeFloat(velocity.ranges[axis], from[fromAt + start + velocity.at + axis]) * seconds;
  const laterSlope = dequantizeFloat(velocity.ranges[axis], to[toAt + start + velocity.at + axis]) * seconds;
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
