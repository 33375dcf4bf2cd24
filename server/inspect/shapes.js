/** The types of a game's messages: as text, as an example, and as the values that JSON cannot have. */

/** @typedef {import("/client/schema/shapes.js").Shape} Shape */
/** @typedef {import("/client/schema/shapes.js").Named} Named */

const INTEGER = /^[UI]\d+$/;

/**
 * A type as text, such as `{ type: "emote", emote: "Wave" | "Cheer" }`.
 *
 * @param {Shape} shape
 * @returns {string}
 */
export function described(shape) {
  switch (shape.type) {
    case "Option":
      return `${described(shape.item)} | null`;
    case "List":
    case "Array":
      return `[${described(shape.item)}, …]`;
    case "Map":
      return `[[${described(shape.key)}, ${described(shape.value)}], …]`;
    case "Tuple":
      return `[${shape.items.map(described).join(", ")}]`;
    case "Struct":
      return braced(fieldsOf(shape.fields));
    case "Enum":
      return shape.variants.map((variant) => describedVariant(variant, shape.plain)).join(" | ") || "never";
    case "Unit":
      return "null";
    case "Bool":
      return "boolean";
    case "Text":
      return "string";
    case "Bytes":
      return "[byte, …]";
    default:
      return INTEGER.test(shape.type) ? "integer" : "number";
  }
}

/**
 * @param {Named} variant
 * @param {boolean} plain
 */
export function describedVariant({ name, shape }, plain) {
  if (plain) return JSON.stringify(name);
  const type = `type: ${JSON.stringify(name)}`;
  if (shape.type === "Unit") return braced([type]);
  return braced([type, ...(shape.type === "Struct" ? fieldsOf(shape.fields) : [`value: ${described(shape)}`])]);
}

/** @param {Named[]} fields */
function fieldsOf(fields) {
  return fields.map(({ name, shape }) => `${name}: ${described(shape)}`);
}

/** @param {string[]} parts */
function braced(parts) {
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/**
 * A value of a type, as JSON has it.
 *
 * @param {Shape} shape
 * @returns {any}
 */
export function example(shape) {
  switch (shape.type) {
    case "Option":
    case "Unit":
      return null;
    case "List":
    case "Map":
    case "Bytes":
      return [];
    case "Array":
      return Array.from({ length: shape.length }, () => example(shape.item));
    case "Tuple":
      return shape.items.map(example);
    case "Struct":
      return Object.fromEntries(shape.fields.map(({ name, shape }) => [name, example(shape)]));
    case "Enum":
      return shape.variants.length === 0 ? null : exampleVariant(shape.variants[0], shape.plain);
    case "Bool":
      return false;
    case "Text":
      return "";
    default:
      return 0;
  }
}

/**
 * @param {Named} variant
 * @param {boolean} plain
 */
export function exampleVariant({ name, shape }, plain) {
  if (plain) return name;
  if (shape.type === "Unit") return { type: name };
  return shape.type === "Struct" ? { type: name, ...example(shape) } : { type: name, value: example(shape) };
}

/**
 * Makes the value of a type from JSON: a map from its entries, bytes from an array, an integer of 64 bits from its digits.
 * Whatever does not fit stays as it is, for the client to name in its error.
 *
 * @param {Shape} shape
 * @param {any} json
 * @returns {any}
 */
export function fromJson(shape, json) {
  if (json === null || json === undefined) return json;
  switch (shape.type) {
    case "Option":
      return fromJson(shape.item, json);
    case "List":
    case "Array":
      return Array.isArray(json) ? json.map((item) => fromJson(shape.item, item)) : json;
    case "Tuple":
      // Items that are too many are left for the client to refuse.
      return Array.isArray(json) ? json.map((item, at) => (at in shape.items ? fromJson(shape.items[at], item) : item)) : json;
    case "Map": {
      const isEntries = Array.isArray(json) && json.every((entry) => Array.isArray(entry) && entry.length === 2);
      return isEntries ? new Map(json.map(([key, value]) => [fromJson(shape.key, key), fromJson(shape.value, value)])) : json;
    }
    case "Struct":
      return withFields(shape.fields, json);
    case "Enum": {
      const variant = shape.variants.find(({ name }) => name === json.type);
      if (variant === undefined) return json;
      return withFields(variant.shape.type === "Struct" ? variant.shape.fields : [{ ...variant, name: "value" }], json);
    }
    case "Bytes":
      return Array.isArray(json) ? Uint8Array.from(json) : json;
    case "U64":
    case "I64":
      return typeof json === "string" && /^-?\d+$/.test(json) ? BigInt(json) : json;
    default:
      return json;
  }
}

/**
 * @param {Named[]} fields
 * @param {any} json
 */
function withFields(fields, json) {
  if (typeof json !== "object") return json;
  const known = fields.filter(({ name }) => Object.hasOwn(json, name));
  return { ...json, ...Object.fromEntries(known.map(({ name, shape }) => [name, fromJson(shape, json[name])])) };
}
