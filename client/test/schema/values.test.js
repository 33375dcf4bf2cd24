/** Tests of values of a game's messages: the golden vectors of the Rust sources, invalid values, and random bytes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** @import { Shape } from "../../src/schema/shapes.js" */

import { DecodeError } from "../../src/base/errors.js";
import { readMessages } from "../../src/schema/shapes.js";
import { readEventOf, readValue, writeValue } from "../../src/schema/values.js";
import { BincodeReader, BincodeWriter } from "../../src/wire/bincode.js";
import { seeded } from "../support/random.js";
import { bytes, hex } from "../support/vectors.js";

const file = new URL("../../../shared/vectors/messages.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8"));

const messages = readMessages(new BincodeReader(bytes(vectors.messages)));

/** @param {Shape} shape @param {any} value */
function write(shape, value) {
  const writer = new BincodeWriter();
  writeValue(shape, value, writer);
  return writer.bytes;
}

/** @param {Shape} shape @param {Uint8Array} bytes */
function read(shape, bytes) {
  const reader = new BincodeReader(bytes);
  const value = readValue(shape, reader);
  reader.finish();
  return value;
}

/** Converts a value to the form of the vectors. @param {any} value @returns {any} */
function plain(value) {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

test("every value is read and written as in Rust", () => {
  assert.equal(vectors.values.length, 9);
  for (const { of, hex: expected, value } of vectors.values) {
    const shape = messages[/** @type {"event" | "command" | "reply"} */ (of)];
    const read_ = read(shape, bytes(expected));
    assert.deepEqual(plain(read_), value);
    assert.equal(hex(write(shape, read_)), expected, JSON.stringify(value));
  }
});

test("an event has its fields and its tick", () => {
  const event = (/** @type {Shape} */ shape, /** @type {string} */ hex) => readEventOf(shape, 7, new BincodeReader(bytes(hex)));
  assert.deepEqual(event(messages.event, "00"), { type: "nothing_new", tick: 7 });
  assert.deepEqual(event(messages.command, "0100"), { whom: 1, what: "", tick: 7 });
  assert.deepEqual(event(messages.reply, "00"), { type: "Calm", tick: 7 });
  assert.deepEqual(event({ type: "U8" }, "09"), { value: 9, tick: 7 });
  assert.throws(() => event(messages.event, "0000"), { code: "trailing_bits" });
});

test("a variant without fields may be its name, and a map an object", () => {
  assert.equal(hex(write(messages.event, "nothing_new")), "00");
  assert.equal(hex(write(messages.reply, { type: "Angry" })), "01");
  /** @type {Shape} */
  const map = { type: "Map", key: { type: "Text" }, value: { type: "U8" } };
  assert.equal(hex(write(map, { a: 1 })), "01016101");
  assert.deepEqual(read(map, bytes("01016101")), new Map([["a", 1]]));
  assert.equal(hex(write({ type: "I64" }, -1)), hex(write({ type: "I64" }, -1n)));
});

test("a value that does not fit its shape is a TypeError that names the part", () => {
  const { command, event } = messages;
  const cases = /** @type {[Shape, any, RegExp][]} */ ([
    [command, undefined, /the value must be an object/],
    [command, { whom: 1 }, /the value\.what must be a string/],
    [command, { whom: -1, what: "" }, /the value\.whom must be an unsigned integer of 16 bits/],
    [command, { whom: 65_536, what: "" }, /16 bits/],
    [command, { whom: 1.5, what: "" }, /16 bits/],
    [command, { whom: 1, what: "", why: "" }, /no field why, only whom, what/],
    [event, { type: "news" }, /cannot be news, only nothing_new, one/],
    [event, undefined, /cannot be undefined/],
    [event, { type: "two", value: [-129, true] }, /the value\.value\[0\] must be a signed integer of 8 bits/],
    [event, { type: "two", value: [1] }, /an array of 2 items/],
    [{ type: "Bool" }, 1, /true or false/],
    [{ type: "F32" }, "1", /a number/],
    [{ type: "Bytes" }, [1], /a Uint8Array/],
    [{ type: "Unit" }, 0, /null/],
    [{ type: "U64" }, 2n ** 64n, /64 bits/],
    [{ type: "U64" }, 2 ** 60, /64 bits/],
    [{ type: "I64" }, 2n ** 63n, /64 bits/],
    [{ type: "Enum", variants: [], plain: true }, "x", /no variants/],
  ]);
  for (const [shape, value, message] of cases) {
    assert.throws(() => write(shape, value), { name: "TypeError", message });
  }
});

test("random bytes give a value or a DecodeError", () => {
  const random = seeded(5);
  let values = 0;
  for (let round = 0; round < 4000; round++) {
    const noise = Uint8Array.from({ length: 1 + random(6) }, () => (random(2) ? random(3) : random(256)));
    noise[0] = random(7);
    try {
      const value = read(messages.event, noise);
      assert.deepEqual(read(messages.event, write(messages.event, value)), value);
      values++;
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error));
    }
  }
  assert.ok(values > 50 && values < 4000, String(values));
});

test("shapes with a changed byte are read or refused", () => {
  const random = seeded(6);
  const shapes = bytes(vectors.messages);
  let usable = 0;
  for (let round = 0; round < 2000; round++) {
    const changed = shapes.slice();
    for (let count = 1 + random(3); count > 0; count--) {
      changed[random(changed.length)] = random(32);
    }
    try {
      const { event } = readMessages(new BincodeReader(changed));
      usable++;
      read(event, Uint8Array.from({ length: 30 }, () => random(4)));
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error));
    }
  }
  assert.ok(usable > 100 && usable < 2000, String(usable));
});

/** @param {number[][]} list @param {number} [event] */
const shapes = (list, event = list.length - 1) => {
  const roots = Array(5).fill(event).flatMap((root) => (root > 250 ? [251, root & 255, root >> 8] : [root]));
  const length = list.length > 250 ? [251, list.length & 255, list.length >> 8] : [list.length];
  return readMessages(new BincodeReader(Uint8Array.from([...length, ...list.flat(), ...roots])));
};

test("invalid shapes are refused", () => {
  const name = (/** @type {string} */ text) => [text.length, ...Buffer.from(text)];
  const nested = (/** @type {number} */ depth) => Array.from({ length: depth }, (_, index) => (index ? [14, index - 1] : [2]));
  const wide = (/** @type {number} */ depth) =>
    Array.from({ length: depth }, (_, index) => (index ? [18, 10, ...Array(10).fill(index - 1)] : [0]));
  assert.equal(shapes(nested(16)).event.type, "Option");
  assert.equal(shapes(wide(4)).event.type, "Tuple");
  const variant = (/** @type {string} */ field) => [[2], [19, 1, ...name(field), 0], [20, 1, ...name("kill"), 1]];
  assert.equal(shapes(variant("by")).event.type, "Enum");
  for (const bad of [
    nested(17),
    wide(5),
    Array(1025).fill([2]),
    [[15, 0]],
    [[2], [18, 2, 0, 1]],
    [[21]],
    [[0], [15, 0]],
    [[0], [19, 1, ...name("a"), 0], [17, 1, 1]],
    [[0], [16, 0, 3]],
    [[2], [16, 0, 251, 1, 4]],
    [[2], [19, 2, ...name("a"), 0, ...name("a"), 0]],
    [[2], [19, 1, ...name("tick"), 0]],
    variant("type"),
    variant("tick"),
  ]) {
    assert.throws(() => shapes(bad), { code: "bad_schema" }, JSON.stringify(bad.slice(0, 4)));
  }
  assert.throws(() => shapes([[2]], 1), { code: "bad_schema" });
});
