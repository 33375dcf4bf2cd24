/**
 * The pages' lobby in a real Chromium, against the real server: creating, listing, sharing and joining rooms.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./support/harness.js";
import { inRoom } from "./support/players.js";

/** @import { BrowserContextOptions, Page } from "playwright-core" */

const GAME = "arena";
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * Opens a page with a name filled in.
 *
 * @param {string} address
 * @param {string} name
 * @param {BrowserContextOptions} [options]
 */
async function visit(address, name, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(address);
  await page.fill("#name", name);
  return page;
}

/** The room that a page is in, once it is in one. @param {Page} page */
async function roomOf(page) {
  await page.waitForFunction((game) => game in window, GAME);
  return inRoom({ page, game: GAME }, (room) => room.id);
}

/**
 * Waits until a page's list has a room with these words.
 *
 * @param {Page} page
 * @param {string} room
 * @param {string} words
 */
async function lists(page, room, words) {
  await page.locator("#rooms button", { hasText: room }).and(page.getByLabel(words)).waitFor();
}

/** @param {Page[]} pages */
const leave = (...pages) => Promise.all(pages.map((page) => page.context().close()));

test("a private room is joined by its code alone", { timeout: 90_000 }, async () => {
  const server = await startServer();
  const ada = await visit(`${server.url}/?game=${GAME}`, "Ada");
  await ada.click("#create summary");
  await ada.check("#private");
  await ada.click("text=Create and play");
  const room = await roomOf(ada);
  const code = (await ada.textContent("#invite-code")) ?? "";
  assert.match(code, /^\w{4,}$/);
  assert.ok(await ada.isVisible("#invite"), "its maker is shown the code");
  const listing = await (await fetch(`${server.url}/api/rooms`)).json();
  assert.deepEqual(listing.rooms, []);

  const cy = await visit(`${server.url}/?game=${GAME}`, "Cy");
  await cy.click("#play");
  assert.notEqual(await roomOf(cy), room);
  const eve = await visit(`${server.url}/?game=${GAME}&room=${room}`, "Eve");
  await eve.click("#play");
  await eve.waitForFunction(() => document.querySelector("#error")?.textContent);
  assert.match((await eve.textContent("#error")) ?? "", /was not found/i);

  const bob = await visit(`${server.url}/?game=${GAME}`, "Bob");
  await bob.click("#by-code summary");
  await bob.fill("#code", "NOTACODE");
  await bob.press("#code", "Enter");
  await bob.waitForFunction(() => document.querySelector("#error")?.textContent);
  assert.match((await bob.textContent("#error")) ?? "", /no room has that code/i);
  await bob.fill("#code", ` ${code.toLowerCase()} `);
  await bob.press("#code", "Enter");
  assert.equal(await roomOf(bob), room);
  assert.deepEqual(await inRoom({ page: bob, game: GAME }, (room) => room.player), 1);
  await leave(ada, bob, cy, eve);
  assert.equal(await server.stop(), 0);
});

test("rooms are listed as they fill and empty, and a row of the list leads into its room", { timeout: 90_000 }, async () => {
  const server = await startServer();
  const ada = await visit(`${server.url}/?game=${GAME}`, "Ada");
  await ada.getByText("No rooms are open").waitFor();
  await ada.press("#name", "Enter");
  const room = await roomOf(ada);

  const bob = await visit(`${server.url}/?game=${GAME}`, "Bob");
  await lists(bob, room, "1 of 32 players");
  const cy = await visit(`${server.url}/?game=frontier`, "Cy");
  await cy.getByText("No rooms are open").waitFor();
  // By keyboard alone: from the name to the list.
  await bob.focus("#by-code summary");
  await bob.keyboard.press("Tab");
  await bob.keyboard.press("Enter");
  assert.equal(await roomOf(bob), room);

  await ada.click("#invite-open");
  await ada.click("text=Leave room");
  await ada.waitForSelector("#start", { state: "visible" });
  assert.ok(await ada.isHidden("#lost"), "who leaves need not be told so");
  await lists(ada, room, "1 of 32 players");
  await leave(ada, bob, cy);
  assert.equal(await server.stop(), 0);
});

test("a full room is reported, and another one can be joined", { timeout: 90_000 }, async () => {
  const server = await startServer({ flags: ["--max-players", "1"] });
  const ada = await visit(`${server.url}/?game=${GAME}`, "Ada");
  await ada.click("#play");
  const room = await roomOf(ada);
  const bob = await visit(`${server.url}/?game=${GAME}&room=${room}`, "Bob");
  await lists(bob, room, "Full: room");
  assert.ok(await bob.locator("#rooms button", { hasText: room }).isDisabled());
  assert.equal(await bob.textContent("#play"), "Join");
  await bob.click("#play");
  await bob.waitForFunction(() => document.querySelector("#error")?.textContent);
  assert.match((await bob.textContent("#error")) ?? "", /that room is full/i);
  assert.equal(await bob.textContent("#play"), "Play");
  await bob.click("#play");
  assert.notEqual(await roomOf(bob), room);
  await leave(ada, bob);
  assert.equal(await server.stop(), 0);
});

test("a copied link leads to the room, private or not", { timeout: 90_000 }, async () => {
  const server = await startServer();
  for (const hidden of [false, true]) {
    const ada = await visit(`${server.url}/?game=${GAME}`, "Ada", { permissions: ["clipboard-read", "clipboard-write"] });
    await ada.click("#create summary");
    await ada.setChecked("#private", hidden);
    await ada.click("text=Create and play");
    const room = await roomOf(ada);
    if (!hidden) await ada.click("#invite-open");
    await ada.click("#invite-copy");
    await ada.getByText("Copied").waitFor();
    const link = await ada.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, await ada.inputValue("#invite-link"));
    assert.equal(new URL(link).searchParams.has("code"), hidden);

    const bob = await visit(link, "Bob");
    assert.match((await bob.textContent("#invited")) ?? "", hidden ? /the private room/ : new RegExp(`room ${room}`));
    await bob.click("#play");
    assert.equal(await roomOf(bob), room);
    // A player who does not want to wait joins the first room with a free seat.
    const cy = await visit(link, "Cy");
    await cy.click("text=Join any room instead");
    assert.ok(await cy.isHidden("#invited"));
    await cy.click("#play");
    assert.equal((await roomOf(cy)) === room, !hidden);
    await leave(ada, bob, cy);
  }
  assert.equal(await server.stop(), 0);
});

test("a player who has to wait sees for how long, and when the wait is over", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const page = await visit(`${server.url}/?game=${GAME}`, "Ada");
  let refusals = 1;
  await page.route("**/api/join", (route) => {
    const headers = { "retry-after": "2" };
    if (refusals-- > 0) void route.fulfill({ status: 429, headers, json: { error: "too_many_joins", message: "" } });
    else void route.continue();
  });
  await page.click("#play");
  await page.getByText(/Please wait a moment. \(\d s\)/).waitFor();
  await page.getByText("You can try again now.").waitFor();
  await page.click("#play");
  assert.ok(await roomOf(page));
  await leave(page);
  assert.equal(await server.stop(), 0);
});

test("a draining server informs its players, and accepts no others", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await visit(`${server.url}/?game=${GAME}`, "Ada");
  await ada.click("#play");
  await roomOf(ada);
  const bob = await visit(`${server.url}/?game=${GAME}`, "Bob");
  assert.ok(await ada.isHidden("#notice"));
  const exited = server.drain();
  await ada.getByText(/Server restarts in \d+ s/).waitFor();
  await bob.click("#play");
  await bob.getByText(/about to restart and takes no new players/).waitFor();
  // When the last player has left, the server has nothing to wait for.
  await ada.click("#invite-open");
  await ada.click("text=Leave room");
  assert.equal(await exited, 0);
  await leave(ada, bob);
});

test("the list shows that a server has gone, and its rooms when it is back", { timeout: 90_000 }, async () => {
  const first = await startServer();
  const page = await visit(`${first.url}/?game=${GAME}`, "Ada");
  await page.getByText("No rooms are open").waitFor();
  assert.equal(await first.stop(), 0);
  await page.getByText("Can't load the room list").waitFor();
  const again = await startServer({ bind: new URL(first.url).host });
  await page.getByText("No rooms are open").waitFor();
  await leave(page);
  assert.equal(await again.stop(), 0);
});

test("on a phone everything fits and can be tapped", { timeout: 60_000 }, async () => {
  const server = await startServer();
  for (const game of [GAME, "frontier", "hands"]) {
    const page = await visit(`${server.url}/?game=${game}`, "Ada", PHONE);
    for (const part of ["#create summary", "#by-code summary"]) {
      await page.tap(part);
      const { width, small } = await page.evaluate(() => {
        const start = /** @type {HTMLElement} */ (document.querySelector("#start"));
        const targets = [...start.querySelectorAll("#entry :is(button, summary, select, .choice, .tick, .row > input), #name")];
        const boxes = targets.map((target) => target.getBoundingClientRect()).filter(({ height }) => height > 0);
        return { width: start.scrollWidth, small: boxes.filter(({ height }) => height < 40).length };
      });
      assert.deepEqual([width, small], [390, 0], `${game}, ${part}`);
    }
    await leave(page);
  }
  assert.equal(await server.stop(), 0);
});
