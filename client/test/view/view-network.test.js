/**
 * Tests of the view of ships over simulated networks.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Drawn, Vec2 } from "../support/fleet.js" */

import { TICK_RATE_HZ, TICK_MS, fly, placeAt, watch } from "../support/fleet.js";
import { seeded } from "../support/random.js";

const SECONDS = 120;
/** Slower ships turn round too quickly to have a direction. */
const SLOW = 30;
/** The tolerance of quantization and of fading corrections, in units. */
const NOTHING = 0.02;
/** The time in which the error after a stall is corrected. */
const AFTERMATH_MS = 500;
/** The time until the network is known. */
const START_MS = 5000;

/**
 * The distance that a ship was shown moving along a direction.
 *
 * @param {Vec2} from
 * @param {Vec2} to
 * @param {{ dx: number, dy: number }} motion
 */
function along(from, to, { dx, dy }) {
  return ((to.x - from.x) * dx + (to.y - from.y) * dy) / Math.hypot(dx, dy);
}

/**
 * The distances of the ships from where they were at the tick shown.
 *
 * @param {Vec2[][]} truth
 * @param {Drawn} frame
 */
function errors(truth, { tick, ships }) {
  return ships.map((ship, index) => {
    const { x, y } = placeAt(truth, tick, index);
    return Math.hypot(ship.x - x, ship.y - y);
  });
}

/** @param {number[]} values @param {number} part */
function quantile(values, part) {
  return values.sort((a, b) => a - b)[Math.floor(values.length * part)];
}

test("on a network with jitter and stalls, ships are shown where they were, and never go back", (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const truth = fly(6, TICK_RATE_HZ * SECONDS, seeded(seed));
    const { drawn, playhead } = watch(truth, "delay=100ms,jitter=30ms,stall=1%:300ms", seed);
    const quiet = [];
    let stalls = 0;
    let calmAt = START_MS;
    let last = drawn[0];
    for (const frame of drawn.slice(1)) {
      if (frame.newest < frame.due) {
        stalls += Number(frame.now > calmAt);
        calmAt = frame.now + AFTERMATH_MS;
      }
      if (frame.now > calmAt) {
        quiet.push(...errors(truth, frame));
      }
      assert.ok(frame.tick >= last.tick);
      // 1.1 times as fast as time at most, and a frame's time is half a tick.
      assert.ok(frame.tick - last.tick <= 0.55 + 1e-9, `${last.tick} to ${frame.tick}`);
      frame.ships.forEach((ship, index) => {
        // Ships beyond their newest row move on as they did.
        const motion = placeAt(truth, Math.max(Math.min(frame.tick, frame.newest - 1e-9), 0), index);
        if (Math.hypot(motion.dx, motion.dy) > SLOW) {
          const step = along(last.ships[index], ship, motion);
          assert.ok(step >= -NOTHING, `seed ${seed}, tick ${frame.tick}, newest ${frame.newest}: ${step}`);
        }
      });
      last = frame;
    }
    const p99 = quantile(quiet, 0.99);
    const worst = quantile(quiet, 1 - 1e-9);
    t.diagnostic(`seed ${seed}: ${stalls} stalls; outside them p99 ${p99.toFixed(3)} units, worst ${worst.toFixed(2)}; ` +
      `delay ${(playhead.delayTicks * TICK_MS).toFixed(0)} ms`);
    assert.ok(stalls > 0 && p99 < 1 && worst < 2, `${stalls}, ${p99}, ${worst}`);
    assert.ok(quiet.length > drawn.length * 4);
    // 60 ms between the soonest and the latest, and one tick and a quarter.
    assert.ok(playhead.delayTicks > 2.5 && playhead.delayTicks < 3.25, String(playhead.delayTicks));
  }
});

test("the delay is as short as the network allows", () => {
  for (const [text, least, most] of /** @type {const} */ ([
    ["delay=1ms", 1.25, 1.26],
    ["delay=40ms,jitter=5ms", 1.4, 1.56],
    ["delay=300ms,jitter=150ms", 8, 10],
    ["delay=40ms,jitter=5ms,stall=3%:300ms", 1.4, 2.5],
  ])) {
    const truth = fly(2, TICK_RATE_HZ * 60, seeded(7));
    const { drawn, playhead } = watch(truth, text, 7);
    assert.ok(playhead.delayTicks >= least && playhead.delayTicks <= most, `${text}: ${playhead.delayTicks}`);
    const frames = drawn.filter(({ now, newest, due }) => now > START_MS && newest >= due);
    const waiting = frames.filter(({ tick, newest }) => tick > newest).length;
    assert.ok(waiting < frames.length * 0.02, `${text}: ${waiting} of ${frames.length} beyond what is known`);
  }
});
