/**
 * Interpolation on a clock that is not one.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Field, FieldKind } from "../src/schema.js" */

import { Frame } from "../src/frame.js";
import { interpolate } from "../src/interpolate.js";
import { maxQuantized } from "../src/quantize.js";
import { ALL, SMOOTH } from "../src/schema.js";
import { allParts, tableStructs } from "../src/struct.js";
import { Timeline } from "../src/timeline.js";
import { View } from "../src/view.js";
import { seeded } from "./support.js";

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
];
const structs = tableStructs({
  tables: [
    { name: "ships", single: false, placed: false, audience: ALL, fields },
    { name: "leader", single: true, placed: false, audience: ALL, fields },
  ],
  input: [],
});

/** A view, and a server that ticks at 0, 50, 100… ms and whose snapshots take `delay` ms. */
class Stage {
  timeline = new Timeline(TICK_RATE_HZ);
  view = new View(structs, TICK_RATE_HZ, this.timeline, DELAY_TICKS);

  /**
   * A snapshot arrives. Ships are `[slot, generation, fields]`.
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

test("before any snapshot there is an empty world", () => {
  const { view, timeline } = new Stage();
  timeline.arrived(0, 0);
  assert.deepEqual(view.at(10).tables.ships, []);
  assert.deepEqual(view.at(10).tables.leader, { position: { x: 0, y: 0 }, heading: 0, alive: false });
});

test("what moves evenly is shown moving evenly, late by the delay", () => {
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

test("each kind of field has its rule", () => {
  /** @type {FieldKind} */
  const angle = { type: "Angle", bits: 10 };
  const turn = 2 * Math.PI;
  assert.ok(Math.abs(interpolate(angle, turn - 0.1, 0.3, 0.5) - 0.1) < 1e-12);
  assert.ok(Math.abs(interpolate(angle, 0.1, turn - 0.3, 0.5) - (turn - 0.1)) < 1e-12);
  assert.ok(Math.abs(interpolate(angle, 1, 2, 0.25) - 1.25) < 1e-12);
  /** @type {FieldKind} */
  const quat = { type: "Quat", bits: 9 };
  const half = interpolate(quat, { x: 0, y: 0, z: 0, w: 1 }, { x: 0, y: 0, z: -1, w: 0 }, 0.5);
  assert.ok(Math.abs(half.z + Math.SQRT1_2) < 1e-12 && Math.abs(half.w - Math.SQRT1_2) < 1e-12);
  const same = interpolate(quat, { x: 0, y: 0, z: 0, w: 1 }, { x: 0, y: 0, z: 0, w: -1 }, 0.5);
  assert.deepEqual({ ...same, x: Math.abs(same.x) }, { x: 0, y: 0, z: 0, w: 1 });
  assert.equal(interpolate({ type: "Bool" }, false, true, 0.99), false);
  assert.equal(interpolate({ type: "Bool" }, false, true, 1), true);
  assert.equal(interpolate({ type: "Text", maxBytes: 4 }, "a", "b", 0.5), "a");
});

test("entities come and go when their snapshots' time has come", () => {
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

test("late data: the newest is held, then caught up with, without a leap", () => {
  const stage = new Stage();
  for (let tick = 1; tick <= 20; tick++) {
    stage.arrive(tick, [moving(tick)]);
    stage.view.at(tick * TICK_MS);
  }
  // Four ticks are missing, then all come at once.
  let last = stage.view.at(20 * TICK_MS).tick;
  for (let now = 20 * TICK_MS; now < 25 * TICK_MS; now += 10) {
    const { tick } = stage.view.at(now);
    assert.ok(tick >= last && tick <= 20);
    last = tick;
  }
  assert.equal(last, 20);
  for (let tick = 21; tick <= 80; tick++) {
    stage.arrive(tick, [moving(tick)], tick < 25 ? (25 - tick) * TICK_MS : 0);
    for (let now = Math.max(tick, 25) * TICK_MS; tick >= 25 && now < (tick + 1) * TICK_MS; now += 10) {
      const { tick: shown } = stage.view.at(now);
      assert.ok(shown >= last && shown - last <= 0.2 * 1.1 + 1e-9, `${last} to ${shown}`);
      last = shown;
    }
  }
  assert.ok(Math.abs(last - (80.8 - DELAY_TICKS)) < 0.5);
});

test("after a long silence it leaps instead of fast-forwarding", () => {
  const stage = new Stage();
  stage.arrive(1, [moving(1)]);
  stage.view.at(3 * TICK_MS);
  stage.view.at(100 * TICK_MS);
  stage.arrive(100, [moving(100)]);
  stage.arrive(101, [moving(101)]);
  stage.arrive(102, [moving(102)]);
  assert.ok(stage.view.at(102.5 * TICK_MS).tick > 100);
});

test("varying delays do not make the picture jerk", () => {
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

test("a lasting change of delay is followed", () => {
  const timeline = new Timeline(TICK_RATE_HZ);
  for (let tick = 0; tick < 100; tick++) {
    timeline.arrived(tick, tick * TICK_MS);
  }
  assert.ok(Math.abs(timeline.tickAt(5000) - 100) < 1e-9);
  for (let tick = 100; tick < 200; tick++) {
    timeline.arrived(tick, tick * TICK_MS + 100);
  }
  assert.ok(Math.abs(timeline.tickAt(10_100) - 200) < 0.05);
  timeline.arrived(200, 200 * TICK_MS);
  assert.ok(Math.abs(timeline.tickAt(10_000) - 200) < 1e-9);
});

test("nothing is ever NaN, whatever the order of calls and times", () => {
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
