/**
 * Tests of fields with values inside them: schemas that are refused, values in JavaScript, and values of a page that are refused.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Field, FieldKind } from "../../src/schema/kinds.js" */

import { entityId } from "../../src/base/entity-id.js";
import { DecodeError } from "../../src/base/errors.js";
import { worldLayout } from "../../src/codec/layout.js";
import { checkValue } from "../../src/schema/check-value.js";
import { SMOOTH, readField } from "../../src/schema/field.js";
import { arrayOf, listOf, maxQuantized, optionOf, structOf, variantsOf, widthOf } from "../../src/schema/kinds.js";
import { dequantize, quantize } from "../../src/schema/quantize.js";
import { rowLayout } from "../../src/schema/row-layout.js";
import { readSchema } from "../../src/schema/schema.js";
import { Struct, allParts, tableStructs } from "../../src/view/struct.js";
import { BincodeReader } from "../../src/wire/bincode.js";
import { seeded } from "../support/random.js";
import { bytes as bytesOf, nested } from "../support/vectors.js";

const name = (/** @type {string} */ text) => [text.length, ...Buffer.from(text)];
const reader = (/** @type {number[]} */ list) => new BincodeReader(Uint8Array.from(list));
/** The bytes of a field. @param {number[]} kind @param {string} called */
const bytes = (kind, called = "f") => [...name(called), ...kind, 0, 0, 0];
/** A field of a kind. @param {number[]} kind */
const read = (...kind) => readField(reader(bytes(kind)));
const BOOL = [6];
/** The kinds with values inside. @type {Record<string, (...parts: any[]) => number[]>} */
const of = {
  option: (kind) => [12, 1, ...bytes(kind)],
  struct: (...fields) => [13, fields.length, ...fields.flat()],
  array: (length, kind) => [14, ...(length > 250 ? [251, length & 255, length >> 8] : [length]), 1, ...bytes(kind)],
  list: (length, kind) => [15, ...(length > 250 ? [251, length & 255, length >> 8] : [length]), 1, ...bytes(kind)],
  variants: (...variants) => {
    const each = variants.flatMap((fields) => [...name("V"), fields.length, ...fields.flat()]);
    return [16, variants.length, ...each];
  },
};

/** @param {string} called @param {FieldKind} kind @param {Partial<Field>} [rest] @returns {Field} */
const field = (called, kind, rest = {}) => ({ name: called, kind, linear: false, interpolate: SMOOTH, audience: 0, ...rest });
const span = { min: 0, max: 10, step: 0.5 };
/** @type {FieldKind} */
const FLOAT = { type: "Float", range: { ...span, maxQuantized: maxQuantized(span) } };
/** @type {FieldKind} */
const BYTE = { type: "Int", min: 0n, span: 255n, wide: false, big: false };
/** @type {FieldKind} */
const VECTOR = { type: "Vec2", axes: [FLOAT.range, FLOAT.range] };
/** @type {FieldKind} */
const SHIP = { type: "Entity", table: "ships" };
const WEAPON = variantsOf([
  { name: "None", fields: [] },
  { name: "Laser", fields: [field("power", BYTE)] },
  { name: "Beam", fields: [field("at", VECTOR), field("hot", { type: "Bool" })] },
]);

test("kinds that Rust refuses are refused", () => {
  const press = bytes([11]);
  const hidden = [...name("f"), ...BOOL, 0, 0, 1];
  const variants = of.variants([], [bytes(BOOL)]);
  for (const fine of [of.option(BOOL), of.struct(bytes(BOOL)), of.array(1, BOOL), of.list(255, BOOL), variants]) {
    assert.ok(widthOf(read(...fine).kind) > 0);
  }
  for (const bad of [
    [12, 0],
    [12, 2, ...bytes(BOOL), ...bytes(BOOL)],
    of.struct(),
    of.array(0, BOOL),
    of.list(0, BOOL),
    of.list(256, BOOL),
    of.variants([bytes(BOOL)]),
    of.variants([], [bytes(BOOL, "type")]),
    of.struct(press),
    of.struct(hidden),
    of.option([7, 1, ...name("Only")]),
    // A velocity that is no field, inside a struct.
    of.struct([...name("f"), ...BOOL, 0, 3, 0, 0]),
  ]) {
    assert.throws(() => read(...bad), { code: "bad_schema" }, String(bad));
  }
});

test("a schema that is nested too deep, or has too many columns, is refused soon", () => {
  const deep = (/** @type {number} */ levels) => Array(levels).fill(0).reduce((kind) => of.option(kind), BOOL);
  assert.equal(widthOf(read(...deep(8)).kind), 9);
  assert.throws(() => read(...deep(9)), { code: "bad_schema" });
  const wide = (/** @type {number} */ levels) => Array(levels).fill(0).reduce((kind) => of.array(65_535, kind), BOOL);
  assert.throws(() => rowLayout([read(...wide(8))]), { code: "bad_schema" });
  const lists = read(...Array(8).fill(0).reduce((kind) => of.list(255, kind), BOOL));
  assert.throws(() => rowLayout([lists]), { code: "bad_schema" });
  assert.equal(rowLayout([read(...of.array(1024, BOOL))]).width, 1024);
  assert.throws(() => rowLayout([read(...of.array(1025, BOOL))]), { code: "bad_schema" });
  // Neither the stack nor the time depend on how deep the bytes go on.
  const endless = Array(60_000).fill([12, 1, 0]).flat();
  assert.throws(() => readField(reader([1, 102, ...endless])), { code: "bad_schema" });
});

test("a table has no presses, and refers to tables of entities", () => {
  const schema = (/** @type {number[]} */ kind, input = [0, 0]) =>
    readSchema(reader([
      2,
      ...[...name("t"), 0, 0, 0, 1, ...bytes(kind)],
      ...[...name("one"), 1, 0, 0, 1, ...bytes(BOOL)],
      ...input,
      ...[1, 20, 0, 0, 0, 0, 0, 0],
    ]));
  assert.equal(schema([10, ...name("t")]).tables.length, 2);
  assert.throws(() => schema([11]), { code: "bad_schema" });
  for (const table of ["one", "none", ""]) {
    assert.throws(() => schema([10, ...name(table)]), { code: "bad_schema" });
    assert.throws(() => schema(of.list(2, of.option([10, ...name(table)]))), { code: "bad_schema" });
  }
  assert.deepEqual([...schema(BOOL, [1, ...bytes([11]), 1, 9]).input.neutral], [9]);
  for (const neutral of [[0], [1, 251, 0, 1], [2, 0, 0]]) {
    assert.throws(() => schema(BOOL, [1, ...bytes([11]), ...neutral]), { code: "bad_schema" });
  }
});

/** The value that a kind reads after it has written one. @param {FieldKind} kind @param {any} value */
function again(kind, value) {
  const row = new Uint32Array(widthOf(kind)).fill(1);
  checkValue(kind, value, "it");
  quantize(kind, value, row, 0);
  return dequantize(kind, row, 0);
}

test("values have the shapes of JavaScript", () => {
  /** @type {[FieldKind, any[]][]} */
  const cases = [
    [{ type: "Player" }, [0, 1023, 2048, 2 ** 32 - 1025]],
    [SHIP, [null, 0, entityId(65_535, 7), entityId(3, 0x7fff_ffff)]],
    [optionOf(field("", VECTOR)), [null, { x: 1, y: 2.5 }]],
    [structOf([field("a", BYTE), field("b", VECTOR)]), [{ a: 3, b: { x: 0, y: 10 } }]],
    [arrayOf(2, field("", optionOf(field("", BYTE)))), [[null, 4], [5, null]]],
    [listOf(3, field("", WEAPON)), [[], [{ type: "Laser", power: 3 }, { type: "None" }]]],
    [WEAPON, [{ type: "None" }, { type: "Beam", at: { x: 1, y: 1 }, hot: true }]],
  ];
  for (const [kind, values] of cases) {
    values.forEach((value) => assert.deepEqual(again(kind, value), value));
  }
  assert.deepEqual(again(WEAPON, "None"), { type: "None" });
  // A value out of range is clamped.
  assert.deepEqual(again(listOf(1, field("", FLOAT)), [1e9]), [10]);
});

test("a reference is null if the entity is not there", () => {
  const sees = { has: (/** @type {string} */ table, /** @type {number} */ slot) => table === "ships" && slot === 2 };
  assert.equal(dequantize(SHIP, Uint32Array.of(3, 5), 0, sees), entityId(2, 5));
  assert.equal(dequantize(SHIP, Uint32Array.of(4, 5), 0, sees), null);
  assert.equal(dequantize(SHIP, Uint32Array.of(0, 0), 0, sees), null);
});

test("a field may have any name", () => {
  const kind = structOf([field("__proto__", BYTE), field("constructor", BYTE)]);
  const struct = new Struct([field("__proto__", kind), field("it", VECTOR)]);
  const row = Uint32Array.of(7, 8, 2, 4);
  const value = struct.read(row, 0, {});
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(JSON.stringify(value), '{"__proto__":{"__proto__":7,"constructor":8},"it":{"x":1,"y":2}}');
  const back = new Uint32Array(4);
  struct.write(value, back);
  assert.deepEqual(back, row);
});

test("a value of the wrong type is a TypeError with the field's path, and nothing is written", () => {
  const struct = new Struct([
    field("aim", VECTOR),
    field("turn", { type: "Angle", bits: 8 }),
    field("look", { type: "Quat", bits: 9 }),
    field("level", BYTE),
    field("fire", { type: "Bool" }),
    field("mood", { type: "Enum", variants: ["Calm", "Alert"] }),
    field("text", { type: "Text", maxBytes: 4 }),
    field("target", SHIP),
    field("mate", { type: "Player" }),
    field("weapon", WEAPON),
    field("boost", optionOf(field("", FLOAT))),
    field("list", listOf(2, field("", structOf([field("a", BYTE)])))),
    field("pair", arrayOf(2, field("", FLOAT))),
    field("dash", { type: "Press" }),
  ]);
  /** @type {[any, RegExp][]} */
  const wrong = [
    [{ aim: { x: 1 } }, /^aim\.y must be a number, not undefined$/],
    [{ aim: { x: NaN, y: 1 } }, /^aim\.x must be/],
    [{ aim: null }, /^aim must be an object with x, y/],
    [{ turn: NaN }, /^turn must/],
    [{ turn: Infinity }, /^turn must/],
    [{ look: { x: 0, y: 0, z: 0 } }, /^look\.w/],
    [{ level: 1.5 }, /^level must be a whole number, not 1.5$/],
    [{ level: NaN }, /^level/],
    [{ level: "3" }, /^level must be a whole number, not "3"$/],
    [{ level: undefined }, /^level/],
    [{ fire: 1 }, /^fire must be true or false/],
    [{ mood: "Angry" }, /^mood must be one of Calm, Alert, not "Angry"$/],
    [{ text: 5 }, /^text/],
    [{ target: -1 }, /^target/],
    [{ target: 0.5 }, /^target/],
    [{ mate: 1024 }, /^mate must be the number of a player/],
    [{ weapon: { type: "Sword" } }, /^weapon must be an object whose type is one of None, Laser, Beam/],
    [{ weapon: "Laser" }, /^weapon must be an object/],
    [{ weapon: { type: "Laser", power: "9" } }, /^weapon\.power/],
    [{ weapon: { type: "Laser", power: 1, heat: 1 } }, /^weapon has no field heat/],
    [{ boost: undefined }, /^boost/],
    [{ list: [{ a: 1 }, { a: 1 }, { a: 1 }] }, /^list must be an array of at most 2 items, not an array of 3$/],
    [{ list: [{ a: 1 }, { a: NaN }] }, /^list\[1\]\.a/],
    [{ pair: [1] }, /^pair must be an array of 2 items/],
    [{ pair: Array(2) }, /^pair\[0\]/],
    [{ dash: 1 }, /^dash is a press: count it with room\.press\("dash"\)$/],
    [{ unknown: 1 }, /^there is no field unknown/],
  ];
  const row = new Uint32Array(struct.layout.width);
  for (const [values, message] of wrong) {
    assert.throws(() => struct.write({ level: 9, ...values }, row), { name: "TypeError", message });
    assert.ok(row.every((column) => column === 0), `${Object.keys(values)} has written something`);
  }
  struct.write({ aim: { x: -5, y: Infinity }, level: 1e12, mate: 3, weapon: "None", boost: null, target: null }, row);
  assert.deepEqual([...row.slice(0, 2), row[7]], [0, 20, 255]);
});

test("NaN is quantized to the step nearest to zero", () => {
  const quantized = (/** @type {FieldKind} */ kind, /** @type {any} */ value) => {
    const row = new Uint32Array(4);
    quantize(kind, value, row, 0);
    return row[0];
  };
  const float = (/** @type {number} */ min, /** @type {number} */ max, /** @type {number} */ step) =>
    /** @type {FieldKind} */ ({ type: "Float", range: { min, max, step, maxQuantized: maxQuantized({ min, max, step }) } });
  assert.equal(quantized(float(-10, 10, 0.5), NaN), 20);
  assert.equal(quantized(float(5, 10, 0.5), NaN), 0);
  assert.equal(quantized(float(-10, -5, 0.5), NaN), 10);
  assert.equal(quantized({ type: "Int", min: -3n, span: 10n, wide: false, big: false }, NaN), 3);
  assert.equal(quantized({ type: "Angle", bits: 8 }, NaN), 0);
});

test("damaged bytes of a schema give an error or a schema that can be laid out, soon", () => {
  const random = seeded(9);
  let refused = 0;
  nested.worlds.forEach(({ schema: hex }) => {
    for (let round = 0; round < 20; round++) {
      const damaged = bytesOf(hex);
      for (let flips = random(4); flips >= 0; flips--) {
        damaged[random(damaged.length)] = random(256);
      }
      try {
        worldLayout(allParts(tableStructs(readSchema(new BincodeReader(damaged)))));
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
        refused++;
      }
    }
  });
  assert.ok(refused > 1000, `${refused} refused`);
});
