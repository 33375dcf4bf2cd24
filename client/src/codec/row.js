/** One row on the wire: whole, or as a change from what was expected. */

/** @import { FieldLayout, RowLayout } from "../schema/row-layout.js" */
/** @import { FieldContexts } from "./contexts.js" */
/** @import { PartLayout } from "./layout.js" */
/** @import { RowBaseline } from "./predict.js" */
/** @import { SymbolReader } from "./symbols.js" */

import { DecodeError } from "../base/errors.js";
import { NUMBER, ROTATION } from "../schema/row-layout.js";
import { CLASSES, classOf, levelOf } from "./contexts.js";
import { Expected, rebase } from "./predict.js";

/** Bits of the choice among a rotation's other components. */
const LARGEST_BITS = 2;

/**
 * Reads the row of a new entity: for each column a flag "not zero" and then the value less one.
 *
 * @param {PartLayout} part
 * @param {SymbolReader} symbols
 * @param {Uint32Array} row where it goes, from `at` on
 * @param {number} at
 */
export function readWhole({ row: layout, contexts }, symbols, row, at) {
  for (let field = 0; field < layout.fields.length; field++) {
    const { start, end } = layout.fields[field];
    const { spawned } = contexts.fields[field];
    for (let index = start; index < end; index++) {
      let value = 0;
      if (symbols.flag(spawned) === 1) {
        value = symbols.raw(layout.choiceBits[index]) + 1;
        if (value > layout.max[index]) {
          throw new DecodeError("value_out_of_range");
        }
      }
      row[at + index] = value;
    }
  }
}

/** Reads the changes of one part's rows: it knows what is expected, and what the rows before were like. */
export class ChangeReader {
  #layout;
  #contexts;
  #expected;
  /** Whether the last row differed (2), and the one before it (1). */
  #before = 0;

  /** @param {PartLayout} part */
  constructor({ row, contexts }) {
    this.#layout = row;
    this.#contexts = contexts;
    this.#expected = new Expected(row.width);
  }

  /** Begins with the first row. */
  start() {
    this.#before = 0;
  }

  /**
   * Reads a row's change: a flag "other than expected"; then a flag for each field, and how it differs.
   *
   * @param {RowBaseline} baseline
   * @param {SymbolReader | undefined} symbols none if the row is as expected
   * @param {Uint32Array} row where the row goes, from `at` on
   * @param {number} at
   */
  read(baseline, symbols, row, at) {
    this.#expected.set(this.#layout, baseline, row, at);
    if (symbols === undefined) {
      return;
    }
    const differs = symbols.flag(this.#contexts.row(this.#expected.history, this.#before));
    this.#before = (differs << 1) | (this.#before >> 1);
    if (differs === 1) {
      this.#readFields(baseline, symbols, row, at);
    }
  }

  /**
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readFields(baseline, symbols, row, at) {
    const { fields } = this.#layout;
    const last = fields.length - 1;
    let level = 0;
    let any = false;
    for (let index = 0; index <= last; index++) {
      const field = fields[index];
      const contexts = this.#contexts.fields[index];
      // If nothing else differs, the last field does.
      const asked = any || index < last;
      if (asked && symbols.flag(contexts.differs(this.#expected.greatest(field.start, field.end), level)) === 0) {
        continue;
      }
      any = true;
      if (field.coding === NUMBER) {
        level = this.#readNumbers(contexts, field.start, field.end, 0, true, symbols, row, at);
      } else if (field.coding === ROTATION) {
        level = this.#readRotation(contexts, field, level, baseline, symbols, row, at);
      } else {
        this.#readChoices(contexts, field, symbols, row, at);
      }
    }
  }

  /**
   * Reads columns of numbers, and returns the level of the greatest surprise among them.
   *
   * @param {FieldContexts} contexts
   * @param {number} start the first column
   * @param {number} end the column after the last
   * @param {number} firstSet
   * @param {boolean} mustDiffer whether one of them does
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readNumbers(contexts, start, end, firstSet, mustDiffer, symbols, row, at) {
    const layout = this.#layout;
    const { classes, signs } = this.#expected;
    let greatest = 0;
    let classBefore = 0;
    let any = !mustDiffer;
    for (let index = start; index < end; index++) {
      // Its own class, or that of the column before if that is greater.
      const set = firstSet + Math.max(classes[index], classBefore);
      const zero = contexts.number(index - start, set);
      classBefore = 0;
      // If nothing else differs, the last column must.
      const asked = any || index + 1 < end;
      if (asked && symbols.flag(zero) === 1) {
        continue;
      }
      any = true;
      const number = symbols.number(zero, contexts.shared(index - start), signs[index]);
      row[at + index] = step(layout, index, row[at + index], number);
      classBefore = classOf(number);
      greatest = Math.max(greatest, classBefore);
    }
    return levelOf(greatest);
  }

  /**
   * Reads a rotation, and returns the level of its change.
   *
   * @param {FieldContexts} contexts
   * @param {FieldLayout} field
   * @param {number} level of the field that differed before it
   * @param {RowBaseline} baseline
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readRotation(contexts, field, level, baseline, symbols, row, at) {
    const { start, end } = field;
    const turned = symbols.flag(contexts.columnDiffers) === 1;
    if (turned) {
      const choice = symbols.choice(contexts.choices, LARGEST_BITS);
      const largest = chosen(this.#layout, start, row[at + start], choice);
      rebase(this.#layout, field, baseline, largest, row, at + start);
    }
    return this.#readNumbers(contexts, start + 1, end, level * CLASSES, !turned, symbols, row, at);
  }

  /**
   * @param {FieldContexts} contexts
   * @param {FieldLayout} field
   * @param {SymbolReader} symbols
   * @param {Uint32Array} row
   * @param {number} at
   */
  #readChoices(contexts, { start, end }, symbols, row, at) {
    const single = end - start === 1;
    for (let index = start; index < end; index++) {
      if (single || symbols.flag(contexts.columnDiffers) === 1) {
        const choice = symbols.choice(contexts.choices, this.#layout.choiceBits[index]);
        row[at + index] = chosen(this.#layout, index, row[at + index], choice);
      }
    }
  }
}

/**
 * The value at a distance from another.
 *
 * @param {RowLayout} layout
 * @param {number} index the column's
 * @param {number} from
 * @param {number} by
 */
function step(layout, index, from, by) {
  const max = layout.max[index];
  const value = (from + by) >>> 0;
  if (layout.wraps[index] === 1) {
    return value & max;
  }
  if (value > max) {
    throw new DecodeError("value_out_of_range");
  }
  return value;
}

/**
 * The value of a choice: which of the others it is, counted upwards from the expected one and around.
 *
 * @param {RowLayout} layout
 * @param {number} index the column's
 * @param {number} expected
 * @param {number} choice
 */
function chosen(layout, index, expected, choice) {
  const max = layout.max[index];
  if (choice >= max) {
    throw new DecodeError("value_out_of_range");
  }
  // Up to 33 bits: the remainder of a double.
  return (expected + choice + 1) % (max + 1);
}
