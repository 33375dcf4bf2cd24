/**
 * A frame: the quantized world of one tick.
 *
 * A table's rows stand one after another, sorted by slot, in typed arrays that only ever grow: a frame that is filled anew for
 * each snapshot soon needs no new memory.
 */

/** @import { TableShape } from "./layout.js" */

import { MAX_ENTITIES } from "./limits.js";

/** The quantized rows of one table. */
export class TableFrame {
  /** @param {number} width columns of a row */
  constructor(width) {
    this.width = width;
    /** Rows in the table; what the arrays hold beyond them does not count. */
    this.length = 0;
    /** Each row's entity: its slot, ascending, … */
    this.slots = new Uint32Array(1);
    /** … and which of the slot's successive entities it is. */
    this.generations = new Uint32Array(1);
    this.columns = new Uint32Array(width);
  }

  /**
   * Appends a row and returns where its columns start; they hold no meaningful values yet.
   *
   * @param {number} slot
   * @param {number} generation
   */
  push(slot, generation) {
    if (slot >= MAX_ENTITIES || (this.length > 0 && slot <= this.slots[this.length - 1])) {
      throw new RangeError("rows are pushed by ascending slot");
    }
    const index = this.length;
    this.#reserve(index + 1);
    this.length = index + 1;
    this.slots[index] = slot;
    this.generations[index] = generation;
    return index * this.width;
  }

  /**
   * The row of an entity, counting rows, not slots; -1 if it does not live.
   *
   * @param {number} slot
   * @param {number} generation
   */
  indexOf(slot, generation) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.slots[middle] < slot) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.isAt(low, slot, generation) ? low : -1;
  }

  /**
   * The first row from `index` on whose slot is not below the given one; the number of rows if there is none.
   *
   * @param {number} index
   * @param {number} slot
   */
  seek(index, slot) {
    while (index < this.length && this.slots[index] < slot) {
      index++;
    }
    return index;
  }

  /**
   * Whether the row at `index` is an entity's.
   *
   * @param {number} index
   * @param {number} slot
   * @param {number} generation
   */
  isAt(index, slot, generation) {
    return index < this.length && this.slots[index] === slot && this.generations[index] === generation;
  }

  /** Removes all rows and keeps the memory. */
  clear() {
    this.length = 0;
  }

  /**
   * Becomes a copy of another table of the same width.
   *
   * @param {TableFrame} other
   */
  copyFrom(other) {
    this.#reserve(other.length);
    this.length = other.length;
    this.slots.set(other.slots.subarray(0, other.length));
    this.generations.set(other.generations.subarray(0, other.length));
    this.columns.set(other.columns.subarray(0, other.length * this.width));
  }

  /** @param {number} rows */
  #reserve(rows) {
    const capacity = this.slots.length;
    if (rows > capacity) {
      const larger = Math.max(rows, capacity * 2);
      this.slots = grown(this.slots, larger);
      this.generations = grown(this.generations, larger);
      this.columns = grown(this.columns, larger * this.width);
    }
  }
}

/** The quantized world of one tick. */
export class Frame {
  /**
   * The empty frame: no entities, and each single's one row all zeros. It is the baseline of every keyframe.
   *
   * @param {TableShape[]} layouts
   */
  constructor(layouts) {
    this.tick = 0;
    this.tables = layouts.map((layout) => {
      const table = new TableFrame(layout.row.width);
      if (layout.single) {
        table.push(0, 0);
      }
      return table;
    });
  }

  /**
   * Becomes a copy of another frame of the same layout.
   *
   * @param {Frame} other
   */
  copyFrom(other) {
    this.tick = other.tick;
    this.tables.forEach((table, index) => table.copyFrom(other.tables[index]));
  }
}

/**
 * The hash of a frame's content: MurmurHash3_x86_32 with seed 0 over, for each table, its number of rows, then for each row its
 * slot, generation and columns.
 *
 * @param {Frame} frame
 * @returns {number} 32 bits, unsigned
 */
export function frameHash(frame) {
  let state = 0;
  let words = 0;
  for (const table of frame.tables) {
    state = mix(state, table.length);
    words += 1 + table.length * (2 + table.width);
    for (let index = 0, at = 0; index < table.length; index++) {
      state = mix(state, table.slots[index]);
      state = mix(state, table.generations[index]);
      for (const end = at + table.width; at < end; at++) {
        state = mix(state, table.columns[at]);
      }
    }
  }
  let hash = state ^ (words * 4);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * @param {number} state
 * @param {number} word
 */
function mix(state, word) {
  let scrambled = Math.imul(word, 0xcc9e_2d51);
  scrambled = Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b87_3593);
  const mixed = state ^ scrambled;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe654_6b64) | 0;
}

/**
 * @param {Uint32Array} array
 * @param {number} length
 */
function grown(array, length) {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
