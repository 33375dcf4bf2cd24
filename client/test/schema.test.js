/**
 * Schemas from the wire: their hash, and what is refused.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BincodeReader } from "../src/bincode.js";
import { CHOICE, DIFFERENCE, WRAPPING, rowLayout } from "../src/layout.js";
import { readField, readSchema } from "../src/schema.js";
import { bytes, vectors } from "./support.js";

const name = (/** @type {string} */ text) => [text.length, ...Buffer.from(text)];
const f64 = (/** @type {number} */ value) => [...new Uint8Array(Float64Array.of(value).buffer)];
const reader = (/** @type {number[]} */ list) => new BincodeReader(Uint8Array.from(list));
/** A field of a kind, predicted to stay. */
const field = (/** @type {number[]} */ ...kind) => readField(reader([...name("f"), ...kind, 0]));
/** A schema of one table with one flag, and no input. */
const table = (/** @type {string} */ flag, /** @type {number} */ single) =>
  readSchema(reader([1, ...name("t"), single, 1, ...name(flag), 6, 0, 0]));

test("parameters that no server would declare are refused", () => {
  const range = (/** @type {number[]} */ ...numbers) => [0, ...numbers.flatMap(f64)];
  assert.equal(field(...range(0, 10, 1)).kind.type, "Float");
  for (const impossible of [
    range(0, 10, 0),
    range(10, 0, 1),
    range(0, 10, 11),
    range(0, 1e300, 1e-3),
    range(NaN, 1, 1),
    range(0, Infinity, 1),
    [1, 0],
    [1, 25],
    [4, 1],
    [4, 21],
    [5, 0, 0],
    [7, 1, ...name("Only")],
    [8, 0],
    [8, 251, 1, 4],
  ]) {
    assert.throws(() => field(...impossible), { code: "bad_schema" }, String(impossible));
  }
  assert.throws(() => field(9), { code: "malformed" });
  assert.throws(() => readField(reader([...name("f"), 6, 2])), { code: "malformed" });
});

test("too many tables or columns are refused", () => {
  const one = [...name("t"), 0, 0];
  assert.equal(readSchema(reader([64, ...Array(64).fill(one).flat(), 0])).tables.length, 64);
  assert.throws(() => readSchema(reader([65, ...Array(65).fill(one).flat(), 0])), { code: "bad_schema" });
  const text = field(8, 251, 0, 4);
  assert.equal(rowLayout(Array(3).fill(text)).columns.length, 771);
  assert.throws(() => rowLayout(Array(4).fill(text)), { code: "bad_schema" });
});

test("only a single may have a field called id", () => {
  assert.equal(table("flag", 0).tables[0].fields[0].name, "flag");
  assert.equal(table("id", 1).tables[0].fields[0].name, "id");
  assert.throws(() => table("id", 0), { code: "bad_schema" });
});

test("a layout is each field's columns in a row", () => {
  const fields = vectors.quantize.map((/** @type {{ field: string }} */ { field }) =>
    readField(new BincodeReader(bytes(field))),
  );
  const find = (/** @type {string} */ type) => fields.filter((/** @type {any} */ { kind }) => kind.type === type);
  const codings = (/** @type {any[]} */ fields) => rowLayout(fields).columns.map(({ coding }) => coding);
  assert.deepEqual(codings([find("Quat")[0]]), [CHOICE, DIFFERENCE, DIFFERENCE, DIFFERENCE]);
  assert.deepEqual(codings([find("Angle")[0]]), [WRAPPING]);
  assert.deepEqual(codings([find("Bool")[0], find("Enum")[0]]), [CHOICE, CHOICE]);
  const layout = rowLayout([{ ...find("Float")[0], linear: true }, ...find("Text"), find("Int").at(-1)]);
  assert.deepEqual(layout.fieldWidths, [1, 2, 4, 7, 2]);
  assert.ok(layout.usesHistory);
  assert.deepEqual(layout.columns.slice(-2).map(({ max }) => max), [0xffff_ffff, 0xffff_ffff]);
});
