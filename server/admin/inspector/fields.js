/**
 * Formats any game's fields by its schema, and finds the fields that hold positions.
 * @module
 */

/** @typedef {import("/client/schema/kinds.js").Field} Field */
/** @typedef {import("/client/schema/kinds.js").FieldKind} FieldKind */
/** @typedef {import("/client/schema/schema.js").Table} Table */

/** Names of audiences, by their number in the schema. */
const AUDIENCES = ["", "team", "owner"];
/** Column widths in characters, by kind of field. */
const WIDTHS = {
  ...{ Float: 10, Angle: 8, Vec2: 18, Vec3: 26, Quat: 28, Int: 10, Bool: 7, Enum: 12, Text: 18, Player: 8, Entity: 10, Press: 7 },
  ...{ Option: 28, Struct: 28, Array: 28, List: 28, Variants: 28 },
};
const NUMERIC = new Set(["Float", "Angle", "Vec2", "Vec3", "Quat", "Int", "Player", "Entity", "Press"]);
/** Kinds with values inside, which are shown as JSON. */
const NESTED = new Set(["Option", "Struct", "Array", "List", "Variants"]);

/**
 * @typedef {object} FieldColumn
 * @property {string} name
 * @property {string} audience empty if all clients receive the field
 * @property {boolean} numeric
 * @property {number} width in characters
 * @property {(value: any) => string} text
 * @property {(value: any) => number | string} rank the sort key
 */

/**
 * A field as a column.
 *
 * @param {Field} field
 * @param {Table} table
 * @returns {FieldColumn}
 */
export function columnOf({ name, kind, audience }, table) {
  return {
    name,
    audience: AUDIENCES[Math.max(audience, table.audience)],
    numeric: NUMERIC.has(kind.type),
    width: Math.max(WIDTHS[kind.type], name.length + 4),
    text: textOf(kind),
    rank: rankOf(kind),
  };
}

/**
 * @param {FieldKind} kind
 * @returns {(value: any) => string}
 */
function textOf(kind) {
  switch (kind.type) {
    case "Float": {
      const digits = digitsOf(kind.range.step);
      return (value) => value.toFixed(digits);
    }
    case "Angle":
      return (value) => `${Math.round((value * 180) / Math.PI)}°`;
    case "Vec2":
    case "Vec3": {
      const digits = kind.axes.map(({ step }) => digitsOf(step));
      return (value) =>
        ["x", "y", "z"]
          .slice(0, digits.length)
          .map((axis, at) => value[axis].toFixed(digits[at]))
          .join(", ");
    }
    case "Quat":
      return ({ x, y, z, w }) => [x, y, z, w].map((part) => part.toFixed(3)).join(", ");
    case "Bool":
      return (value) => (value ? "yes" : "·");
    case "Entity":
      return (value) => (value === null ? "·" : String(value));
    default:
      return NESTED.has(kind.type) ? inline : String;
  }
}

/**
 * A value with values inside it, on one line.
 *
 * @param {any} value
 */
function inline(value) {
  const plain = (/** @type {string} */ _, /** @type {any} */ part) =>
    typeof part === "bigint" ? String(part) : typeof part === "number" ? Math.round(part * 1000) / 1000 : part;
  return JSON.stringify(value, plain);
}

/**
 * @param {FieldKind} kind
 * @returns {(value: any) => number | string}
 */
function rankOf({ type }) {
  if (type === "Vec2" || type === "Vec3" || type === "Quat") return ({ x }) => x;
  if (type === "Enum" || type === "Text") return (value) => value;
  if (NESTED.has(type)) return inline;
  if (type === "Entity") return (value) => value ?? -1;
  return Number;
}

/**
 * The number of decimals needed to distinguish two steps.
 *
 * @param {number} step
 */
function digitsOf(step) {
  return step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
}

/** Names of vectors that are not positions. */
const NOT_PLACES = /vel|speed|accel|dir|aim|thrust|force|size|extent/i;
const PLACES = /pos|place|cent|at$|point|location/i;
const HEADINGS = /head|angle|rot|face|facing|yaw|dir/i;

/**
 * The fields that place a table's entities on a map.
 *
 * @typedef {object} Placement
 * @property {string} position the field's name
 * @property {{ x: [number, number], y: [number, number] }} bounds
 * @property {string | undefined} heading the field's name
 */

/**
 * Guesses the placement fields of a table by their kinds and names.
 *
 * @param {Table} table
 * @returns {Placement | undefined} undefined if the table has no positions
 */
export function placementOf({ fields }) {
  const vectors = fields.filter(({ kind, name }) => kind.type === "Vec2" && !NOT_PLACES.test(name));
  const place = vectors.find(({ name }) => PLACES.test(name)) ?? vectors[0];
  if (place?.kind.type !== "Vec2") return undefined;
  const [x, y] = place.kind.axes.map(({ min, max }) => /** @type {[number, number]} */ ([min, max]));
  const angles = fields.filter(({ kind }) => kind.type === "Angle");
  const heading = angles.find(({ name }) => HEADINGS.test(name)) ?? angles[0];
  return { position: place.name, bounds: { x, y }, heading: heading?.name };
}
