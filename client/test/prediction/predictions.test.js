/** Tests of the predictions of a room, with its inputs, its mirror and its view. */

/** @import { Schema } from "../../src/schema/schema.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { InputStruct } from "../../src/input/input-struct.js";
import { Inputs } from "../../src/input/inputs.js";
import { Predictions } from "../../src/prediction/predictions.js";
import { SMOOTH } from "../../src/schema/field.js";
import { FakeClock } from "../support/fake-clock.js";
import { BOOM, assertUnhandled, collectUnhandled } from "../support/room/unhandled.js";

const range = { min: -100, max: 100, step: 0.5, maxQuantized: 400 };
/** @param {string} name */
const float = (name) => ({ name, kind: { type: "Float", range }, linear: false, interpolate: SMOOTH, audience: 0 });
const table = { placed: false, audience: 0, fields: [float("x")] };
/** @type {Schema} */
const SCHEMA = /** @type {any} */ ({
  tables: [
    { ...table, name: "balls", single: false },
    { ...table, name: "sun", single: true },
  ],
  input: { fields: [float("push")], neutral: Uint32Array.of(200) },
});

/** @typedef {{ id: number, x: number, mine?: boolean }} Ball */

/** @typedef {import("../../src/drumline.js").Correction} Correction */
/** @typedef {import("../../src/drumline.js").PredictOptions} PredictOptions */

/**
 * The parts of a room around its predictions: 10 ticks a second, and a ball that moves as far as it is pushed.
 *
 * @param {Partial<PredictOptions>} [rules] in place of these
 */
function stage(rules) {
  const clock = new FakeClock();
  const struct = new InputStruct(SCHEMA.input);
  const inputs = new Inputs(struct, struct.start([]), 10, clock, { tick: 0, lastInput: 0 }, () => {});
  const predictions = new Predictions(SCHEMA, 10, inputs);
  predictions.add({
    table: "balls",
    entity: ({ mine }) => mine === true,
    fields: ["x"],
    apply: (ball, { push }, dt) => (ball.x += push * dt),
    ...rules,
  });
  /** @param {number} tick @param {Ball[]} balls */
  const tell = (tick, balls) => {
    const get = (/** @type {number} */ id) => balls.find((ball) => ball.id === id);
    predictions.reconcile(tick, { balls: /** @type {any} */ (Object.assign([...balls], { get, tickOf: () => tick })) });
  };
  /** @param {Ball[]} balls as the view has them @returns {Ball[]} as they are shown */
  const show = (balls) => predictions.show({ tick: 0, tables: { balls } }, clock.now()).tables.balls;
  return { clock, inputs, predictions, tell, show };
}

test("the own entity is shown in the present, the others interpolated", () => {
  const { clock, inputs, predictions, tell, show } = stage();
  const start = inputs.newest.tick;
  tell(start, [{ id: 4, x: 10, mine: true }, { id: 5, x: 7 }]);
  inputs.write({ push: 20 });
  clock.pass(350);
  const shown = show([{ id: 4, x: 8, mine: true }, { id: 5, x: 6 }]);
  assert.deepEqual(shown.map(({ id }) => id), [5, 4]);
  assert.equal(shown[0].x, 6);
  // All inputs since then, to the fraction of a tick.
  const ticks = inputs.tickAt(clock.now()) - start;
  assert.ok(ticks > 3 && Math.abs(shown[1].x - (10 + 2 * ticks)) < 1e-9, `${shown[1].x} after ${ticks} ticks`);
  assert.equal(predictions.error, 0);

  // The server's state is another one.
  tell(start + 1, [{ id: 4, x: 15, mine: true }]);
  assert.ok(Math.abs(predictions.error - 3) < 1e-9);
});

test("a despawned entity is hidden at once, and its successor is predicted", () => {
  const { clock, tell, show } = stage();
  tell(0, [{ id: 4, x: 10, mine: true }]);
  clock.pass(300);
  tell(1, [{ id: 5, x: 7 }]);
  assert.deepEqual(show([{ id: 4, x: 8, mine: true }, { id: 5, x: 6 }]), [{ id: 5, x: 6 }]);
  tell(2, [{ id: 5, x: 7 }, { id: 9, x: -50, mine: true }]);
  assert.deepEqual(show([{ id: 5, x: 6 }]).map(({ id, x }) => [id, x]), [[5, 6], [9, -50]]);
});

test("in another epoch a prediction starts over from the server's state of an earlier tick", () => {
  const { clock, inputs, predictions, tell, show } = stage();
  inputs.write({ push: 20 });
  tell(inputs.newest.tick, [{ id: 4, x: 10, mine: true }]);
  clock.pass(3000);
  predictions.restart();
  inputs.pause();
  inputs.restart({ tick: 10, lastInput: 7 });
  inputs.reconnected();
  assert.deepEqual([inputs.newest.number, show([]).length], [7, 1], "it is shown until the server's state has come");
  const { tick } = inputs.newest;
  tell(tick, [{ id: 4, x: 50, mine: true }]);
  assert.equal(predictions.error, 0, "it is not compared with what was predicted before");
  clock.pass(310);
  const ticks = inputs.tickAt(clock.now()) - tick;
  assert.ok(ticks > 3 && ticks < 4 && inputs.newest.number === 10);
  const [{ x }] = show([]);
  assert.ok(Math.abs(x - (50 + 2 * ticks)) < 1e-9, `${x} after ${ticks} ticks`);
});

test("an entity that has just become the own one is shown once", () => {
  const { tell, show } = stage();
  tell(0, [{ id: 4, x: 10, mine: true }]);
  assert.deepEqual(show([{ id: 4, x: 8 }]), [{ id: 4, x: 10, mine: true }]);
});

test("a prediction that begins late applies the inputs that the server has not", () => {
  const { clock, inputs, predictions, tell, show } = stage({ entity: () => false });
  const start = inputs.newest.tick;
  inputs.write({ push: 20 });
  clock.pass(450);
  /** @type {PredictOptions["apply"]} */
  const apply = (ball, { push }, dt) => (ball.x += push * dt);
  predictions.add({ table: "balls", entity: ({ id }) => id === 4, fields: ["x"], apply });
  tell(start, [{ id: 4, x: 10 }]);
  const ticks = inputs.tickAt(clock.now()) - start;
  const [{ x }] = show([{ id: 4, x: 8 }]);
  assert.ok(ticks > 4 && Math.abs(x - (10 + 2 * ticks)) < 1e-9, `${x} after ${ticks} ticks`);
});

test("an unknown table or field cannot be predicted", () => {
  const { predictions } = stage();
  const options = { entity: () => true, fields: ["x"], apply: () => {} };
  assert.throws(() => predictions.add({ ...options, table: "bats" }), /no table bats, only balls/);
  assert.throws(() => predictions.add({ ...options, table: "sun" }), /no table sun, only balls/);
});

test("a rule that throws once costs one tick, and never stops the input clock", (context) => {
  const errors = collectUnhandled(context);
  let fails = false;
  /** @type {PredictOptions["apply"]} */
  const apply = (ball, { push }, dt) => {
    ball.x += push * dt;
    if (fails) {
      fails = false;
      throw BOOM;
    }
  };
  const { clock, inputs, predictions, tell, show } = stage({ apply });
  predictions.add({ table: "balls", entity: () => false, fields: ["x"], apply: () => {} });
  const start = inputs.newest.tick;
  tell(start, [{ id: 4, x: 10, mine: true }]);
  inputs.write({ push: 20 });
  const x = () => show([{ id: 4, x: 8, mine: true }])[0].x;
  const ticks = () => inputs.tickAt(clock.now()) - start;
  clock.pass(250);
  fails = true;
  clock.pass(500);
  assertUnhandled(errors, ['apply of predict("balls")']);
  assert.ok(inputs.newest.tick - start >= 7, "the input clock runs on");
  assert.ok(Math.abs(x() - (10 + 2 * (ticks() - 1))) < 1e-9, `${x()} after ${ticks()} ticks`);

  // The next snapshot makes good for it; what it moves on the screen fades.
  tell(start + 1, [{ id: 4, x: 12, mine: true }]);
  tell(inputs.newest.tick, [{ id: 4, x: 10 + 2 * (inputs.newest.tick - start), mine: true }]);
  x();
  clock.pass(1000);
  assert.ok(Math.abs(x() - (10 + 2 * ticks())) < 1e-3, `${x()} after ${ticks()} ticks`);

  // While a frame is drawn, half a tick on.
  clock.pass((Math.ceil(ticks()) + 0.5 - ticks()) * 100);
  fails = true;
  const [still, moved] = [x(), x()];
  assert.ok(still < moved && errors.length === 2, `${still}, then ${moved}`);
});

test("a rule reads the newest snapshot's entity, whatever it is predicted to be, and cannot change it", (context) => {
  const errors = collectUnhandled(context);
  /** @type {unknown[]} */
  const seen = [];
  let spoils = false;
  const { clock, inputs, tell } = stage({
    apply: function roll(ball, { push }, dt, { tick, entity }) {
      seen.push([tick, entity.x, entity.stunned]);
      if (spoils) /** @type {any} */ (entity).stunned = true;
      if (!entity.stunned) ball.x += push * dt;
    },
  });
  const start = inputs.newest.tick;
  const ball = (/** @type {number} */ x, /** @type {boolean} */ stunned) => ({ id: 4, x, mine: true, stunned });
  tell(start, [ball(10, false)]);
  inputs.write({ push: 20 });
  clock.pass(200);
  assert.deepEqual(seen, [[start + 1, 10, false], [start + 2, 10, false]]);
  // The snapshot's row is news for the ticks that are simulated again, and for those that follow.
  seen.length = 0;
  tell(start + 1, [ball(11.5, true)]);
  clock.pass(100);
  assert.deepEqual(seen, [[start + 2, 11.5, true], [start + 3, 11.5, true]]);
  assert.equal(inputs.newest.tick, start + 3);
  // It is as new if the entity's position is in an area that was skipped, and another part of it is not.
  tell(start + 1, [ball(11.5, false)]);
  seen.length = 0;
  clock.pass(100);
  assert.deepEqual(seen, [[start + 4, 11.5, false]]);
  spoils = true;
  clock.pass(200);
  assert.deepEqual(errors.map(({ cause }) => cause.name), ["TypeError", "TypeError"]);
  assert.deepEqual(seen.at(-1), [start + 6, 11.5, false]);
});

test("a correction has a name: the tick, the field, both values and the input", () => {
  /** @type {Correction[]} */
  const corrections = [];
  const { clock, inputs, tell, show } = stage({ onCorrection: (correction) => corrections.push(correction) });
  const start = inputs.newest.tick;
  tell(start, [{ id: 4, x: 10, mine: true }]);
  inputs.write({ push: 20 });
  clock.pass(550);
  // The server rounds to half units: a whole step off may be the rounding of equal values, more may not.
  tell(start + 1, [{ id: 4, x: 12, mine: true }]);
  tell(start + 2, [{ id: 4, x: 14.5, mine: true }]);
  assert.deepEqual(corrections, []);
  tell(start + 3, [{ id: 4, x: 16.75, mine: true }]);
  const entity = { id: 4, x: 16.75, mine: true };
  assert.deepEqual(corrections, [{ tick: start + 3, entity, field: "x", predicted: 16, server: 16.75, input: { push: 20 } }]);
  // From then on the prediction follows from the server's state.
  tell(start + 4, [{ id: 4, x: 18.75, mine: true }]);
  assert.equal(corrections.length, 1);
  // Neither the same tick again, nor another entity, nor a tick that was not predicted is a correction.
  tell(start + 4, [{ id: 4, x: 99, mine: true }]);
  tell(start + 5, [{ id: 9, x: -50, mine: true }]);
  tell(start + 90, [{ id: 9, x: 50, mine: true }]);
  assert.equal(corrections.length, 1);
  assert.equal(show([{ id: 9, x: 8, mine: true }])[0].id, 9);
});

test("a function for corrections is checked, may throw, and cannot change what is predicted", (context) => {
  const errors = collectUnhandled(context);
  const none = /** @type {any} */ ("log");
  assert.throws(() => stage({ onCorrection: none }), /onCorrection must be a function, not string/);
  const { clock, inputs, tell, show } = stage({
    onCorrection: function fail(correction) {
      Object.assign(correction.entity, { id: 1, x: -100 });
      throw BOOM;
    },
  });
  const start = inputs.newest.tick;
  tell(start, [{ id: 4, x: 10, mine: true }]);
  clock.pass(350);
  tell(start + 1, [{ id: 4, x: 30, mine: true }]);
  assertUnhandled(errors, ['fail of predict("balls")']);
  show([]);
  clock.pass(2000);
  const [{ id, x }] = show([]);
  assert.ok(id === 4 && Math.abs(x - 30) < 1e-3, `${id} at ${x}`);
});

test("the other functions of a prediction may throw, too", (context) => {
  const errors = collectUnhandled(context);
  const broken = { entity: false, restore: false };
  const { clock, tell, show } = stage({
    entity: ({ mine }) => {
      if (broken.entity) throw BOOM;
      return mine === true;
    },
    restore: (ball) => {
      ball.speed = 1;
      if (broken.restore) throw BOOM;
    },
  });
  const balls = (/** @type {number} */ x) => [{ id: 4, x, mine: true }, { id: 5, x: 7 }];
  const shown = () => show(balls(8)).map(({ id, x }) => [id, x]);
  tell(0, balls(10));
  broken.entity = true;
  tell(1, balls(10));
  assert.deepEqual(shown(), [[5, 7], [4, 10]], "the same ball is predicted, and shown once");
  assert.ok(errors.length >= 2);
  broken.entity = false;
  errors.length = 0;
  broken.restore = true;
  clock.pass(100);
  tell(2, balls(30));
  assertUnhandled(errors, ['restore of predict("balls")']);
  assert.deepEqual(shown(), [[5, 7], [4, 30]]);
});
