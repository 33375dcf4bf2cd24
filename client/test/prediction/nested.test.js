/** Tests of predicted values inside fields, and of presses in a rule. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Field, FieldKind } from "../../src/schema/kinds.js" */
/** @import { PredictOptions } from "../../src/prediction/rules.js" */
/** @import { Schema } from "../../src/schema/schema.js" */

import { InputStruct } from "../../src/input/input-struct.js";
import { Inputs } from "../../src/input/inputs.js";
import { Prediction } from "../../src/prediction/prediction.js";
import { Predictions } from "../../src/prediction/predictions.js";
import { SMOOTH } from "../../src/schema/field.js";
import { arrayOf, listOf, maxQuantized, optionOf, structOf } from "../../src/schema/kinds.js";
import { FakeClock } from "../support/fake-clock.js";
import { NO_MESSAGES } from "../support/vectors.js";

const span = { min: -100, max: 100, step: 0.5 };
/** @type {FieldKind} */
const FLOAT = { type: "Float", range: { ...span, maxQuantized: maxQuantized(span) } };
/** @param {string} name @param {FieldKind} kind @returns {Field} */
const field = (name, kind) => ({ name, kind, linear: false, interpolate: SMOOTH, audience: 0 });
const FIELDS = [
  field("body", structOf([field("x", FLOAT), field("on", { type: "Bool" })])),
  field("legs", arrayOf(2, field("", FLOAT))),
  field("boost", optionOf(field("", structOf([field("left", FLOAT)])))),
  field("aim", optionOf(field("", FLOAT))),
  field("shots", listOf(3, field("", FLOAT))),
];

/**
 * A prediction that moves everything by one a tick.
 *
 * @param {string[]} fields
 * @param {PredictOptions["onCorrection"]} [onCorrection]
 */
function moving(fields, onCorrection) {
  return new Prediction(
    {
      table: "ships",
      entity: () => true,
      fields,
      apply: (ship, _, dt) => {
        ship.body.x += dt * 10;
        ship.legs[1] += dt * 10;
        if (ship.boost !== null) ship.boost.left -= dt * 10;
      },
      onCorrection,
    },
    FIELDS,
    10,
    () => ({}),
  );
}

/** @param {number} x */
const ship = (x) => ({ id: 1, body: { x, on: true }, legs: [0, x], boost: { left: -x }, aim: null, shots: [x] });

test("values inside fields are predicted, corrected and shown; all else is the server's", () => {
  const prediction = moving(["body", "legs", "boost.left"]);
  const first = ship(0);
  prediction.reconcile(0, first);
  for (let tick = 1; tick <= 3; tick++) {
    prediction.step(tick);
  }
  assert.deepEqual(first, ship(0), "the server's state is not changed");
  assert.deepEqual(prediction.at(3, {}, 0), { ...ship(3), shots: [0] });
  prediction.reconcile(1, { ...ship(1), shots: [7] });
  assert.equal(prediction.error, 0);
  // The server has moved it: the error fades.
  prediction.reconcile(2, { ...ship(2), legs: [0, 12] });
  assert.ok(Math.abs(prediction.error - 10) < 1e-9);
  const shown = prediction.at(3, {}, 0);
  assert.ok(Math.abs(shown?.legs[1] - 3) < 1e-9, `${shown?.legs[1]}: at first as it was shown`);
  const later = prediction.at(3, {}, 1000);
  assert.ok(Math.abs(later?.legs[1] - 13) < 0.1, `${later?.legs[1]}`);
  assert.equal(later?.legs[0], 0);
});

test("an option that becomes empty is not predicted further", () => {
  const prediction = moving(["boost", "aim"]);
  prediction.reconcile(0, ship(0));
  prediction.step(1);
  prediction.step(2);
  prediction.reconcile(1, { ...ship(1), boost: null, aim: 4 });
  assert.deepEqual([prediction.at(2, {}, 0)?.boost, prediction.at(2, {}, 0)?.aim], [null, 4]);
  prediction.step(3);
  prediction.reconcile(2, { ...ship(2), boost: { left: 9 }, aim: null });
  const shown = prediction.at(3, {}, 0);
  assert.deepEqual([shown?.boost, shown?.aim], [{ left: 8 }, null]);
});

test("each wrong value inside fields is a correction of its own, an empty option too", () => {
  /** @type {any[]} */
  const corrections = [];
  const note = (/** @type {any} */ { tick, field, predicted, server }) => corrections.push([tick, field, predicted, server]);
  const prediction = moving(["body", "legs", "boost", "aim"], note);
  prediction.reconcile(0, ship(0));
  prediction.step(1);
  prediction.step(2);
  prediction.reconcile(1, { ...ship(1), legs: [5, 12], shots: [99] });
  assert.deepEqual(corrections.splice(0), [[1, "legs.0", 0, 5], [1, "legs.1", 1, 12]]);
  prediction.reconcile(2, { ...ship(2), legs: [5, 13], boost: null, aim: 4 });
  assert.deepEqual(corrections, [[2, "boost.left", -2, undefined], [2, "aim", undefined, 4]]);
});

test("what cannot be predicted is refused by its path", () => {
  const refused = {
    shots: /shots cannot be predicted: it is of the kind List/,
    "body.on": /body\.on cannot be predicted: it is of the kind Bool/,
  };
  for (const [name, message] of Object.entries(refused)) {
    assert.throws(() => moving([name]), { name: "TypeError", message });
  }
  for (const name of ["body.y", "legs.2", "legs.x", "shots.0", "body.x.y", "none"]) {
    assert.throws(() => moving([name]), { name: "TypeError", message: new RegExp(`ships has no field ${name}, only body`) });
  }
});

test("a rule gets the presses since the input before", () => {
  const clock = new FakeClock();
  const struct = new InputStruct({ fields: [field("hop", { type: "Press" })], neutral: Uint32Array.of(0) });
  const inputs = new Inputs(struct, struct.start([200]), 10, clock, { tick: 0, lastInput: 0 }, () => {});
  /** @type {Schema} */
  const schema = {
    tables: [{ name: "ships", single: false, placed: false, audience: 0, fields: [field("x", FLOAT)] }],
    input: { fields: [], neutral: new Uint32Array() },
    messages: NO_MESSAGES,
  };
  const predictions = new Predictions(schema, 10, inputs);
  predictions.add({ table: "ships", entity: () => true, fields: ["x"], apply: (ship, { hop }) => (ship.x += hop) });
  const state = (/** @type {number} */ tick, /** @type {number} */ x) => {
    const ship = { id: 1, x };
    const table = Object.assign([ship], { get: () => ship, tickOf: () => tick });
    predictions.reconcile(tick, { ships: /** @type {any} */ (table) });
  };
  const shown = () => predictions.show({ tick: 0, tables: { ships: [] } }, clock.now()).tables.ships[0].x;
  const start = inputs.newest.tick;
  state(start, 0);
  inputs.press("hop");
  inputs.press("hop");
  clock.pass(10);
  assert.equal(shown(), 2, "at once");
  clock.pass(500);
  assert.equal(shown(), 2, "and once");
  inputs.press("hop");
  clock.pass(200);
  // The server has consumed two of the three.
  state(start + 1, 2);
  assert.equal(shown(), 3);
  assert.equal(predictions.error, 0);
});
