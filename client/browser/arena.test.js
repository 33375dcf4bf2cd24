/**
 * The arena in a real Chromium, against the real server.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./support/harness.js";
import { inRoom, play, seesMove, untilRoom } from "./support/players.js";

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

test("two pages see each other move, and every hash matches", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  const bob = await play(browser, server.url, "arena", "Bob");
  assert.deepEqual([ada.player, bob.player], [0, 1], "both are in one room");

  await ada.page.keyboard.down("KeyD");
  await bob.page.keyboard.down("KeyS");
  await Promise.all([seesMove(bob, ada.player, 40), seesMove(ada, bob.player, 40)]);

  for (const player of [ada, bob]) {
    const { page, errors } = player;
    // A hash is sent once a second: wait for some after the keyframe's.
    await untilRoom(player, (room) => room.stats.hashesChecked >= 3);
    const stats = await inRoom(player, (room) => room.stats);
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

test("two pages chat, and a command gets its reply and is broadcast", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  const bob = await play(browser, server.url, "arena", "Bob");
  const heard = (/** @type {typeof ada} */ player) =>
    player.page.evaluate(() => {
      const { room } = /** @type {any} */ (window).arena;
      return new Promise((resolve) => room.on("chat", resolve));
    });
  const hearing = [ada, bob].map(heard);
  await inRoom(bob, (room) => room.chat(" Grüße 😀 "));
  for (const said of /** @type {any[]} */ (await Promise.all(hearing))) {
    assert.deepEqual([said.player, said.name, said.channel, said.text], [1, "Bob", "room", "Grüße 😀"]);
  }
  const refusal = await inRoom(ada, (room) => room.chat("x", { team: true }).catch((/** @type {any} */ { code }) => code));
  assert.equal(refusal, "no_team");

  const answers = await inRoom(ada, (room) => {
    const wave = () => room.command({ type: "emote", emote: "Wave" });
    return Promise.all([wave(), wave()]);
  });
  assert.deepEqual(answers[0], { type: "done" });
  assert.equal(answers[1].type, "too_soon");
  await bob.page.waitForFunction(() => document.querySelector("#feed")?.textContent?.includes("Ada waves"));
  await bob.page.keyboard.press("Digit3");
  await ada.page.waitForFunction(() => document.querySelector("#feed")?.textContent?.includes("Bob is sorry"));
  assert.deepEqual([...ada.errors, ...bob.errors], []);
  await ada.page.context().close();
  await bob.page.context().close();
  assert.equal(await server.stop(), 0);
});

test("a lost connection is shown, and playing again works once the server is back", { timeout: 60_000 }, async () => {
  const first = await startServer();
  const ada = await play(browser, first.url, "arena", "Ada");
  const { page } = ada;
  await page.waitForSelector("#lost", { state: "hidden" });
  assert.equal(await first.stop(), 0);
  await page.waitForSelector("#lost", { state: "visible" });
  assert.match((await page.textContent("#lost")) ?? "", /shutting down/);

  const again = await startServer({ bind: new URL(first.url).host });
  await page.click("#again");
  await page.waitForSelector("#lost", { state: "hidden" });
  await untilRoom(ada, (room) => room.stats.snapshots > 5);
  await page.close();
  assert.equal(await again.stop(), 0);
});

test("a refusal is shown in plain words", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const page = await browser.newPage();
  await page.goto(`${server.url}/?name=Ada&room=nowhere`);
  await page.waitForFunction(() => document.querySelector("#error")?.textContent);
  assert.match((await page.textContent("#error")) ?? "", /was not found/i);
  await page.close();
  assert.equal(await server.stop(), 0);
});
