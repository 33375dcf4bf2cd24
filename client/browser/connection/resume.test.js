/**
 * Resuming after a lost connection, in a real Chromium.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "../support/harness.js";
import { identity, inRoom, isSame, play, steer, untilRoom } from "../support/players.js";
import { Proxy } from "../support/proxy.js";

/** @import { Player } from "../support/players.js" */

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * Shoots at the nearest rock until that has brought some points.
 *
 * @param {Player} player
 */
async function score(player) {
  const { page } = player;
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await page.mouse.down();
  while (((await identity(player)).score ?? 0) === 0) {
    const way = await inRoom(player, (room) => {
      const ship = [...room.tables.ships].find((each) => each.player === room.player);
      const ways = [...room.tables.rocks].map(({ position: { x, y } }) => ({
        x: x - (ship?.position.x ?? x),
        y: y - (ship?.position.y ?? y),
      }));
      return ways.sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y))[0];
    });
    const length = Math.hypot(way.x, way.y) || 1;
    // Near enough to hit it.
    await steer(player, length > 400 ? way : { x: 0, y: 0 });
    await page.mouse.move(width / 2 + (way.x / length) * 200, height / 2 + (way.y / length) * 200);
    await page.waitForTimeout(50);
  }
  await page.mouse.up();
  await steer(player, { x: 0, y: 0 });
  // Shots that still fly may score more.
  await untilRoom(player, (room) => room.tables.shots.size === 0);
}

/**
 * Waits until the page shows or hides something.
 *
 * @param {Player} player
 * @param {string} selector
 * @param {"visible" | "hidden"} state
 */
async function until({ page }, selector, state) {
  await page.waitForSelector(selector, { state });
}

for (const { how, lose } of [
  { how: "breaks off", lose: (/** @type {Proxy} */ proxy) => proxy.cut() },
  { how: "goes dead", lose: (/** @type {Proxy} */ proxy) => proxy.hold() },
]) {
  test(`a connection that ${how} comes back to the same ship`, { timeout: 120_000 }, async () => {
    const server = await startServer();
    const proxy = await Proxy.start(server.url);
    const ada = await play(browser, proxy.url, "arena", "Ada");
    const { page } = ada;
    await score(ada);
    const before = await identity(ada);
    assert.ok(before.ship !== undefined && before.name === "Ada" && before.score > 0);

    proxy.closed = true;
    lose(proxy);
    await until(ada, "#outage", "visible");
    assert.match((await page.textContent("#outage")) ?? "", /reconnecting… \(\d+ s left\)/);
    assert.ok(await page.isHidden("#lost"));
    assert.ok(await page.isVisible("#scores"), "the world stays");
    assert.deepEqual(await identity(ada), before);
    assert.equal(await inRoom(ada, (room) => room.connected), false);

    proxy.closed = false;
    await until(ada, "#outage", "hidden");
    assert.match((await page.textContent("#feed")) ?? "", /Reconnected/);
    await isSame(ada, before);
    const { hashesChecked } = await inRoom(ada, (room) => room.stats);
    // The world goes on, and its hashes match.
    for (const more of [1, 2]) {
      while ((await inRoom(ada, (room) => room.stats.hashesChecked)) < hashesChecked + more) await page.waitForTimeout(50);
    }
    const { resumes, mismatches } = await inRoom(ada, (room) => room.stats);
    assert.deepEqual([resumes, mismatches], [1, 0]);
    await isSame(ada, before);
    assert.ok(await page.isHidden("#lost"));
    await page.context().close();
    proxy.stop();
    assert.equal(await server.stop(), 0);
  });
}

test("over a network that breaks again and again the game goes on, and the F3 graph shows it", { timeout: 120_000 }, async () => {
  const server = await startServer();
  const context = await browser.newContext();
  const page = await context.newPage();
  const game = "frontier";
  await page.goto(`${server.url}/?game=${game}&name=Ada&net=delay=30ms,jitter=10ms,drop=conn:0.5/s&netseed=3`);
  await page.waitForFunction((game) => game in window, game);
  const ada = { page, game, player: await inRoom({ page, game }, (room) => room.player), errors: [] };
  assert.ok(await page.isHidden("#netgraph"));
  await page.keyboard.press("F3");
  assert.ok(await page.isVisible("#netgraph"));
  await untilRoom(ada, (room) => room.stats.resumes >= 5);
  const { mismatches } = await inRoom(ada, (room) => room.stats);
  assert.equal(mismatches, 0);
  assert.equal(await inRoom(ada, (room) => room.player), ada.player);
  assert.ok(await page.isHidden("#lost"));
  await page.keyboard.press("F3");
  assert.ok(await page.isHidden("#netgraph"));
  await context.close();
  assert.equal(await server.stop(), 0);
});

test("an invalid network profile is reported on the start screen", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const page = await browser.newPage();
  await page.goto(`${server.url}/?name=Ada&net=lag=3`);
  await page.waitForFunction(() => document.querySelector("#error")?.textContent);
  assert.match((await page.textContent("#error")) ?? "", /lag=3.*delay=60ms/);
  assert.ok(await page.isVisible("#start"));
  await page.close();
  assert.equal(await server.stop(), 0);
});

test("the end of the session is shown when the seat is given up", { timeout: 60_000 }, async () => {
  const server = await startServer({ flags: ["--resume-seconds", "2"] });
  const proxy = await Proxy.start(server.url);
  const ada = await play(browser, proxy.url, "arena", "Ada");
  await untilRoom(ada, (room) => room.stats.snapshots > 5);
  proxy.closed = true;
  proxy.cut();
  await until(ada, "#lost", "visible");
  assert.match((await ada.page.textContent("#reason")) ?? "", /could not be restored in time|has been released/);
  assert.ok(await ada.page.isHidden("#outage"));
  proxy.closed = false;
  await ada.page.click("#again");
  await until(ada, "#lost", "hidden");
  await untilRoom(ada, (room) => room.stats.snapshots > 5);
  await ada.page.context().close();
  proxy.stop();
  assert.equal(await server.stop(), 0);
});
