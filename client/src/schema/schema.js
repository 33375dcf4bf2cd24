/** The schema: what tables a game has, what fields, how each is quantized and coded; and its messages. */

/** @import { BincodeReader } from "../wire/bincode.js" */
/** @import { FieldKind } from "./kinds.js" */
/** @import { Messages } from "./shapes.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_TABLES } from "../base/limits.js";
import { isUsable, readKind, readVariant } from "./kinds.js";
import { readMessages } from "./shapes.js";

/** Everyone's to see, … */
export const ALL = 0;
/** … a team's, … */
export const TEAM = 1;
/** … or the owner's alone. Each audience is within the one before. */
export const OWNER = 2;

/** What is everyone's and has no place in the world: the one area of this class is always in view. */
export const PUBLIC_CLASS = 0;
/** Area classes: an audience each, without a place and with one. */
export const AREA_CLASSES = 6;

/**
 * What is shown of a field between the ticks that are known: what suits its kind (floats and vectors go straight, an angle turns
 * the short way, a rotation along its chord, the others step); the earlier value until the later one's time; the newest value
 * known; or a curve that meets the values at the velocities, in units a second, that another field of the same struct tells:
 * `velocity` is its index.
 *
 * @typedef {{ type: "Smooth" | "Step" | "None" } | { type: "Hermite", velocity: number }} Interpolate
 */

/** What suits the field's kind. */
export const SMOOTH = /** @type {Interpolate} */ (Object.freeze({ type: "Smooth" }));

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {FieldKind} kind
 * @property {boolean} linear how it is predicted
 * @property {Interpolate} interpolate how it is shown
 * @property {number} audience
 */

/**
 * @typedef {object} Table
 * @property {string} name
 * @property {boolean} single whether it has always exactly one row
 * @property {boolean} placed whether its entities are in view by where they are
 * @property {number} audience who knows of its entities
 * @property {Field[]} fields a field's own audience may be smaller
 */

/** @typedef {{ areaClass: number, fields: Field[] }} Part what goes to the areas of one class; a velocity is an index in it */
/** @typedef {{ tables: Table[], input: Field[], messages: Messages }} Schema */

/** Reads each way to be shown, in the order of the variants' positions. */
const WAYS = /** @type {((reader: BincodeReader) => Interpolate)[]} */ ([
  () => SMOOTH,
  () => ({ type: "Step" }),
  () => ({ type: "None" }),
  (reader) => ({ type: "Hermite", velocity: reader.u16() }),
]);

/**
 * Reads a schema and checks it against the limits.
 *
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
 * A table as its parts: the base says which entities there are, the others tell smaller audiences more of them.
 *
 * @param {Table} table
 * @returns {Part[]} the base first
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
 * A field whose velocity is looked up among fewer fields than before.
 *
 * @param {Field} field
 * @param {Field[]} all
 * @param {Field[]} some
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
 * @param {BincodeReader} reader
 * @returns {Field}
 */
export function readField(reader) {
  const name = reader.string();
  const kind = readKind(reader);
  const linear = readVariant([false, true], reader);
  const interpolate = readVariant(WAYS, reader)(reader);
  const audience = readAudience(reader);
  if (!isUsable(kind)) {
    throw new DecodeError("bad_schema", `field ${name} has impossible parameters`);
  }
  return { name, kind, linear, interpolate, audience };
}

/**
 * A schema's identity: FNV-1a, 64 bits, of its bytes on the wire, in hex.
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
 * A schema's hash as it is written everywhere: 16 hex digits.
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
    throw new DecodeError("bad_schema", `${table.name} is a single, which is everyone's everywhere`);
  }
  if (!table.single && table.fields.some((field) => field.name === "id")) {
    throw new DecodeError("bad_schema", `field id of ${table.name} would hide its entities' own id`);
  }
  checkVelocities(table.fields, table.audience);
  return table;
}

/**
 * Refuses a velocity that its field's curve cannot use.
 *
 * @param {Field[]} fields
 * @param {number} base the audience of them all; a field's own may be smaller
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
