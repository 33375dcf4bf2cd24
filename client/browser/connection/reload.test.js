/**
 * Pages that come back to their seats, in a real Chromium: reloads, crashes, ways back, second tabs, frozen pages.
 */

/** @import { Browser, BrowserContext, Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "../support/harness.js";
import { identity, inRoom, isSame, play, untilRoom } from "../support/players.js";
import { Proxy } from "../support/proxy.js";

/** How often a page is reloaded, and killed. `TIMES=100` tries more. */
const TIMES = Number(process.env.TIMES ?? 10);

/** @type {Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/** @typedef {{ page: Page, game: string }} Playing */

/** Waits until a page is in its game again, without a click. @param {Playing} player */
async function untilBack(player) {
  await player.page.waitForFunction((game) => game in window, player.game);
  await untilRoom(player, (room) => room.connected && room.stats.snapshots > 0);
}

/** The number of players of the server's only room. @param {string} url */
async function playersOn(url) {
  const { rooms } = await (await fetch(`${url}/api/rooms`)).json();
  assert.equal(rooms.length, 1);
  return rooms[0].players;
}

/** The number of the newest input. @param {Playing} player */
const inputOf = (player) => inRoom(player, (room) => room.inputs.newest.number);

/**
 * A page with the storage of another tab, as a browser makes when it duplicates or restores that.
 *
 * @param {BrowserContext} context
 * @param {string} url
 * @param {Record<string, string>} storage
 */
async function pageWith(context, url, storage) {
  const page = await context.newPage();
  await page.addInitScript((storage) => {
    // Only once: a reload keeps what the page has stored since.
    if (window.name === "") Object.assign(sessionStorage, storage);
    window.name = "restored";
  }, storage);
  await page.goto(url);
  return page;
}

/** @param {Page} page @returns {Promise<Record<string, string>>} */
const storageOf = (page) => page.evaluate(() => ({ ...sessionStorage }));

test(`a page that is reloaded ${TIMES} times is the same player each time`, { timeout: 60_000 + TIMES * 6000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  await untilBack(ada);
  const first = await identity(ada);
  for (let time = 0; time < TIMES; time++) {
    const [before, input] = [await identity(ada), await inputOf(ada)];
    await ada.page.reload();
    await untilBack(ada);
    await isSame(ada, before);
    await untilRoom(ada, (room) => room.stats.inputsSent > 0);
    assert.ok((await inputOf(ada)) > input, "inputs count on");
    assert.ok(await ada.page.isHidden("#start"));
  }
  assert.equal((await identity(ada)).pilot, first.pilot);
  assert.equal(await playersOn(server.url), 1);
  assert.deepEqual(ada.errors, []);
  await ada.page.context().close();
  assert.equal(await server.stop(), 0);
});

test(`a tab that is killed ${TIMES} times is the same player each time`, { timeout: 60_000 + TIMES * 6000 }, async () => {
  const server = await startServer();
  const { page, game } = await play(browser, server.url, "arena", "Ada");
  const context = page.context();
  let ada = { page, game };
  await untilBack(ada);
  const first = await identity(ada);
  for (let time = 0; time < TIMES; time++) {
    const before = await identity(ada);
    const storage = await storageOf(ada.page);
    // Its process ends: no code of the page runs, and no close frame is sent by it.
    const crashed = ada.page.waitForEvent("crash");
    const devtools = await context.newCDPSession(ada.page);
    devtools.send("Page.crash").catch(() => {});
    await crashed;
    const killed = ada.page;
    ada = { page: await pageWith(context, `${server.url}/?game=arena`, storage), game };
    await killed.close();
    await untilBack(ada);
    await isSame(ada, before);
  }
  assert.equal((await identity(ada)).pilot, first.pilot);
  assert.equal(await playersOn(server.url), 1);
  await context.close();
  assert.equal(await server.stop(), 0);
});

test("of two tabs with one session the later plays on, and the earlier says so", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  await untilBack(ada);
  const before = await identity(ada);
  const context = ada.page.context();
  const later = { page: await pageWith(context, `${server.url}/?game=arena`, await storageOf(ada.page)), game: "arena" };
  await untilBack(later);
  await isSame(later, before);
  await ada.page.waitForSelector("#lost", { state: "visible" });
  assert.match((await ada.page.textContent("#lost-title")) ?? "", /another tab/);
  assert.match((await ada.page.textContent("#reason")) ?? "", /another tab or window, which has taken over/);
  await ada.page.waitForTimeout(3000);
  assert.ok(await inRoom(later, (room) => room.connected && room.stats.resumes === 0));
  // A reload of the earlier one does not take the seat back.
  await ada.page.reload();
  await ada.page.waitForSelector("#play:enabled");
  assert.ok(await ada.page.isVisible("#start"));
  await later.page.reload();
  await untilBack(later);
  await isSame(later, before);
  assert.equal(await playersOn(server.url), 1);
  await context.close();
  assert.equal(await server.stop(), 0);
});

for (const cached of [true, false]) {
  const name = `the way back to a page that is ${cached ? "kept" : "loaded again"} leads to the same player`;
  test(name, { timeout: 60_000 }, async () => {
    const server = await startServer();
    const keeping = await startBrowser({ keepsPages: cached });
    const ada = await play(keeping, server.url, "arena", "Ada", {}, () => {
      window.addEventListener("pageshow", (event) => Object.assign(window, { kept: event.persisted }));
    });
    await untilBack(ada);
    const before = await identity(ada);
    for (let time = 1; time <= 3; time++) {
      await ada.page.goto(`${server.url}/healthz`);
      await ada.page.goBack({ waitUntil: "commit" });
      await untilBack(ada);
      await untilRoom(ada, (room) => room.stats.snapshots > 0 && room.connected);
      assert.equal(await ada.page.evaluate("kept"), cached);
      assert.equal(await inRoom(ada, (room) => room.stats.resumes), cached ? time : 0);
      await isSame(ada, before);
    }
    assert.ok(await ada.page.isHidden("#lost"));
    assert.equal(await playersOn(server.url), 1);
    await keeping.close();
    assert.equal(await server.stop(), 0);
  });
}

test("in a room of two, a page whose connection died comes back beside the other", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const proxy = await Proxy.start(server.url);
  const body = JSON.stringify({ game: "arena", mode: "duel" });
  const headers = { "content-type": "application/json" };
  const { room } = await (await fetch(`${server.url}/api/rooms`, { method: "POST", headers, body })).json();
  const ada = await play(browser, proxy.url, "arena", "Ada", { room });
  const bob = await play(browser, server.url, "arena", "Bob", { room });
  await untilRoom(ada, (room) => room.players.length === 2);
  const before = await identity(ada);
  for (const lose of [() => proxy.hold(), () => proxy.cut()]) {
    lose();
    await ada.page.reload();
    await untilBack(ada);
    await isSame(ada, before);
    await untilRoom(bob, (room) => room.players.filter((/** @type {any} */ { connected }) => connected).length === 2);
  }
  assert.deepEqual(await inRoom(bob, (room) => [room.id, room.stats.resumes]), [room, 0]);
  await ada.page.context().close();
  await bob.page.context().close();
  proxy.stop();
  assert.equal(await server.stop(), 0);
});

test("a page that is frozen for longer than its seat is held says so, and joins again at once", { timeout: 60_000 }, async () => {
  const server = await startServer({ flags: ["--resume-seconds", "2"] });
  const ada = await play(browser, server.url, "arena", "Ada");
  const bob = await play(browser, server.url, "arena", "Bob");
  await untilRoom(bob, (room) => room.players.length === 2);
  // A browser that is driven by a program regards its pages as visible, and freezes none of these.
  await ada.page.evaluate(() => document.dispatchEvent(new Event("freeze")));
  await untilRoom(bob, (room) => room.players.length === 1);
  await ada.page.evaluate(() => document.dispatchEvent(new Event("resume")));
  await ada.page.waitForSelector("#lost", { state: "visible" });
  assert.match((await ada.page.textContent("#reason")) ?? "", /away for too long.*join again/);
  await ada.page.click("#again");
  await ada.page.waitForSelector("#lost", { state: "hidden" });
  await untilRoom(bob, (room) => room.players.length === 2);
  await untilBack(ada);
  assert.deepEqual(ada.errors.filter((error) => !/WebSocket|403/.test(error)), []);
  await ada.page.context().close();
  await bob.page.context().close();
  assert.equal(await server.stop(), 0);
});

test("a link leads to another room, and a player who has left is out", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  await untilBack(ada);
  const room = await inRoom(ada, (room) => room.id);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}/api/rooms`, { method: "POST", headers, body: '{"game":"arena"}' });
  const other = (await answer.json()).room;
  // A link to another room is followed, though the seat is held.
  await ada.page.goto(`${server.url}/?game=arena&room=${other}`);
  await ada.page.waitForSelector("#play:enabled");
  assert.match((await ada.page.textContent("#invited")) ?? "", new RegExp(other));
  await ada.page.goto(`${server.url}/?game=arena`);
  await untilBack(ada);
  assert.equal(await inRoom(ada, (room) => room.id), room);
  // A player who has left is out, and a reload does not bring the seat back.
  await ada.page.click("#invite-open");
  await ada.page.click("#leave");
  await ada.page.waitForSelector("#play:enabled");
  await ada.page.reload();
  await ada.page.waitForSelector("#play:enabled");
  assert.deepEqual(await storageOf(ada.page), {});
  await ada.page.context().close();
  assert.equal(await server.stop(), 0);
});
