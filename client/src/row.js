/** One row on the wire: whole, or as a change from what was expected. */

/** @import { Column, RowLayout } from "./layout.js" */
/** @import { SymbolReader, SymbolWriter } from "./symbols.js" */

import { DecodeError } from "./errors.js";
import { CHOICE, WRAPPING } from "./layout.js";

/**
 * Writes a row on its own: for each column a flag "not zero" and then the value less one. Inputs are written so.
 *
 * @param {RowLayout} layout
 * @param {Uint32Array} row
 * @param {SymbolWriter} symbols
 */
export function writeWhole(layout, row, symbols) {
  layout.columns.forEach((column, index) => {
    symbols.flag(row[index] !== 0);
    if (row[index] !== 0) {
      symbols.raw(row[index] - 1, column.choiceBits);
    }
  });
}

/**
 * Reads a row on its own into `columns` from `at` on.
 *
 * @param {RowLayout} layout
 * @param {SymbolReader} symbols
 * @param {Uint32Array} columns
 * @param {number} at
 */
export function readWhole(layout, symbols, columns, at) {
  for (const column of layout.columns) {
    columns[at++] = symbols.flag() ? readChoice(column, symbols) + 1 : 0;
  }
}

/**
 * Reads a row's change: a flag "other than predicted"; then a flag for each field, and for each column of a field of several;
 * then each changed column.
 *
 * @param {RowLayout} layout
 * @param {Uint32Array} baseline where the row's columns in the baseline frame are, from `baselineAt` on
 * @param {number} baselineAt
 * @param {Uint32Array | undefined} older the same as far before the baseline as the new frame is after it, from `olderAt` on
 * @param {number} olderAt
 * @param {SymbolReader} symbols
 * @param {Uint32Array} columns where the row goes, from `at` on
 * @param {number} at
 */
export function readChange(layout, baseline, baselineAt, older, olderAt, symbols, columns, at) {
  const changed = symbols.flag();
  let index = 0;
  for (const width of layout.fieldWidths) {
    const fieldChanged = changed && symbols.flag();
    for (const end = index + width; index < end; index++) {
      const column = layout.columns[index];
      const last = baseline[baselineAt + index];
      const predicted =
        older !== undefined && column.linear ? extrapolate(column, last, older[olderAt + index]) : last;
      const columnChanged = fieldChanged && (width === 1 || symbols.flag());
      columns[at + index] = columnChanged ? readChanged(column, predicted, symbols) : predicted;
    }
  }
}

/**
 * The value that moves on as it moved before.
 *
 * @param {Column} column
 * @param {number} last
 * @param {number} older
 */
function extrapolate(column, last, older) {
  const next = last * 2 - older;
  return column.coding === WRAPPING ? next & column.max : Math.min(Math.max(next, 0), column.max);
}

/**
 * @param {Column} column
 * @param {number} predicted
 * @param {SymbolReader} symbols
 */
function readChanged(column, predicted, symbols) {
  if (column.coding === CHOICE) {
    // Which of the other values it is, counted upwards from the predicted one and around.
    return (predicted + readChoice(column, symbols) + 1) % (column.max + 1);
  }
  const value = predicted + symbols.difference();
  const wrapped = column.coding === WRAPPING ? value & column.max : value >>> 0;
  if (wrapped > column.max) {
    throw new DecodeError("value_out_of_range");
  }
  return wrapped;
}

/**
 * @param {Column} column
 * @param {SymbolReader} symbols
 */
function readChoice(column, symbols) {
  const choice = symbols.raw(column.choiceBits);
  if (choice >= column.max) {
    throw new DecodeError("value_out_of_range");
  }
  return choice;
}
