/** A schema flattened for the codec: rows of columns. */

/** @import { Field } from "./schema.js" */

import { DecodeError } from "./errors.js";
import { MAX_COLUMNS } from "./limits.js";
import { textColumns } from "./quantize.js";

/** A change is written as a choice among the values that it was not: right for flags, variants and text. */
export const CHOICE = 0;
/** A change is written as a signed difference from what was predicted. */
export const DIFFERENCE = 1;
/** A change is written as a signed difference modulo the column's whole turn. */
export const WRAPPING = 2;

/**
 * One quantized integer of a row.
 *
 * @typedef {object} Column
 * @property {number} max the greatest value it may have
 * @property {number} coding how a change is written
 * @property {boolean} linear whether it is predicted to move on as it moved before, instead of to stay
 * @property {number} choiceBits bits to choose one of its values when one of them is already ruled out
 */

/**
 * The columns of one struct.
 *
 * @typedef {object} RowLayout
 * @property {Column[]} columns
 * @property {number[]} fieldWidths each field's number of columns
 * @property {boolean} usesHistory whether any column is predicted from more than the baseline
 */

/** @typedef {{ single: boolean, row: RowLayout }} TableLayout */

/**
 * The layout of a list of fields.
 *
 * @param {Field[]} fields
 * @returns {RowLayout}
 */
export function rowLayout(fields) {
  const perField = fields.map(fieldColumns);
  const columns = perField.flat();
  if (columns.length > MAX_COLUMNS) {
    throw new DecodeError("bad_schema", `${columns.length} columns in a row`);
  }
  return {
    columns,
    fieldWidths: perField.map((columns) => columns.length),
    usesHistory: columns.some((column) => column.linear),
  };
}

/**
 * @param {Field} field
 * @returns {Column[]}
 */
function fieldColumns({ kind, linear }) {
  /** @param {number} max */
  const difference = (max) => column(max, DIFFERENCE, linear);
  switch (kind.type) {
    case "Float":
      return [difference(kind.range.maxQuantized)];
    case "Angle":
      return [column(2 ** kind.bits - 1, WRAPPING, linear)];
    case "Vec2":
    case "Vec3":
      return kind.axes.map((axis) => difference(axis.maxQuantized));
    case "Quat": {
      const part = difference(2 ** kind.bits - 1);
      return [choice(3), part, part, part];
    }
    case "Int":
      return kind.wide
        ? [difference(0xffff_ffff), difference(Number(kind.span >> 32n))]
        : [difference(Number(kind.span))];
    case "Bool":
      return [choice(1)];
    case "Enum":
      return [choice(kind.variants.length - 1)];
    case "Text": {
      const words = Array.from({ length: textColumns(kind.maxBytes) - 1 }, () => choice(0xffff_ffff));
      return [choice(kind.maxBytes), ...words];
    }
  }
}

/** @param {number} max */
function choice(max) {
  return column(max, CHOICE, false);
}

/**
 * @param {number} max
 * @param {number} coding
 * @param {boolean} linear
 * @returns {Column}
 */
function column(max, coding, linear) {
  return { max, coding, linear, choiceBits: 32 - Math.clz32(max - 1) };
}
