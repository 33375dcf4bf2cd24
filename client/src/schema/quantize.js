/**
 * Quantization: field values to unsigned integers (columns) and back.
 *
 * The arithmetic is the server's, operation for operation: basic operations, `floor` and `sqrt` on doubles give the same
 * integers everywhere. A value outside its declared range is clamped; a NaN becomes the step nearest to zero. A dequantized float
 * is a double, where the server's struct may hold the nearest `f32`.
 *
 * In JavaScript a struct is an object of its fields, an array or a list an array, an empty option `null`. A variant is an object
 * with its name as `type` beside its fields; if no variant of its enum has fields, it is its name alone. A player is a number:
 * 2048 times the generation, plus the seat. A reference is the id of the entity.
 */

/** @import { Field, FieldKind, NestedKind } from "./kinds.js" */
/** @import { Quat } from "./rotation.js" */

import { entityId, generationOf, slotOf } from "../base/entity-id.js";
import { PLAYER_GENERATION } from "../base/limits.js";
import { widthOf } from "./kinds.js";
import { clampInt, dequantizeAngle, dequantizeBig, dequantizeFloat, quantizeAngle, quantizeFloat } from "./numbers.js";
import { dequantizeQuat, quantizeQuat } from "./rotation.js";
import { dequantizeText, quantizeText } from "./text.js";

/** @typedef {{ x: number, y: number }} Vec2 */
/** @typedef {{ x: number, y: number, z: number }} Vec3 */
/** @typedef {number | bigint | boolean | string | null | Vec2 | Vec3 | Quat | any[] | object} FieldValue by the field's kind */

/**
 * The entities that a frame has. A reference to any other is read as `null`: this client does not see that entity.
 *
 * @typedef {{ has: (table: string, slot: number, generation: number) => boolean }} References
 */

/**
 * Writes the columns of a value into `row`, from `at` on. The value has the type of its kind: see {@link checkValue}.
 *
 * @param {FieldKind} kind
 * @param {any} value a {@link FieldValue} of the kind
 * @param {Uint32Array} row
 * @param {number} at
 */
export function quantize(kind, value, row, at) {
  switch (kind.type) {
    case "Float":
      row[at] = quantizeFloat(kind.range, value);
      break;
    case "Angle":
      row[at] = quantizeAngle(kind.bits, value);
      break;
    case "Vec2":
    case "Vec3":
      row[at] = quantizeFloat(kind.axes[0], value.x);
      row[at + 1] = quantizeFloat(kind.axes[1], value.y);
      if (kind.type === "Vec3") {
        row[at + 2] = quantizeFloat(kind.axes[2], value.z);
      }
      break;
    case "Quat":
      quantizeQuat(kind.bits, value, row, at);
      break;
    case "Int": {
      const steps = clampInt(kind, value) - kind.min;
      row[at] = Number(steps & 0xffff_ffffn);
      if (kind.wide) {
        row[at + 1] = Number(steps >> 32n);
      }
      break;
    }
    case "Bool":
      row[at] = value ? 1 : 0;
      break;
    case "Enum":
      row[at] = kind.variants.indexOf(value);
      break;
    case "Text":
      quantizeText(kind.maxBytes, value, row, at);
      break;
    case "Player":
      row[at] = value % PLAYER_GENERATION;
      row[at + 1] = Math.floor(value / PLAYER_GENERATION);
      break;
    case "Press":
      row[at] = value;
      break;
    case "Entity":
      row[at] = value === null ? 0 : slotOf(value) + 1;
      row[at + 1] = value === null ? 0 : generationOf(value);
      break;
    default:
      row.fill(0, at, at + kind.width);
      quantizeInside(kind, value, row, at);
  }
}

/**
 * @param {NestedKind} kind
 * @param {any} value
 * @param {Uint32Array} row its columns are zero
 * @param {number} at
 */
function quantizeInside(kind, value, row, at) {
  switch (kind.type) {
    case "Option":
      if (value !== null) {
        row[at] = 1;
        quantize(kind.item.kind, value, row, at + 1);
      }
      break;
    case "Struct":
      quantizeFields(kind.fields, value, row, at);
      break;
    case "Array":
      quantizeItems(kind.item, value, row, at);
      break;
    case "List":
      row[at] = value.length;
      quantizeItems(kind.item, value, row, at + 1);
      break;
    case "Variants": {
      const type = typeof value === "string" ? value : value.type;
      row[at] = kind.variants.findIndex(({ name }) => name === type);
      const { start, fields } = kind.variants[row[at]];
      quantizeFields(fields, value, row, at + start);
      break;
    }
  }
}

/**
 * @param {Field[]} fields
 * @param {any} values
 * @param {Uint32Array} row
 * @param {number} at
 */
function quantizeFields(fields, values, row, at) {
  for (const { name, kind } of fields) {
    quantize(kind, values[name], row, at);
    at += widthOf(kind);
  }
}

/**
 * @param {Field} item
 * @param {any[]} values
 * @param {Uint32Array} row
 * @param {number} at
 */
function quantizeItems({ kind }, values, row, at) {
  values.forEach((value, index) => quantize(kind, value, row, at + index * widthOf(kind)));
}

/**
 * Reads a value from the columns of `row`, from `at` on.
 *
 * @param {FieldKind} kind
 * @param {Uint32Array} row
 * @param {number} at
 * @param {References} [references] the entities that this client sees; without it every reference is an id
 * @returns {any} a {@link FieldValue} of the kind
 */
export function dequantize(kind, row, at, references) {
  switch (kind.type) {
    case "Float":
      return dequantizeFloat(kind.range, row[at]);
    case "Angle":
      return dequantizeAngle(kind.bits, row[at]);
    case "Vec2":
      return { x: dequantizeFloat(kind.axes[0], row[at]), y: dequantizeFloat(kind.axes[1], row[at + 1]) };
    case "Vec3":
      return {
        x: dequantizeFloat(kind.axes[0], row[at]),
        y: dequantizeFloat(kind.axes[1], row[at + 1]),
        z: dequantizeFloat(kind.axes[2], row[at + 2]),
      };
    case "Quat":
      return dequantizeQuat(kind.bits, row, at);
    case "Int":
      return kind.big ? dequantizeBig(kind, row, at) : Number(kind.min) + row[at];
    case "Bool":
      return row[at] !== 0;
    case "Enum":
      return kind.variants[row[at]];
    case "Text":
      return dequantizeText(kind.maxBytes, row, at);
    case "Player":
      return row[at] + PLAYER_GENERATION * row[at + 1];
    case "Press":
      return row[at];
    case "Entity":
      return dequantizeEntity(kind.table, row, at, references);
    default:
      return dequantizeInside(kind, row, at, references);
  }
}

/**
 * @param {NestedKind} kind
 * @param {Uint32Array} row
 * @param {number} at
 * @param {References | undefined} references
 */
function dequantizeInside(kind, row, at, references) {
  switch (kind.type) {
    case "Option":
      return row[at] === 0 ? null : dequantize(kind.item.kind, row, at + 1, references);
    case "Struct":
      return dequantizeFields(kind.fields, row, at, references, {});
    case "Array":
      return dequantizeItems(kind.item, kind.length, row, at, references);
    case "List":
      return dequantizeItems(kind.item, row[at], row, at + 1, references);
    case "Variants": {
      const { name: type, start, fields } = kind.variants[row[at]];
      return dequantizeFields(fields, row, at + start, references, { type });
    }
  }
}

/**
 * @param {Field[]} fields
 * @param {Uint32Array} row
 * @param {number} at
 * @param {References | undefined} references
 * @param {Record<string, any>} object gets the fields
 */
function dequantizeFields(fields, row, at, references, object) {
  for (const { name, kind } of fields) {
    setProperty(object, name, dequantize(kind, row, at, references));
    at += widthOf(kind);
  }
  return object;
}

/**
 * @param {Field} item
 * @param {number} length
 * @param {Uint32Array} row
 * @param {number} at
 * @param {References | undefined} references
 */
function dequantizeItems({ kind }, length, row, at, references) {
  const width = widthOf(kind);
  return Array.from({ length }, (_, index) => dequantize(kind, row, at + index * width, references));
}

/**
 * @param {string} table
 * @param {Uint32Array} row
 * @param {number} at
 * @param {References | undefined} references
 */
function dequantizeEntity(table, row, at, references) {
  const slot = row[at] - 1;
  const generation = row[at + 1];
  const seen = slot >= 0 && (references === undefined || references.has(table, slot, generation));
  return seen ? entityId(slot, generation) : null;
}

/**
 * Sets a property of an object. A field may have any name: an assignment to `__proto__` would set something else.
 *
 * @param {Record<string, any>} object
 * @param {string} name
 * @param {any} value
 */
export function setProperty(object, name, value) {
  if (name === "__proto__") {
    Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
  } else {
    object[name] = value;
  }
}
