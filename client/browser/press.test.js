/**
 * One-shot actions in a real Chromium, over a bad network: the server sees every tap, and none twice.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./support/harness.js";
import { inRoom, play, untilRoom } from "./support/players.js";

const TAPS = 20;
/** Shorter than a tick at any of the rates below. */
const TAP_MS = 5;
const NET = "delay=100ms,jitter=30ms,stall=1%:300ms";

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

for (const hz of [30, 10]) {
  test(`${TAPS} taps of ${TAP_MS} ms are ${TAPS} presses at ${hz} Hz`, { timeout: 90_000 }, async () => {
    const server = await startServer({ flags: ["--tick-hz", String(hz)] });
    const ada = await play(browser, server.url, "hands", "Ada", { net: NET, netseed: "5" });
    await inRoom(ada, (room) => {
      room.mostTimes = 0;
      room.on("snapshot", () => {
        const seat = [...room.tables.seats].find((seat) => seat.player === room.player);
        room.mostTimes = Math.max(room.mostTimes, seat?.emote?.times ?? 0);
      });
    });
    for (let tap = 0; tap < TAPS; tap++) {
      await ada.page.keyboard.press("2", { delay: TAP_MS });
      // Uneven intervals: some taps are within a tick, some ticks apart.
      await ada.page.waitForTimeout((tap * 37) % 150);
    }
    await untilRoom(ada, (room) => room.mostTimes >= 20);
    // A press that was applied twice would show by the time that further inputs have been consumed.
    await inRoom(ada, (room) => {
      room.sentThen = room.stats.inputsSent;
    });
    await untilRoom(ada, (room) => room.stats.inputsSent > room.sentThen + 10);
    assert.equal(await inRoom(ada, (room) => room.mostTimes), TAPS);
    assert.deepEqual(ada.errors, []);
    await ada.page.context().close();
    await server.stop();
  });
}
