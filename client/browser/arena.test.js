/**
 * The arena in a real Chromium, against the real server: people see each other, and every hash holds.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./harness.js";

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * What a page knows of a player's ship, in the newest mirror.
 * @param {import("playwright-core").Page} page
 * @param {number} player
 * @returns {Promise<{ x: number, y: number } | null>}
 */
function shipOf(page, player) {
  return page.evaluate((player) => {
    // @ts-expect-error The page puts its room there for tests.
    const ship = [...window.arena.room.tables.ships].find((ship) => ship.player === player);
    return ship ? ship.position : null;
  }, player);
}

/**
 * Opens the page and plays.
 * @param {string} url
 * @param {string} name
 */
async function play(url, name) {
  // A context of its own: players do not share a machine.
  const context = await browser.newContext();
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  await page.fill("#name", name);
  await page.click("#play");
  await page.waitForFunction(() => "arena" in window);
  // @ts-expect-error The page puts its room there for tests.
  const player = /** @type {number} */ (await page.evaluate(() => window.arena.room.player));
  return { page, player, errors };
}

/**
 * Waits until a page's mirror shows a ship, and then until it has moved by so many units.
 * @param {import("playwright-core").Page} page
 * @param {number} player
 * @param {number} distance
 */
async function seesMove(page, player, distance) {
  /** @type {{ x: number, y: number } | null} */
  let start = null;
  for (;;) {
    const now = await shipOf(page, player);
    start ??= now;
    if (now && start && Math.hypot(now.x - start.x, now.y - start.y) > distance) return;
    await page.waitForTimeout(20);
  }
}

test("two pages see each other move, and every hash holds", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(server.url, "Ada");
  const bob = await play(server.url, "Bob");
  assert.deepEqual([ada.player, bob.player], [0, 1], "both are in one room");

  await ada.page.keyboard.down("KeyD");
  await bob.page.keyboard.down("KeyS");
  await Promise.all([seesMove(bob.page, ada.player, 40), seesMove(ada.page, bob.player, 40)]);

  for (const { page, errors } of [ada, bob]) {
    // A hash comes once a second: wait for some beyond the keyframe's.
    // @ts-expect-error The page puts its room there for tests.
    await page.waitForFunction(() => window.arena.room.stats.hashesChecked >= 3);
    // @ts-expect-error The page puts its room there for tests.
    const stats = await page.evaluate(() => window.arena.room.stats);
    assert.equal(stats.mismatches, 0);
    assert.ok(stats.updatesPerS > 20, `${stats.updatesPerS} updates a second`);
    const scores = await page.textContent("#scores");
    assert.ok(scores?.includes("Ada") && scores.includes("Bob"), `the score board: ${scores}`);
    assert.match((await page.textContent("#net")) ?? "", /mirror ok/);
    assert.deepEqual(errors, []);
  }
  await ada.page.context().close();
  await bob.page.context().close();
  assert.equal(await server.stop(), 0);
});

test("a lost connection is said, and playing again works once the server is back", { timeout: 60_000 }, async () => {
  const first = await startServer();
  const { page } = await play(first.url, "Ada");
  await page.waitForSelector("#lost", { state: "hidden" });
  assert.equal(await first.stop(), 0);
  await page.waitForSelector("#lost", { state: "visible" });
  assert.match((await page.textContent("#lost")) ?? "", /shutting down/);

  const again = await startServer({ bind: new URL(first.url).host });
  await page.click("#again");
  await page.waitForSelector("#lost", { state: "hidden" });
  // @ts-expect-error The page puts its room there for tests.
  await page.waitForFunction(() => window.arena.room.stats.snapshots > 5);
  await page.close();
  assert.equal(await again.stop(), 0);
});

test("a refusal is shown in plain words", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const page = await browser.newPage();
  await page.goto(`${server.url}/?name=Ada&room=nowhere`);
  await page.waitForFunction(() => document.querySelector("#error")?.textContent);
  assert.match((await page.textContent("#error")) ?? "", /no such room/i);
  await page.close();
  assert.equal(await server.stop(), 0);
});

test("a page that is hidden goes on, and is right when it is shown again", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const { page } = await play(server.url, "Ada");
  // Another tab in front throttles this one's timers.
  const other = await page.context().newPage();
  await other.bringToFront();
  // @ts-expect-error The page puts its room there for tests.
  const ticks = () => page.evaluate(() => window.arena.room.tick);
  const before = await ticks();
  // @ts-expect-error The page puts its room there for tests.
  await page.waitForFunction((before) => window.arena.room.tick > before + 90, before, { polling: 100 });
  await page.bringToFront();
  // @ts-expect-error The page puts its room there for tests.
  const stats = await page.evaluate(() => window.arena.room.stats);
  assert.equal(stats.mismatches, 0);
  assert.ok(await page.isHidden("#lost"));
  await page.context().close();
  assert.equal(await server.stop(), 0);
});
