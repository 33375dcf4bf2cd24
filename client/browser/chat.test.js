/**
 * Chat in a real Chromium, against the real server.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, startServer } from "./support/harness.js";
import { inRoom, play } from "./support/players.js";

/** @import { Player } from "./support/players.js" */

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * Sends a chat message, by keyboard alone.
 *
 * @param {Player} player
 * @param {string} text
 */
async function say({ page }, text) {
  await page.keyboard.press("Enter");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

/** The line that has a text, once it is there. @param {Player} player @param {string} text */
async function lineWith({ page }, text) {
  const line = page.locator("#chat-lines li", { hasText: text });
  await line.waitFor({ state: "attached" });
  return line;
}

/** @param {Player[]} players */
const leave = (...players) => Promise.all(players.map(({ page }) => page.context().close()));

test("a chat message of one page is shown on the other, unchanged", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  const bob = await play(browser, server.url, "arena", "Bob");
  const text = "<b>hello</b> & \u{1F680} <img src=x onerror=alert(1)>";
  await say(ada, text);
  for (const player of [ada, bob]) {
    const line = await lineWith(player, "hello");
    assert.equal(await line.locator(".said").textContent(), text);
    assert.equal(await line.locator("img").count(), 0);
    assert.equal(await line.locator("b").textContent(), "Ada");
    const score = player.page.locator("#scores .name", { hasText: "Ada" });
    const colour = (/** @type {Element} */ element) => getComputedStyle(element).color;
    assert.equal(await line.locator("b").evaluate(colour), await score.evaluate(colour));
    assert.ok(await player.page.isHidden("#chat-form"));
    assert.deepEqual(player.errors, []);
  }
  await say(bob, "and to you");
  await lineWith(ada, "and to you");
  await leave(ada, bob);
  assert.equal(await server.stop(), 0);
});

test("a player who types does not fly or fire, and flies on afterwards", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  const { page } = ada;
  await inRoom(ada, (room) => {
    const given = room.input.bind(room);
    const inputs = /** @type {any[]} */ ((/** @type {any} */ (window).inputs = []));
    room.input = (/** @type {any} */ input) => {
      inputs.push(structuredClone(input));
      given(input);
    };
  });
  const steered = async () => {
    const inputs = await page.evaluate("window.inputs.splice(0)");
    assert.ok(inputs.length > 0);
    return inputs.some((/** @type {any} */ { thrust, fire }) => thrust.x !== 0 || thrust.y !== 0 || fire);
  };
  await page.keyboard.down("KeyW");
  await page.waitForTimeout(200);
  assert.ok(await steered());

  // The key is still down.
  await page.keyboard.press("Enter");
  await page.waitForTimeout(100);
  await steered();
  await page.keyboard.type("wasd was d    ", { delay: 20 });
  await page.waitForTimeout(100);
  assert.equal(await steered(), false);
  assert.equal(await page.inputValue("#chat-text"), "wasd was d    ");
  await page.keyboard.up("KeyW");
  await page.keyboard.press("Escape");
  assert.ok(await page.isHidden("#chat-form"));
  assert.equal(await page.locator("#chat-lines li").count(), 0);

  await page.keyboard.down("Space");
  await page.waitForTimeout(200);
  assert.ok(await steered());
  await page.keyboard.up("Space");
  await leave(ada);
  assert.equal(await server.stop(), 0);
});

test("team chat is received by the team alone", { timeout: 90_000 }, async () => {
  const server = await startServer();
  const players = [];
  for (const name of ["Ada", "Bob", "Cy", "Dee"]) players.push(await play(browser, server.url, "frontier", name));
  await Promise.all(players.map(({ page }) => page.waitForFunction(() => document.querySelector("#own-faction")?.textContent)));
  const factions = await Promise.all(players.map(({ page }) => page.textContent("#own-faction")));
  const [ada] = players;
  // Three factions: one of the others is of Ada's, or two of another.
  await ada.page.keyboard.press("Enter");
  await ada.page.keyboard.press("Tab");
  await ada.page.keyboard.type("between us");
  await ada.page.keyboard.press("Enter");
  await lineWith(ada, "between us");
  await ada.page.keyboard.press("Enter");
  await ada.page.keyboard.press("Tab");
  await ada.page.keyboard.type("to all");
  await ada.page.keyboard.press("Enter");
  for (const [index, player] of players.entries()) {
    // It was sent before: a page that has not received it by now will not.
    await lineWith(player, "to all");
    const heard = await player.page.locator("#chat-lines li", { hasText: "between us" }).count();
    assert.equal(heard, Number(factions[index] === factions[0]), `${factions}`);
  }
  await leave(...players);
  assert.equal(await server.stop(), 0);
});

test("a refused chat message is shown, and can be sent again", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const ada = await play(browser, server.url, "arena", "Ada");
  const { page } = ada;
  const long = "x".repeat(2000);
  /** Sends a chat message without typing it. @param {string} text */
  const utter = async (text) => {
    await page.keyboard.press("Enter");
    await page.fill("#chat-text", text);
    await page.keyboard.press("Enter");
  };
  await utter(long);
  await lineWith(ada, "Not sent: the message is too long.");
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#chat-text"), long);
  await page.keyboard.press("Escape");
  const refused = page.locator("#chat-lines li", { hasText: "Not sent: you are sending too fast." }).first();
  for (let line = 0; (await refused.count()) === 0; line++) await utter(`line ${line}`);
  await leave(ada);
  assert.equal(await server.stop(), 0);
});
