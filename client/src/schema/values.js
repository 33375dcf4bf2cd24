/**
 * Values of a game's messages (events, commands and replies), read from bytes and written to bytes.
 *
 * In JavaScript a struct is an object of its fields. A variant of an enum is an object with its name as `type` beside its fields,
 * or beside a `value` if its fields have no names; if no variant has fields, it is its name alone. The unit and an empty option
 * are `null`. Integers of 64 bits are BigInts, bytes are a `Uint8Array`, maps a `Map`.
 */

/** @import { BincodeReader, BincodeWriter } from "../wire/bincode.js" */
/** @import { Named, Shape } from "./shapes.js" */

import { DecodeError } from "../base/errors.js";

/**
 * Reads a value.
 *
 * @param {Shape} shape
 * @param {BincodeReader} reader
 * @returns {any}
 */
export function readValue(shape, reader) {
  switch (shape.type) {
    case "Unit":
      return null;
    case "Bool":
      return reader.bool();
    case "U8":
      return reader.u8();
    case "U16":
      return reader.u16();
    case "U32":
      return reader.u32();
    case "U64":
      return reader.u64();
    case "I8":
      return (reader.u8() << 24) >> 24;
    case "I16":
      return reader.i16();
    case "I32":
      return reader.i32();
    case "I64":
      return reader.i64();
    case "F32":
      return reader.f32();
    case "F64":
      return reader.f64();
    case "Text":
      return reader.string();
    case "Bytes":
      return reader.blob();
    case "Option":
      return reader.bool() ? readValue(shape.item, reader) : null;
    case "List":
      return reader.list((reader) => readValue(shape.item, reader));
    case "Array":
      return Array.from({ length: shape.length }, () => readValue(shape.item, reader));
    case "Map":
      return new Map(reader.list((reader) => [readValue(shape.key, reader), readValue(shape.value, reader)]));
    case "Tuple":
      return shape.items.map((item) => readValue(item, reader));
    case "Struct":
      return readFields(shape.fields, reader);
    case "Enum":
      return readVariant(shape, reader);
  }
}

/**
 * @param {Named[]} fields
 * @param {BincodeReader} reader
 */
function readFields(fields, reader) {
  // Not by assignment: a field may have any name, even `__proto__`.
  return Object.fromEntries(fields.map(({ name, shape }) => [name, readValue(shape, reader)]));
}

/**
 * @param {Extract<Shape, { type: "Enum" }>} shape
 * @param {BincodeReader} reader
 */
function readVariant({ variants, plain }, reader) {
  const index = reader.u32();
  if (index >= variants.length) {
    throw new DecodeError("malformed", `no variant ${index}`);
  }
  const { name: type, shape } = variants[index];
  if (plain) {
    return type;
  }
  switch (shape.type) {
    case "Unit":
      return { type };
    case "Struct":
      return { type, ...readFields(shape.fields, reader) };
    default:
      return { type, value: readValue(shape, reader) };
  }
}

/**
 * Reads an event: its own fields, and its tick.
 *
 * @param {Shape} shape
 * @param {number} tick
 * @param {BincodeReader} reader
 * @returns {{ tick: number, [field: string]: any }}
 */
export function readEventOf(shape, tick, reader) {
  const value = readValue(shape, reader);
  reader.finish();
  if (shape.type === "Struct" || (shape.type === "Enum" && !shape.plain)) {
    return { ...value, tick };
  }
  return shape.type === "Enum" ? { type: value, tick } : { value, tick };
}

/**
 * The width of each integer type, and whether it is signed.
 *
 * @type {Record<string, [bits: number, signed: boolean]>}
 */
const INTEGERS = {
  U8: [8, false],
  U16: [16, false],
  U32: [32, false],
  U64: [64, false],
  I8: [8, true],
  I16: [16, true],
  I32: [32, true],
  I64: [64, true],
};

/**
 * Writes a value. Throws a TypeError that names the part that does not fit its shape.
 *
 * @param {Shape} shape
 * @param {any} value
 * @param {BincodeWriter} writer
 * @param {string} [path] of the value, for errors
 */
export function writeValue(shape, value, writer, path = "the value") {
  switch (shape.type) {
    case "Unit":
      expect(value === null || value === undefined, path, "null");
      break;
    case "Bool":
      expect(typeof value === "boolean", path, "true or false");
      writer.u8(Number(value));
      break;
    case "F32":
    case "F64":
      expect(typeof value === "number", path, "a number");
      shape.type === "F32" ? writer.f32(value) : writer.f64(value);
      break;
    case "Text":
      expect(typeof value === "string", path, "a string");
      writer.string(value);
      break;
    case "Bytes":
      expect(value instanceof Uint8Array, path, "a Uint8Array");
      writer.blob(value);
      break;
    case "Option":
      writer.u8(Number(value !== null && value !== undefined));
      if (value !== null && value !== undefined) {
        writeValue(shape.item, value, writer, path);
      }
      break;
    case "List":
      expect(Array.isArray(value), path, "an array");
      writer.length(value.length);
      writeItems(Array(value.length).fill(shape.item), value, writer, path);
      break;
    case "Array":
      writeItems(Array(shape.length).fill(shape.item), value, writer, path);
      break;
    case "Tuple":
      writeItems(shape.items, value, writer, path);
      break;
    case "Map":
      writeMap(shape, value, writer, path);
      break;
    case "Struct":
      writeFields(shape.fields, value, writer, path, []);
      break;
    case "Enum":
      writeVariant(shape, value, writer, path);
      break;
    default:
      writeInteger(shape.type, value, writer, path);
  }
}

/**
 * @param {Shape[]} shapes
 * @param {any} value
 * @param {BincodeWriter} writer
 * @param {string} path
 */
function writeItems(shapes, value, writer, path) {
  expect(Array.isArray(value) && value.length === shapes.length, path, `an array of ${shapes.length} items`);
  shapes.forEach((shape, index) => writeValue(shape, value[index], writer, `${path}[${index}]`));
}

/**
 * @param {Extract<Shape, { type: "Map" }>} shape
 * @param {any} value
 * @param {BincodeWriter} writer
 * @param {string} path
 */
function writeMap({ key, value: item }, value, writer, path) {
  expect(typeof value === "object" && value !== null, path, "a Map or an object");
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  writer.length(entries.length);
  for (const [name, inner] of entries) {
    writeValue(key, name, writer, `a key of ${path}`);
    writeValue(item, inner, writer, `${path}.${name}`);
  }
}

/**
 * @param {Named[]} fields
 * @param {any} value
 * @param {BincodeWriter} writer
 * @param {string} path
 * @param {string[]} others further property names that are allowed
 */
function writeFields(fields, value, writer, path, others) {
  expect(typeof value === "object" && value !== null, path, "an object");
  const known = new Set([...others, ...fields.map(({ name }) => name)]);
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new TypeError(`${path} has no field ${unknown}, only ${[...known].join(", ")}`);
  }
  fields.forEach(({ name, shape }) => writeValue(shape, value[name], writer, `${path}.${name}`));
}

/**
 * @param {Extract<Shape, { type: "Enum" }>} shape
 * @param {any} value
 * @param {BincodeWriter} writer
 * @param {string} path
 */
function writeVariant({ variants }, value, writer, path) {
  const type = typeof value === "string" ? value : value?.type;
  const index = variants.findIndex(({ name }) => name === type);
  if (index < 0) {
    const names = variants.map(({ name }) => name).join(", ");
    throw new TypeError(`${path} cannot be ${type}, only ${names || "nothing: the enum has no variants"}`);
  }
  const { shape } = variants[index];
  writer.u32(index);
  if (shape.type === "Unit") {
    return;
  }
  if (shape.type === "Struct") {
    writeFields(shape.fields, value, writer, path, ["type"]);
  } else {
    writeValue(shape, value.value, writer, `${path}.value`);
  }
}

/**
 * @param {string} type
 * @param {any} value
 * @param {BincodeWriter} writer
 * @param {string} path
 */
function writeInteger(type, value, writer, path) {
  const [bits, signed] = INTEGERS[type];
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  const number = whole ? BigInt(value) : 0n;
  const fits = number === (signed ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number));
  expect(whole && fits, path, `${signed ? "a signed" : "an unsigned"} integer of ${bits} bits`);
  if (bits === 8) {
    writer.u8(Number(BigInt.asUintN(8, number)));
  } else {
    // Signed integers are zigzagged.
    writer.u64(signed ? BigInt.asUintN(64, (number << 1n) ^ (number >> 63n)) : number);
  }
}

/**
 * @param {boolean} fits
 * @param {string} path
 * @param {string} expected
 */
function expect(fits, path, expected) {
  if (!fits) {
    throw new TypeError(`${path} must be ${expected}`);
  }
}
