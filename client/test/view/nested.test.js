/** Tests of the view of values inside fields: interpolation, extrapolation and correction, and references. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Field, FieldKind } from "../../src/schema/kinds.js" */

import { entityId } from "../../src/base/entity-id.js";
import { Playhead } from "../../src/clock/playhead.js";
import { Timeline } from "../../src/clock/timeline.js";
import { Frame } from "../../src/codec/frame.js";
import { SMOOTH } from "../../src/schema/field.js";
import { arrayOf, listOf, maxQuantized, optionOf, structOf, variantsOf } from "../../src/schema/kinds.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { mirrorTables } from "../../src/view/tables.js";
import { View } from "../../src/view/view.js";
import { NO_INPUT, NO_MESSAGES } from "../support/vectors.js";

const TICK_RATE_HZ = 20;
const TICK_MS = 50;
const DELAY_TICKS = 2;

const span = { min: 0, max: 1600, step: 0.5 };
/** @type {FieldKind} */
const FLOAT = { type: "Float", range: { ...span, maxQuantized: maxQuantized(span) } };
/** @param {string} name @param {FieldKind} kind @param {Partial<Field>} [rest] @returns {Field} */
const field = (name, kind, rest = {}) => ({ name, kind, linear: false, interpolate: SMOOTH, audience: 0, ...rest });
const fields = [
  field("body", structOf([field("x", FLOAT), field("hull", FLOAT, { interpolate: { type: "None" } })])),
  field("legs", arrayOf(2, field("", structOf([field("x", FLOAT)])))),
  field("shots", listOf(3, field("", FLOAT))),
  field("tool", variantsOf([{ name: "None", fields: [] }, { name: "Arm", fields: [field("x", FLOAT)] }])),
  field("boost", optionOf(field("", FLOAT))),
  field("target", { type: "Entity", table: "ships" }),
];
const structs = tableStructs({
  tables: [{ name: "ships", single: false, placed: false, audience: 0, fields }],
  input: NO_INPUT,
  messages: NO_MESSAGES,
});

/** A ship, all of whose numbers are the same. @param {number} x */
const ship = (x) => ({
  body: { x, hull: x },
  legs: [{ x }, { x: x + 1 }],
  shots: [x, x],
  tool: { type: "Arm", x },
  boost: x,
  target: null,
});

/** A frame of ships by their slots. @param {number} tick @param {Record<number, any>} ships */
function frameOf(tick, ships) {
  const frame = new Frame(allParts(structs));
  frame.tick = tick;
  const [table] = frame.parts;
  table.clear(tick);
  for (const [slot, values] of Object.entries(ships)) {
    const at = table.push(Number(slot), 0);
    structs[0].base.struct.write(values, table.columns.subarray(at, at + table.width));
  }
  return frame;
}

/** A view whose snapshots arrive at once. */
class Stage {
  timeline = new Timeline(TICK_RATE_HZ);
  view = new View(structs, TICK_RATE_HZ, new Playhead(this.timeline, TICK_RATE_HZ, { least: DELAY_TICKS, most: DELAY_TICKS }));

  /** @param {number} tick @param {Record<number, any>} ships */
  arrive(tick, ships) {
    this.timeline.arrived(tick, tick * TICK_MS);
    this.view.push(frameOf(tick, ships));
  }

  /** The ships shown at a tick. @param {number} tick @returns {any[]} */
  ships(tick) {
    return this.view.at((tick + DELAY_TICKS) * TICK_MS).tables.ships;
  }
}

test("values inside fields are interpolated by their own rules", () => {
  const stage = new Stage();
  stage.arrive(1, { 0: ship(10) });
  stage.arrive(2, { 0: ship(20) });
  stage.arrive(3, { 0: { ...ship(30), shots: [30], boost: null, tool: { type: "None" } } });
  assert.deepEqual(stage.ships(1.5)[0], { id: 0, ...ship(15), body: { x: 15, hull: 30 }, legs: [{ x: 15 }, { x: 16 }] });
  // Another length, another variant, an option that is empty: as before, until the tick of the new one.
  const { shots, boost, tool, body } = stage.ships(2.5)[0];
  assert.deepEqual([shots, boost, tool, body.x], [[20, 20], 20, { type: "Arm", x: 20 }, 25]);
  const last = stage.ships(3)[0];
  assert.deepEqual([last.shots, last.boost, last.tool], [[30], null, { type: "None" }]);
  assert.notEqual(stage.ships(3)[0].body, last.body, "each read gives new objects");
});

test("numbers in structs and arrays move on and are corrected; those in lists, options and variants rest", () => {
  const stage = new Stage();
  for (let tick = 1; tick <= 10; tick++) {
    stage.arrive(tick, { 0: ship(tick * 10) });
  }
  stage.ships(10);
  const beyond = stage.ships(10.8)[0];
  assert.ok(beyond.body.x > 107 && beyond.legs[1].x > 108, `${beyond.body.x} and ${beyond.legs[1].x}`);
  assert.deepEqual([beyond.shots, beyond.boost, beyond.tool], [[100, 100], 100, { type: "Arm", x: 100 }]);
  // It had stopped: what was shown fades to the true value, and does not leap there.
  stage.arrive(11, { 0: ship(100) });
  stage.arrive(12, { 0: ship(100) });
  let shown = beyond;
  for (let tick = 11; tick < 16; tick += 0.2) {
    stage.arrive(Math.ceil(tick) + 1, { 0: ship(100) });
    const next = stage.ships(tick)[0];
    for (const [was, is] of [[shown.body.x, next.body.x], [shown.legs[1].x - 1, next.legs[1].x - 1]]) {
      assert.ok(is <= was && is > was - 4, `from ${was} to ${is} at ${tick}`);
    }
    shown = next;
  }
  assert.ok(Math.abs(shown.body.x - 100) < 0.5 && Math.abs(shown.legs[1].x - 101) < 0.5);
});

test("a reference is an id in the frame that is read, and null if that frame lacks the entity", () => {
  const stage = new Stage();
  const pair = (/** @type {any} */ target) => ({ ...ship(1), target });
  stage.arrive(1, { 0: pair(entityId(5, 0)), 5: ship(1) });
  stage.arrive(2, { 0: pair(entityId(5, 0)) });
  stage.arrive(3, { 0: pair(entityId(5, 0)), 5: ship(1) });
  assert.deepEqual([1, 2, 3].map((tick) => stage.ships(tick)[0].target), [5, null, 5]);
  // The tables look it up in the newest frame.
  const current = frameOf(1, { 0: pair(entityId(5, 0)), 5: ship(1) });
  const mirror = { current };
  const tables = mirrorTables(structs, /** @type {any} */ (mirror));
  assert.deepEqual(tables.ships.get(tables.ships.get(0).target), { id: 5, ...ship(1) });
  mirror.current = frameOf(2, { 0: pair(entityId(5, 0)) });
  assert.equal(tables.ships.get(0).target, null);
  mirror.current = frameOf(2, { 0: pair(entityId(5, 1)), 5: ship(1) });
  assert.equal(tables.ships.get(0).target, null, "another entity has its slot");
});
