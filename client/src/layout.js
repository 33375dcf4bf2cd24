/** A schema flattened for the codec: rows of columns, and the contexts that their changes are coded in. */

/** @import { Field } from "./schema.js" */

import { PartContexts } from "./contexts.js";
import { defaultPriors } from "./defaults.js";
import { DecodeError } from "./errors.js";
import { MAX_COLUMNS, MAX_CONTEXTS } from "./limits.js";
import { textColumns } from "./quantize.js";
import { AREA_CLASSES, CHOICE, NUMBER, ROTATION } from "./schema.js";

/**
 * One field.
 *
 * @typedef {object} FieldLayout
 * @property {number} start its first column in the row
 * @property {number} end the column after its last
 * @property {number} coding how its changes are written
 * @property {boolean} linear whether it is expected to move on as it moved before, instead of to stay
 */

/**
 * The columns of one struct, and which of them belong to which field.
 *
 * @typedef {object} RowLayout
 * @property {number} width how many columns there are
 * @property {Uint32Array} max the greatest value of each
 * @property {Uint8Array} wraps 1 for each whose value after the greatest is 0 again
 * @property {Uint8Array} choiceBits for each, bits to choose one of its values when one of them is already ruled out
 * @property {FieldLayout[]} fields in order
 */

/** @typedef {{ single: boolean, areaClass: number, row: RowLayout }} PartShape */
/** @typedef {PartShape & { contexts: PartContexts }} PartLayout */

/**
 * A world: the parts of its tables.
 *
 * @typedef {object} Layout
 * @property {PartLayout[]} parts by their numbers
 * @property {number[][]} classes for each area class the numbers of its parts
 * @property {number} contexts of all parts together
 * @property {Uint8Array} defaultPriors each context's
 */

/**
 * The layout of a list of fields.
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
 * The layout of a world: of its parts together.
 *
 * @param {PartShape[]} shapes
 * @returns {Layout}
 */
export function worldLayout(shapes) {
  let contexts = 0;
  const parts = shapes.map(({ single, areaClass, row }) => {
    const layout = { single, areaClass, row, contexts: new PartContexts(row, contexts) };
    contexts = layout.contexts.end;
    return layout;
  });
  if (contexts > MAX_CONTEXTS) {
    throw new DecodeError("bad_schema", `${contexts} contexts`);
  }
  const classes = Array.from({ length: AREA_CLASSES }, (_, areaClass) =>
    [...parts.keys()].filter((index) => parts[index].areaClass === areaClass),
  );
  return { parts, classes, contexts, defaultPriors: defaultPriors(parts) };
}

/**
 * How a field is coded, and the greatest value of each of its columns.
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
