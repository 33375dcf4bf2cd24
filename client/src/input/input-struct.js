/** The struct of a game's inputs, with its counts of presses. */

/** @import { Input } from "../schema/schema.js" */

import { Struct } from "../view/struct.js";

/** Presses are counted modulo this. */
const PRESS_COUNTS = 256;

/**
 * Reads and writes rows of an input. A field of presses holds how often the action has been pressed since the seat was taken, so
 * that no press is lost with a lost input, and none happens twice; the game gets the presses since the input before.
 */
export class InputStruct {
  /** The row of a player who does nothing. */
  neutral;
  #struct;
  /** The fields that count presses. */
  #presses;

  /** @param {Input} input */
  constructor({ fields, neutral }) {
    this.neutral = neutral;
    this.#struct = new Struct(fields);
    this.#presses = this.#struct.fields.filter(({ kind }) => kind.type === "Press");
  }

  /** The columns of a row. */
  get layout() {
    return this.#struct.layout;
  }

  /**
   * The neutral row with counts of presses.
   *
   * @param {ArrayLike<number>} counts in the order of the fields; those that are missing are 0
   */
  start(counts) {
    const row = this.neutral.slice();
    this.#presses.forEach(({ at }, index) => (row[at] = (counts[index] ?? 0) % PRESS_COUNTS));
    return row;
  }

  /**
   * The neutral row with another row's counts of presses: nothing is pressed again.
   *
   * @param {Uint32Array} row
   */
  neutralAfter(row) {
    return this.start(this.#presses.map(({ at }) => row[at]));
  }

  /**
   * Writes some fields into `row`; the others keep their values. Throws a TypeError that names the field if there is none of that
   * name, it counts presses, or a value is not of its type; then the row is as before.
   *
   * @param {Record<string, any>} values
   * @param {Uint32Array} row
   */
  write(values, row) {
    this.#struct.write(values, row);
  }

  /**
   * Counts one press. Throws a TypeError if there are no such presses.
   *
   * @param {string} name of the field
   * @param {Uint32Array} row
   */
  press(name, row) {
    const press = this.#presses.find((press) => press.name === name);
    if (press === undefined) {
      const names = this.#presses.map(({ name }) => name).join(", ");
      throw new TypeError(`the input has no press ${name}, only ${names || "other fields"}`);
    }
    row[press.at] = (row[press.at] + 1) % PRESS_COUNTS;
  }

  /**
   * Reads a row as the game gets it: with the presses since another one in place of their counts.
   *
   * @param {Uint32Array} row
   * @param {Uint32Array} before
   * @returns {Record<string, any>}
   */
  read(row, before) {
    const since = row.slice();
    for (const { at } of this.#presses) {
      since[at] = (row[at] - before[at] + PRESS_COUNTS) % PRESS_COUNTS;
    }
    return this.#struct.read(since, 0, {});
  }
}
