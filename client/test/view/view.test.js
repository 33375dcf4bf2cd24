/**
 * Tests of interpolation.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Field, FieldKind, Interpolate } from "../../src/schema/kinds.js" */

import { Playhead } from "../../src/clock/playhead.js";
import { Timeline } from "../../src/clock/timeline.js";
import { Frame } from "../../src/codec/frame.js";
import { ALL, SMOOTH } from "../../src/schema/field.js";
import { maxQuantized } from "../../src/schema/kinds.js";
import { quantize } from "../../src/schema/quantize.js";
import { rowLayout } from "../../src/schema/row-layout.js";
import { Gap, interpolate } from "../../src/view/interpolate.js";
import { shownFields } from "../../src/view/shown-fields.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { View } from "../../src/view/view.js";
import { seeded } from "../support/random.js";
import { NO_INPUT, NO_MESSAGES } from "../support/vectors.js";

const TICK_RATE_HZ = 20;
const TICK_MS = 50;
const DELAY_TICKS = 2;

const span = { min: 0, max: 10_000, step: 0.25 };
const range = { ...span, maxQuantized: maxQuantized(span) };
/** @type {Field[]} */
const fields = [
  { name: "position", kind: { type: "Vec2", axes: [range, range] }, linear: true, interpolate: SMOOTH, audience: ALL },
  { name: "heading", kind: { type: "Angle", bits: 16 }, linear: false, interpolate: SMOOTH, audience: ALL },
  { name: "alive", kind: { type: "Bool" }, linear: false, interpolate: SMOOTH, audience: ALL },
  { name: "score", kind: { type: "Float", range }, linear: false, interpolate: { type: "None" }, audience: ALL },
];
const structs = tableStructs({
  tables: [
    { name: "ships", single: false, placed: false, audience: ALL, fields },
    { name: "leader", single: true, placed: false, audience: ALL, fields },
  ],
  input: NO_INPUT,
  messages: NO_MESSAGES,
});

/** A view, and a server that ticks at 0, 50, 100… ms and whose snapshots take `delay` ms. */
class Stage {
  timeline = new Timeline(TICK_RATE_HZ);
  view = new View(structs, TICK_RATE_HZ, new Playhead(this.timeline, TICK_RATE_HZ, { least: DELAY_TICKS, most: DELAY_TICKS }));

  /**
   * Delivers a snapshot. Ships are `[slot, generation, fields]`.
   *
   * @param {number} tick
   * @param {[number, number, Record<string, any>][]} ships
   * @param {number} [delay]
   */
  arrive(tick, ships, delay = 0) {
    const frame = new Frame(allParts(structs));
    frame.tick = tick;
    const [table, leader] = frame.parts;
    table.clear(tick);
    for (const [slot, generation, values] of ships) {
      const at = table.push(slot, generation);
      structs[0].base.struct.write(values, table.columns.subarray(at, at + table.width));
    }
    leader.clear(tick);
    leader.push(0, 0);
    structs[1].base.struct.write(ships[0]?.[2] ?? {}, leader.columns);
    this.timeline.arrived(tick, tick * TICK_MS + delay);
    this.view.push(frame);
  }
}

/** @param {number} tick @returns {[number, number, Record<string, any>]} */
const moving = (tick) => [0, 0, { position: { x: tick * 10, y: 500 } }];

test("before the first snapshot the world is empty", () => {
  const { view, timeline } = new Stage();
  timeline.arrived(0, 0);
  assert.deepEqual(view.at(10).tables.ships, []);
  assert.deepEqual(view.at(10).tables.leader, { position: { x: 0, y: 0 }, heading: 0, alive: false, score: 0 });
});

test("even motion is shown as even motion, late by the delay", () => {
  const stage = new Stage();
  for (let tick = 1; tick <= 40; tick++) {
    stage.arrive(tick, [moving(tick)]);
    for (const part of [0, 0.25, 0.5, 0.75]) {
      const shown = stage.view.at((tick + part) * TICK_MS);
      const expected = Math.max(tick + part - DELAY_TICKS, 1);
      assert.ok(Math.abs(shown.tick - expected) < 1e-9);
      assert.ok(Math.abs(shown.tables.ships[0].position.x - expected * 10) < 1e-9);
      assert.equal(shown.tables.ships[0].position.y, 500);
      assert.deepEqual(shown.tables.leader.position, shown.tables.ships[0].position);
    }
  }
});

/**
 * The value shown of a field, part of the way from one value to another that is some ticks later.
 *
 * @param {FieldKind} kind
 * @param {any} from
 * @param {any} to
 * @param {number} part
 * @param {{ interpolate?: Interpolate, ticks?: number, newest?: any, velocities?: [any, any] }} [options]
 */
function between(kind, from, to, part, { interpolate: rule = SMOOTH, ticks = 1, newest = to, velocities } = {}) {
  const field = { name: "it", kind, linear: false, interpolate: rule };
  const fields = [field, ...(velocities ? [{ ...field, name: "its velocity", interpolate: SMOOTH }] : [])];
  const layout = rowLayout(fields);
  const rows = [from, to, newest].map((value, index) => {
    const row = new Uint32Array(layout.width);
    quantize(kind, value, row, 0);
    if (velocities !== undefined) {
      quantize(kind, velocities[index] ?? 0, row, layout.fields[1].start);
    }
    return row;
  });
  const gap = Object.assign(new Gap(), { from: rows[0], to: rows[1], newest: rows[2], ticks, seconds: ticks / TICK_RATE_HZ });
  return interpolate(shownFields(fields)[0], gap, part);
}

test("each kind of field has its own interpolation", () => {
  /** @type {FieldKind} */
  const angle = { type: "Angle", bits: 24 };
  const turn = 2 * Math.PI;
  const isNear = (/** @type {number} */ value, /** @type {number} */ expected) =>
    assert.ok(Math.abs(value - expected) < 1e-5, `${value}, not ${expected}`);
  isNear(between(angle, turn - 0.1, 0.3, 0.5), 0.1);
  isNear(between(angle, 0.1, turn - 0.3, 0.5), turn - 0.1);
  isNear(between(angle, 1, 2, 0.25), 1.25);
  isNear(between(angle, 6, 6.2, 2), 6.4 - turn);
  /** @type {FieldKind} */
  const quat = { type: "Quat", bits: 20 };
  const half = between(quat, { x: 0, y: 0, z: 0, w: 1 }, { x: 0, y: 0, z: -1, w: 0 }, 0.5);
  isNear(Math.abs(half.z), Math.SQRT1_2);
  isNear(Math.abs(half.w), Math.SQRT1_2);
  const same = between(quat, { x: 0, y: 0, z: 0, w: 1 }, { x: 0, y: 0, z: 0, w: -1 }, 0.5);
  isNear(Math.abs(same.w), 1);
  assert.equal(between({ type: "Bool" }, false, true, 0.99), false);
  assert.equal(between({ type: "Bool" }, false, true, 1), true);
  assert.equal(between({ type: "Text", maxBytes: 4 }, "a", "b", 0.5), "a");
  /** @type {FieldKind} */
  const vec = { type: "Vec2", axes: [range, range] };
  assert.deepEqual(between(vec, { x: 0, y: 100 }, { x: 10, y: 80 }, 0.5), { x: 5, y: 90 });
});

test("an author can choose another interpolation", () => {
  /** @type {FieldKind} */
  const float = { type: "Float", range };
  const step = { interpolate: /** @type {const} */ ({ type: "Step" }) };
  assert.deepEqual([0, 0.99, 1, 1.5].map((part) => between(float, 10, 20, part, step)), [10, 10, 20, 20]);
  const none = { interpolate: /** @type {const} */ ({ type: "None" }), newest: 50 };
  assert.equal(between(float, 10, 20, 0.3, none), 50);
});

test("a field without interpolation shows its newest value beside others that are interpolated", () => {
  const stage = new Stage();
  for (let tick = 1; tick <= 10; tick++) {
    stage.arrive(tick, tick < 10 ? [[0, 0, { position: { x: tick * 10, y: 0 }, score: tick }]] : []);
    const { ships, leader } = stage.view.at((tick + 0.5) * TICK_MS).tables;
    const last = Math.min(tick, 9);
    assert.equal(ships[0].score, last);
    assert.equal(leader.score, tick < 10 ? tick : 0);
    assert.ok(Math.abs(ships[0].position.x - Math.max(tick + 0.5 - DELAY_TICKS, 1) * 10) < 1e-9);
  }
});

test("a field with a velocity follows the curve, and then its tangent", () => {
  /** @type {FieldKind} */
  const float = { type: "Float", range };
  const interpolate = /** @type {const} */ ({ type: "Hermite", velocity: 1 });
  // Thrown up: 1000 + 200 t - 400 t² units after t seconds, at the start and two ticks of 50 ms later, and its velocity.
  const height = (/** @type {number} */ t) => 1000 + 200 * t + 400 * t * t;
  const options = { interpolate, ticks: 2, velocities: /** @type {[number, number]} */ ([200, 280]) };
  for (const part of [0, 0.25, 0.5, 0.9, 1]) {
    assert.ok(Math.abs(between(float, height(0), height(0.1), part, options) - height(part * 0.1)) < 1e-9);
  }
  assert.ok(Math.abs(between(float, height(0), height(0.1), 1.5, options) - (height(0.1) + 280 * 0.05)) < 1e-9);
});

test("a field that leaps is not interpolated", () => {
  /** @type {FieldKind} */
  const float = { type: "Float", range };
  // A sixteenth of the range is 625 a tick.
  assert.equal(between(float, 1000, 1620, 0.5), 1310);
  assert.deepEqual([0.5, 0.99, 1, 1.5].map((part) => between(float, 1000, 1630, part)), [1000, 1000, 1630, 1630]);
  assert.equal(between(float, 1000, 2200, 0.5, { ticks: 2 }), 1600);
  /** @type {FieldKind} */
  const vec = { type: "Vec2", axes: [range, range] };
  assert.deepEqual(between(vec, { x: 5, y: 5 }, { x: 6, y: 900 }, 0.5), { x: 5, y: 5 });
});

test("entities spawn and despawn when the playhead reaches their snapshots", () => {
  const stage = new Stage();
  stage.arrive(1, [moving(1)]);
  stage.arrive(2, [moving(2), [3, 1, { position: { x: 7, y: 7 } }]]);
  stage.arrive(3, [[3, 1, { position: { x: 9, y: 7 } }]]);
  stage.arrive(4, [[3, 2, { position: { x: 900, y: 7 } }]]);
  const ids = (/** @type {number} */ tick) =>
    stage.view.at((tick + DELAY_TICKS) * TICK_MS).tables.ships.map((/** @type {{ id: number }} */ ship) => ship.id);
  assert.deepEqual(ids(1.9), [0]);
  assert.deepEqual(ids(2), [0, 65_536 + 3]);
  assert.deepEqual(ids(2.9), [0, 65_536 + 3]);
  assert.deepEqual(ids(3), [65_536 + 3]);
  // A slot used again is another entity: it does not slide from one to the other.
  const [before] = stage.view.at((3.9 + DELAY_TICKS) * TICK_MS).tables.ships;
  assert.deepEqual([before.id, before.position.x], [65_536 + 3, 9]);
  const [after] = stage.view.at((4 + DELAY_TICKS) * TICK_MS).tables.ships;
  assert.deepEqual([after.id, after.position.x], [131_072 + 3, 900]);
});

test("without data an entity moves on for a moment, waits, and is corrected without a leap", () => {
  const stage = new Stage();
  for (let tick = 1; tick <= 20; tick++) {
    stage.arrive(tick, [moving(tick)]);
    stage.view.at(tick * TICK_MS);
  }
  // Seven ticks are missing, then all come at once.
  let last = stage.view.at(20 * TICK_MS);
  for (let now = 20 * TICK_MS; now < 28 * TICK_MS; now += 10) {
    const shown = stage.view.at(now);
    assert.ok(shown.tick >= last.tick && shown.tick <= 22);
    const [{ position: { x } }] = shown.tables.ships;
    assert.ok(x >= last.tables.ships[0].position.x && x <= Math.min(shown.tick * 10, 215) + 1e-9, `${x} at ${shown.tick}`);
    // For 50 ms it moves on as it did.
    assert.ok(shown.tick > 21 || Math.abs(x - shown.tick * 10) < 1e-9);
    last = shown;
  }
  assert.deepEqual([last.tick, last.tables.ships[0].position.x], [22, 215]);
  for (let tick = 21; tick <= 90; tick++) {
    stage.arrive(tick, [moving(tick)], tick < 28 ? (28 - tick) * TICK_MS : 0);
    for (let now = Math.max(tick, 28) * TICK_MS; tick >= 28 && now < (tick + 1) * TICK_MS; now += 10) {
      const shown = stage.view.at(now);
      const ticks = shown.tick - last.tick;
      const [{ position: { x } }] = shown.tables.ships;
      assert.ok(ticks >= 0 && ticks <= 0.2 * 1.1 + 1e-9, `${last.tick} to ${shown.tick}`);
      // The rest of the error is corrected in the same way.
      assert.ok(x >= last.tables.ships[0].position.x && x <= shown.tick * 10 + 1e-9);
      assert.ok(now < 28 * TICK_MS + 100 || Math.abs(x - shown.tick * 10) < 0.5, `${x} at ${shown.tick}`);
      last = shown;
    }
  }
  assert.ok(Math.abs(last.tick - (90.8 - DELAY_TICKS)) < 0.5);
});

test("an entity that has slowed down meanwhile is not pulled back: it waits until it gets there", () => {
  const stage = new Stage();
  const at = (/** @type {number} */ tick) => (tick <= 20 ? 1000 + tick * 20 : 1000 + 20 * 20 + (tick - 20) * 4);
  /** @param {number} tick @returns {[number, number, any][]} */
  const going = (tick) => [[0, 0, { position: { x: at(tick), y: 0 } }]];
  for (let tick = 1; tick <= 20; tick++) {
    stage.arrive(tick, going(tick));
    stage.view.at(tick * TICK_MS);
  }
  // It is shown going on as fast as it was.
  for (let now = 20 * TICK_MS; now < 24 * TICK_MS; now += 10) {
    stage.view.at(now);
  }
  let last = stage.view.at(24 * TICK_MS).tables.ships[0].position.x;
  assert.equal(last, at(20) + 30);
  let waited = 0;
  for (let tick = 21; tick <= 40; tick++) {
    stage.arrive(tick, going(tick), tick < 24 ? (24 - tick) * TICK_MS : 0);
    for (let now = Math.max(tick, 24) * TICK_MS; tick >= 24 && now < (tick + 1) * TICK_MS; now += 10) {
      const { tick: shown, tables } = stage.view.at(now);
      const { x } = tables.ships[0].position;
      assert.ok(x >= last, `${last} to ${x}`);
      waited += Number(x === last);
      if (tick > 33) {
        assert.ok(Math.abs(x - at(shown)) < 0.5, `${x}, not ${at(shown)}`);
      }
      last = x;
    }
  }
  assert.ok(waited > 5);
});

test("an entity that leaps is not shown in between, not even by a correction", () => {
  for (const late of [0, 3, 6, 9]) {
    const stage = new Stage();
    const at = (/** @type {number} */ tick) => (tick < 22 ? tick * 10 : 5000 + tick * 10);
    let last = 0;
    let tick = 1;
    for (let now = TICK_MS; now < 40 * TICK_MS; now += 10) {
      // The snapshots after tick 20 are held up for a while.
      const arrived = now < (20 + late) * TICK_MS ? Math.min(now / TICK_MS, 20) : now / TICK_MS;
      for (; tick <= arrived; tick++) {
        stage.arrive(tick, [[0, 0, { position: { x: at(tick), y: 0 } }]], Math.max(now - tick * TICK_MS, 0));
      }
      const { x } = stage.view.at(now).tables.ships[0].position;
      assert.ok(x >= last && (x < 240 || x > 5200), String(x));
      last = x;
    }
    assert.ok(last > 5300);
  }
});

test("after a long silence the view leaps instead of fast-forwarding", () => {
  const stage = new Stage();
  stage.arrive(1, [moving(1)]);
  stage.view.at(3 * TICK_MS);
  stage.view.at(100 * TICK_MS);
  stage.arrive(100, [moving(100)]);
  stage.arrive(101, [moving(101)]);
  stage.arrive(102, [moving(102)]);
  assert.ok(stage.view.at(102.5 * TICK_MS).tick > 100);
});

test("jitter does not make the picture jerk", () => {
  const random = seeded(6);
  const stage = new Stage();
  const frameMs = 10;
  let last = 0;
  let now = 0;
  for (let tick = 1; tick <= 400; tick++) {
    const delay = random(25);
    for (; now < tick * TICK_MS + delay; now += frameMs) {
      const { tick: shown } = stage.view.at(now);
      if (tick > 40) {
        const step = shown - last;
        assert.ok(step >= 0.18 - 1e-9 && step <= 0.22 + 1e-9, `tick ${tick}: ${step}`);
      }
      last = shown;
    }
    stage.arrive(tick, [moving(tick)], delay);
  }
  assert.ok(last > 390);
});

test("nothing is ever NaN, in any order of calls and times", () => {
  const random = seeded(7);
  const stage = new Stage();
  let tick = 0;
  for (let round = 0; round < 500; round++) {
    tick = Math.max(0, tick + random(12) - 2);
    stage.arrive(tick, [[random(3), 0, { position: { x: random(9000), y: 0 }, heading: random(7) }]], random(300));
    const { tick: shown, tables } = stage.view.at(random(tick * TICK_MS + 1000));
    assert.ok(Number.isFinite(shown));
    for (const { position, heading } of [...tables.ships, tables.leader]) {
      assert.ok(Number.isFinite(position.x) && Number.isFinite(position.y));
      assert.ok(heading >= 0 && heading <= 2 * Math.PI);
    }
  }
});
