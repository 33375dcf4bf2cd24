/**
 * Tests of the timeline of arriving ticks, of steady clocks, of the playhead and of pings.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Pings } from "../../src/clock/ping.js";
import { Playhead } from "../../src/clock/playhead.js";
import { Samples } from "../../src/clock/samples.js";
import { SteadyClock } from "../../src/clock/steady.js";
import { Timeline } from "../../src/clock/timeline.js";
import { Link } from "../../src/network/link.js";
import { parseNetwork } from "../../src/network/profile.js";
import { seeded } from "../support/random.js";

const TICK_RATE_HZ = 30;
const TICK_MS = 1000 / TICK_RATE_HZ;

/**
 * Lets ticks arrive over a network.
 *
 * @param {Timeline} timeline
 * @param {string} network
 * @param {number} from
 * @param {number} to
 * @param {{ seed?: number, drift?: number, each?: (now: number, tick: number) => void }} [options] `drift`: the fraction by
 *   which the server's clock runs slower
 */
function play(timeline, network, from, to, { seed = 1, drift = 0, each } = {}) {
  const link = new Link(parseNetwork(network), seed, from * TICK_MS);
  let now = 0;
  for (let tick = from; tick < to; tick++) {
    now = link.send(tick * TICK_MS * (1 + drift), 100);
    timeline.arrived(tick, now);
    each?.(now, tick);
  }
  return now;
}

test("samples expire, and the greatest are outliers", () => {
  const samples = new Samples(100, 50);
  assert.deepEqual([samples.least(), samples.greatest(0.1)], [Infinity, -Infinity]);
  const random = seeded(3);
  /** @type {[number, number][]} */
  const all = [];
  for (let now = 0; now < 1000; now += random(5)) {
    const value = random(1000) - 500;
    samples.add(value, now);
    all.push([now, value]);
    const kept = all.slice(-50).filter(([at]) => now - at <= 100).map(([, value]) => value).sort((a, b) => a - b);
    assert.equal(samples.length, kept.length);
    assert.equal(samples.least(), kept[0]);
    const outliers = kept.length < 8 ? 0 : Math.max(Math.floor(kept.length / 10), 1);
    assert.equal(samples.greatest(0.1), kept[kept.length - 1 - outliers]);
  }
  samples.clear();
  assert.equal(samples.length, 0);
});

test("the due tick follows the least delayed arrivals, whatever the jitter and stalls", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const timeline = new Timeline(TICK_RATE_HZ);
    play(timeline, "delay=100ms,jitter=30ms,stall=2%:300ms", 0, 3000, {
      seed,
      each: (now, tick) => {
        // The least delay is 70 ms.
        const error = (timeline.tickAt(now) * TICK_MS - (now - 70)) * -1;
        assert.ok(tick < 60 || (error >= -1e-6 && error < 6), `seed ${seed}, tick ${tick}: ${error} ms`);
        assert.ok(tick < 200 || (timeline.jitterMs > 45 && timeline.jitterMs < 100), `${timeline.jitterMs}`);
      },
    });
  }
});

test("a lasting change of the delay is followed, and so is a clock that drifts", () => {
  const timeline = new Timeline(TICK_RATE_HZ);
  play(timeline, "delay=40ms,jitter=2ms", 0, 300);
  // It is not known yet whether the change lasts.
  const soon = play(timeline, "delay=140ms,jitter=2ms", 300, 400);
  assert.ok(Math.abs(timeline.tickAt(soon) * TICK_MS - (soon - 38)) < 1 && timeline.jitterMs > 95);
  const later = play(timeline, "delay=140ms,jitter=2ms", 400, 600);
  assert.ok(Math.abs(timeline.tickAt(later) * TICK_MS - (later - 138)) < 1 && timeline.jitterMs < 5);
  const back = play(timeline, "delay=40ms,jitter=2ms", 600, 601);
  assert.ok(Math.abs(timeline.tickAt(back) * TICK_MS - (back - 40)) < 3);

  const drifting = new Timeline(TICK_RATE_HZ);
  play(drifting, "delay=40ms,jitter=2ms", 0, 20_000, {
    drift: 0.0005,
    each: (now, tick) => {
      const behind = (now - 38) / (1 + 0.0005) / TICK_MS - drifting.tickAt(now);
      assert.ok(tick < 200 || Math.abs(behind) < 0.15, `tick ${tick}: ${behind}`);
    },
  });
});

test("another timeline is followed at once", () => {
  const timeline = new Timeline(TICK_RATE_HZ);
  play(timeline, "delay=40ms", 1000, 1100);
  timeline.arrived(5, 60_000);
  assert.ok(Math.abs(timeline.tickAt(60_000) - 5) < 1e-9);
});

test("the playhead never goes back and never jumps, whatever the network does", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const timeline = new Timeline(TICK_RATE_HZ);
    const playhead = new Playhead(timeline, TICK_RATE_HZ);
    const networks = ["delay=40ms,jitter=5ms", "delay=140ms,jitter=40ms,stall=1%:200ms", "delay=20ms", "delay=100ms,jitter=30ms"];
    let now = 0;
    let last = NaN;
    const delays = networks.map((network, index) => {
      play(timeline, network, index * 600, (index + 1) * 600, {
        seed,
        each: (arrival) => {
          for (; now <= arrival; now += 7) {
            const tick = playhead.at(now, Infinity);
            const ticks = tick - last;
            assert.ok(!(ticks < (7 / TICK_MS) * 0.9 - 1e-9) && !(ticks > (7 / TICK_MS) * 1.1 + 1e-9), `${last} to ${tick}`);
            last = tick;
          }
        },
      });
      return playhead.delayTicks;
    });
    assert.ok(delays[0] < 1.6 && delays[1] > 2.8 && delays[2] < 1.3 && delays[3] > 2.5, String(delays));
  }
});

test("a steady clock eases to its target, waits at its limit, and leaps only far and forward", () => {
  const clock = new SteadyClock(100, { slower: 0.1, faster: 0.2, easeMs: 100 });
  assert.equal(clock.read(0, 50), 50);
  assert.equal(clock.read(100, 60), 60);
  // It is to be 30 ticks, 300 ms, farther.
  assert.equal(clock.read(200, 100), 72);
  assert.equal(clock.read(300, 50), 81);
  // It waits at its limit; an earlier time changes nothing.
  assert.equal(clock.read(400, 91, 85), 85);
  assert.equal(clock.read(350, 91), 85);
  assert.equal(clock.read(400, 91, 20), 85);
  // It does not pass its target, however long it was not read.
  assert.equal(clock.read(10_400, 1086), 1086);
  // More than half a second ahead it leaps; more than that behind it stands.
  assert.equal(clock.read(10_500, 1147), 1147);
  assert.equal(clock.read(10_600, 1090), 1147);
  clock.mayLeap();
  assert.equal(clock.read(10_700, 1160), 1160);
  clock.mayLeap();
  assert.equal(clock.read(10_800, 1165), 1169);
  clock.reset();
  assert.equal(clock.read(10_900, 3), 3);
});

test("pongs that arrive late or together belong to their own pings", () => {
  const pings = new Pings();
  for (let now = 0; now < 5; now++) {
    pings.ping(now * 1000);
  }
  assert.deepEqual([pings.pong(1, 4500), pings.pong(3, 4600)], [0, 2000]);
  assert.deepEqual([pings.pong(2, 4700), pings.pong(9, 4700)], [undefined, undefined]);
  assert.equal(pings.leastMs, 2600);
  assert.equal(pings.pong(5, 5000), 4000);
  assert.equal(pings.leastMs, 1000);
});
