/** Between two values of a field, by its kind. */

/** @import { Quat } from "./quantize.js" */
/** @import { FieldKind } from "./schema.js" */

const TAU = 2 * Math.PI;

/**
 * The value at `part` (0 to 1) of the way. Floats and vectors go straight, an angle turns the short way round, a rotation along
 * its chord; everything else keeps its earlier value until the later one's time has come.
 *
 * @param {FieldKind} kind
 * @param {any} earlier
 * @param {any} later
 * @param {number} part
 * @returns {any}
 */
export function interpolate(kind, earlier, later, part) {
  switch (kind.type) {
    case "Float":
      return mix(earlier, later, part);
    case "Angle":
      return mixAngle(earlier, later, part);
    case "Vec2":
      return { x: mix(earlier.x, later.x, part), y: mix(earlier.y, later.y, part) };
    case "Vec3":
      return {
        x: mix(earlier.x, later.x, part),
        y: mix(earlier.y, later.y, part),
        z: mix(earlier.z, later.z, part),
      };
    case "Quat":
      return mixQuat(earlier, later, part);
    default:
      return part < 1 ? earlier : later;
  }
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
  let turn = to - from;
  if (turn > Math.PI) {
    turn -= TAU;
  } else if (turn < -Math.PI) {
    turn += TAU;
  }
  const angle = from + turn * part;
  return angle < 0 ? angle + TAU : angle >= TAU ? angle - TAU : angle;
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
