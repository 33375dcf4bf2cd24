/** Row layouts: the columns of a struct, and how the changes of each field are coded. */

/** @import { Field } from "./schema.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_COLUMNS } from "../base/limits.js";
import { textColumns } from "./kinds.js";

/** Coding of a number or vector: each column's change is a signed difference from the predicted value. */
export const NUMBER = 0;
/** Coding of a rotation: the differences depend on which component is the largest. */
export const ROTATION = 1;
/** Coding of flags, variants and text: each column's change is a choice among its other values. */
export const CHOICE = 2;

/**
 * The columns of one field.
 *
 * @typedef {object} FieldLayout
 * @property {number} start its first column in the row
 * @property {number} end the column after its last
 * @property {number} coding {@link NUMBER}, {@link ROTATION} or {@link CHOICE}
 * @property {boolean} linear true if it is predicted to move on as it did, false if it is predicted to stay
 */

/**
 * The columns of one struct, and which of them belong to which field.
 *
 * @typedef {object} RowLayout
 * @property {number} width number of columns
 * @property {Uint32Array} max each column's greatest value
 * @property {Uint8Array} wraps 1 for each column whose greatest value is followed by 0
 * @property {Uint8Array} choiceBits for each column, the bits that choose one of its values when one is ruled out already
 * @property {FieldLayout[]} fields in order
 */

/**
 * Lays out the fields of a struct. Throws a DecodeError if they take too many columns.
 *
 * @param {Pick<Field, "kind" | "linear">[]} fields
 * @returns {RowLayout}
 */
export function rowLayout(fields) {
  const perField = fields.map(columnsOf);
  const width = perField.reduce((sum, { max }) => sum + max.length, 0);
  if (width > MAX_COLUMNS) {
    throw new DecodeError("bad_schema", `${width} columns in a row`);
  }
  const max = Uint32Array.from(perField.flatMap(({ max }) => max));
  let end = 0;
  return {
    width,
    max,
    wraps: Uint8Array.from(perField.flatMap(({ max, wraps }) => max.map(() => (wraps ? 1 : 0)))),
    choiceBits: Uint8Array.from(max, (max) => 32 - Math.clz32(max - 1)),
    fields: perField.map(({ coding, max }, index) => {
      const start = end;
      end += max.length;
      return { start, end, coding, linear: fields[index].linear };
    }),
  };
}

/**
 * The coding of a field, and the greatest value of each of its columns.
 *
 * @param {Pick<Field, "kind">} field
 * @returns {{ coding: number, max: number[], wraps?: boolean }}
 */
function columnsOf({ kind }) {
  switch (kind.type) {
    case "Float":
      return { coding: NUMBER, max: [kind.range.maxQuantized] };
    case "Angle":
      return { coding: NUMBER, max: [2 ** kind.bits - 1], wraps: true };
    case "Vec2":
    case "Vec3":
      return { coding: NUMBER, max: kind.axes.map((axis) => axis.maxQuantized) };
    case "Quat": {
      const part = 2 ** kind.bits - 1;
      return { coding: ROTATION, max: [3, part, part, part] };
    }
    case "Int":
      return { coding: NUMBER, max: kind.wide ? [0xffff_ffff, Number(kind.span >> 32n)] : [Number(kind.span)] };
    case "Bool":
      return { coding: CHOICE, max: [1] };
    case "Enum":
      return { coding: CHOICE, max: [kind.variants.length - 1] };
    case "Text": {
      const words = Array.from({ length: textColumns(kind.maxBytes) - 1 }, () => 0xffff_ffff);
      return { coding: CHOICE, max: [kind.maxBytes, ...words] };
    }
  }
}
