/**
 * A page that is hidden for half a minute and shown again.
 */

/** @import { Browser } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBots, startBrowser, startServer } from "../support/harness.js";
import { inRoom, play, seesMove, untilRoom } from "../support/players.js";

const HIDDEN_MS = 30_000;

/** @type {Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * Hides a page as Chromium does: no animation frames, and timers once a second. A script in the page does it, because a browser
 * that is driven by a program regards its pages as visible.
 */
function makeHideable() {
  let hidden = false;
  /** @type {FrameRequestCallback[]} */
  let held = [];
  const { requestAnimationFrame, setTimeout } = window;
  window.requestAnimationFrame = (callback) =>
    requestAnimationFrame((now) => (hidden ? void held.push(callback) : callback(now)));
  window.setTimeout = /** @type {any} */ (
    (/** @type {() => void} */ action, /** @type {number} */ ms) => setTimeout(action, hidden ? Math.max(ms, 1000) : ms)
  );
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  Object.assign(window, {
    hide: (/** @type {boolean} */ hide) => {
      hidden = hide;
      document.dispatchEvent(new Event("visibilitychange"));
      for (const callback of hidden ? [] : held.splice(0)) window.requestAnimationFrame(callback);
    },
  });
}

test("a page that was hidden for half a minute shows the present at once", { timeout: 120_000 }, async (t) => {
  const server = await startServer();
  const bots = startBots(server.url, "arena", 3);
  const ada = await play(browser, server.url, "arena", "Ada", {}, makeHideable);
  const { page } = ada;
  await untilRoom(ada, (room) => room.stats.snapshots > 60);
  await page.keyboard.down("KeyD");
  const sent = () => inRoom(ada, (room) => room.stats.inputsSent);
  const [before, snapshots] = await inRoom(ada, (room) => [room.stats.inputsSent, room.stats.snapshots]);

  await page.evaluate("hide(true)");
  await page.waitForTimeout(HIDDEN_MS);
  const hidden = (await sent()) - before;
  const received = (await inRoom(ada, (room) => room.stats.snapshots)) - snapshots;
  assert.ok(hidden <= HIDDEN_MS / 1000 + 10, `${hidden} inputs while hidden`);
  assert.ok(received > (HIDDEN_MS / 1000) * 25, `${received} snapshots while hidden`);

  const back = await sent();
  await page.evaluate("hide(false)");
  await page.waitForTimeout(1000);
  const flood = (await sent()) - back;
  // The messages of a second, and the last one that waited.
  assert.ok(flood >= 20 && flood <= 45, `${flood} inputs in the first second`);
  const { stats, lag } = await inRoom(ada, (room) => {
    const { tick } = room.view(performance.now());
    return { stats: room.stats, lag: room.tick - tick };
  });
  t.diagnostic(`hidden: ${hidden} inputs, ${received} snapshots`);
  t.diagnostic(`then ${flood} inputs a second, shown ${lag.toFixed(1)} ticks late`);
  assert.deepEqual([stats.mismatches, stats.resumes], [0, 0]);
  assert.ok(lag >= -3 && lag < 15, `what is shown lies ${lag} ticks behind`);
  assert.ok(await page.isHidden("#lost"));
  // The player flies on.
  await page.keyboard.down("KeyS");
  await seesMove(ada, ada.player, 40);
  assert.deepEqual(ada.errors, []);
  await page.context().close();
  bots.kill();
  assert.equal(await server.stop(), 0);
});
