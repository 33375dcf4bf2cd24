/**
 * The inspector, the page of games that have none, in a real Chromium against the real server: two pages play the arena by it.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./support/harness.js";

/** @import { BrowserContextOptions, Page } from "playwright-core" */

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** The errors of all pages. @type {string[]} */
const errors = [];

before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startServer()]);
});

after(() => Promise.all([browser.close(), server.stop()]));

/**
 * Opens the inspector.
 *
 * @param {string} [address]
 * @param {BrowserContextOptions} [options]
 */
async function visit(address = "/inspect/", options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(server.url + address);
  return page;
}

/** Opens a room of the arena in it. @param {string} name @param {BrowserContextOptions} [options] */
async function open(name, options) {
  const page = await visit("/inspect/", options);
  await page.fill("#name", name);
  await page.click('[aria-label="New room of arena"]');
  await rowOf(page, "ships", name).waitFor();
  return page;
}

/** The address at which a second player joins the room of a page. @param {Page} page */
async function secondAddress(page) {
  return (await page.getAttribute("#second", "href")) ?? "";
}

/**
 * The row of a player's entity.
 *
 * @param {Page} page
 * @param {string} table
 * @param {string} name
 */
function rowOf(page, table, name) {
  return page.locator(`[data-table="${table}"] tbody tr`, { hasText: name });
}

/** The things of a page that reach beyond its right edge, and do not scroll by themselves. @param {Page} page */
function overflowing(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const reaches = (/** @type {Element} */ element) => element.getBoundingClientRect().right > width + 1;
    const wide = [...document.querySelectorAll("body *")].filter((each) => reaches(each) && !each.closest(".scrolling, pre"));
    return wide.map(({ tagName, id, className }) => `${tagName} #${id} .${className}`);
  });
}

test("two pages in one room see each other, and send inputs and commands", { timeout: 90_000 }, async () => {
  const ada = await open("Ada");
  const bob = await visit(await secondAddress(ada));
  await rowOf(bob, "ships", "Ada").waitFor();
  await bob.locator("#players .own").waitFor();
  assert.equal(await rowOf(ada, "ships", "Ada").getAttribute("class"), "own");
  const name = (await bob.textContent("#players .own .name")) ?? "";
  await rowOf(ada, "ships", name).waitFor();

  await rowOf(bob, "ships", "Ada").getByText("false").waitFor();
  await ada.fill('[aria-label="thrust.x"]', "1");
  await rowOf(bob, "ships", "Ada").getByText("true").waitFor();
  await ada.click("#input >> text=Reset");
  await rowOf(bob, "ships", "Ada").getByText("false").waitFor();
  assert.equal(await ada.inputValue('[aria-label="thrust.x"]'), "0");

  await ada.fill("#command-json", '{ "type": "emote", "emote": "Cheer" }');
  await ada.click("text=Send command");
  await ada.locator("#command-answer", { hasText: '{"type":"done"}' }).waitFor();
  await bob.locator("#log .event", { hasText: '"emote":"Cheer"' }).waitFor();
  await ada.fill("#command-json", '{ "type": "dance" }');
  await ada.click("text=Send command");
  await ada.locator("#command-answer.problem", { hasText: "dance" }).waitFor();

  await bob.fill("#chat-text", "Well flown");
  await bob.click("#chat button");
  await ada.locator("#log .chat", { hasText: `${name}: Well flown` }).waitFor();
  assert.deepEqual(errors, []);
  await Promise.all([ada.context().close(), bob.context().close()]);
});

test("the way back leaves the room, a reload keeps the seat", { timeout: 90_000 }, async () => {
  const ada = await open("Ada");
  const seat = await ada.textContent("#players .own");
  await ada.reload();
  await ada.locator("#players .own").waitFor();
  assert.equal(await ada.textContent("#players .own"), seat);
  await ada.goBack();
  await ada.locator("#lobby").waitFor();
  assert.equal(new URL(ada.url()).hash, "");
  await ada.context().close();

  const lost = await visit("/inspect/#room=none");
  await lost.locator("#problem", { hasText: "no open room none" }).waitFor();
  assert.deepEqual(errors, []);
  await lost.context().close();
});

test("nothing reaches beyond the screen of a phone", { timeout: 90_000 }, async () => {
  const page = await visit("/inspect/", PHONE);
  await page.click("#hint-title");
  await page.locator(".game").first().waitFor();
  assert.deepEqual(await overflowing(page), []);
  for (const game of ["arena", "frontier", "hands"]) {
    await page.click(`[aria-label="New room of ${game}"]`);
    await page.locator("#players .own").waitFor();
    assert.deepEqual(await overflowing(page), [], game);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.viewport.width, game);
    await page.click("#leave");
    await page.locator(".game").first().waitFor();
  }
  assert.deepEqual(errors, []);
  await page.context().close();
});
