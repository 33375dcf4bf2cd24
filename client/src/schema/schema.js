/** The schema of a game: its tables, its input, the fields of both, and the shapes of its messages. */

/** @import { BincodeReader } from "../wire/bincode.js" */
/** @import { FieldKind } from "./kinds.js" */
/** @import { Messages } from "./shapes.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_TABLES } from "../base/limits.js";
import { isUsable, readKind, readVariant } from "./kinds.js";
import { readMessages } from "./shapes.js";

/** Audience: every client. */
export const ALL = 0;
/** Audience: the clients of the owner's team. */
export const TEAM = 1;
/** Audience: the owner alone. Each audience is part of the one before. */
export const OWNER = 2;

/** The class of rows that every client sees, wherever it is. The one area of this class is always in view. */
export const PUBLIC_CLASS = 0;
/** Area classes: each audience, without a position and with one. */
export const AREA_CLASSES = 6;

/**
 * How a field is interpolated between ticks:
 *
 * - `Smooth`, by its kind: floats and vectors on a straight line, an angle the short way round, a rotation along its chord, all
 *   others as `Step`;
 * - `Step`: the earlier value until the tick of the later one;
 * - `None`: the newest value received;
 * - `Hermite`: a cubic curve through the values, whose slopes are the velocities in another field of the same struct, in units a
 *   second. `velocity` is the index of that field.
 *
 * @typedef {{ type: "Smooth" | "Step" | "None" } | { type: "Hermite", velocity: number }} Interpolate
 */

/** Interpolation by the field's kind. */
export const SMOOTH = /** @type {Interpolate} */ (Object.freeze({ type: "Smooth" }));

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {FieldKind} kind
 * @property {boolean} linear true if the codec predicts it to move on as it did, false if it predicts it to stay
 * @property {Interpolate} interpolate
 * @property {number} audience
 */

/**
 * @typedef {object} Table
 * @property {string} name
 * @property {boolean} single true if it always has exactly one row
 * @property {boolean} placed true if the position of an entity decides which clients see it
 * @property {number} audience of its entities
 * @property {Field[]} fields a field's own audience may be smaller
 */

/** @typedef {{ areaClass: number, fields: Field[] }} Part the fields of one area class, in which velocities are indexes */
/** @typedef {{ tables: Table[], input: Field[], messages: Messages }} Schema */

/** Readers of each interpolation, by the index of the variant. */
const INTERPOLATIONS = /** @type {((reader: BincodeReader) => Interpolate)[]} */ ([
  () => SMOOTH,
  () => ({ type: "Step" }),
  () => ({ type: "None" }),
  (reader) => ({ type: "Hermite", velocity: reader.u16() }),
]);

/**
 * Reads a schema and checks it against the limits.
 *
 * @internal
 * @param {BincodeReader} reader
 * @returns {Schema}
 */
export function readSchema(reader) {
  const schema = { tables: reader.list(readTable), input: reader.list(readField), messages: readMessages(reader) };
  if (schema.tables.length > MAX_TABLES) {
    throw new DecodeError("bad_schema", `${schema.tables.length} tables`);
  }
  if (schema.input.some(({ audience }) => audience !== ALL)) {
    throw new DecodeError("bad_schema", "a field of the input has an audience");
  }
  checkVelocities(schema.input, ALL);
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
 * Reads a field and checks its parameters.
 *
 * @internal
 * @param {BincodeReader} reader
 * @returns {Field}
 */
export function readField(reader) {
  const name = reader.string();
  const kind = readKind(reader);
  const linear = readVariant([false, true], reader);
  const interpolate = readVariant(INTERPOLATIONS, reader)(reader);
  const audience = readAudience(reader);
  if (!isUsable(kind)) {
    throw new DecodeError("bad_schema", `the parameters of field ${name} are out of range`);
  }
  return { name, kind, linear, interpolate, audience };
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
    fields: reader.list(readField),
  };
  if (table.single && (table.placed || [table, ...table.fields].some(({ audience }) => audience !== ALL))) {
    throw new DecodeError("bad_schema", `${table.name} is a single: it cannot have a position or an audience`);
  }
  if (!table.single && table.fields.some((field) => field.name === "id")) {
    throw new DecodeError("bad_schema", `field id of ${table.name} would hide the ids of its entities`);
  }
  checkVelocities(table.fields, table.audience);
  return table;
}

/**
 * Checks that the velocity of each field is another field of the same kind and audience.
 *
 * @param {Field[]} fields
 * @param {number} base the audience of the table; a field's own may be smaller
 */
function checkVelocities(fields, base) {
  for (const field of fields) {
    if (field.interpolate.type === "Hermite") {
      const velocity = fields.at(field.interpolate.velocity);
      const audience = (/** @type {Field} */ { audience }) => Math.max(audience, base);
      if (
        velocity === undefined ||
        velocity === field ||
        !["Float", "Vec2", "Vec3"].includes(field.kind.type) ||
        velocity.kind.type !== field.kind.type ||
        audience(velocity) !== audience(field)
      ) {
        throw new DecodeError("bad_schema", `the velocity of field ${field.name} is not another of its kind and audience`);
      }
    }
  }
}

/** @param {BincodeReader} reader */
function readAudience(reader) {
  return readVariant([ALL, TEAM, OWNER], reader);
}
