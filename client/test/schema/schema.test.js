/**
 * Tests of schemas: layouts, contexts, parts, and schemas that are refused.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { worldLayout } from "../../src/codec/layout.js";
import { CHOICE, NUMBER, ROTATION } from "../../src/schema/coding.js";
import { ALL, OWNER, TEAM, readField } from "../../src/schema/field.js";
import { rowLayout } from "../../src/schema/row-layout.js";
import { PUBLIC_CLASS, readSchema, tableParts } from "../../src/schema/schema.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { BincodeReader } from "../../src/wire/bincode.js";
import { NO_INPUT, NO_MESSAGES, bytes, vectors } from "../support/vectors.js";

const name = (/** @type {string} */ text) => [text.length, ...Buffer.from(text)];
const f64 = (/** @type {number} */ value) => [...new Uint8Array(Float64Array.of(value).buffer)];
const reader = (/** @type {number[]} */ list) => new BincodeReader(Uint8Array.from(list));
/** A field of a kind, predicted to stay. */
const field = (/** @type {number[]} */ ...kind) => readField(reader([...name("f"), ...kind, 0, 0, 0]));
/** The messages of a game that has none, and before them the neutral row of an input without fields. */
const messages = [1, 20, 0, 0, 0, 0, 0, 0];
/** The end of a schema without an input. */
const none = [0, ...messages];
/** A schema of one table with one flag, and no input. */
const table = (/** @type {string} */ flag, /** @type {number} */ single) =>
  readSchema(reader([1, ...name("t"), single, 0, 0, 1, ...name(flag), 6, 0, 0, 0, 0, ...none]));

test("invalid parameters of fields are refused", () => {
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
  assert.throws(() => field(17), { code: "malformed" });
  assert.throws(() => readField(reader([...name("f"), 6, 2, 0, 0])), { code: "malformed" });
  assert.throws(() => readField(reader([...name("f"), 6, 0, 4, 0])), { code: "malformed" });
  assert.throws(() => readField(reader([...name("f"), 6, 0, 0, 3])), { code: "malformed" });
});

test("too many tables or columns are refused", () => {
  const one = [...name("t"), 0, 0, 0, 0];
  assert.equal(readSchema(reader([64, ...Array(64).fill(one).flat(), 0, ...none])).tables.length, 64);
  assert.throws(() => readSchema(reader([65, ...Array(65).fill(one).flat(), 0, ...none])), { code: "bad_schema" });
  const text = field(8, 251, 0, 4);
  assert.equal(rowLayout(Array(3).fill(text)).width, 771);
  assert.throws(() => rowLayout(Array(4).fill(text)), { code: "bad_schema" });
});

test("only a single may have a field called id", () => {
  assert.equal(table("flag", 0).tables[0].fields[0].name, "flag");
  assert.equal(table("id", 1).tables[0].fields[0].name, "id");
  assert.throws(() => table("id", 0), { code: "bad_schema" });
});

/** @type {any[]} A field of every kind. */
const fields = vectors.quantize.map((/** @type {{ field: string }} */ { field }) => readField(new BincodeReader(bytes(field))));
const find = (/** @type {string} */ type) => fields.filter(({ kind }) => kind.type === type);

test("a row layout has the columns of each field, in order", () => {
  const layout = rowLayout([{ ...find("Float")[0], linear: true }, find("Quat")[0], ...find("Text"), find("Int").at(-1)]);
  assert.deepEqual(layout.fields.map(({ start, end }) => [start, end]), [[0, 1], [1, 5], [5, 7], [7, 11], [11, 18], [18, 20]]);
  assert.deepEqual(layout.fields.map(({ coding }) => coding), [NUMBER, ROTATION, CHOICE, CHOICE, CHOICE, NUMBER]);
  assert.deepEqual(layout.fields.map(({ linear }) => linear), [true, false, false, false, false, false]);
  assert.equal(layout.width, 20);
  assert.deepEqual([...layout.max.slice(-2)], [0xffff_ffff, 0xffff_ffff]);
  assert.deepEqual([...layout.choiceBits.slice(0, 3)], [15, 2, 2]);
  assert.deepEqual([...rowLayout([find("Float")[0], find("Angle")[0]]).wraps], [0, 1]);
});

test("contexts are numbered field by field", () => {
  const single = (/** @type {any[]} */ ...fields) => ({ single: true, areaClass: 0, row: rowLayout(fields) });
  const contexts = (/** @type {any[]} */ ...fields) => worldLayout([single(...fields)]).contexts;
  // A flag for the population, five counts of 12, 40 for the rows' flags.
  const table = 1 + 60 + 40;
  assert.equal(contexts(), table);
  // 32 for the flag "differs", one for spawns and one for columns; then for each column eight sets of 13, and 39.
  assert.equal(contexts(find("Float")[0]), table + 34 + 143);
  assert.equal(contexts(find("Vec3")[0]), table + 34 + 3 * 143);
  // 15 for choices; a rotation's parts share 32 sets.
  assert.equal(contexts(find("Text")[0]), table + 34 + 15);
  assert.equal(contexts(find("Quat")[0]), table + 34 + 15 + 32 * 13 + 39);
  const two = worldLayout([single(find("Bool")[0]), single(find("Angle")[0])]);
  assert.equal(two.parts[1].contexts.population, table + 49);
  assert.equal(two.contexts, table + 49 + table + 34 + 143);
});

test("every context has the default prior of its kind", () => {
  const part = { single: false, areaClass: PUBLIC_CLASS, row: rowLayout([find("Vec3")[0], find("Quat")[0], find("Bool")[0]]) };
  const { parts, contexts, defaultPriors } = worldLayout([part, part]);
  assert.equal(defaultPriors.length, contexts);
  assert.deepEqual(defaultPriors.slice(0, contexts / 2), defaultPriors.slice(contexts / 2));
  const [, { contexts: second }] = parts;
  const [place, turn, lit] = second.fields;
  const priors = (/** @type {number} */ first, count = 3) => [...defaultPriors.slice(first, first + count)];
  assert.deepEqual(priors(second.population, 3), [18, 27, 14]);
  assert.deepEqual(priors(second.row(9, 0), 4), [32, 30, 41, 46]);
  assert.deepEqual(priors(place.differs(7, 0), 4), [37, 35, 41, 47]);
  for (const column of [0, 1, 2]) {
    assert.deepEqual(priors(place.number(column, 7)), [22, 44, 47]);
    assert.deepEqual(priors(place.shared(column)), [32, 29, 35]);
  }
  assert.deepEqual(priors(turn.spawned, 2), [48, 18]);
  assert.deepEqual(priors(turn.choices), [29, 34, 24]);
  for (const level of [0, 1, 2, 3]) {
    assert.deepEqual(priors(turn.number(0, 8 * level + 4)), [27, 33, 33]);
  }
  assert.deepEqual(priors(turn.shared(0)), [32, 30, 34]);
  assert.deepEqual(priors(lit.differs(0, 0), 2), [13, 13]);
  assert.deepEqual(priors(lit.spawned, 2), [31, 0]);
});

test("a schema of too many contexts is refused", () => {
  const table = { single: false, areaClass: 0, row: rowLayout(Array(340).fill(find("Vec3")[0])) };
  const each = 101 + 340 * (34 + 3 * 143);
  assert.equal(worldLayout([table]).contexts, each);
  assert.throws(() => worldLayout([table, table]), { code: "bad_schema", message: /contexts/ });
});

/**
 * A table from the wire: its flags, its audience, and fields by their own.
 *
 * @param {{ single?: number, placed?: number, audience?: number, fields?: number[] }} table
 */
const audiences = ({ single = 0, placed = 0, audience = ALL, fields = [] }) =>
  readSchema(
    reader([
      ...[1, ...name("t"), single, placed, audience, fields.length],
      ...fields.flatMap((audience, index) => [...name(`f${index}`), 6, 0, 0, audience]),
      ...[0, ...none],
    ]),
  ).tables[0];

test("a table has a base part and a part for each smaller audience", () => {
  const parts = (/** @type {Parameters<typeof audiences>[0]} */ table) =>
    tableParts(audiences(table)).map(({ areaClass, fields }) => [areaClass, fields.map(({ name }) => name).join(" ")]);
  assert.deepEqual(parts({ fields: [ALL, ALL] }), [[0, "f0 f1"]]);
  assert.deepEqual(parts({ fields: [OWNER, ALL, TEAM, ALL, OWNER] }), [[0, "f1 f3"], [1, "f2"], [2, "f0 f4"]]);
  assert.deepEqual(parts({ placed: 1, fields: [OWNER, ALL] }), [[3, "f1"], [5, "f0"]]);
  // A base part may have no fields; another part exists only for its fields.
  assert.deepEqual(parts({ placed: 1, fields: [TEAM] }), [[3, ""], [4, "f0"]]);
  assert.deepEqual(parts({}), [[0, ""]]);
  // A hidden table's fields are hidden, whatever their own audiences.
  assert.deepEqual(parts({ audience: TEAM, fields: [ALL, OWNER, TEAM] }), [[1, "f0 f2"], [2, "f1"]]);
  assert.deepEqual(parts({ audience: OWNER, placed: 1, fields: [ALL, OWNER, TEAM] }), [[5, "f0 f1 f2"]]);
});

test("a velocity is another field of the same kind and audience", () => {
  const float = [0, ...[0, 1, 0.5].flatMap(f64)];
  const vector = [2, ...[0, 1, 0.5, 0, 1, 0.5].flatMap(f64)];
  /** Three fields, of which the last is shown by a velocity; in a table, or as an input. */
  const read = ({ shown = float, velocity = float, index = 1, audience = ALL, base = ALL }) => {
    const fields = [
      ...[3, ...name("f0"), 6, 0, 0, OWNER, ...name("f1"), ...velocity, 0, 0, audience],
      ...[...name("f2"), ...shown, 0, 3, index, ALL],
    ];
    return readSchema(reader([1, ...name("t"), 0, 0, base, ...fields, 0, ...none]));
  };
  const shown = (/** @type {object} */ options) => read(options).tables[0].fields[2].interpolate;
  assert.deepEqual(shown({}), { type: "Hermite", velocity: 1 });
  assert.deepEqual(shown({ shown: vector, velocity: vector }), { type: "Hermite", velocity: 1 });
  assert.deepEqual(shown({ audience: TEAM, base: TEAM }), { type: "Hermite", velocity: 1 });
  // Within a part the index is among the part's own fields.
  assert.deepEqual(tableParts(read({}).tables[0])[0].fields.map(({ interpolate }) => interpolate), [
    { type: "Smooth" },
    { type: "Hermite", velocity: 0 },
  ]);
  const indexes = [0, 2, 3].map((index) => ({ index }));
  for (const bad of [{ shown: vector }, ...indexes, { audience: TEAM }, { shown: [6], velocity: [6] }]) {
    assert.throws(() => read(bad), { code: "bad_schema" }, JSON.stringify(bad));
  }
  const input = [2, ...name("f0"), ...float, 0, 3, 1, ALL, ...name("f1")];
  assert.equal(readSchema(reader([0, ...input, ...float, 0, 0, ALL, 2, 0, 0, ...messages])).input.fields.length, 2);
  assert.throws(() => readSchema(reader([0, ...input, 6, 0, 0, ALL, ...none])), { code: "bad_schema" });
});

test("a single and an input have no audience of their own, and there are three audiences", () => {
  assert.equal(audiences({ single: 1, fields: [ALL] }).single, true);
  for (const table of [{ placed: 1 }, { audience: TEAM }, { fields: [ALL, OWNER] }]) {
    assert.throws(() => audiences({ ...table, single: 1 }), { code: "bad_schema" });
  }
  assert.throws(() => audiences({ audience: 3 }), { code: "malformed" });
  assert.throws(() => audiences({ placed: 2 }), { code: "malformed" });
  const input = (/** @type {number} */ audience) =>
    readSchema(reader([0, 1, ...name("fire"), 6, 0, 0, audience, 1, 0, ...messages])).input;
  assert.equal(input(ALL).fields[0].audience, ALL);
  assert.throws(() => input(TEAM), { code: "bad_schema" });
});

test("parts are numbered through all tables, and each has an area class", () => {
  const table = audiences({ placed: 1, fields: [OWNER, ALL] });
  const structs = tableStructs({ tables: [table, audiences({ single: 1 }), table], input: NO_INPUT, messages: NO_MESSAGES });
  assert.deepEqual(structs.map(({ base, others }) => [base, ...others].map(({ index }) => index)), [[0, 1], [2], [3, 4]]);
  const { classes, parts } = worldLayout(allParts(structs));
  assert.deepEqual(classes, [[2], [], [], [0, 3], [], [1, 4]]);
  assert.deepEqual(parts.map(({ row }) => row.width), [1, 1, 0, 1, 1]);
  assert.deepEqual(parts.map(({ single }) => single), [false, false, true, false, false]);
  assert.deepEqual(parts.map(({ contexts }) => contexts.population), [0, 150, 300, 401, 551]);
});
