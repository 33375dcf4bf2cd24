/**
 * Extrapolation beyond the newest row of an entity, and the smooth correction when the next row arrives.
 *
 * An entity without a newer row is shown moving on for 50 ms, and comes to rest in another 50 ms. When the row arrives, the error
 * fades in about 100 ms while the entity moves on; a correction against its own motion only makes it wait, since players notice a
 * step back most. It is done for each row, so that an area that the server skips looks like a network that stalls.
 *
 * Numbers in structs and arrays inside a field are treated alike. Those in options, lists and variants come and go with their
 * values: they rest at the newest row, and are not corrected.
 */

/** @import { FieldKind } from "../schema/kinds.js" */
/** @import { Gap } from "./interpolate.js" */
/** @import { ShownField } from "./shown-fields.js" */

import { widthOf } from "../schema/kinds.js";
import { LEAP, interpolate, shortTurn, turned } from "./interpolate.js";

/** Time for which an entity is shown moving on as it did. */
const GOES_ON_MS = 50;
/** Time in which it then comes to rest. */
const RESTS_MS = 50;
/** Time after which an entity without a newer row is at rest. */
export const BEYOND_MS = GOES_ON_MS + RESTS_MS;
/** The time constant of a correction: 5 % of the error is left after three times as long. */
const FADING_MS = 35;
/** An error of less than so many of a field's steps is not corrected. */
const SMALL_STEPS = 0.5;
/** The same for an angle, in radians, and for the components of a rotation. */
const SMALL_TURN = 1e-3;
/** The greatest number of components of a field. */
const MOST_NUMBERS = 4;

/**
 * The time by which an entity is extrapolated.
 *
 * @param {number} ms since its newest row
 */
export function beyond(ms) {
  const resting = Math.min(Math.max(ms - GOES_ON_MS, 0), RESTS_MS);
  return Math.min(ms, GOES_ON_MS) + resting - (resting * resting) / (2 * RESTS_MS);
}

/**
 * A number, vector, angle or rotation that may be corrected.
 *
 * @typedef {object} Corrected
 * @property {ShownField} field
 * @property {number} within the first column of the value that it is inside
 * @property {(string | number)[]} path the properties that lead from the entity to that value
 * @property {string | number} key its property there
 */

/** The entities of one part that are extrapolated or being corrected. */
export class Corrections {
  #fields;
  #numbers;
  /** @type {Map<number, { shown: Float64Array, frame: number }>} For each the values that were shown last, and in which frame. */
  #tracked = new Map();
  #frame = 0;
  #touched = 0;

  /** @param {ShownField[]} fields of the part */
  constructor(fields) {
    this.#fields = fields.flatMap((field) => corrected(field, field.name, 0, []));
    this.#numbers = this.#fields.length * MOST_NUMBERS;
  }

  /**
   * Returns true if an entity is being corrected.
   *
   * @param {number} id
   */
  has(id) {
    return this.#tracked.size > 0 && this.#tracked.has(id);
  }

  /** Drops all corrections. */
  clear() {
    this.#tracked.clear();
  }

  /** Ends a frame. Entities that were not shown in it are dropped. */
  endFrame() {
    if (this.#touched < this.#tracked.size) {
      this.#tracked.forEach(({ frame }, id) => frame < this.#frame && this.#tracked.delete(id));
    }
    this.#frame++;
    this.#touched = 0;
  }

  /**
   * Moves the values of an entity towards those that were shown last.
   *
   * @param {number} id
   * @param {Record<string, any>} object with the interpolated fields of the part
   * @param {Gap} gap that they were interpolated in
   * @param {number} before the position in the gap when the last frame was shown
   * @param {number} elapsedMs since then
   * @param {boolean} stays true if the entity is extrapolated, so that the next frame may have an error to correct
   */
  apply(id, object, gap, before, elapsedMs, stays) {
    const known = this.#tracked.get(id);
    const tracked = known ?? { shown: new Float64Array(this.#numbers), frame: 0 };
    const { shown } = tracked;
    const kept = Math.exp(-elapsedMs / FADING_MS);
    let remains = stays;
    for (let index = 0; index < this.#fields.length; index++) {
      const { field, within, path, key } = this.#fields[index];
      const at = index * MOST_NUMBERS;
      const holder = holderOf(object, path);
      if (known !== undefined) {
        const was = interpolate(field, gap, before, within);
        remains = correct(field, holder, key, was, shown, at, kept) || remains;
      }
      toNumbers(field, holder[key], shown, at);
    }
    if (remains) {
      tracked.frame = this.#frame;
      this.#tracked.set(id, tracked);
      this.#touched++;
    } else {
      this.#tracked.delete(id);
    }
  }
}

/**
 * All that may be corrected in a field.
 *
 * @param {ShownField} field
 * @param {string | number} key its property
 * @param {number} within the first column of the value that it is inside
 * @param {(string | number)[]} path to that value
 * @returns {Corrected[]}
 */
function corrected(field, key, within, path) {
  const { kind, inside, moves } = field;
  if (inside === undefined) {
    return moves ? [{ field, within, path, key }] : [];
  }
  const at = within + field.at;
  const inner = [...path, key];
  if (kind.type === "Struct") {
    return inside[0].flatMap((field) => corrected(field, field.name, at, inner));
  }
  if (kind.type === "Array") {
    const item = inside[0][0];
    const indexes = Array.from({ length: kind.length }, (_, index) => index);
    return indexes.flatMap((index) => corrected(item, index, at + index * widthOf(item.kind), inner));
  }
  return [];
}

/**
 * The object at the end of a path.
 *
 * @param {Record<string, any>} object
 * @param {(string | number)[]} path
 */
function holderOf(object, path) {
  let holder = object;
  for (let index = 0; index < path.length; index++) {
    holder = holder[path[index]];
  }
  return holder;
}

/** The true components of a field now, and when the last frame was shown. */
const now = new Float64Array(MOST_NUMBERS);
const before = new Float64Array(MOST_NUMBERS);
/** Their difference. */
const moved = new Float64Array(MOST_NUMBERS);
/** The difference from the components that were shown to those that will be. */
const step = new Float64Array(MOST_NUMBERS);

/**
 * Corrects one field, and returns true if it had an error. The shown value moves as the true one does, and loses a part of its
 * error; if that would move it against its own motion, it waits instead.
 *
 * @param {ShownField} field
 * @param {Record<string, any>} object with the true value now
 * @param {string | number} key of the value
 * @param {any} was the true value when the last frame was shown
 * @param {Float64Array} shown the components shown in that frame, from `at` on; replaced by the caller
 * @param {number} at
 * @param {number} kept the fraction of the error that stays
 */
function correct(field, object, key, was, shown, at, kept) {
  const { kind, ranges } = field;
  const count = toNumbers(field, object[key], now, 0);
  toNumbers(field, was, before, 0);
  if (kind.type === "Quat") {
    align(before, 0, now);
    align(shown, at, now);
  }
  let [wrong, far, forward, motion] = [false, false, 0, 0];
  for (let index = 0; index < count; index++) {
    moved[index] = difference(kind, now[index] - before[index]);
    const error = difference(kind, shown[at + index] + moved[index] - now[index]);
    const range = ranges[index];
    wrong ||= Math.abs(error) > (range === undefined ? SMALL_TURN : range.step * SMALL_STEPS);
    far ||= range !== undefined && Math.abs(error) > (range.max - range.min) * LEAP;
    step[index] = moved[index] - error * (1 - kept);
    forward += step[index] * moved[index];
    motion += moved[index] * moved[index];
  }
  if (!wrong || far) {
    // A field that is too far off has leapt: it is shown at its new place at once.
    return false;
  }
  // The part of the step that goes against the motion is taken out.
  const back = forward < 0 ? forward / motion : 0;
  for (let index = 0; index < count; index++) {
    now[index] = shown[at + index] + step[index] - moved[index] * back;
  }
  object[key] = toValue(kind, now);
  return true;
}

/**
 * Writes the components of a value into an array, and returns their number.
 *
 * @param {ShownField} field
 * @param {any} value
 * @param {Float64Array} into
 * @param {number} at
 */
function toNumbers({ kind }, value, into, at) {
  if (typeof value === "number") {
    into[at] = value;
    return 1;
  }
  into[at] = value.x;
  into[at + 1] = value.y;
  if (kind.type === "Vec2") {
    return 2;
  }
  into[at + 2] = value.z;
  if (kind.type === "Vec3") {
    return 3;
  }
  into[at + 3] = value.w;
  return 4;
}

/**
 * The value with these components.
 *
 * @param {FieldKind} kind
 * @param {Float64Array} numbers
 */
function toValue({ type }, [x, y, z, w]) {
  switch (type) {
    case "Vec2":
      return { x, y };
    case "Vec3":
      return { x, y, z };
    case "Quat": {
      const length = Math.sqrt(x * x + y * y + z * z + w * w);
      return { x: x / length, y: y / length, z: z / length, w: w / length };
    }
    default:
      return type === "Angle" ? turned(x) : x;
  }
}

/**
 * @param {FieldKind} kind
 * @param {number} change
 */
function difference({ type }, change) {
  return type === "Angle" ? shortTurn(change) : change;
}

/**
 * Replaces a quaternion by its negative, which is the same rotation, if that is nearer to another one.
 *
 * @param {Float64Array} rotation
 * @param {number} at
 * @param {Float64Array} to
 */
function align(rotation, at, to) {
  const cosine = rotation[at] * to[0] + rotation[at + 1] * to[1] + rotation[at + 2] * to[2] + rotation[at + 3] * to[3];
  for (let index = at; cosine < 0 && index < at + MOST_NUMBERS; index++) {
    rotation[index] = -rotation[index];
  }
}
