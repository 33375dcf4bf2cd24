/** Row layouts: the columns of a struct, and how the changes of each field are coded. */

/** @import { Field, FieldKind, NestedKind } from "./kinds.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_COLUMNS, MAX_ENTITIES, MAX_PLAYERS, MAX_PLAYER_GENERATION } from "../base/limits.js";
import { NESTED, codingOf } from "./coding.js";
import { textColumns, widthOf } from "./kinds.js";
import { Node } from "./node.js";

/**
 * The columns of one field.
 *
 * @typedef {object} FieldLayout
 * @property {number} start its first column in the row
 * @property {number} end the column after its last
 * @property {number} coding see coding.js
 * @property {boolean} linear true if it is predicted to move on as it did, false if it is predicted to stay
 */

/** @typedef {{ coding: number, width: number }} Coded the coding and the columns of a field, or of a value inside one */

/**
 * The columns of one struct, and which of them belong to which field.
 *
 * @typedef {object} RowLayout
 * @property {number} width number of columns
 * @property {Uint32Array} max each column's greatest value
 * @property {Uint8Array} wraps 1 for each column whose greatest value is followed by 0
 * @property {Uint8Array} choiceBits for each column, the bits that choose one of its values when one is ruled out already
 * @property {FieldLayout[]} fields in order
 * @property {(Node | undefined)[]} nodes for each field its node, if it has values inside
 * @property {Coded[]} coded all that has contexts: the fields in order, then the values inside them
 */

/**
 * Lays out the fields of a struct. Throws a DecodeError if they take too many columns.
 *
 * @param {Pick<Field, "kind" | "linear">[]} fields
 * @returns {RowLayout}
 */
export function rowLayout(fields) {
  const width = fields.reduce((sum, { kind }) => sum + widthOf(kind), 0);
  // Before any memory is taken: a few bytes of a schema can stand for any number of columns.
  if (width > MAX_COLUMNS) {
    throw new DecodeError("bad_schema", `${width} columns in a row`);
  }
  /** @type {Columns} */
  const columns = { max: [], wraps: [] };
  fields.forEach(({ kind }) => appendColumns(kind, columns));
  let end = 0;
  const layouts = fields.map(({ kind, linear }) => {
    const start = end;
    end += widthOf(kind);
    return { start, end, coding: codingOf(kind), linear };
  });
  const next = { contexts: fields.length };
  const nodes = fields.map(({ kind, linear }, index) =>
    layouts[index].coding === NESTED ? new Node(kind, linear, layouts[index].start, index, next) : undefined,
  );
  return {
    width,
    max: Uint32Array.from(columns.max),
    wraps: Uint8Array.from(columns.wraps),
    choiceBits: Uint8Array.from(columns.max, (max) => 32 - Math.clz32(max - 1)),
    fields: layouts,
    nodes,
    coded: codedOf(layouts, nodes),
  };
}

/**
 * @param {FieldLayout[]} fields
 * @param {(Node | undefined)[]} nodes
 * @returns {Coded[]}
 */
function codedOf(fields, nodes) {
  const coded = fields.map(({ coding, start, end }, index) => ({ coding: nodes[index]?.coding ?? coding, width: end - start }));
  nodes.forEach((node) => node?.visitInner(({ coding, width }) => coded.push({ coding, width })));
  return coded;
}

/** @typedef {{ max: number[], wraps: number[] }} Columns */

/**
 * Appends the columns of a value.
 *
 * @param {FieldKind} kind
 * @param {Columns} columns
 * @returns {void}
 */
function appendColumns(kind, columns) {
  const append = (/** @type {number[]} */ ...max) => {
    columns.max.push(...max);
    columns.wraps.push(...max.map(() => (kind.type === "Angle" || kind.type === "Press" ? 1 : 0)));
  };
  switch (kind.type) {
    case "Float":
      return append(kind.range.maxQuantized);
    case "Angle":
      return append(2 ** kind.bits - 1);
    case "Vec2":
    case "Vec3":
      return append(...kind.axes.map((axis) => axis.maxQuantized));
    case "Quat": {
      const part = 2 ** kind.bits - 1;
      return append(3, part, part, part);
    }
    case "Int":
      return kind.wide ? append(0xffff_ffff, Number(kind.span >> 32n)) : append(Number(kind.span));
    case "Bool":
      return append(1);
    case "Enum":
      return append(kind.variants.length - 1);
    case "Text":
      return append(kind.maxBytes, ...Array(textColumns(kind.maxBytes) - 1).fill(0xffff_ffff));
    case "Player":
      return append(MAX_PLAYERS - 1, MAX_PLAYER_GENERATION);
    case "Entity":
      return append(MAX_ENTITIES, 0x7fff_ffff);
    case "Press":
      return append(255);
    default:
      return appendInside(kind, columns, append);
  }
}

/**
 * @param {NestedKind} kind
 * @param {Columns} columns
 * @param {(max: number) => void} append
 * @returns {void}
 */
function appendInside(kind, columns, append) {
  switch (kind.type) {
    case "Struct":
      return kind.fields.forEach(({ kind }) => appendColumns(kind, columns));
    case "Array":
      return repeat(kind.length, kind.item, columns);
    case "List":
      append(kind.maxLength);
      return repeat(kind.maxLength, kind.item, columns);
    case "Option":
      append(1);
      return appendColumns(kind.item.kind, columns);
    case "Variants":
      append(kind.variants.length - 1);
      return kind.variants.forEach(({ fields }) => fields.forEach(({ kind }) => appendColumns(kind, columns)));
  }
}

/**
 * @param {number} times
 * @param {Field} item
 * @param {Columns} columns
 */
function repeat(times, item, columns) {
  for (let left = times; left > 0; left--) {
    appendColumns(item.kind, columns);
  }
}
