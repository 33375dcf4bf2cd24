/**
 * The codec's prediction of a row, from the last three frames that both ends have.
 *
 * Two frames show motion, so that steady motion costs next to nothing: numbers go on as they went, rotations turn on along the
 * same great circle. The third shows the surprise: how wrong the same rule was a tick ago, which is the best guess of how wrong
 * it is now.
 */

/** @import { Node } from "../schema/node.js" */
/** @import { FieldLayout, RowLayout } from "../schema/row-layout.js" */

import { CHOICE, NUMBER, ROTATION } from "../schema/coding.js";
import { GREATEST_CLASS, UNKNOWN_CLASS, classOf, signOf } from "./contexts.js";
import { largestOf, pack, turnOn, unpack } from "./rotation.js";
import { NOWHERE, RowBaseline, copy, differ } from "./row-baseline.js";

/** The history of a row whose entity has no older row. */
const HISTORY_UNKNOWN = 9;
/** The history of a row that moved in each of the last two steps, less the class of its greatest surprise. */
const HISTORY_MOVING = 3;
/** The greatest class that a row's history distinguishes. */
const MAX_HISTORY_CLASS = 4;

/** Scratch memory for the quaternion of a prediction. */
const turned = new Float64Array(4);

/** The prediction of a row: its history and its columns' surprises. The predicted columns are written into the row itself. */
export class Expected {
  /** How the row has moved in the last two steps, 0 to 9. */
  history = HISTORY_UNKNOWN;
  /** The class of each column's last surprise. */
  classes;
  /** The sign of each column's last surprise. */
  signs;
  /** The class that all columns have, if they have the same one and no sign; else -1. */
  #alike = -1;

  /** @param {number} width columns of a row */
  constructor(width) {
    this.classes = new Uint8Array(width);
    this.signs = new Uint8Array(width);
  }

  /**
   * Predicts a row.
   *
   * @param {RowLayout} layout
   * @param {RowBaseline} baseline
   * @param {Uint32Array} row is written from `at` on
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
      } else if (field.coding === CHOICE) {
        this.#choice(field, baseline);
      } else {
        // The columns of values that are not there stay zero.
        this.#set(field.start, field.end, 0);
        this.#node(layout, /** @type {Node} */ (layout.nodes[index]), field.start, baseline, row, at);
      }
    }
    this.history = !moved ? 1 : !movedBefore ? 2 : HISTORY_MOVING + Math.min(this.greatest(0, width), MAX_HISTORY_CLASS);
  }

  /**
   * The greatest class of some columns; 0 if there are none.
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

  /** @param {number} alike the class of all columns */
  #fill(alike) {
    // Most rows rest or are new, one after another: the arrays are filled only when the class changes.
    if (this.#alike !== alike) {
      this.#alike = alike;
      this.classes.fill(alike);
      this.signs.fill(0);
    }
  }

  /**
   * Predicts the values inside a field, or a leaf.
   *
   * @param {RowLayout} layout
   * @param {Node} node
   * @param {number} start its first column
   * @param {RowBaseline} baseline
   * @param {Uint32Array} row
   * @param {number} at
   */
  #node(layout, node, start, baseline, row, at) {
    if (node.isLeaf) {
      this.#leaf(layout, node.layoutAt(start), baseline, row, at);
      return;
    }
    const { olderAt, oldestAt } = baseline;
    if (node.hasShape) {
      baseline.narrow(start);
      this.classes[start] = baseline.olderAt === NOWHERE ? GREATEST_CLASS : 0;
    }
    const shape = node.hasShape ? baseline.columns[baseline.at + start] : 0;
    for (let index = 0, count = node.count(shape); index < count; index++) {
      this.#node(layout, node.inner(shape, index), start + node.startOf(shape, index), baseline, row, at);
    }
    baseline.olderAt = olderAt;
    baseline.oldestAt = oldestAt;
  }

  /**
   * @param {RowLayout} layout
   * @param {FieldLayout} leaf
   * @param {RowBaseline} baseline
   * @param {Uint32Array} row
   * @param {number} at
   */
  #leaf(layout, leaf, baseline, row, at) {
    if (baseline.olderAt === NOWHERE) {
      this.#set(leaf.start, leaf.end, UNKNOWN_CLASS);
    } else if (leaf.coding === NUMBER) {
      this.#number(layout, leaf, baseline, row, at);
    } else if (leaf.coding === ROTATION) {
      this.#rotation(layout, leaf, baseline, row, at);
    } else {
      this.#choice(leaf, baseline);
    }
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {number} alike the class of these columns, which have no sign
   */
  #set(start, end, alike) {
    this.classes.fill(alike, start, end);
    this.signs.fill(0, start, end);
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
   * Predicts a rotation. Its class is how fast it turns, instead of a surprise.
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
 * Predicts a rotation again, by another largest component: the one that it has now.
 *
 * @param {RowLayout} layout
 * @param {FieldLayout} field
 * @param {RowBaseline} baseline
 * @param {number} largest
 * @param {Uint32Array} columns is written from `at` on
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
 * The value a step after `last`, if it changes as from `before` to `last`.
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
 * The difference from `from` to `to`; the shorter way round if the column wraps.
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
