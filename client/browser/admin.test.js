/**
 * The dashboard in a real Chromium, against a real server with bots in both games.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { roomWith, startBots, startBrowser, startServer } from "./support/harness.js";

/** @import { Page } from "playwright-core" */

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * Opens the dashboard.
 *
 * @param {string} url the server's
 */
async function open(url) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`${url}/admin`);
  return { page, errors };
}

/**
 * Waits for a condition on the inspector's room and map, which the page exposes for tests.
 *
 * @param {Page} page
 * @param {(inspector: { room: any, map: any }) => boolean} isSo runs in the page
 */
async function until(page, isSo) {
  // Playwright's waitForFunction would evaluate text in the page, which its security policy forbids.
  while (!(await page.evaluate(`window.inspector?.map !== undefined && (${isSo})(window.inspector)`))) {
    await page.waitForTimeout(50);
  }
}

/**
 * The overview, as the API sends it to this machine.
 *
 * @param {string} url
 * @returns {Promise<any>}
 */
async function overview(url) {
  return (await fetch(`${url}/api/admin/overview`)).json();
}

test("an operator bans an address for a day and lifts the ban", { timeout: 90_000 }, async () => {
  const server = await startServer();
  const arena = startBots(server.url, "arena", 2);
  const room = await roomWith(server.url, 2);
  const { page, errors } = await open(server.url);
  await page.click(`#rooms a:text-is("${room}")`);
  await page.click('button[aria-label="Ban bot-0-1"]');
  assert.deepEqual(await page.locator("#ban-target option").allTextContents(), ["the address 127.0.0.1"]);
  await page.selectOption("#ban-time", "86400");
  await page.fill("#ban-reason", "a test");
  await page.click("#ban-yes");
  while ((await overview(server.url)).closes.banned !== 2) await page.waitForTimeout(50);
  arena.kill();
  await page.click("text=All rooms");
  await page.waitForSelector("#bans:visible");
  assert.match((await page.textContent("#bans")) ?? "", /127\.0\.0\.1\/32a test/);
  await page.click('button[aria-label="Lift the ban of 127.0.0.1/32"]');
  await page.waitForSelector("#bans", { state: "hidden" });
  assert.deepEqual(
    errors.filter((error) => !error.includes("403")),
    [],
    "the banned spectator's request is refused, and nothing else went wrong",
  );
  await page.context().close();
  assert.equal(await server.stop(), 0);
});

test("the dashboard shows rooms and their worlds, kicks players and closes rooms", { timeout: 180_000 }, async () => {
  const server = await startServer({ flags: ["--seed", "7"] });
  const arena = startBots(server.url, "arena", 6);
  const arenaRoom = await roomWith(server.url, 6);
  const frontier = startBots(server.url, "frontier", 20);
  const frontierRoom = await roomWith(server.url, 20);
  const { page, errors } = await open(server.url);

  await page.waitForSelector(`#rooms a:text-is("${frontierRoom}")`);
  assert.equal(await page.textContent("#state"), "Live");
  const cells = (/** @type {string} */ id) => page.locator("#rooms tr", { hasText: id }).locator("td").allTextContents();
  assert.deepEqual((await cells(arenaRoom)).slice(0, 5), [arenaRoom, "arena", "–", "open", "6 / 32"]);
  assert.match((await page.textContent("#tiles")) ?? "", /Players26/);
  await page.fill("#rooms-filter", "front");
  assert.deepEqual(await page.locator("#rooms tbody tr").count(), 1);

  // The map draws every ship of the mirror, hidden ones too, and the mirror is right.
  await page.click(`#rooms a:text-is("${frontierRoom}")`);
  await until(page, ({ room, map }) => room.tables.ships.size > 10 && map.drawn.ships > 10);
  await until(page, ({ room, map }) => map.drawn.ships === room.view().tables.ships.length && map.drawn.crystals > 3000);
  await until(page, ({ room }) =>
    [...room.tables.ships].every((ship) => ship.cargo !== undefined && ship.health !== undefined),
  );
  await until(page, ({ room }) => room.stats.hashesChecked > 500);
  const seen = await page.evaluate("window.inspector.room.stats");
  assert.deepEqual([seen.mismatches, seen.inputsSent], [0, 0]);
  assert.equal(await page.locator(".tabs button").count(), 8);
  assert.match((await page.textContent(".tables")) ?? "", /cargoowner/);
  await page.locator(".rows tbody tr.opens").first().click();
  await page.waitForSelector(".following:visible");
  assert.equal((await overview(server.url)).rooms.find((/** @type {any} */ room) => room.id === frontierRoom).spectators, 1);

  // Another room: the spectator moves on.
  await page.click("text=All rooms");
  await page.fill("#rooms-filter", "");
  await page.click(`#rooms a:text-is("${arenaRoom}")`);
  await until(
    page,
    ({ room, map }) => room.game === "arena" && map.drawn.rocks === room.view().tables.rocks.length && map.drawn.ships > 0,
  );
  await until(page, ({ room }) => room.stats.hashesChecked > 3);
  assert.equal((await page.evaluate("window.inspector.room.stats")).mismatches, 0);
  const closes = async () => (await overview(server.url)).closes;
  await page.click('button[aria-label="Kick bot-0-2"]');
  await page.fill("#confirm-input", "a test");
  await page.click("#confirm-yes");
  await page.waitForSelector("#toasts li.good");
  while ((await closes()).kicked !== 1) await page.waitForTimeout(50);

  await page.click("text=Close room…");
  await page.click("#confirm-no");
  await page.click("text=Close room…");
  await page.click("#confirm-yes");
  await page.waitForSelector(".note:has-text('room')");
  while ((await overview(server.url)).rooms.some((/** @type {any} */ room) => room.id === arenaRoom))
    await page.waitForTimeout(50);
  assert.ok((await closes()).room_closed >= 5);
  assert.deepEqual(
    errors.filter((error) => !error.includes("404")),
    [],
    "a room that is gone answers 404, and nothing else went wrong",
  );
  arena.kill();
  frontier.kill();

  // The server stops: the page shows that, and keeps its figures.
  await page.click("text=All rooms");
  await page.waitForSelector("#overview:visible");
  assert.equal(await server.stop(), 0);
  await page.waitForSelector("#stale:visible");
  assert.equal(await page.textContent("#state"), "Disconnected");
  await page.context().close();
});

test("a dashboard with a token asks for it, and keeps it in the tab", { timeout: 60_000 }, async () => {
  const server = await startServer({ flags: ["--set", "admin.token=0123456789abcdef"] });
  const { page } = await open(server.url);
  await page.waitForSelector("#sign-in:visible");
  await page.fill("#token", "not the token");
  await page.click("#sign-in button");
  while ((await page.textContent("#token-error")) === "") await page.waitForTimeout(50);
  await page.fill("#token", "0123456789abcdef");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#overview:visible");
  assert.match((await page.textContent("#rooms")) ?? "", /No rooms are open/);
  await page.reload();
  await page.waitForSelector("#overview:visible");
  assert.ok(!page.url().includes("0123456789abcdef"));
  await page.click("#sign-out");
  await page.waitForSelector("#sign-in:visible");
  await page.context().close();
  assert.equal(await server.stop(), 0);
});
