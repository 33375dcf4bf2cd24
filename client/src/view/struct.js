/** Structs: rows of columns as objects with named fields, and back. */

/** @import { RowLayout } from "../schema/row-layout.js" */
/** @import { Field, Schema } from "../schema/schema.js" */

import { dequantize, neutral, quantize } from "../schema/quantize.js";
import { rowLayout } from "../schema/row-layout.js";
import { tableParts } from "../schema/schema.js";
import { shownFields } from "./interpolate.js";

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
    this.fields = shownFields(fields, this.layout.fields);
    this.showsNewest = this.fields.some(({ rule }) => rule === "None");
  }

  /** A row whose fields all have their neutral value. */
  neutralRow() {
    const row = new Uint32Array(this.layout.width);
    for (const { kind, at } of this.fields) {
      quantize(kind, neutral(kind), row, at);
    }
    return row;
  }

  /**
   * Writes some fields into `row`; the others keep their values. Throws a TypeError if there is no such field.
   *
   * @param {Record<string, any>} values
   * @param {Uint32Array} row
   */
  write(values, row) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.fields.find((field) => field.name === name);
      if (field === undefined) {
        throw new TypeError(`there is no field ${name}, only ${this.fields.map(({ name }) => name).join(", ")}`);
      }
      quantize(field.kind, value, row, field.at);
    }
  }

  /**
   * Adds the fields of the row at `start` to an object.
   *
   * @template {Record<string, any>} T
   * @param {Uint32Array} columns
   * @param {number} start
   * @param {T} object
   * @returns {T & Record<string, any>}
   */
  read(columns, start, object) {
    for (const { name, kind, at } of this.fields) {
      /** @type {Record<string, any>} */ (object)[name] = dequantize(kind, columns, start + at);
    }
    return object;
  }
}
