/** Structs: rows of columns as objects with named fields, and back. */

/** @import { Field } from "../schema/kinds.js" */
/** @import { References } from "../schema/quantize.js" */
/** @import { RowLayout } from "../schema/row-layout.js" */
/** @import { Schema } from "../schema/schema.js" */

import { checkValue } from "../schema/check-value.js";
import { dequantize, quantize, setProperty } from "../schema/quantize.js";
import { rowLayout } from "../schema/row-layout.js";
import { tableParts } from "../schema/schema.js";
import { showNewest, shownFields } from "./shown-fields.js";

/**
 * One part of a table.
 *
 * @typedef {object} PartStruct
 * @property {number} index its number among all parts
 * @property {boolean} single
 * @property {number} areaClass the class of the areas that have its rows
 * @property {Struct} struct
 * @property {RowLayout} row the struct's layout
 */

/** @typedef {{ name: string, single: boolean, base: PartStruct, others: PartStruct[] }} TableStruct the parts of a table */

/**
 * The structs of a schema's tables, with their layouts.
 *
 * @param {Schema} schema
 * @returns {TableStruct[]}
 */
export function tableStructs(schema) {
  let index = 0;
  return schema.tables.map((table) => {
    const { name, single } = table;
    const [base, ...others] = tableParts(table).map(({ areaClass, fields }) => {
      const struct = new Struct(fields);
      return { index: index++, single, areaClass, struct, row: struct.layout };
    });
    return { name, single, base, others };
  });
}

/**
 * All parts of some tables, by their numbers.
 *
 * @param {TableStruct[]} tables
 */
export function allParts(tables) {
  return tables.flatMap(({ base, others }) => [base, ...others]);
}

/** Reads and writes the fields of one struct. */
export class Struct {
  /** The columns of a row. */
  layout;
  /** The fields, in order. */
  fields;
  /** True if any field is always shown at its newest value. */
  showsNewest;

  /** @param {Omit<Field, "audience">[]} fields */
  constructor(fields) {
    this.layout = rowLayout(fields);
    this.fields = shownFields(fields);
    this.showsNewest = showNewest(this.fields);
  }

  /**
   * Writes some fields into `row`; the others keep their values. Numbers that are out of range are clamped. Throws a TypeError
   * that names the field if there is none of that name, or a value is not of its type; then the row is as before.
   *
   * @param {Record<string, any>} values
   * @param {Uint32Array} row
   */
  write(values, row) {
    const written = row.slice();
    for (const [name, value] of Object.entries(values)) {
      const field = this.fields.find((field) => field.name === name);
      if (field === undefined) {
        throw new TypeError(`there is no field ${name}, only ${this.fields.map(({ name }) => name).join(", ")}`);
      }
      checkValue(field.kind, value, name);
      quantize(field.kind, value, written, field.at);
    }
    row.set(written);
  }

  /**
   * Adds the fields of the row at `start` to an object.
   *
   * @template {Record<string, any>} T
   * @param {Uint32Array} columns
   * @param {number} start
   * @param {T} object
   * @param {References} [references] the entities that this client sees
   * @returns {T & Record<string, any>}
   */
  read(columns, start, object, references) {
    for (const { name, kind, at } of this.fields) {
      setProperty(object, name, dequantize(kind, columns, start + at, references));
    }
    return object;
  }
}
