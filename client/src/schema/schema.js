/** The schema of a game: its tables, its input, the fields of both, and the shapes of its messages. */

/** @import { BincodeReader } from "../wire/bincode.js" */
/** @import { Field } from "./kinds.js" */
/** @import { Messages } from "./shapes.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_TABLES } from "../base/limits.js";
import { ALL, OWNER, TEAM, checkVelocities, fieldsInside, readAudience, readFields } from "./field.js";
import { rowLayout } from "./row-layout.js";
import { readMessages } from "./shapes.js";

/** The class of rows that every client sees, wherever it is. The one area of this class is always in view. */
export const PUBLIC_CLASS = 0;
/** Area classes: each audience, without a position and with one. */
export const AREA_CLASSES = 6;

/**
 * @typedef {object} Table
 * @property {string} name
 * @property {boolean} single true if it always has exactly one row
 * @property {boolean} placed true if the position of an entity decides which clients see it
 * @property {number} audience of its entities
 * @property {Field[]} fields a field's own audience may be smaller
 */

/** @typedef {{ areaClass: number, fields: Field[] }} Part the fields of one area class, in which velocities are indexes */
/** @typedef {{ fields: Field[], neutral: Uint32Array }} Input `neutral`: the row of a player who does nothing */
/** @typedef {{ tables: Table[], input: Input, messages: Messages }} Schema */

/**
 * Reads a schema and checks it against the limits.
 *
 * @internal
 * @param {BincodeReader} reader
 * @returns {Schema}
 */
export function readSchema(reader) {
  const schema = { tables: reader.list(readTable), input: readInput(reader), messages: readMessages(reader) };
  if (schema.tables.length > MAX_TABLES) {
    throw new DecodeError("bad_schema", `${schema.tables.length} tables`);
  }
  const referable = new Set(schema.tables.filter(({ single }) => !single).map(({ name }) => name));
  schema.tables.forEach(({ fields }) => checkReferences(fields, referable));
  return schema;
}

/**
 * The parts of a table, one for each audience of its fields. The base part lists the entities; the other parts have further
 * fields of them for smaller audiences.
 *
 * @param {Table} table
 * @returns {Part[]} the base part first
 */
export function tableParts({ placed, audience: base, fields }) {
  return [ALL, TEAM, OWNER]
    .map((audience) => {
      const theirs = fields.filter((field) => Math.max(field.audience, base) === audience);
      return {
        audience,
        areaClass: audience + 3 * Number(placed),
        fields: theirs.map((field) => withVelocityAmong(field, fields, theirs)),
      };
    })
    .filter(({ audience, fields }) => audience === base || fields.length > 0)
    .map(({ areaClass, fields }) => ({ areaClass, fields }));
}

/**
 * A copy of a field whose velocity index counts in a part of the fields.
 *
 * @param {Field} field
 * @param {Field[]} all the fields in which the index counts now
 * @param {Field[]} some the fields in which it is to count
 * @returns {Field}
 */
function withVelocityAmong(field, all, some) {
  const { interpolate } = field;
  return interpolate.type === "Hermite"
    ? { ...field, interpolate: { ...interpolate, velocity: some.indexOf(all[interpolate.velocity]) } }
    : field;
}

/**
 * The hash of a schema: FNV-1a, 64 bits, of its bytes on the wire, in hex.
 *
 * @param {Uint8Array} bytes
 */
export function schemaHash(bytes) {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of bytes) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
  }
  return formatHash(hash);
}

/**
 * Formats a schema's hash as 16 hex digits.
 *
 * @param {bigint} hash
 */
export function formatHash(hash) {
  return hash.toString(16).padStart(16, "0");
}

/**
 * @param {BincodeReader} reader
 * @returns {Table}
 */
function readTable(reader) {
  const table = {
    name: reader.string(),
    single: reader.bool(),
    placed: reader.bool(),
    audience: readAudience(reader),
    fields: readFields(reader),
  };
  if (table.single && (table.placed || [table, ...table.fields].some(({ audience }) => audience !== ALL))) {
    throw new DecodeError("bad_schema", `${table.name} is a single: it cannot have a position or an audience`);
  }
  if (!table.single && table.fields.some((field) => field.name === "id")) {
    throw new DecodeError("bad_schema", `field id of ${table.name} would hide the ids of its entities`);
  }
  if (table.fields.some(({ kind }) => kind.type === "Press")) {
    throw new DecodeError("bad_schema", `${table.name} has a press, which only an input can have`);
  }
  checkVelocities(table.fields, table.audience);
  return table;
}

/**
 * @param {BincodeReader} reader
 * @returns {Input}
 */
function readInput(reader) {
  const fields = readFields(reader);
  const neutral = Uint32Array.from(reader.list((reader) => reader.u32()));
  if (fields.some(({ audience }) => audience !== ALL)) {
    throw new DecodeError("bad_schema", "a field of the input has an audience");
  }
  checkVelocities(fields, ALL);
  const { width, max } = rowLayout(fields);
  if (neutral.length !== width || neutral.some((value, index) => value > max[index])) {
    throw new DecodeError("bad_schema", "the neutral row of the input is not a row of its fields");
  }
  return { fields, neutral };
}

/**
 * Checks that the entities that fields refer to are those of a table.
 *
 * @param {Field[]} fields
 * @param {Set<string>} referable the names of the tables
 */
function checkReferences(fields, referable) {
  for (const { name, kind } of fields) {
    if (kind.type === "Entity" && !referable.has(kind.table)) {
      throw new DecodeError("bad_schema", `field ${name} refers to entities of ${kind.table}, which is no table`);
    }
    fieldsInside(kind).forEach((fields) => checkReferences(fields, referable));
  }
}
