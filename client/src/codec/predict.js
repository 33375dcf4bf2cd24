/**
 * What a row is expected to be, from the frames that both ends have.
 *
 * Prediction is why a body in steady motion costs next to nothing. Beside each column's value it tells how wrong the same rule
 * was a tick ago: whoever surprised then will likely do so again, and by about as much.
 */

/** @import { FieldLayout, RowLayout } from "../schema/row-layout.js" */

import { NUMBER, ROTATION } from "../schema/row-layout.js";
import { GREATEST_CLASS, UNKNOWN_CLASS, classOf, signOf } from "./contexts.js";

/** A row's history when the entity was not there a step before the baseline. */
const HISTORY_UNKNOWN = 9;
/** A row's history when it moved in each of the last two steps; the class of its greatest surprise is added. */
const HISTORY_MOVING = 3;
/** Classes of surprise that a row's history tells apart. */
const MAX_HISTORY_CLASS = 4;

/** No row: where one would start in its array. */
export const NOWHERE = -1;

/** The rows that a row's change is written against, each a step of the same length before the next. It serves row after row. */
export class RowBaseline {
  /** The row in the baseline frame: its array of columns, and where it starts there. */
  columns = new Uint32Array(0);
  at = 0;
  /** The same entity's row a step before; {@link NOWHERE} if the two ends do not both have it. */
  older = this.columns;
  olderAt = NOWHERE;
  /** And a step before that; only where there is an older one. */
  oldest = this.columns;
  oldestAt = NOWHERE;
}

/** What a row is expected to be: its hints. The columns go where the row will be. */
export class Expected {
  /** What the row has been doing, 0 to 9. */
  history = HISTORY_UNKNOWN;
  /** Each column's hint: the class of the last surprise, … */
  classes;
  /** … and its sign. */
  signs;
  /** The class that all hints have, with no sign, if they are alike; else -1. */
  #alike = -1;

  /** @param {number} width columns of a row */
  constructor(width) {
    this.classes = new Uint8Array(width);
    this.signs = new Uint8Array(width);
  }

  /**
   * Works out what is expected of a row.
   *
   * @param {RowLayout} layout
   * @param {RowBaseline} baseline
   * @param {Uint32Array} row where the columns go, from `at` on
   * @param {number} at
   */
  set(layout, baseline, row, at) {
    const { width } = layout;
    copy(baseline.columns, baseline.at, row, at, width);
    if (baseline.olderAt === NOWHERE) {
      this.#fill(UNKNOWN_CLASS);
      this.history = HISTORY_UNKNOWN;
      return;
    }
    const { columns, older, olderAt, oldest, oldestAt } = baseline;
    const moved = differ(columns, baseline.at, older, olderAt, width);
    const movedBefore = oldestAt !== NOWHERE && differ(older, olderAt, oldest, oldestAt, width);
    if (!moved && !movedBefore) {
      this.#fill(0);
      this.history = 0;
      return;
    }
    this.#alike = -1;
    for (let index = 0; index < layout.fields.length; index++) {
      const field = layout.fields[index];
      if (field.coding === NUMBER) {
        this.#number(layout, field, baseline, row, at);
      } else if (field.coding === ROTATION) {
        this.#rotation(layout, field, baseline, row, at);
      } else {
        this.#choice(field, baseline);
      }
    }
    this.history = !moved ? 1 : !movedBefore ? 2 : HISTORY_MOVING + Math.min(this.greatest(0, width), MAX_HISTORY_CLASS);
  }

  /**
   * The greatest class among some columns' hints; 0 if there are none.
   *
   * @param {number} start
   * @param {number} end
   */
  greatest(start, end) {
    let greatest = 0;
    for (let index = start; index < end; index++) {
      if (this.classes[index] > greatest) {
        greatest = this.classes[index];
      }
    }
    return greatest;
  }

  /** @param {number} alike */
  #fill(alike) {
    if (this.#alike !== alike) {
      this.#alike = alike;
      this.classes.fill(alike);
      this.signs.fill(0);
    }
  }

  /**
   * @param {RowLayout} layout
   * @param {FieldLayout} field
   * @param {RowBaseline} baseline
   * @param {Uint32Array} row
   * @param {number} at
   */
  #number(layout, field, baseline, row, at) {
    const { linear } = field;
    const { columns, older, oldest, olderAt, oldestAt } = baseline;
    for (let index = field.start; index < field.end; index++) {
      const max = layout.max[index];
      const wraps = layout.wraps[index];
      const last = columns[baseline.at + index];
      const before = older[olderAt + index];
      let expectedBefore = before;
      if (linear) {
        row[at + index] = extrapolate(max, wraps, last, before);
        if (oldestAt === NOWHERE) {
          this.classes[index] = UNKNOWN_CLASS;
          this.signs[index] = 0;
          continue;
        }
        expectedBefore = extrapolate(max, wraps, before, oldest[oldestAt + index]);
      }
      const surprise = difference(max, wraps, expectedBefore, last);
      this.classes[index] = classOf(surprise);
      this.signs[index] = signOf(surprise);
    }
  }

  /**
   * A rotation's hint is how fast it turns.
   *
   * @param {RowLayout} layout
   * @param {FieldLayout} field
   * @param {RowBaseline} baseline
   * @param {Uint32Array} row
   * @param {number} at
   */
  #rotation(layout, field, baseline, row, at) {
    const { start, end } = field;
    const { columns, older, olderAt } = baseline;
    const lastAt = baseline.at;
    if (!differ(columns, lastAt + start, older, olderAt + start, end - start)) {
      for (let index = start; index < end; index++) {
        this.classes[index] = 0;
        this.signs[index] = 0;
      }
      return;
    }
    if (field.linear) {
      const scale = layout.max[start + 1];
      turnOn(scale, columns, lastAt + start, older, olderAt + start, turned);
      pack(scale, turned, largestOf(turned), row, at + start);
    }
    let speed = columns[lastAt + start] !== older[olderAt + start] ? GREATEST_CLASS : 0;
    for (let index = start + 1; index < end; index++) {
      const by = columns[lastAt + index] - older[olderAt + index];
      speed = Math.max(speed, classOf(by));
      this.signs[index] = signOf(by);
    }
    this.signs[start] = 0;
    for (let index = start; index < end; index++) {
      this.classes[index] = speed;
    }
  }

  /**
   * @param {FieldLayout} field
   * @param {RowBaseline} baseline
   */
  #choice({ start, end }, { columns, at, older, olderAt }) {
    const moved = differ(columns, at + start, older, olderAt + start, end - start);
    for (let index = start; index < end; index++) {
      this.classes[index] = moved ? GREATEST_CLASS : 0;
      this.signs[index] = 0;
    }
  }
}

/**
 * What is expected of a rotation by another largest component: the one that it turned out to have.
 *
 * @param {RowLayout} layout
 * @param {FieldLayout} field
 * @param {RowBaseline} baseline
 * @param {number} largest
 * @param {Uint32Array} columns where the field's columns go, from `at` on
 * @param {number} at
 */
export function rebase(layout, field, baseline, largest, columns, at) {
  const { start, end, linear } = field;
  const scale = layout.max[start + 1];
  const lastAt = baseline.at + start;
  const olderAt = baseline.olderAt + start;
  const known = linear && baseline.olderAt !== NOWHERE;
  if (known && differ(baseline.columns, lastAt, baseline.older, olderAt, end - start)) {
    turnOn(scale, baseline.columns, lastAt, baseline.older, olderAt, turned);
  } else {
    unpack(scale, baseline.columns, lastAt, turned);
  }
  pack(scale, turned, largest, columns, at);
}

/**
 * The value a step after `last`, if it goes on as from `before`.
 *
 * @param {number} max
 * @param {number} wraps
 * @param {number} last
 * @param {number} before
 */
function extrapolate(max, wraps, last, before) {
  const next = last * 2 - before;
  if (wraps === 1) {
    return next & max;
  }
  return next < 0 ? 0 : next > max ? max : next;
}

/**
 * The way from `from` to `to`, the shorter one if the column wraps.
 *
 * @param {number} max
 * @param {number} wraps
 * @param {number} from
 * @param {number} to
 * @returns {number} 32 bits, signed
 */
function difference(max, wraps, from, to) {
  const way = (to - from) | 0;
  if (wraps === 1) {
    const unused = Math.clz32(max);
    return (way << unused) >> unused;
  }
  return way;
}

/**
 * @param {Uint32Array} from
 * @param {number} fromAt
 * @param {Uint32Array} to
 * @param {number} toAt
 * @param {number} width
 */
function copy(from, fromAt, to, toAt, width) {
  for (let index = 0; index < width; index++) {
    to[toAt + index] = from[fromAt + index];
  }
}

/**
 * @param {Uint32Array} one
 * @param {number} oneAt
 * @param {Uint32Array} other
 * @param {number} otherAt
 * @param {number} width
 */
function differ(one, oneAt, other, otherAt, width) {
  for (let index = 0; index < width; index++) {
    if (one[oneAt + index] !== other[otherAt + index]) {
      return true;
    }
  }
  return false;
}

// The arithmetic of rotations is in doubles with the basic operations and `sqrt` in the order written: every implementation must
// get the same integers. The quaternions live here and nowhere longer than a call.
const unpacked = new Float64Array(4);
const turned = new Float64Array(4);

/**
 * The quaternion of four columns.
 *
 * @param {number} scale the greatest value of its parts
 * @param {Uint32Array} columns
 * @param {number} at
 * @param {Float64Array} parts
 */
function unpack(scale, columns, at, parts) {
  const largest = columns[at];
  let rest = 1;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const part = ((columns[column++] / scale) * 2 - 1) * Math.SQRT1_2;
      parts[index] = part;
      rest -= part * part;
    }
  }
  parts[largest] = rest > 0 ? Math.sqrt(rest) : 0;
}

/**
 * The rotation a step after the last, turning on as from the one before: on the great circle through both, as far again.
 *
 * @param {number} scale
 * @param {Uint32Array} columns
 * @param {number} lastAt
 * @param {Uint32Array} older
 * @param {number} beforeAt
 * @param {Float64Array} parts
 */
function turnOn(scale, columns, lastAt, older, beforeAt, parts) {
  unpack(scale, columns, lastAt, parts);
  unpack(scale, older, beforeAt, unpacked);
  let dot = 0;
  for (let index = 0; index < 4; index++) {
    dot += parts[index] * unpacked[index];
  }
  // A quaternion and its negative are the same rotation: start from the nearer one.
  const sign = dot < 0 ? -1 : 1;
  for (let index = 0; index < 4; index++) {
    parts[index] = 2 * (dot * sign) * parts[index] - unpacked[index] * sign;
  }
}

/**
 * The component of greatest magnitude, the first of equals.
 *
 * @param {Float64Array} parts
 */
function largestOf(parts) {
  let largest = 0;
  for (let index = 1; index < 4; index++) {
    if (Math.abs(parts[index]) > Math.abs(parts[largest])) {
      largest = index;
    }
  }
  return largest;
}

/**
 * The four columns of a quaternion, by a largest component that may be another than its own.
 *
 * @param {number} scale
 * @param {Float64Array} parts
 * @param {number} largest
 * @param {Uint32Array} columns
 * @param {number} at
 */
function pack(scale, parts, largest, columns, at) {
  const sign = parts[largest] < 0 ? -1 : 1;
  columns[at] = largest;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const unit = (parts[index] * sign * Math.SQRT2 + 1) * 0.5;
      const steps = Math.floor(unit * scale + 0.5);
      columns[column++] = steps < 0 ? 0 : steps > scale ? scale : steps;
    }
  }
}
