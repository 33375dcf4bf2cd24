/**
 * A frame: the quantized rows of an area at one tick, or of all areas together.
 *
 * A part's rows stand one after another, sorted by slot, and not column by column: every reader (delta, spawn, hash, view) goes
 * through an entity at a time. The arrays only grow, so that a frame that is filled again for each snapshot soon allocates
 * nothing.
 */

/** @import { PartShape } from "./layout.js" */

import { MAX_ENTITIES } from "../base/limits.js";

/** The array of a part without rows. */
const NO_MEMORY = new Uint32Array(0);

/** The quantized rows of one part of a table. */
export class PartFrame {
  /** @param {number} width columns of a row */
  constructor(width) {
    this.width = width;
    /** The tick of the rows that are pushed. */
    this.tick = 0;
    /** The number of rows. The arrays may be longer. */
    this.length = 0;
    /** The slot of each row's entity, ascending. */
    this.slots = NO_MEMORY;
    /** The generation of each row's entity, which distinguishes the successive entities of a slot. */
    this.generations = NO_MEMORY;
    /** The tick at which each row was received: an earlier one than the frame's if its area was skipped since. */
    this.ticks = NO_MEMORY;
    this.columns = NO_MEMORY;
  }

  /**
   * Appends a row and returns where its columns start. Their values are undefined until they are set.
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
    this.ticks[index] = this.tick;
    return index * this.width;
  }

  /**
   * Appends a row of another frame of the same part, with its tick.
   *
   * @param {PartFrame} other
   * @param {number} index
   */
  pushFrom(other, index) {
    const { width } = this;
    const at = this.push(other.slots[index], other.generations[index]);
    this.ticks[this.length - 1] = other.ticks[index];
    for (let column = 0; column < width; column++) {
      this.columns[at + column] = other.columns[index * width + column];
    }
  }

  /**
   * The index of an entity's row; -1 if it has none.
   *
   * @param {number} slot
   * @param {number} generation
   * @param {number} [guess] an index that is tried first
   */
  indexOf(slot, generation, guess = 0) {
    if (this.isAt(guess, slot, generation)) {
      return guess;
    }
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
   * The first row from `index` on whose slot is not below `slot`; the number of rows if there is none.
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
   * Returns true if the row at `index` is that of an entity.
   *
   * @param {number} index
   * @param {number} slot
   * @param {number} generation
   */
  isAt(index, slot, generation) {
    return index < this.length && this.slots[index] === slot && this.generations[index] === generation;
  }

  /**
   * Removes all rows, but keeps the memory.
   *
   * @param {number} tick of the rows that are pushed from now on
   */
  clear(tick) {
    this.length = 0;
    this.tick = tick;
  }

  /**
   * Copies another frame of the same part into this one.
   *
   * @param {PartFrame} other
   */
  copyFrom(other) {
    this.#reserve(other.length);
    this.length = other.length;
    this.slots.set(other.slots.subarray(0, other.length));
    this.generations.set(other.generations.subarray(0, other.length));
    this.ticks.set(other.ticks.subarray(0, other.length));
    this.columns.set(other.columns.subarray(0, other.length * this.width));
  }

  /** @param {number} rows */
  #reserve(rows) {
    const capacity = this.slots.length;
    if (rows > capacity) {
      const larger = Math.max(rows, capacity * 2);
      this.slots = grown(this.slots, larger);
      this.generations = grown(this.generations, larger);
      this.ticks = grown(this.ticks, larger);
      this.columns = grown(this.columns, larger * this.width);
    }
  }
}

/** The rows of some parts at one tick. */
export class Frame {
  /**
   * Creates the empty frame: no entities, and the one row of each single all zeros. It is the baseline of every area that is sent
   * whole.
   *
   * @param {PartShape[]} shapes
   */
  constructor(shapes) {
    this.tick = 0;
    this.parts = shapes.map(({ single, row }) => {
      const part = new PartFrame(row.width);
      if (single) {
        part.push(0, 0);
      }
      return part;
    });
  }

  /** The number of columns of all rows. A row without columns counts as one. */
  get size() {
    let size = 0;
    for (const part of this.parts) {
      size += part.length * weightOf(part);
    }
    return size;
  }

  /**
   * Copies another frame of the same layout into this one.
   *
   * @param {Frame} other
   */
  copyFrom(other) {
    this.tick = other.tick;
    this.parts.forEach((part, index) => part.copyFrom(other.parts[index]));
  }
}

/**
 * The weight of a row of a part in {@link Frame.size}.
 *
 * @param {{ width: number }} part
 */
export function weightOf({ width }) {
  return Math.max(width, 1);
}

/**
 * The hash of a frame's content: MurmurHash3_x86_32 with seed 0 over, for each part, its number of rows, then for each row its
 * slot, generation and columns. Its operations are 32 bits wide, which `Math.imul` computes. It finds faults of our own, not
 * attacks: TLS is against those.
 *
 * @param {Frame} frame
 * @returns {number} 32 bits, unsigned
 */
export function frameHash(frame) {
  let state = 0;
  let words = 0;
  for (const part of frame.parts) {
    state = mix(state, part.length);
    words += 1 + part.length * (2 + part.width);
    for (let index = 0, at = 0; index < part.length; index++) {
      state = mix(state, part.slots[index]);
      state = mix(state, part.generations[index]);
      for (const end = at + part.width; at < end; at++) {
        state = mix(state, part.columns[at]);
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
