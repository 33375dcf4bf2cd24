/**
 * Watching a room without a seat, in a real Chromium.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./support/harness.js";
import { inRoom, play, untilRoom } from "./support/players.js";

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/** The first ship's place, in steps of a unit. @param {import("./support/players.js").Player} player */
const shipOf = (player) =>
  inRoom(player, (room) => {
    const [ship] = room.tables.ships;
    return ship && [Math.round(ship.position.x), Math.round(ship.position.y)];
  });

test("a viewer from the lobby sees the game, takes no seat and cannot play", { timeout: 90_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  await untilRoom(ada, (room) => [...room.tables.ships].length === 1);
  const id = await inRoom(ada, (room) => room.id);

  const context = await browser.newContext();
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(server.url);
  await page.fill("#name", "Vera");
  await page.getByRole("button", { name: `Watch: room ${id}` }).click();
  await page.waitForFunction(() => "arena" in window);
  const viewer = { page, game: "arena", player: -1, errors };
  assert.equal(await inRoom(viewer, (room) => room.spectator), true);
  await untilRoom(viewer, (room) => [...room.tables.ships].length === 1);

  // Ada flies to the right, and the viewer sees it.
  const start = await shipOf(ada);
  await ada.page.keyboard.down("KeyD");
  await page.waitForFunction(
    ([x = 0]) => Math.abs([.../** @type {any} */ (window).arena.room.tables.ships][0].position.x - x) > 50,
    start,
  );
  await ada.page.keyboard.up("KeyD");
  const mismatches = await inRoom(viewer, (room) => room.stats.mismatches);
  assert.equal(mismatches, 0);
  const room = await (await fetch(`${server.url}/api/rooms/${id}`)).json();
  assert.deepEqual([room.players, room.viewers, room.spectate], [1, 1, true]);
  await assert.rejects(inRoom(viewer, (room) => room.command({ type: "emote", emote: "wave" })));

  // A second viewer comes later, and sees the same.
  const other = await context.newPage();
  await other.goto(server.url);
  await other.fill("#name", "Wim");
  await other.getByRole("button", { name: `Watch: room ${id}` }).click();
  await other.waitForFunction(() => "arena" in window);
  const second = { page: other, game: "arena", player: -1, errors };
  await untilRoom(second, (room) => [...room.tables.ships].length === 1);
  const pilotOf = (/** @type {typeof second} */ player) => inRoom(player, (room) => [...room.tables.ships][0].player);
  assert.equal(await pilotOf(second), await pilotOf(viewer));
  assert.deepEqual(errors, []);
  await context.close();
  await ada.page.context().close();
  assert.equal(await server.stop(), 0);
});
