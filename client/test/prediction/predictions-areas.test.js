/** Tests of prediction in a world of areas, some of which are skipped now and then. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Row } from "../support/server.js" */

import { Predictions } from "../../src/prediction/predictions.js";
import { mirrorTables } from "../../src/view/tables.js";
import { PLACED, clock, place, schema, structs } from "../support/harbour.js";
import { Pair } from "../support/pair.js";
import { SKIPPED } from "../support/server.js";

const TICK_RATE_HZ = 20;
/** Units a tick. */
const SPEED = 10;

/** Inputs without fields, which are never late. */
const inputs = /** @type {any} */ ({ read: () => ({}), readNext: () => ({}), newest: { tick: 0 } });

/** @param {number} tick @returns {Row} */
const ship = (tick) => [1, 0, [tick * SPEED, 9]];

test("a skipped area does not reconcile the prediction", () => {
  const pair = new Pair();
  const tables = mirrorTables(structs, pair.mirror);
  const predictions = new Predictions(schema, TICK_RATE_HZ, inputs);
  let restored = 0;
  predictions.add({
    table: "ships",
    entity: () => true,
    fields: ["x"],
    apply: (state, _input, dt) => (state.x += state.speed * dt),
    restore: (state, before, seconds) => {
      restored++;
      state.speed = before === undefined ? 0 : (state.x - before.x) / seconds;
    },
  });
  const arrives = () => {
    const { tick } = pair.mirror.current;
    predictions.reconcile(tick, tables);
    inputs.onTick(tick + 4);
  };
  pair.keyframe(10, [clock(1), place([ship(10)])], [PLACED]);
  arrives();
  for (let tick = 11; tick <= 16; tick++) {
    pair.delta([clock(1), place([ship(tick)])]);
    arrives();
  }
  assert.equal(predictions.error, 0);
  const before = restored;
  for (let tick = 17; tick <= 40; tick++) {
    pair.delta([clock(1), tick % 3 > 0 ? SKIPPED : place([ship(tick)])]);
    arrives();
    assert.ok(predictions.error < 1e-9, `off by ${predictions.error} on tick ${tick}`);
  }
  assert.equal(restored, before, "the server never disagreed");
});
