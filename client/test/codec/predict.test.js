/**
 * Tests of the codec's prediction of rows.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { FieldKind } from "../../src/schema/kinds.js" */

import { Expected, rebase } from "../../src/codec/predict.js";
import { NOWHERE, RowBaseline } from "../../src/codec/row-baseline.js";
import { quantize } from "../../src/schema/quantize.js";
import { rowLayout } from "../../src/schema/row-layout.js";
import { seeded } from "../support/random.js";

const field = (/** @type {FieldKind} */ kind, linear = true) => ({ name: "f", kind, linear });
const whole = (/** @type {bigint} */ span) =>
  field({ type: "Int", min: 0n, span, wide: span > 0xffff_ffffn, big: true });
const angle = field({ type: "Angle", bits: 10 });

/**
 * The baseline that ends with the last of some rows.
 *
 * @param {number[][]} rows the newest last
 */
function baselineOf(...rows) {
  const baseline = new RowBaseline();
  const [row, older, oldest] = rows.reverse().map((row) => Uint32Array.from(row));
  baseline.columns = row;
  [baseline.older, baseline.olderAt] = [older ?? row, older ? 0 : NOWHERE];
  [baseline.oldest, baseline.oldestAt] = [oldest ?? row, oldest ? 0 : NOWHERE];
  return baseline;
}

/**
 * The prediction after some rows.
 *
 * @param {ReturnType<typeof field>[]} fields
 * @param {number[][]} rows the newest last
 */
function after(fields, ...rows) {
  const layout = rowLayout(fields);
  const expected = new Expected(layout.width);
  const row = new Uint32Array(layout.width);
  expected.set(layout, baselineOf(...rows), row, 0);
  return { row: [...row], classes: [...expected.classes], signs: [...expected.signs], history: expected.history };
}

test("numbers are extrapolated, within their range", () => {
  const full = whole(0xffff_ffffn);
  const max = 0xffff_ffff;
  assert.deepEqual(after([full], [100], [107]), { row: [114], classes: [4], signs: [0], history: 2 });
  assert.deepEqual(after([full], [0], [max]).row, [max]);
  assert.deepEqual(after([full], [max], [0]).row, [0]);
  assert.deepEqual(after([full], [max], [max - 3]).row, [max - 6]);
  // It was predicted at 20 and came to 17.
  assert.deepEqual(after([full], [0], [10], [17]), { row: [24], classes: [3], signs: [1], history: 6 });
  // From 0 to 2^32 - 1 is one step back, in 32 bits.
  assert.deepEqual(after([{ ...full, linear: false }], [5], [0], [max]), { row: [max], classes: [1], signs: [1], history: 4 });
});

test("a column that wraps goes the shorter way round", () => {
  assert.deepEqual(after([angle], [1000], [1020]).row, [16]);
  assert.deepEqual(after([angle], [20], [5]).row, [1014]);
  // It was predicted at 16 and came to 1022: 18 back.
  assert.deepEqual(after([angle], [1000], [1020], [1022]), { row: [0], classes: [6], signs: [1], history: 7 });
});

test("a row's history shows how it moved in the last two steps", () => {
  const still = [{ ...angle, linear: false }, field({ type: "Bool" }, false)];
  assert.deepEqual(after(still, [1, 0]), { row: [1, 0], classes: [4, 4], signs: [0, 0], history: 9 });
  assert.equal(after(still, [1, 0], [1, 0]).history, 0);
  assert.equal(after(still, [1, 0], [1, 0], [1, 0]).history, 0);
  assert.equal(after(still, [2, 0], [1, 0], [1, 0]).history, 1);
  assert.equal(after(still, [1, 0], [1, 0], [2, 0]).history, 2);
  assert.equal(after(still, [1, 0], [2, 0], [3, 0]).history, 4);
  assert.deepEqual(after(still, [1, 0], [2, 0], [2, 1]), { row: [2, 1], classes: [0, 7], signs: [0, 0], history: 7 });
});

test("predictions of rows at rest and of rows that move do not mix", () => {
  const layout = rowLayout([angle]);
  const expected = new Expected(1);
  const classOf = (/** @type {number[][]} */ ...rows) => {
    expected.set(layout, baselineOf(...rows), new Uint32Array(1), 0);
    return expected.classes[0];
  };
  assert.deepEqual([classOf([1]), classOf([1]), classOf([1], [1]), classOf([0], [9], [9]), classOf([1], [1]), classOf([1])],
    [4, 4, 0, 5, 0, 4]);
});

test("a steady turn is predicted exactly", () => {
  const bits = 14;
  const fields = [field({ type: "Quat", bits })];
  const layout = rowLayout(fields);
  const axis = [1, 2, -0.5].map((part) => part / Math.hypot(1, 2, -0.5));
  const rows = Array.from({ length: 200 }, (_, tick) => {
    const [sine, cosine] = [Math.sin(tick * 0.055), Math.cos(tick * 0.055)];
    const row = new Uint32Array(4);
    const [x, y, z] = axis.map((part) => part * sine);
    quantize({ type: "Quat", bits }, { x, y, z, w: cosine }, row, 0);
    return [...row];
  });
  let changesOfLargest = 0;
  for (let index = 2; index < rows.length; index++) {
    const [older, last, now] = rows.slice(index - 2, index + 1);
    changesOfLargest += after(fields, older, last).row[0] === now[0] ? 0 : 1;
    const rebased = new Uint32Array(4);
    rebase(layout, layout.fields[0], baselineOf(older, last), now[0], rebased, 0);
    // Three roundings, of which one counts twice.
    rebased.forEach((part, column) => assert.ok(Math.abs(part - now[column]) <= 3, `${index} ${rebased} ${now}`));
  }
  assert.ok(changesOfLargest <= 1, `${changesOfLargest}`);
});

test("the class of a rotation is how fast it turns", () => {
  const stays = [field({ type: "Quat", bits: 9 }, false)];
  assert.deepEqual(after(stays, [3, 256, 256, 256], [3, 259, 256, 247]), {
    row: [3, 259, 256, 247],
    classes: [5, 5, 5, 5],
    signs: [0, 2, 0, 1],
    history: 2,
  });
  assert.deepEqual(after(stays, [3, 256, 256, 256], [2, 256, 256, 256]).classes, [7, 7, 7, 7]);
});

test("predicted rotations stay in range for any columns", () => {
  const random = seeded(7);
  const fields = [field({ type: "Quat", bits: 9 })];
  const layout = rowLayout(fields);
  const any = () => [random(4), ...Array.from({ length: 3 }, () => [0, 1, 255, 511, random(512)][random(5)])];
  for (let round = 0; round < 2000; round++) {
    const baseline = [any(), any()];
    const rebased = new Uint32Array(4);
    rebase(layout, layout.fields[0], baselineOf(...baseline), random(4), rebased, 0);
    for (const row of [after(fields, ...baseline).row, rebased]) {
      assert.ok(row[0] <= 3 && row.every((column) => column <= 511), `${baseline} ${row}`);
    }
  }
});
