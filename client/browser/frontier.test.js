/**
 * The frontier in a real Chromium, against the real server: players meet on a large map, and mine it.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./support/harness.js";
import { inRoom, play, seesMove, shipOf, steer, untilRoom } from "./support/players.js";

/** @import { Player } from "./support/players.js" */

/** Two players at this distance see each other, with some room to spare. */
const NEAR = 350;

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * Flies two ships towards each other until they are near.
 * @param {Player} ada
 * @param {Player} bob
 */
async function meet(ada, bob) {
  for (;;) {
    // Each page knows where its own ship is, however far the other one may be.
    const [a, b] = (await Promise.all([shipOf(ada, ada.player), shipOf(bob, bob.player)])).map((ship) => ship?.position);
    if (a && b) {
      const way = { x: b.x - a.x, y: b.y - a.y };
      if (Math.hypot(way.x, way.y) < NEAR) return;
      await Promise.all([steer(ada, way), steer(bob, { x: -way.x, y: -way.y })]);
    }
    await ada.page.waitForTimeout(50);
  }
}

test("two pages fly, mine and meet, and every hash matches", { timeout: 180_000 }, async () => {
  const server = await startServer({ flags: ["--seed", "3"] });
  const ada = await play(browser, server.url, "frontier", "Ada");
  const bob = await play(browser, server.url, "frontier", "Bob");
  assert.deepEqual([ada.player, bob.player], [0, 1], "both are in one room");

  await ada.page.keyboard.down("KeyD");
  await seesMove(ada, ada.player, 60);
  // Crystals on the way are mined.
  await Promise.all([ada, bob].map(({ page }) => page.keyboard.down("KeyE")));
  await ada.page.keyboard.press("KeyM", { delay: 200 });
  await meet(ada, bob);

  assert.equal((await shipOf(ada, bob.player))?.name, "Bob");
  assert.equal((await shipOf(bob, ada.player))?.name, "Ada");
  const marks = await inRoom(ada, (room) => [...room.tables.markers].map(({ player }) => player));
  assert.ok(marks.length <= 1 && marks.every((player) => player === ada.player));

  for (const player of [ada, bob]) {
    const { page, errors } = player;
    await steer(player, { x: 0, y: 0 });
    await untilRoom(player, (room) => room.stats.hashesChecked >= 3);
    const stats = await inRoom(player, (room) => room.stats);
    assert.equal(stats.mismatches, 0);
    // Two pages that paint without a graphics card may well skip some of the 20.
    assert.ok(stats.updatesPerS > 5, `${stats.updatesPerS} updates a second`);
    assert.match((await page.textContent("#net")) ?? "", /mirror ok/);
    assert.match((await page.textContent("#pilots")) ?? "", /^2 pilots$/);
    assert.match((await page.textContent("#factions")) ?? "", /Ember.*Tide.*Bloom/);
    assert.deepEqual(errors, []);
  }
  const cargo = await Promise.all([ada, bob].map(async (player) => (await shipOf(player, player.player))?.cargo ?? []));
  assert.ok(cargo.flat().length > 0, "nobody has mined anything");
  for (const { mineral, amount } of cargo.flat()) {
    assert.ok(["Beryl", "Citrine", "Amethyst"].includes(mineral) && amount > 0, `${amount} of ${mineral}`);
  }
  await ada.page.context().close();
  await bob.page.context().close();
  assert.equal(await server.stop(), 0);
});

test("each start screen leads to the other games", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const page = await browser.newPage();
  await page.goto(server.url);
  assert.match(await page.title(), /^Arena/);
  // Every way between two games, in one walk.
  for (const game of ["Frontier", "Arena", "Hands", "Frontier", "Hands", "Arena"]) {
    await page.getByRole("link", { name: game }).click();
    await page.waitForURL(`**/?game=${game.toLowerCase()}`);
    assert.match(await page.title(), new RegExp(`^${game}`));
  }
  await page.close();
  assert.equal(await server.stop(), 0);
});
