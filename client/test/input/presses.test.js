/** Tests of presses: each counts once, and the game gets the presses since the input before. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Input } from "../../src/schema/schema.js" */

import { writeInput } from "../../src/input/encode.js";
import { InputStruct } from "../../src/input/input-struct.js";
import { Inputs } from "../../src/input/inputs.js";
import { SMOOTH } from "../../src/schema/field.js";
import { FakeClock } from "../support/fake-clock.js";

const TICK_MS = 100;
const plain = { linear: false, interpolate: SMOOTH, audience: 0 };
/** @type {Input} Its neutral row is not all zeros. */
const INPUT = {
  fields: [
    { name: "speed", kind: { type: "Int", min: -2n, span: 4n, wide: false, big: false }, ...plain },
    { name: "dash", kind: { type: "Press" }, ...plain },
    { name: "wide", kind: { type: "Int", min: 0n, span: 0xffff_ffffn, wide: false, big: false }, ...plain },
    { name: "use", kind: { type: "Press" }, ...plain },
  ],
  neutral: Uint32Array.of(2, 0, 7, 0),
};

/** Inputs at ten ticks a second, and what they send. @param {number[]} presses the counts of presses before */
function playing(presses) {
  const clock = new FakeClock();
  const struct = new InputStruct(INPUT);
  /** @type {{ tick: number, row: number[] }[]} */
  const sent = [];
  const transmit = (/** @type {number} */ _, /** @type {number} */ tick, /** @type {Uint32Array} */ row) =>
    sent.push({ tick, row: [...row] });
  const inputs = new Inputs(struct, struct.start(presses), 10, clock, { tick: 0, lastInput: 0 }, transmit);
  return { clock, inputs, sent };
}

test("a press counts at once, goes out with the next input, and stays counted", () => {
  const { clock, inputs, sent } = playing([250, 3]);
  assert.deepEqual([...inputs.row], [2, 250, 7, 3]);
  // Two taps between two ticks.
  clock.pass(TICK_MS * 2.5);
  const before = sent.length;
  inputs.press("dash");
  clock.pass(5);
  inputs.press("dash");
  assert.equal(sent.length, before);
  clock.pass(TICK_MS);
  assert.deepEqual(sent.at(-1)?.row, [2, 252, 7, 3]);
  clock.pass(TICK_MS * 3);
  assert.deepEqual(sent.at(-1)?.row, [2, 252, 7, 3]);
  for (let press = 0; press < 6; press++) {
    inputs.press("dash");
  }
  clock.pass(TICK_MS);
  assert.deepEqual(sent.at(-1)?.row, [2, 2, 7, 3], "counted modulo 256");
  assert.throws(() => inputs.press("speed"), { name: "TypeError", message: "the input has no press speed, only dash, use" });
});

test("a rule gets the presses since the input before, also over ticks that were skipped and when the count begins anew", () => {
  const { clock, inputs, sent } = playing([255, 0]);
  inputs.press("dash");
  inputs.press("use");
  assert.deepEqual(inputs.readNext(), { speed: 0, dash: 1, wide: 7, use: 1 });
  clock.pass(TICK_MS * 2);
  const [first, second] = sent.map(({ tick }) => inputs.read(tick)?.dash);
  assert.deepEqual([first, second], [1, 0]);
  assert.equal(inputs.readNext().dash, 0);
  // The page sleeps: presses before the next input are in that one, and in none of the skipped ticks.
  inputs.pause();
  inputs.press("dash");
  const { tick } = inputs.newest;
  clock.pass(TICK_MS * 40);
  inputs.press("dash");
  inputs.reconnected();
  clock.pass(TICK_MS * 2);
  const newest = inputs.newest.tick;
  const presses = Array.from({ length: newest - tick }, (_, index) => inputs.read(tick + 1 + index));
  assert.equal(presses.reduce((sum, input) => sum + (input?.dash ?? NaN), 0), 2);
  assert.ok(presses.every((input) => input?.use === 0));
  assert.equal(inputs.read(newest + 1), undefined);
});

test("an input is written against the neutral row", () => {
  const struct = new InputStruct(INPUT);
  const header = { number: 1, ackedTick: 0, tick: 0, viewEighths: 0 };
  const body = (/** @type {number[]} */ ...row) => [...writeInput(struct, header, Uint32Array.from(row)).subarray(7)];
  assert.deepEqual(body(2, 0, 7, 0), [0]);
  // Counted from the neutral value and around: of 3 4 0 1 it is the first; of 8 … 2^32 - 1, 0 … 6 the last.
  assert.deepEqual(body(3, 0, 7, 0), [0b0000_0001]);
  assert.deepEqual(body(1, 0, 7, 0), [0b0000_0111]);
  assert.deepEqual(body(2, 0, 6, 0), [0b1111_0100, 0xff, 0xff, 0xff, 0b0000_0111]);
  // A count of presses: 255 of 256 values in eight bits.
  assert.deepEqual(body(2, 255, 7, 0), [0b1111_1010, 0b0000_0011]);
});
