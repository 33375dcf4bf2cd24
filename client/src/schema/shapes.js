/**
 * Shapes: the types of a game's events, commands and replies. values.js reads and writes values by them.
 *
 * A schema lists its shapes one after another, and each refers only to earlier ones. So they are checked in one pass, no shape
 * contains itself, and a hostile list cannot make a client recurse or loop without bound.
 */

/** @import { BincodeReader } from "../wire/bincode.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_ARRAY_LENGTH, MAX_SHAPES, MAX_SHAPE_DEPTH, MAX_SHAPE_PARTS } from "../base/limits.js";

/** @typedef {{ name: string, shape: Shape }} Named a field of a struct, or a variant of an enum */

/**
 * The type of a value. An enum is `plain` if none of its variants has a value.
 *
 * @typedef {(
 *   | { type: Leaf }
 *   | { type: "Option" | "List", item: Shape }
 *   | { type: "Array", item: Shape, length: number }
 *   | { type: "Map", key: Shape, value: Shape }
 *   | { type: "Tuple", items: Shape[] }
 *   | { type: "Struct", fields: Named[] }
 *   | { type: "Enum", variants: Named[], plain: boolean }
 * )} Shape
 */

/** @typedef {{ event: Shape, command: Shape, reply: Shape }} Messages the shapes of what is sent in bincode */

/** @typedef {(typeof LEAVES)[number]} Leaf */

/** Shapes that contain no others, by the index of the variant. */
const LEAVES = /** @type {const} */ ([
  "Unit",
  "Bool",
  "U8",
  "U16",
  "U32",
  "U64",
  "I8",
  "I16",
  "I32",
  "I64",
  "F32",
  "F64",
  "Text",
  "Bytes",
]);

/** Readers of the other shapes, by the index of the variant after the leaves. `pick` reads the index of an earlier shape. */
const COMPOUNDS = /** @type {((pick: () => Shape, reader: BincodeReader) => Shape)[]} */ ([
  (pick) => ({ type: "Option", item: pick() }),
  (pick) => ({ type: "List", item: pick() }),
  (pick, reader) => ({ type: "Array", item: pick(), length: reader.u16() }),
  (pick) => ({ type: "Map", key: pick(), value: pick() }),
  (pick, reader) => ({ type: "Tuple", items: reader.list(pick) }),
  (pick, reader) => ({ type: "Struct", fields: readNamed(reader, pick) }),
  (pick, reader) => {
    const variants = readNamed(reader, pick);
    return { type: "Enum", variants, plain: variants.every(({ shape }) => shape.type === "Unit") };
  },
]);

/**
 * The size of a shape: its depth, its number of shapes with every use counted, and whether its values may take no bytes.
 *
 * @typedef {{ depth: number, parts: number, mayBeEmpty: boolean }} Extent
 */

/**
 * Reads the shapes of a game's messages and checks them against the limits.
 *
 * @internal
 * @param {BincodeReader} reader
 * @returns {Messages}
 */
export function readMessages(reader) {
  /** @type {Shape[]} */
  const shapes = [];
  /** @type {Map<Shape, Extent>} */
  const extents = new Map();
  const pick = () => {
    const index = reader.u16();
    if (index >= shapes.length) {
      throw new DecodeError("bad_schema", `shape ${index} of ${shapes.length}`);
    }
    return shapes[index];
  };
  reader.list(() => {
    const variant = reader.u32();
    if (shapes.length === MAX_SHAPES || variant >= LEAVES.length + COMPOUNDS.length) {
      throw new DecodeError("bad_schema", "too many shapes, or a shape of an unknown kind");
    }
    const leaf = variant < LEAVES.length;
    const shape = leaf ? { type: LEAVES[variant] } : COMPOUNDS[variant - LEAVES.length](pick, reader);
    extents.set(shape, extentOf(shape, extents));
    shapes.push(shape);
  });
  const messages = { event: pick(), command: pick(), reply: pick() };
  // The join options and the metadata: JSON, for which a client needs no shapes.
  pick();
  pick();
  checkEvent(messages.event);
  return messages;
}

/**
 * The size of a shape. Throws a DecodeError if the shape is too deep or too large, or repeats values that take no bytes.
 *
 * @param {Shape} shape
 * @param {Map<Shape, Extent>} extents of the shapes before it
 * @returns {Extent}
 */
function extentOf(shape, extents) {
  const parts = partsOf(shape).map((part) => /** @type {Extent} */ (extents.get(part)));
  const repeats = shape.type === "List" || shape.type === "Map" || shape.type === "Array";
  if (repeats && parts[0].mayBeEmpty) {
    // The length of such a list is not bounded by the bytes of its message.
    throw new DecodeError("bad_schema", "a message has a list of values that take no bytes");
  }
  const extent = {
    depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
    parts: parts.reduce((sum, { parts }) => sum + parts, 1),
    mayBeEmpty: ["Unit", "Tuple", "Struct"].includes(shape.type) && parts.every(({ mayBeEmpty }) => mayBeEmpty),
  };
  if (extent.depth > MAX_SHAPE_DEPTH || extent.parts > MAX_SHAPE_PARTS) {
    throw new DecodeError("bad_schema", "a message is too deep or has too many parts");
  }
  return extent;
}

/**
 * The shapes that a shape contains, each as often as every value has it.
 *
 * @param {Shape} shape
 * @returns {Shape[]}
 */
function partsOf(shape) {
  switch (shape.type) {
    case "Option":
    case "List":
      return [shape.item];
    case "Array":
      if (shape.length > MAX_ARRAY_LENGTH) {
        throw new DecodeError("bad_schema", "an array of a message is too long");
      }
      return Array(Math.max(shape.length, 1)).fill(shape.item);
    case "Map":
      return [shape.key, shape.value];
    case "Tuple":
      return shape.items;
    case "Struct":
      return shape.fields.map((field) => field.shape);
    case "Enum":
      shape.variants.forEach((variant) => reserve("type", variant.shape));
      return shape.variants.map((variant) => variant.shape);
    default:
      return [];
  }
}

/**
 * @param {BincodeReader} reader
 * @param {() => Shape} pick
 * @returns {Named[]}
 */
function readNamed(reader, pick) {
  const parts = reader.list(() => ({ name: reader.string(), shape: pick() }));
  if (new Set(parts.map(({ name }) => name)).size < parts.length) {
    throw new DecodeError("bad_schema", "two fields or variants of a message have the same name");
  }
  return parts;
}

/**
 * Checks that no field of an event is named `tick`: a game receives each event with a `tick` of its own.
 *
 * @param {Shape} event
 */
function checkEvent(event) {
  reserve("tick", event);
  if (event.type === "Enum") {
    event.variants.forEach(({ shape }) => reserve("tick", shape));
  }
}

/**
 * Throws a DecodeError if a struct has a field of a reserved name.
 *
 * @param {string} name
 * @param {Shape} shape
 */
function reserve(name, shape) {
  if (shape.type === "Struct" && shape.fields.some((field) => field.name === name)) {
    throw new DecodeError("bad_schema", `a message has a field named ${name}, which is reserved`);
  }
}
