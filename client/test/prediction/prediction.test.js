/** Tests of prediction against a server with the same rules, which receives inputs late and sends quantized states. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Prediction } from "../../src/prediction/prediction.js";
import { seeded } from "../support/random.js";

const TICK_MS = 1000 / 30;
const DT = 1 / 30;
const STEP = 1 / 16;
const SPEED = 720;

/** @typedef {{ x: number, y: number }} Vec */
/** @typedef {{ position: Vec, velocity: Vec, health: number, heading: number }} Ship */

/**
 * The rules: thrust, drag, and a nose that turns by itself.
 *
 * @param {any} ship
 * @param {Record<string, any>} input
 * @param {number} dt
 */
function fly(ship, { x, y }, dt) {
  ship.velocity.x = (ship.velocity.x + x * SPEED * dt) * (1 - 1.5 * dt);
  ship.velocity.y = (ship.velocity.y + y * SPEED * dt) * (1 - 1.5 * dt);
  ship.position.x += ship.velocity.x * dt;
  ship.position.y += ship.velocity.y * dt;
  ship.heading = (ship.heading + 0.7 * dt) % (2 * Math.PI);
}

/** @param {any} ship @param {any} before @param {number} seconds */
function restore(ship, before, seconds) {
  const along = (/** @type {"x" | "y"} */ axis) =>
    before === undefined ? 0 : (ship.position[axis] - before.position[axis]) / seconds;
  ship.velocity = { x: along("x"), y: along("y") };
}

const range = { min: 0, max: 2000, step: STEP, maxQuantized: 32_000 };
/** @type {import("../../src/schema/kinds.js").Field[]} */
const FIELDS = /** @type {any} */ ([
  { name: "position", kind: { type: "Vec2", axes: [range, range] } },
  { name: "heading", kind: { type: "Angle", bits: 10 } },
  { name: "health", kind: { type: "Int", min: 0n, span: 100n, wide: false, big: false } },
]);

/** A client and its server: inputs take `lead` ticks to be consumed, and snapshots as long to come back. */
class Pair {
  /** @type {Ship} */
  ship = { position: { x: 1000, y: 1000 }, velocity: { x: 0, y: 0 }, health: 100, heading: 6 };
  id = 7;
  tick = 0;
  input = { x: 0, y: 0 };
  /** @type {Map<number, Vec>} */
  inputs = new Map();
  /** @type {Map<number, any>} */
  snapshots = new Map();
  /** Ticks on which the server repeats the input before. */
  missed = new Set();
  firsts = 0;

  /**
   * @param {number} lead
   * @param {boolean} [sendsVelocity] whether the wire has the velocity
   */
  constructor(lead, sendsVelocity = false) {
    this.lead = lead;
    this.sendsVelocity = sendsVelocity;
    this.prediction = new Prediction(
      {
        table: "ships",
        entity: ({ id }) => id === this.id,
        fields: ["position", "heading"],
        apply: (state, input, dt, { first }) => {
          fly(state, input, dt);
          this.firsts += Number(first);
        },
        restore: sendsVelocity ? undefined : restore,
      },
      FIELDS,
      30,
      (tick) => this.inputs.get(tick),
    );
  }

  /** One tick of the client's inputs, the server's tick that is due, and the snapshot that arrives. */
  advance() {
    this.tick++;
    const server = this.tick - this.lead;
    this.inputs.set(this.tick, { ...this.input });
    this.prediction.step(this.tick);
    if (server > 0) {
      const consumed = this.missed.has(server) ? this.inputs.get(server - 1) : this.inputs.get(server);
      fly(this.ship, consumed ?? { x: 0, y: 0 }, DT);
      this.snapshots.set(server, this.#serverState());
    }
    const confirmed = server - this.lead;
    if (this.snapshots.has(confirmed)) {
      this.prediction.reconcile(confirmed, this.snapshots.get(confirmed));
    }
    this.shown();
  }

  #serverState() {
    const { position, velocity, health, heading } = this.ship;
    const whole = (/** @type {number} */ value, /** @type {number} */ step) => Math.round(value / step) * step;
    return {
      ...(this.sendsVelocity ? { velocity: { ...velocity } } : {}),
      id: this.id,
      health,
      heading: whole(heading, (2 * Math.PI) / 1024),
      position: { x: whole(position.x, STEP), y: whole(position.y, STEP) },
    };
  }

  shown(part = 0, now = this.tick * TICK_MS) {
    return this.prediction.at(this.tick + part, this.input, now + part * TICK_MS);
  }
}

test("without other influences the prediction is exact", () => {
  for (const lead of [1, 4, 12]) {
    const random = seeded(lead);
    const pair = new Pair(lead);
    let worst = 0;
    for (let tick = 0; tick < 2000; tick++) {
      if (random(10) === 0) pair.input = { x: random(3) - 1, y: random(3) - 1 };
      pair.advance();
      // From a new entity's first snapshot on; with its speed unknown, it may take a moment.
      if (tick > 3 * lead) worst = Math.max(worst, pair.prediction.error);
    }
    assert.ok(worst <= STEP * 0.71, `lead ${lead}: off by ${worst}`);
    // From the first snapshot's arrival on, every tick once.
    assert.equal(pair.firsts, 2000 - 2 * lead - 1);
  }
});

test("an input shows at once, before it is sent", () => {
  const pair = new Pair(4);
  for (let tick = 0; tick < 30; tick++) pair.advance();
  const before = pair.shown(0.5);
  pair.input = { x: 1, y: 0 };
  const after = pair.shown(0.5);
  const moved = after?.position.x - before?.position.x;
  assert.ok(Math.abs(moved - SPEED * (DT / 2) * (DT / 2) * (1 - 0.75 * DT)) < 1e-9, `${moved}`);
  // And it goes on from there: the picture of a whole tick is the tick's.
  const whole = pair.shown(1)?.position;
  pair.advance();
  assert.deepEqual(pair.shown(0)?.position, whole);
});

test("an influence that the prediction does not know is corrected smoothly, and the error is reported", () => {
  const pair = new Pair(5);
  pair.input = { x: 1, y: 0.5 };
  for (let tick = 0; tick < 40; tick++) pair.advance();
  pair.ship.velocity = { x: 200, y: 50 };
  let last = pair.shown()?.position;
  let furthest = 0;
  let largest = 0;
  for (let tick = 0; tick < 40; tick++) {
    pair.advance();
    largest = Math.max(largest, pair.prediction.error);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      const position = pair.shown(part)?.position;
      furthest = Math.max(furthest, Math.hypot(position.x - last.x, position.y - last.y));
      last = position;
    }
  }
  assert.ok(largest > 5, `the bump came as a surprise: ${largest}`);
  // Two tenths of the correction in a quarter of a tick, and the ship's own way.
  assert.ok(furthest < 25, `the largest step between two pictures: ${furthest}`);
  // Once all has settled, it is right again, but for what the speed's rounding makes of it.
  assert.ok(pair.prediction.error < 0.3, `${pair.prediction.error}`);
});

test("a correction fades in a tenth of a second", () => {
  const pair = new Pair(1, true);
  for (let tick = 0; tick < 20; tick++) pair.advance();
  const before = pair.shown()?.position.x;
  pair.ship.position.x += 40;
  pair.advance();
  pair.advance();
  const now = pair.tick * TICK_MS;
  const shownAt = (/** @type {number} */ ms) => pair.prediction.at(pair.tick, pair.input, now + ms)?.position.x - before;
  const [first, half, end] = [shownAt(0), shownAt(50), shownAt(100)];
  assert.ok(Math.abs(first) < STEP, `at first it is where it was: ${first}`);
  assert.ok(Math.abs(half - 40 * (1 - Math.sqrt(1 / 20))) < 0.1, `after 50 ms ${half}`);
  assert.ok(Math.abs(end - 40 * 0.95) < 0.1, `after 100 ms ${end}`);
});

test("a leap shows at once, without a correction", () => {
  const pair = new Pair(2, true);
  for (let tick = 0; tick < 20; tick++) pair.advance();
  pair.ship.position.x += 400;
  for (let tick = 0; tick < 4; tick++) pair.advance();
  assert.ok(Math.abs(pair.shown()?.position.x - 1400) < 1);
});

test("an input that arrived too late is corrected", () => {
  const random = seeded(3);
  const pair = new Pair(4);
  for (let tick = 1; tick < 600; tick++) {
    if (random(20) === 0) pair.missed.add(tick);
    if (random(10) === 0) pair.input = { x: random(3) - 1, y: random(3) - 1 };
    pair.advance();
  }
  pair.missed.clear();
  pair.input = { x: 0, y: 0 };
  for (let tick = 0; tick < 200; tick++) pair.advance();
  const { position } = pair.ship;
  const shown = pair.shown()?.position;
  assert.ok(Math.hypot(shown.x - position.x, shown.y - position.y) < 1, `${JSON.stringify([shown, position])}`);
});

test("fields that are not predicted have the server's value", () => {
  const pair = new Pair(3);
  for (let tick = 0; tick < 20; tick++) pair.advance();
  pair.ship.health = 40;
  for (let tick = 0; tick < 4; tick++) pair.advance();
  assert.equal(pair.shown()?.health, 40);
  assert.equal(pair.shown()?.id, 7);
});

test("a despawned entity is not predicted, and the next one starts at its own place", () => {
  const pair = new Pair(3);
  pair.input = { x: 1, y: 1 };
  for (let tick = 0; tick < 40; tick++) pair.advance();
  pair.prediction.reconcile(pair.tick - 6, undefined);
  assert.equal(pair.prediction.id, undefined);
  assert.equal(pair.shown(), undefined);
  pair.prediction.step(pair.tick + 1);
  assert.equal(pair.shown(), undefined);
  pair.id = 8;
  pair.input = { x: 0, y: 0 };
  pair.ship = { position: { x: 100, y: 100 }, velocity: { x: 0, y: 0 }, health: 100, heading: 0 };
  for (let tick = 0; tick < 60; tick++) pair.advance();
  assert.equal(pair.shown()?.id, 8);
  const { position } = pair.ship;
  assert.ok(Math.hypot(pair.shown()?.position.x - position.x, pair.shown()?.position.y - position.y) < 1);
});

test("without snapshots the prediction goes on, and the oldest ticks are dropped", () => {
  const pair = new Pair(2, true);
  for (let tick = 0; tick < 20; tick++) pair.advance();
  const start = pair.tick;
  for (let tick = 0; tick < 300; tick++) {
    pair.tick++;
    pair.inputs.set(pair.tick, { x: 0, y: 0 });
    pair.prediction.step(pair.tick);
  }
  assert.ok(pair.shown() !== undefined);
  const ship = { id: 7, health: 1, heading: 0, velocity: { x: 0, y: 0 } };
  pair.prediction.reconcile(start, { ...ship, position: { x: 5, y: 5 } });
  assert.deepEqual([pair.shown()?.position.x, pair.shown()?.health], [5, 1], "that far back nothing is known to compare with");
});

test("only floats, vectors and angles can be predicted", () => {
  const make = (/** @type {string} */ name) =>
    new Prediction({ table: "ships", entity: () => true, fields: [name], apply: () => {} }, FIELDS, 30, () => undefined);
  assert.throws(() => make("health"), /health cannot be predicted: it is of the kind Int, not a float, vector or angle/);
  assert.throws(() => make("speed"), /no field speed, only position, heading, health/);
});
