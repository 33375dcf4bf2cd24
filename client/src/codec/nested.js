/**
 * The values inside a field.
 *
 * A value inside a field is encoded like a field of a row: a flag "it differs", unless it is the last that can, and then its
 * change. A value that was not there before is encoded whole. Items of a list may move, when others before them come or go.
 */

/** @import { Node } from "../schema/node.js" */
/** @import { RowLayout } from "../schema/row-layout.js" */
/** @import { FieldReader } from "./change.js" */
/** @import { FieldContexts } from "./contexts.js" */
/** @import { Expected } from "./predict.js" */
/** @import { RowBaseline } from "./row-baseline.js" */
/** @import { SymbolReader } from "./symbols.js" */

import { DecodeError } from "../base/errors.js";
import { chosen, readColumns } from "./change.js";
import { ARRIVALS, ARRIVAL_GAP, DEPARTURES, DEPARTURE_GAP } from "./contexts.js";

/**
 * Reads a value that was not there before. Its columns are zero before.
 *
 * @param {RowLayout} layout
 * @param {FieldContexts[]} contexts of the part's fields
 * @param {Node} node
 * @param {number} start its first column
 * @param {SymbolReader} symbols
 * @param {Uint32Array} row
 * @param {number} at
 */
export function readWholeNode(layout, contexts, node, start, symbols, row, at) {
  readColumns(layout, start, start + node.ownWidth, contexts[node.contexts].spawned, symbols, row, at);
  const shape = node.hasShape ? row[at + start] : 0;
  for (let index = 0, count = node.count(shape); index < count; index++) {
    const inner = node.inner(shape, index);
    readWholeNode(layout, contexts, inner, start + node.startOf(shape, index), symbols, row, at);
  }
}

/**
 * Reads the changes of values inside fields. As in a {@link FieldReader}, `start` is a value's first column in the prediction,
 * and `row[at + start]` its first column now.
 */
export class NestedReader {
  #layout;
  #contexts;
  #expected;
  #reader;

  /**
   * @param {RowLayout} layout
   * @param {FieldContexts[]} contexts of the part's fields
   * @param {Expected} expected the prediction of the row
   * @param {FieldReader} reader of values without others inside
   */
  constructor(layout, contexts, expected, reader) {
    this.#layout = layout;
    this.#contexts = contexts;
    this.#expected = expected;
    this.#reader = reader;
  }

  /**
   * Reads the change of a value that differs from its prediction, and returns the level of the last change in it.
   *
   * @param {Node} node
   * @param {number} start
   * @param {number} level of the value that differed before it
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   * @returns {number}
   */
  read(node, start, level, baseline, symbols, row, at) {
    if (node.isLeaf) {
      return this.#reader.read(this.#contexts[node.contexts], node.layoutAt(start), level, baseline, symbols, row, at);
    }
    if (node.hasShape && !node.isList && this.#readVariant(node, start, symbols, row, at)) {
      return level;
    }
    const { olderAt, oldestAt } = baseline;
    if (node.hasShape) {
      baseline.narrow(start);
    }
    const after = node.isList
      ? this.#readList(node, start, level, baseline, symbols, row, at)
      : this.#readValues(node, node.hasShape ? row[at + start] : 0, undefined, start, level, baseline, symbols, row, at);
    baseline.olderAt = olderAt;
    baseline.oldestAt = oldestAt;
    return after;
  }

  /**
   * Reads the variant, and if it is another one its fields too. Returns true if it is another one.
   *
   * @param {Node} node
   * @param {number} start
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readVariant(node, start, symbols, row, at) {
    const contexts = this.#contexts[node.contexts];
    const before = row[at + start];
    // A variant without fields differs only by becoming another.
    if (node.count(before) > 0 && symbols.flag(contexts.columnDiffers) === 0) {
      return false;
    }
    const choice = symbols.choice(contexts.choices, this.#layout.choiceBits[start]);
    const variant = chosen(this.#layout, start, before, choice);
    row.fill(0, at + start, at + start + node.width);
    row[at + start] = variant;
    for (let index = 0, count = node.count(variant); index < count; index++) {
      this.#readWhole(node, variant, index, start, symbols, row, at);
    }
    return true;
  }

  /**
   * Reads the removals, insertions and changes of a list's items.
   *
   * @param {Node} node
   * @param {number} start
   * @param {number} level
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readList(node, start, level, baseline, symbols, row, at) {
    const length = row[at + start];
    // An empty list differs only by insertions.
    const moved = length === 0 || symbols.flag(this.#contexts[node.contexts].columnDiffers) === 1;
    const kept = moved ? this.#readEdit(node, start, symbols, row, at) : undefined;
    return this.#readValues(node, length, kept, start, level, baseline, symbols, row, at);
  }

  /**
   * Reads which items have come and gone: puts the others where they belong, and reads the new ones.
   *
   * @param {Node} node
   * @param {number} start
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   * @returns {Kept}
   */
  #readEdit(node, start, symbols, row, at) {
    const contexts = this.#contexts[node.contexts];
    const before = row[at + start];
    const first = at + start + node.startOf(before, 0);
    const { width } = node.inner(before, 0);
    const removed = readIndexes(symbols, contexts.count(DEPARTURES), contexts.count(DEPARTURE_GAP), before);
    const old = without(before, removed);
    const insertions = symbols.count(contexts.count(ARRIVALS));
    const length = old.length + insertions;
    if (length > this.#layout.max[start]) {
      throw new DecodeError("bad_list");
    }
    const items = row.slice(first, first + before * width);
    row.fill(0, first, first + before * width);
    row[at + start] = length;
    const inserted = new Set();
    for (let next = 0; inserted.size < insertions; ) {
      const index = next + symbols.count(contexts.count(ARRIVAL_GAP));
      if (index >= length) {
        throw new DecodeError("bad_list");
      }
      this.#readWhole(node, length, index, start, symbols, row, at);
      inserted.add(index);
      next = index + 1;
    }
    const now = without(length, inserted);
    for (let index = 0; index < old.length; index++) {
      row.set(items.subarray(old[index] * width, (old[index] + 1) * width), first + now[index] * width);
    }
    return { old, now };
  }

  /**
   * @param {Node} node
   * @param {number} shape
   * @param {number} index of the value inside
   * @param {number} start of the outer one
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readWhole(node, shape, index, start, symbols, row, at) {
    const inner = node.inner(shape, index);
    readWholeNode(this.#layout, this.#contexts, inner, start + node.startOf(shape, index), symbols, row, at);
  }

  /**
   * Reads the changes of the values directly inside a value, each after a flag "it differs". If nothing else has changed, the
   * last of them has no flag when no other differs. Returns the level of the last change.
   *
   * @param {Node} node
   * @param {number} shape
   * @param {Kept | undefined} kept the items of a list from which others have come or gone
   * @param {number} start of the outer value
   * @param {number} level
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readValues(node, shape, kept, start, level, baseline, symbols, row, at) {
    const count = kept === undefined ? node.count(shape) : kept.old.length;
    let any = kept !== undefined;
    for (let index = 0; index < count; index++) {
      const old = kept === undefined ? index : kept.old[index];
      const inner = node.inner(shape, old);
      const innerStart = start + node.startOf(shape, old);
      const asked = any || index + 1 < count;
      if (asked) {
        const greatest = this.#expected.greatest(innerStart, innerStart + inner.width);
        if (symbols.flag(this.#contexts[inner.contexts].differs(greatest, level)) === 0) {
          continue;
        }
      }
      any = true;
      const shift = kept === undefined ? 0 : (kept.now[index] - old) * inner.width;
      level = this.read(inner, innerStart, level, baseline, symbols, row, at + shift);
    }
    return level;
  }
}

/** @typedef {{ old: number[], now: number[] }} Kept the indexes of the items that stay in a list: before, and now */

/**
 * Reads ascending indexes, as gaps.
 *
 * @param {SymbolReader} symbols
 * @param {number} counts the first context of their number
 * @param {number} gaps the first context of the gaps
 * @param {number} end the indexes are below it
 */
function readIndexes(symbols, counts, gaps, end) {
  /** @type {Set<number>} */
  const indexes = new Set();
  let next = 0;
  for (let left = symbols.count(counts); left > 0; left--) {
    const index = next + symbols.count(gaps);
    if (index >= end) {
      throw new DecodeError("bad_list");
    }
    indexes.add(index);
    next = index + 1;
  }
  return indexes;
}

/**
 * The indexes below a length, without some of them.
 *
 * @param {number} length
 * @param {Set<number>} some
 */
function without(length, some) {
  const others = [];
  for (let index = 0; index < length; index++) {
    if (!some.has(index)) {
      others.push(index);
    }
  }
  return others;
}
