/** Between two rows of an entity, and a little beyond them: each field by its rule. */

/** @import { FieldKind, Range } from "../schema/kinds.js" */
/** @import { Quat } from "../schema/quantize.js" */
/** @import { Field, Interpolate } from "../schema/schema.js" */

import { dequantize, dequantizeFloat } from "../schema/quantize.js";

const TAU = 2 * Math.PI;
/** What changes by more than this part of its range in a tick has leapt. */
export const LEAP = 1 / 16;
/** @type {Range[]} */
const NO_RANGES = [];

/**
 * A field as it is shown.
 *
 * @typedef {object} ShownField
 * @property {string} name
 * @property {FieldKind} kind
 * @property {Interpolate["type"]} rule
 * @property {boolean} moves whether it is shown on its way from one value to the next
 * @property {number} at its first column in a row
 * @property {Range[]} ranges each axis's, if it has any
 * @property {{ at: number, ranges: Range[] } | undefined} velocity that of its curve
 */

/** Two rows of an entity, between which or beyond which it is to be shown. It serves row after row. */
export class Gap {
  /** The row of the earlier tick: its array of columns, and where it starts there. */
  from = new Uint32Array(0);
  fromAt = 0;
  /** That of the later one. */
  to = this.from;
  toAt = 0;
  /** The newest row there is. */
  newest = this.from;
  newestAt = 0;
  /** How far apart the ticks are, and how long that is. */
  ticks = 1;
  seconds = 1;
}

/**
 * The fields of a struct as they are shown.
 *
 * @param {Pick<Field, "name" | "kind" | "interpolate">[]} fields
 * @param {{ start: number }[]} layout where each starts
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
 * The value of a field at `part` of the way: 0 is the earlier row's, 1 the later one's; above 1 it goes on as it went. What
 * leaps keeps its earlier value until the later one's time, and then keeps that; so does what is not a number.
 *
 * @param {ShownField} field
 * @param {Gap} gap
 * @param {number} part
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
 * The ranges of the axes of a number or a vector.
 *
 * @param {FieldKind} kind
 */
function rangesOf(kind) {
  return kind.type === "Float" ? [kind.range] : kind.type === "Vec2" || kind.type === "Vec3" ? kind.axes : NO_RANGES;
}

/**
 * Whether a field has come too far to have passed what lies between. Angles and rotations turn the short way, however fast.
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
 * A number, or an axis of a vector: on the straight line, or on the curve that meets both values at their velocities.
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
 * The cubic Hermite curve; before and after it the straight lines that go on from it.
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
 * An angle, in 0 to 2π.
 *
 * @param {number} angle
 */
export function turned(angle) {
  return angle < 0 || angle >= TAU ? angle - Math.floor(angle / TAU) * TAU : angle;
}

/**
 * A turn, the short way round.
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
  // A quaternion and its negative are the same rotation: take the nearer. Their mean is then never near zero.
  const sign = from.x * to.x + from.y * to.y + from.z * to.z + from.w * to.w < 0 ? -1 : 1;
  const x = mix(from.x, sign * to.x, part);
  const y = mix(from.y, sign * to.y, part);
  const z = mix(from.z, sign * to.z, part);
  const w = mix(from.w, sign * to.w, part);
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  return { x: x / length, y: y / length, z: z / length, w: w / length };
}
