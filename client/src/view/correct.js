/**
 * Beyond the newest row of an entity, and back to the truth once that is known.
 *
 * What has no news goes on for a moment as it went, and then stands. News that come late show where it really is; from where it
 * was shown it gets there in a moment, and not backwards.
 */

/** @import { FieldKind } from "../schema/kinds.js" */
/** @import { Gap, ShownField } from "./interpolate.js" */

import { LEAP, interpolate, shortTurn, turned } from "./interpolate.js";

/** How long something goes on as it went, … */
const GOES_ON_MS = 50;
/** … and how long it then takes to come to rest. */
const RESTS_MS = 50;
/** After this nothing moves any more that has no news. */
export const BEYOND_MS = GOES_ON_MS + RESTS_MS;
/** A correction loses most of itself in this time: after three times as long next to nothing is left. */
const FADING_MS = 35;
/** A correction of less than so many of a field's steps is none. */
const SMALL_STEPS = 0.5;
/** The same of an angle in radians, or of a rotation's parts. */
const SMALL_TURN = 1e-3;
/** Numbers that a field has at most. */
const MOST_NUMBERS = 4;

/**
 * How far something is shown beyond its newest row.
 *
 * @param {number} ms how long ago that was
 */
export function beyond(ms) {
  const resting = Math.min(Math.max(ms - GOES_ON_MS, 0), RESTS_MS);
  return Math.min(ms, GOES_ON_MS) + resting - (resting * resting) / (2 * RESTS_MS);
}

/** The entities of one part that are not shown where they are. */
export class Corrections {
  #fields;
  #numbers;
  /** @type {Map<number, { shown: Float64Array, frame: number }>} Where each was shown last, and in which frame that was. */
  #tracked = new Map();
  #frame = 0;
  #touched = 0;

  /** @param {ShownField[]} fields of the part */
  constructor(fields) {
    this.#fields = fields.filter(({ moves }) => moves);
    this.#numbers = this.#fields.length * MOST_NUMBERS;
  }

  /**
   * Whether an entity was not where it is.
   *
   * @param {number} id
   */
  has(id) {
    return this.#tracked.size > 0 && this.#tracked.has(id);
  }

  /** Forgets all. */
  clear() {
    this.#tracked.clear();
  }

  /** A frame has been shown: who was not in it is forgotten. */
  endFrame() {
    if (this.#touched < this.#tracked.size) {
      this.#tracked.forEach(({ frame }, id) => frame < this.#frame && this.#tracked.delete(id));
    }
    this.#frame++;
    this.#touched = 0;
  }

  /**
   * Shows an entity nearer to where it was shown last.
   *
   * @param {number} id
   * @param {Record<string, any>} object with the fields of the part as they are
   * @param {Gap} gap where they are from
   * @param {number} before where in it they were when the last frame was shown
   * @param {number} elapsedMs since then
   * @param {boolean} stays whether there may be something to correct in the next frame in any case
   */
  apply(id, object, gap, before, elapsedMs, stays) {
    const known = this.#tracked.get(id);
    const tracked = known ?? { shown: new Float64Array(this.#numbers), frame: 0 };
    const { shown } = tracked;
    const kept = Math.exp(-elapsedMs / FADING_MS);
    let remains = stays;
    for (let index = 0; index < this.#fields.length; index++) {
      const field = this.#fields[index];
      const at = index * MOST_NUMBERS;
      if (known !== undefined) {
        const was = interpolate(field, gap, before);
        remains = correct(field, object, was, shown, at, kept) || remains;
      }
      toNumbers(field, object[field.name], shown, at);
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

/** A field's numbers now, and as they were when the last frame was shown. */
const now = new Float64Array(MOST_NUMBERS);
const before = new Float64Array(MOST_NUMBERS);
/** By how much they differ. */
const moved = new Float64Array(MOST_NUMBERS);
/** From where it was shown to where it will be. */
const step = new Float64Array(MOST_NUMBERS);

/**
 * Corrects one field, and tells whether there was anything to correct. What was shown goes on as the truth does, and loses a part
 * of what it is away from it; but nothing is shown going against its own motion, so it waits instead.
 *
 * @param {ShownField} field
 * @param {Record<string, any>} object with its value now
 * @param {any} was its value when the last frame was shown
 * @param {Float64Array} shown what that showed, from `at` on
 * @param {number} at
 * @param {number} kept the part of the error that stays
 */
function correct(field, object, was, shown, at, kept) {
  const { name, kind, ranges } = field;
  const count = toNumbers(field, object[name], now, 0);
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
    return false;
  }
  const back = forward < 0 ? forward / motion : 0;
  for (let index = 0; index < count; index++) {
    now[index] = shown[at + index] + step[index] - moved[index] * back;
  }
  object[name] = toValue(kind, now);
  return true;
}

/**
 * The numbers of a field's value, and how many there are.
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
 * The reverse.
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
 * Makes a rotation the nearer of the two quaternions that it is.
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
