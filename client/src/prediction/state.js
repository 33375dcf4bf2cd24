/** Predicted states: copies of them, and the values inside them by their paths. */

/** @import { Field } from "../schema/kinds.js" */
/** @import { Measure } from "./measures.js" */

import { setProperty } from "../schema/quantize.js";
import { isMeasured, measureOf } from "./measures.js";

/** @typedef {{ name: string, path: string[], measure: Measure }} PredictedField a float, vector or angle, and where it is */

/**
 * The values that a name of a predicted field stands for: the value at that path, or all that can be predicted inside it. Throws
 * a TypeError if there are none.
 *
 * @param {string} table the table's name, for errors
 * @param {Field[]} fields of the table
 * @param {string} name
 * @returns {PredictedField[]}
 */
export function predictedFields(table, fields, name) {
  const path = name.split(".");
  const field = path.reduce(fieldInside, /** @type {Field | undefined} */ (rootOf(fields)));
  if (field === undefined) {
    throw new TypeError(`${table} has no field ${name}, only ${fields.map(({ name }) => name).join(", ")}`);
  }
  const found = measuredIn(field, path);
  // A value of another kind has no measure: that is the error to report.
  return found.length > 0 ? found : [{ name, path, measure: measureOf(name, field.kind) }];
}

/**
 * A field with some fields inside.
 *
 * @param {Field[]} fields
 * @returns {Field}
 */
function rootOf(fields) {
  return { name: "", kind: { type: "Struct", width: 0, fields }, linear: false, interpolate: { type: "Smooth" }, audience: 0 };
}

/**
 * The field that a part of a path names inside another field.
 *
 * @param {Field | undefined} field
 * @param {string} key
 * @returns {Field | undefined}
 */
function fieldInside(field, key) {
  const kind = field?.kind;
  switch (kind?.type) {
    case "Option":
      return fieldInside(kind.item, key);
    case "Struct":
      return kind.fields.find(({ name }) => name === key);
    case "Array":
      return /^\d+$/.test(key) && Number(key) < kind.length ? kind.item : undefined;
    default:
      return undefined;
  }
}

/**
 * All that can be predicted in a field.
 *
 * @param {Pick<Field, "kind">} field
 * @param {string[]} path
 * @returns {PredictedField[]}
 */
function measuredIn({ kind }, path) {
  switch (kind.type) {
    case "Option":
      return measuredIn(kind.item, path);
    case "Struct":
      return kind.fields.flatMap((field) => measuredIn(field, [...path, field.name]));
    case "Array":
      return Array.from({ length: kind.length }, (_, index) => measuredIn(kind.item, [...path, String(index)])).flat();
    default: {
      const name = path.join(".");
      return isMeasured(kind) ? [{ name, path, measure: measureOf(name, kind) }] : [];
    }
  }
}

/**
 * The value at a path; undefined if there is none, because an option is empty.
 *
 * @param {any} state
 * @param {string[]} path
 */
export function get(state, path) {
  let value = state;
  for (let index = 0; index < path.length; index++) {
    value = value?.[path[index]];
  }
  return value ?? undefined;
}

/**
 * Replaces the value at a path, if there is one to take its place.
 *
 * @param {any} state
 * @param {string[]} path
 * @param {any} value
 */
export function put(state, path, value) {
  const holder = get(state, path.slice(0, -1));
  if (holder !== undefined && value !== undefined) {
    setProperty(holder, path[path.length - 1], value);
  }
}

/**
 * A copy of a value, with all values inside it.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
export function copy(value) {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return /** @type {T} */ (value.map(copy));
  }
  return /** @type {T} */ (Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)])));
}
