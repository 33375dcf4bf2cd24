/** Checks of values that a page gives: a wrong one is an error with the field's path, instead of another value than was meant. */

/** @import { Field, FieldKind, NestedKind } from "./kinds.js" */

import { generationOf, slotOf } from "../base/entity-id.js";
import { MAX_ENTITIES, MAX_PLAYERS, PLAYER_GENERATION } from "../base/limits.js";

/** The greatest generation of an entity. */
const MAX_GENERATION = 0x7fff_ffff;

/**
 * Checks that a value has the type of its kind, with all values inside it. Throws a TypeError that names the part that has not.
 * Numbers may be out of range: they are clamped.
 *
 * @param {FieldKind} kind
 * @param {any} value
 * @param {string} path of the value, for errors
 * @returns {void}
 */
export function checkValue(kind, value, path) {
  switch (kind.type) {
    case "Float":
      return expect(isNumber(value), path, "a number", value);
    case "Angle":
      return expect(Number.isFinite(value), path, "a finite number", value);
    case "Vec2":
      return checkNumbers(["x", "y"], isNumber, value, path);
    case "Vec3":
      return checkNumbers(["x", "y", "z"], isNumber, value, path);
    case "Quat":
      return checkNumbers(["x", "y", "z", "w"], Number.isFinite, value, path);
    case "Int":
      return expect(isWhole(value), path, "a whole number", value);
    case "Bool":
      return expect(typeof value === "boolean", path, "true or false", value);
    case "Enum":
      return expect(kind.variants.includes(value), path, `one of ${kind.variants.join(", ")}`, value);
    case "Text":
      return expect(typeof value === "string", path, "a string", value);
    case "Player":
      return expect(isPlayer(value), path, "the number of a player", value);
    case "Entity":
      return expect(value === null || isEntityId(value), path, "the id of an entity, or null", value);
    case "Press":
      throw new TypeError(`${path} is a press: count it with room.press(${JSON.stringify(path)})`);
    default:
      return checkInside(kind, value, path);
  }
}

/**
 * @param {NestedKind} kind
 * @param {any} value
 * @param {string} path
 * @returns {void}
 */
function checkInside(kind, value, path) {
  switch (kind.type) {
    case "Option":
      // Only null: a missing value is more often a mistake than an empty option.
      return value === null ? undefined : checkValue(kind.item.kind, value, path);
    case "Struct":
      return checkFields(kind.fields, value, path, []);
    case "Array":
      expect(Array.isArray(value) && value.length === kind.length, path, `an array of ${kind.length} items`, value);
      return checkItems(kind.item, value, path);
    case "List":
      expect(Array.isArray(value) && value.length <= kind.maxLength, path, `an array of at most ${kind.maxLength} items`, value);
      return checkItems(kind.item, value, path);
    case "Variants": {
      const type = typeof value === "string" ? value : value?.type;
      const variant = kind.variants.find(({ name }) => name === type);
      if (variant === undefined) {
        const names = kind.variants.map(({ name }) => name).join(", ");
        throw new TypeError(`${path} must be an object whose type is one of ${names}, not ${shown(value)}`);
      }
      const alone = typeof value === "string" && variant.fields.length === 0;
      return alone ? undefined : checkFields(variant.fields, value, path, ["type"]);
    }
  }
}

/**
 * @param {Field[]} fields
 * @param {any} values
 * @param {string} path
 * @param {string[]} others further property names that are allowed
 */
function checkFields(fields, values, path, others) {
  expect(typeof values === "object" && values !== null, path, "an object", values);
  const known = [...others, ...fields.map(({ name }) => name)];
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${path} has no field ${unknown}, only ${known.join(", ")}`);
  }
  fields.forEach(({ name, kind }) => checkValue(kind, values[name], `${path}.${name}`));
}

/**
 * @param {Field} item
 * @param {any[]} values
 * @param {string} path
 */
function checkItems({ kind }, values, path) {
  for (let index = 0; index < values.length; index++) {
    checkValue(kind, values[index], `${path}[${index}]`);
  }
}

/**
 * @param {string[]} names
 * @param {(value: any) => boolean} fits
 * @param {any} value
 * @param {string} path
 */
function checkNumbers(names, fits, value, path) {
  expect(typeof value === "object" && value !== null, path, `an object with ${names.join(", ")}`, value);
  names.forEach((name) => expect(fits(value[name]), `${path}.${name}`, "a number", value[name]));
}

/** @param {any} value */
function isNumber(value) {
  return typeof value === "number" && !Number.isNaN(value);
}

/** @param {any} value */
function isWhole(value) {
  return typeof value === "bigint" || Number.isInteger(value) || value === Infinity || value === -Infinity;
}

/** @param {any} value */
function isPlayer(value) {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32 && value % PLAYER_GENERATION < MAX_PLAYERS;
}

/** @param {any} value */
function isEntityId(value) {
  const whole = Number.isSafeInteger(value) && value >= 0;
  return whole && slotOf(value) < MAX_ENTITIES && generationOf(value) <= MAX_GENERATION;
}

/**
 * @param {boolean} fits
 * @param {string} path
 * @param {string} expected
 * @param {any} value
 */
function expect(fits, path, expected, value) {
  if (!fits) {
    throw new TypeError(`${path} must be ${expected}, not ${shown(value)}`);
  }
}

/** @param {any} value */
function shown(value) {
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
