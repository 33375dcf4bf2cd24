/** The encoding of one row: whole, or as its difference from the prediction. */

/** @import { Node } from "../schema/node.js" */
/** @import { PartLayout } from "./layout.js" */
/** @import { RowBaseline } from "./row-baseline.js" */
/** @import { SymbolReader } from "./symbols.js" */

import { NESTED } from "../schema/coding.js";
import { FieldReader, readColumns } from "./change.js";
import { NestedReader, readWholeNode } from "./nested.js";
import { Expected } from "./predict.js";

/**
 * Reads the row of a new entity: for each column of a value that is there a flag "not zero", and then the value less one.
 *
 * @param {PartLayout} part
 * @param {SymbolReader} symbols
 * @param {Uint32Array} row is written from `at` on
 * @param {number} at
 */
export function readWhole({ row: layout, contexts }, symbols, row, at) {
  for (let field = 0; field < layout.fields.length; field++) {
    const { start, end } = layout.fields[field];
    const node = layout.nodes[field];
    if (node === undefined) {
      readColumns(layout, start, end, contexts.fields[field].spawned, symbols, row, at);
    } else {
      row.fill(0, at + start, at + end);
      readWholeNode(layout, contexts.fields, node, start, symbols, row, at);
    }
  }
}

/** Reads the changes of one part's rows, one after another. */
export class ChangeReader {
  #layout;
  #contexts;
  #expected;
  #reader;
  #nested;
  /** 2 if the last row differed, plus 1 if the row before it did: changes come in groups. */
  #before = 0;

  /** @param {PartLayout} part */
  constructor({ row, contexts }) {
    this.#layout = row;
    this.#contexts = contexts;
    this.#expected = new Expected(row.width);
    this.#reader = new FieldReader(row, this.#expected);
    this.#nested = new NestedReader(row, contexts.fields, this.#expected, this.#reader);
  }

  /** Starts with the first row. */
  start() {
    this.#before = 0;
  }

  /**
   * Reads a row's change: a flag "differs from the prediction"; then a flag for each field, and its difference.
   *
   * @param {RowBaseline} baseline
   * @param {SymbolReader | undefined} symbols undefined if the row is as predicted
   * @param {Uint32Array} row is written from `at` on
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
    const { fields, nodes } = this.#layout;
    const last = fields.length - 1;
    let level = 0;
    let any = false;
    for (let index = 0; index <= last; index++) {
      const field = fields[index];
      const contexts = this.#contexts.fields[index];
      // If no other field differs, the last one must: it has no flag.
      const asked = any || index < last;
      if (asked && symbols.flag(contexts.differs(this.#expected.greatest(field.start, field.end), level)) === 0) {
        continue;
      }
      any = true;
      if (field.coding === NESTED) {
        const node = /** @type {Node} */ (nodes[index]);
        level = this.#nested.read(node, field.start, level, baseline, symbols, row, at);
      } else {
        level = this.#reader.read(contexts, field, level, baseline, symbols, row, at);
      }
    }
  }
}
