/**
 * Tests of inputs over simulated networks: when they are sent, and how many are in time.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { InputStruct } from "../../src/input/input-struct.js";
import { Inputs } from "../../src/input/inputs.js";
import { FakeClock } from "../support/fake-clock.js";
import { Playing, TICK_MS } from "../support/playing.js";

const START_MS = 5000;
const MINUTES_5_MS = 300_000;

/**
 * The outcome of the inputs that were sent from `start` to `end`, in milliseconds since the beginning.
 *
 * `missed`: the part that was not taken for its tick. `stalled`: the part that was longer on its way than `latestMs`, which is
 * the latest that the network delivers unless it stalls. `missedInTime`: how many of the others were missed. `spareTicks`: the
 * mean of how much earlier than necessary they were sent, that is of the time from sending to the tick, less `latestMs`: what an
 * input waits on the server beyond what the jitter makes necessary.
 *
 * @param {Playing} playing
 * @param {number} latestMs
 * @param {number} [start]
 * @param {number} [end]
 */
function fates(playing, latestMs, start = START_MS, end = Infinity) {
  const { sent, taken, clock } = playing;
  const judged = sent.filter(({ tick, sentAt }) => {
    const at = sentAt - Playing.START;
    return at >= start && at < end && playing.timeOf(tick) + 1000 < clock.now();
  });
  const isMissed = (/** @type {import("../support/playing.js").Sent} */ { number, tick }) => taken.get(tick) !== number;
  const stalled = judged.filter(({ sentAt, arrivesAt }) => arrivesAt - sentAt > latestMs + 1e-6);
  const missed = judged.filter(isMissed);
  const missedStalled = stalled.filter(isMissed).length;
  const spare = judged.reduce((sum, { tick, sentAt }) => sum + playing.timeOf(tick) - sentAt - latestMs, 0);
  return {
    count: judged.length,
    missed: missed.length / judged.length,
    stalled: stalled.length / judged.length,
    missedInTime: missed.length - missedStalled,
    spareTicks: spare / judged.length / TICK_MS,
  };
}

test("on a network with jitter and stalls, inputs are in time and hardly early", (t) => {
  const all = [];
  for (let seed = 1; seed <= 10; seed++) {
    const playing = new Playing("delay=100ms,jitter=30ms,stall=1%:300ms", seed);
    playing.clock.pass(MINUTES_5_MS);
    const { count, missed, stalled, missedInTime, spareTicks } = fates(playing, 130);
    t.diagnostic(`seed ${seed}: ${(missed * 100).toFixed(2)} % missed, of ${(stalled * 100).toFixed(2)} % that were stalled; ` +
      `${missedInTime} others; ${spareTicks.toFixed(2)} ticks to spare`);
    assert.ok(count > 8800);
    // Inputs that a stall holds up for 300 ms are late, and no others.
    assert.ok(missed <= stalled && missedInTime === 0, `${missed} of ${stalled}, ${missedInTime}`);
    assert.ok(spareTicks >= 0 && spareTicks < 1.5, String(spareTicks));
    // The client counts the inputs that were missed.
    const really = playing.sent.filter(({ tick, number }) => tick <= playing.tick && playing.taken.get(tick) !== number).length;
    assert.ok(Math.abs(playing.inputs.missed - really) <= 15, `${playing.inputs.missed}, not ${really}`);
    all.push(missed);
  }
  const mean = all.reduce((sum, missed) => sum + missed) / all.length;
  t.diagnostic(`missed on average: ${(mean * 100).toFixed(2)} %`);
  assert.ok(mean <= 0.01, String(mean));
});

test("on a local network inputs wait for a part of a tick", (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const playing = new Playing("delay=1ms", seed);
    playing.clock.pass(60_000);
    const { missed, spareTicks } = fates(playing, 1);
    t.diagnostic(`seed ${seed}: ${spareTicks.toFixed(2)} ticks to spare`);
    assert.equal(missed, 0);
    assert.ok(spareTicks > 0.1 && spareTicks < 0.5, String(spareTicks));
    // From the first pong on none is late, and from the first second on none waits for long.
    assert.equal(fates(playing, 1, 100).missed, 0);
    assert.ok(fates(playing, 1, 1000).spareTicks < 1);
  }
});

test("from the first pong on inputs are in time on any network", () => {
  for (const delay of [0, 20, 70, 150, 400]) {
    const playing = new Playing(`delay=${delay}ms`, 3);
    playing.clock.pass(20_000);
    const { missed } = fates(playing, delay, 2 * delay + 2 * TICK_MS);
    assert.equal(missed, 0, `${delay} ms`);
    assert.ok(fates(playing, delay, START_MS).spareTicks < 0.6);
  }
});

test("if the way to the server varies more than the way back, few inputs are late before that is known", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const playing = new Playing("delay=60ms,jitter=40ms", seed);
    playing.down.change("delay=60ms,jitter=2ms", playing.clock.now());
    playing.clock.pass(MINUTES_5_MS);
    const { missed, spareTicks } = fates(playing, 100);
    assert.ok(missed < 0.005 && spareTicks < 1, `${missed}, ${spareTicks}`);
  }
});

test("a lasting change of the delay is followed in both directions", (t) => {
  for (let seed = 1; seed <= 5; seed++) {
    const playing = new Playing("delay=40ms,jitter=5ms", seed);
    const change = (/** @type {number} */ delay) => {
      const now = playing.clock.now();
      playing.up.change(`delay=${delay}ms,jitter=5ms`, now);
      playing.down.change(`delay=${delay}ms,jitter=5ms`, now);
    };
    playing.clock.pass(60_000);
    change(140);
    playing.clock.pass(60_000);
    change(40);
    playing.clock.pass(60_000);
    const phases = [[5000, 60_000], [62_000, 120_000], [135_000, 180_000]];
    const [before, during, after] = phases.map(([start, end], index) => fates(playing, index === 1 ? 145 : 45, start, end));
    const turning = fates(playing, 45, 60_000, 62_000);
    const spare = [before, during, after].map(({ spareTicks }) => spareTicks.toFixed(2));
    t.diagnostic(`seed ${seed}: to spare ${spare.join(", ")} ticks; ` +
      `missed at the change ${(turning.missed * turning.count).toFixed(0)}`);
    for (const { missed, spareTicks } of [before, during, after]) {
      assert.ok(missed < 0.005 && spareTicks < 1.5, `${missed}, ${spareTicks}`);
    }
    // An error of 100 ms is corrected in about a second, and it is known after 180 ms.
    assert.ok(turning.missed * turning.count < 45, String(turning.missed * turning.count));
    const back = fates(playing, 45, 121_000, 135_000);
    assert.equal(back.missed, 0);
  }
});

test("the input clock is steady: one input a tick, never a burst, never back", () => {
  const playing = new Playing("delay=100ms,jitter=30ms,stall=2%:300ms", 4);
  const { inputs, clock } = playing;
  let last = inputs.tickAt(clock.now());
  let steady = clock.now();
  for (let frame = 0; frame < 6000; frame++) {
    clock.pass(10);
    const tick = inputs.tickAt(clock.now());
    // The first pong may make it leap; after that it is at most a quarter faster and a tenth slower than time.
    if (frame > 50) {
      const ticks = tick - last;
      assert.ok(ticks > 0.89 * (10 / TICK_MS) && ticks < 1.26 * (10 / TICK_MS), `${ticks}`);
      steady++;
    }
    last = tick;
  }
  assert.ok(steady > 5000);
  playing.sent.forEach(({ tick, number, sentAt }, index) => {
    const before = playing.sent[index - 1];
    assert.equal(number, index + 1);
    if (before !== undefined && sentAt > Playing.START + 500) {
      assert.equal(tick, before.tick + 1);
      assert.ok(sentAt - before.sentAt > 0.79 * TICK_MS);
    }
  });
});

test("inputs can be looked up by tick, and skipped ticks have the input that the server repeats", () => {
  const playing = new Playing("delay=20ms", 1);
  const { inputs, clock } = playing;
  /** @type {[number, number][]} */
  const reported = [];
  inputs.onTick = (tick, row) => reported.push([tick, row[0]]);
  inputs.write({ value: 5 });
  clock.pass(1000);
  const { tick, number } = inputs.newest;
  assert.deepEqual([inputs.at(tick)?.[0], inputs.at(tick + 1), number], [5, undefined, playing.sent.length]);
  inputs.write({ value: 6 });
  clock.pass(TICK_MS);
  assert.deepEqual([inputs.at(tick)?.[0], inputs.at(tick + 1)?.[0]], [5, 6]);

  // Nothing runs for 20 ticks; then one input is sent.
  const sent = playing.sent.length;
  inputs.write({ value: 7 });
  clock.hold(20 * TICK_MS);
  inputs.advance(clock.now());
  inputs.advance(clock.now());
  assert.equal(playing.sent.length, sent + 1);
  const { tick: now, number: numberNow } = inputs.newest;
  assert.equal(numberNow, number + 2);
  const skipped = Array.from({ length: now - tick - 2 }, (_, index) => inputs.at(tick + 2 + index)?.[0]);
  assert.deepEqual(skipped, skipped.map((_, index) => (index < 15 ? 6 : 0)));
  assert.equal(inputs.at(now)?.[0], 7);
  assert.deepEqual(reported.map(([tick]) => tick), reported.map((_, index) => reported[0][0] + index));
  reported.slice(-30).forEach(([tick, value]) => assert.equal(inputs.at(tick)?.[0], value));

  // At most 128 ticks are kept.
  clock.pass(200 * TICK_MS);
  assert.ok(inputs.at(inputs.newest.tick - 127) !== undefined && inputs.at(inputs.newest.tick - 128) === undefined);
});

test("a page that was reloaded numbers its inputs on, and learns nothing from those before", () => {
  for (const lastInput of [0, 5, 255, 70_000]) {
    const clock = new FakeClock();
    const struct = new InputStruct({ fields: [], neutral: new Uint32Array() });
    const numbers = /** @type {number[]} */ ([]);
    const inputs = new Inputs(struct, struct.start([]), 10, clock, { tick: 100, lastInput }, (number) => numbers.push(number));
    const before = inputs.tickAt(clock.now());
    clock.pass(200);
    // The snapshot acknowledges an input of the page before.
    inputs.acknowledge({ number: lastInput & 0xff, slackTicks: -9 }, 101, clock.now(), 0);
    clock.pass(800);
    assert.deepEqual(numbers, Array.from({ length: 10 }, (_, index) => lastInput + 1 + index));
    assert.ok(Math.abs(inputs.tickAt(clock.now()) - before - 10) < 0.01 && inputs.missed <= 1, `${inputs.missed} missed`);
  }
});

test("after a sleep one input is sent, and those that follow are in time", () => {
  const playing = new Playing("delay=30ms", 2);
  const { clock, inputs } = playing;
  clock.pass(5000);
  const before = playing.sent.length;
  let ticks = 0;
  inputs.onTick = () => ticks++;
  const timeline = playing.timeOf(playing.tick);
  clock.hold(3_600_000);
  inputs.advance(clock.now());
  assert.equal(playing.sent.length, before + 1);
  assert.ok(ticks <= 128);
  assert.ok(inputs.newest.tick > playing.tick + (clock.now() - timeline) / TICK_MS);
});

test("after the server has stood still, its client waits for it instead of sending inputs that are dropped", () => {
  const playing = new Playing("delay=30ms", 2);
  const { clock } = playing;
  clock.pass(5000);
  playing.stall(60);
  clock.pass(15_000);
  const { missed, spareTicks } = fates(playing, 30, 13_000);
  assert.equal(missed, 0);
  assert.ok(spareTicks < 2, String(spareTicks));
  assert.ok(playing.buffer.counts.future < 150);
});
