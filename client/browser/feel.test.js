/**
 * Prediction and interpolation over a bad network, in a real Chromium against the real server. The page simulates the network
 * (`?net=`); a sampler in it records each animation frame and each snapshot, and the two are compared here.
 */

/** @import { Browser } from "playwright-core" */
/** @import { Player } from "./support/players.js" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { roomWith, startBots, startBrowser, startServer } from "./support/harness.js";
import { inRoom, play, steer, untilRoom } from "./support/players.js";

const NET = "delay=100ms,jitter=30ms,stall=1%:300ms";
const TICK_MS = 1000 / 30;
const SECONDS = 25;

/** @typedef {{ player: number, x: number, y: number, gap: number }} Ship `gap`: the distance to the nearest object */
/** @typedef {{ at: number, now: number, tick: number, inputTick: number, ships: Ship[] }} Frame */
/** @typedef {{ at: number, tick: number, error: number, ships: Ship[] }} Snapshot */
/** @typedef {{ own: number, keys: number[], frames: Frame[], snapshots: Snapshot[] }} Samples */

/** @type {Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

test("over a bad network the own ship responds at once, and others are shown as they flew", { timeout: 120_000 }, async (t) => {
  const server = await startServer({ flags: ["--seed", "3"] });
  const bots = startBots(server.url, "arena", 5);
  const room = await roomWith(server.url, 5);
  const ada = await play(browser, server.url, "arena", "Ada", { room, net: NET, netseed: "7" });
  // The clock has settled, and the network's jitter is known.
  await untilRoom(ada, (room) => room.stats.snapshots > 150);
  await inRoom(ada, startSampling);
  const keys = ["KeyD", "KeyS", "KeyA", "KeyW"];
  for (let turn = 0; turn * 0.5 < SECONDS; turn++) {
    // Around and around, with a pause in each round that brings the ship to rest.
    if (turn % 5 < 4) await ada.page.keyboard.down(keys[turn % 4]);
    await ada.page.waitForTimeout(turn % 5 < 4 ? 350 : 700);
    await steer(ada, { x: 0, y: 0 });
  }
  const samples = /** @type {Samples} */ (await ada.page.evaluate("window.samples"));
  const stats = await inRoom(ada, (room) => room.stats);
  const { leastPingMs, jitterMs, interpolationDelayMs, inputsSent, inputsMissed } = stats;
  assert.equal(stats.mismatches, 0);
  assert.ok(leastPingMs > 140, `the network is as slow as it should be: ${leastPingMs} ms`);
  t.diagnostic(`ping ${leastPingMs} ms, jitter ${jitterMs} ms, shown ${interpolationDelayMs} ms late`);
  t.diagnostic(`${inputsMissed} of ${inputsSent} inputs missed their ticks`);
  assert.deepEqual(ada.errors, []);
  t.diagnostic(`${samples.frames.length} frames, ${samples.snapshots.length} snapshots, ${samples.keys.length} keys`);

  checkKeys(samples, t);
  checkPrediction(samples, t);
  checkOthers(samples, t);
  await ada.page.context().close();
  bots.kill();
  assert.equal(await server.stop(), 0);
});

/**
 * Lets the page record every frame and every snapshot from now on.
 *
 * @param {any} room
 */
function startSampling(room) {
  /** @type {Samples} */
  const samples = { own: room.player, keys: [], frames: [], snapshots: [] };
  /** @param {Record<string, any>} tables @returns {Ship[]} */
  const read = (tables) => {
    const radius = { Small: 16, Medium: 30, Large: 52 };
    const ships = [...tables.ships].map(({ player, position }) => ({ player, ...position, radius: 18 }));
    const rocks = [...tables.rocks].map(({ position, size }) => ({ ...position, radius: radius[/** @type {"Small"} */ (size)] }));
    return ships.map((ship) => {
      const others = [...ships, ...rocks].filter((other) => other !== ship);
      const gaps = others.map(({ x, y, radius }) => Math.hypot(x - ship.x, y - ship.y) - radius - 18);
      return { player: ship.player, x: ship.x, y: ship.y, gap: Math.min(...gaps) };
    });
  };
  room.on("snapshot", (/** @type {{ tick: number }} */ { tick }) => {
    const at = performance.now();
    samples.snapshots.push({ at, tick, error: room.stats.predictionError, ships: read(room.tables) });
  });
  /** @param {number} now */
  const frame = (now) => {
    const { tick, tables } = room.view(now);
    samples.frames.push({ at: performance.now(), now, tick, inputTick: room.inputs.tickAt(now), ships: read(tables) });
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  addEventListener("keydown", ({ repeat }) => repeat || samples.keys.push(performance.now()), true);
  Object.assign(window, { samples });
}

/**
 * Checks that on the very next frame after a key the own ship moves differently.
 *
 * @param {Samples} samples
 * @param {import("node:test").TestContext} t
 */
function checkKeys({ own, keys, frames, snapshots }, t) {
  const place = (/** @type {number} */ index) => frames[index]?.ships.find(({ player }) => player === own);
  let asked = 0;
  for (const key of keys) {
    const next = frames.findIndex(({ at }) => at > key);
    const [before, last, now] = [place(next - 2), place(next - 1), place(next)];
    if (!before || !last || !now || !isFree(snapshots, own, frames[next].inputTick)) continue;
    // The speed changes by the engine's thrust: without it, it would only fall off by the drag.
    const speed = (/** @type {Ship} */ a, /** @type {Ship} */ b, /** @type {number} */ index) => {
      const seconds = ((frames[index].inputTick - frames[index - 1].inputTick) * TICK_MS) / 1000;
      return { x: (b.x - a.x) / seconds, y: (b.y - a.y) / seconds };
    };
    const [then, after] = [speed(before, last, next - 1), speed(last, now, next)];
    const change = Math.hypot(after.x - then.x * 0.99, after.y - then.y * 0.99);
    asked++;
    assert.ok(change > 1, `a key made no difference on the next frame: ${change} units/s`);
  }
  t.diagnostic(`${asked} keys moved the ship on the next frame`);
  assert.ok(asked > 10, `${asked} keys were pressed in flight`);
}

/**
 * Checks that the prediction for a tick equals the server's state of it.
 *
 * @param {Samples} samples
 * @param {import("node:test").TestContext} t
 */
function checkPrediction({ own, frames, snapshots }, t) {
  const free = snapshots.filter(({ tick }) => isFree(snapshots, own, tick));
  const errors = free.map(({ error }) => error);
  const shown = [];
  for (const { inputTick, ships } of frames) {
    const ship = ships.find(({ player }) => player === own);
    const truth = truthAt(snapshots, own, inputTick);
    if (ship && truth && isFree(snapshots, own, inputTick)) shown.push(Math.hypot(ship.x - truth.x, ship.y - truth.y));
  }
  t.diagnostic(`prediction, in units: ${summary(errors)}; as it was shown: ${summary(shown)}`);
  assert.ok(errors.length > 200);
  assert.ok(quantile(errors, 0.99) < 1);
}

/**
 * Checks that other ships are shown where they were, and never move backwards.
 *
 * @param {Samples} samples
 * @param {import("node:test").TestContext} t
 */
function checkOthers({ own, frames, snapshots }, t) {
  const errors = [];
  let moves = 0;
  for (let index = 1; index < frames.length; index++) {
    const [before, now] = [frames[index - 1], frames[index]];
    assert.ok(now.tick >= before.tick, "time runs backwards");
    const stalled = isStalled(snapshots, now.at);
    for (const ship of now.ships.filter(({ player }) => player !== own)) {
      const truth = truthAt(snapshots, ship.player, now.tick);
      const last = before.ships.find(({ player }) => player === ship.player);
      if (truth && !stalled) errors.push(Math.hypot(ship.x - truth.x, ship.y - truth.y));
      const motion = motionAt(snapshots, ship.player, before, now);
      const length = Math.hypot(motion.x, motion.y);
      // A ship that hardly moves has no direction but its rounding's.
      if (!last || length < 0.2) continue;
      moves++;
      const along = ((ship.x - last.x) * motion.x + (ship.y - last.y) * motion.y) / length;
      assert.ok(along > -0.07, `a ship ran ${-along} units backwards at tick ${now.tick}`);
    }
  }
  t.diagnostic(`others, in units from where they were: ${summary(errors)}; ${moves} moves`);
  // A busy machine draws fewer frames; the figures need some hundreds.
  assert.ok(errors.length > 500 && moves > 1000);
  assert.ok(quantile(errors, 0.99) < 2);
}

/**
 * The motion of a ship between two frames: its real motion, or, beyond the newest snapshot that had arrived, its last one.
 *
 * @param {Snapshot[]} snapshots
 * @param {number} player
 * @param {Frame} before
 * @param {Frame} now
 */
function motionAt(snapshots, player, before, now) {
  const known = snapshots.filter(({ at }) => at <= now.at).at(-1);
  const [from, to] =
    known && now.tick > known.tick ? [known.tick - 1, known.tick - 0.001] : [before.tick, now.tick];
  const [a, b] = [truthAt(snapshots, player, from), truthAt(snapshots, player, to)];
  return a && b ? { x: b.x - a.x, y: b.y - a.y } : { x: 0, y: 0 };
}

/**
 * The position of a ship at a tick, between the two snapshots around it.
 *
 * @param {Snapshot[]} snapshots
 * @param {number} player
 * @param {number} tick
 */
function truthAt(snapshots, player, tick) {
  const index = snapshots.findIndex((snapshot) => snapshot.tick > tick);
  const [from, to] = [snapshots[index - 1], snapshots[index]];
  const [a, b] = [from, to].map((snapshot) => snapshot?.ships.find((ship) => ship.player === player));
  if (!a || !b || to.tick - from.tick > 1) return undefined;
  const part = tick - from.tick;
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

/**
 * Returns true if nothing was near a ship for half a second before a tick: prediction ignores collisions.
 *
 * @param {Snapshot[]} snapshots
 * @param {number} player
 * @param {number} tick
 */
function isFree(snapshots, player, tick) {
  const lately = snapshots.filter((snapshot) => snapshot.tick > tick - 15 && snapshot.tick <= tick + 1);
  const ships = lately.map(({ ships }) => ships.find((ship) => ship.player === player));
  return ships.length > 0 && ships.every((ship) => ship !== undefined && ship.gap > 20);
}

/**
 * Returns true if the network stalls, or has just stalled.
 *
 * @param {Snapshot[]} snapshots
 * @param {number} at
 */
function isStalled(snapshots, at) {
  return snapshots.some((snapshot, index) => {
    const before = snapshots[index - 1];
    return before && snapshot.at - before.at > 150 && at > before.at && at < snapshot.at + 300;
  });
}

/** @param {number[]} values @param {number} q */
function quantile(values, q) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)];
}

/** @param {number[]} values */
function summary(values) {
  const [half, most, all] = [0.5, 0.99, 1].map((q) => quantile(values, q)?.toFixed(2));
  return `p50 ${half}, p99 ${most}, max ${all} of ${values.length}`;
}
