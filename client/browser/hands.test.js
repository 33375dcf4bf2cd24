/**
 * The card game in a real Chromium, against the real server: two pages play a hand to its end.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lay, openTable, stateOf, takeTurn, untilState } from "./support/cards.js";
import { startBrowser, startServer } from "./support/harness.js";
import { inRoom, play, untilRoom } from "./support/players.js";

/** @import { Page } from "playwright-core" */

const PHONE = { width: 390, height: 844 };

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser.close());

/**
 * Opens a room and lets two players join it. They are there when the cards are dealt.
 * @param {string} url the server's
 * @param {Record<string, number>} options
 */
async function deal(url, options) {
  const room = await openTable(url, options);
  const ada = await play(browser, url, "hands", "Ada", { room });
  const bob = await play(browser, url, "hands", "Bob", { room });
  await Promise.all([ada, bob].map(({ page }) => untilState(page, ({ phase }) => phase.type === "Turn")));
  return [ada, bob];
}

/** The numbers of cards that a page shows of the other player and of the pile. @param {Page} page */
async function countsOn(page) {
  const texts = await Promise.all(["#opponents .about", "#left"].map((part) => page.textContent(part)));
  return texts.map((text) => Number.parseInt(text ?? "", 10));
}

test("two pages play a hand to its end, and every hash matches", { timeout: 180_000 }, async () => {
  const server = await startServer({ flags: ["--seed", "3"] });
  const players = await deal(server.url, { cards: 3, turn_seconds: 60 });
  const [ada, bob] = players;
  assert.deepEqual([ada.player, bob.player], [0, 1], "both are at one table");
  assert.equal(await ada.page.textContent("#opponents .name"), "Bob");
  assert.deepEqual(await countsOn(ada.page), [3, 52 - 3 - 3 - 1]);
  assert.equal(await ada.page.locator("#hand .card").count(), 3);
  const seen = await inRoom(ada, ({ player, tables }) => {
    const others = [...tables.seats].filter((seat) => seat.player !== player);
    return others.map(({ hand }) => hand === undefined);
  });
  assert.deepEqual(seen, [true], "another player's cards are not even there");

  await bob.page.click("text=Well played!");
  await ada.page.locator("#opponents .bubble", { hasText: "Well played!" }).waitFor();

  for (let turns = 0; ; turns++) {
    const { phase } = await stateOf(ada.page);
    if (phase.type === "Over") break;
    await takeTurn(players[phase.player].page);
    // The other page hears of it on its own.
    const now = (await stateOf(players[phase.player].page)).phase;
    await untilState(players[1 - phase.player].page, ({ phase }) => phase.type === now.type && phase.player === now.player);
    assert.ok(turns < 200, "a hand comes to an end");
  }
  const winner = (await stateOf(ada.page)).cards === 0 ? ada : bob;
  const loser = winner === ada ? bob : ada;
  await winner.page.locator("#winner", { hasText: "You win" }).waitFor();
  await loser.page.locator("#winner", { hasText: `${winner === ada ? "Ada" : "Bob"} wins` }).waitFor();
  for (const player of players) {
    await untilState(player.page, ({ hand, phase }) => hand === 2 && phase.type === "Turn");
    await untilRoom(player, (room) => room.stats.hashesChecked >= 3);
    assert.equal(await inRoom(player, (room) => room.stats.mismatches), 0);
    assert.match((await player.page.textContent("#net")) ?? "", /mirror ok/);
    assert.deepEqual(player.errors, []);
  }
  await Promise.all(players.map(({ page }) => page.context().close()));
  assert.equal(await server.stop(), 0);
});

test("with keys alone a player lays a card, takes it back, draws and passes", { timeout: 90_000 }, async () => {
  const server = await startServer({ flags: ["--seed", "5"] });
  const [{ page, player: own }] = await deal(server.url, { cards: 8, turn_seconds: 60 });
  assert.equal((await stateOf(page)).phase.player, own, "the first player begins");
  await page.locator("#hand .fits").first().waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  assert.match((await page.locator(":focus").getAttribute("aria-label")) ?? "", /^Lay the \w+ of \w+$/);
  await page.keyboard.press("Enter");
  if (await page.isVisible("#suits")) await page.keyboard.press("Enter");
  await untilState(page, ({ phase, cards }) => phase.type === "Laid" && cards === 7);
  await page.locator("#undo:enabled").waitFor();
  await page.keyboard.press("KeyU");
  await untilState(page, ({ phase, cards }) => phase.type === "Turn" && cards === 8);
  await page.keyboard.press("KeyD");
  await untilState(page, ({ phase, cards }) => phase.drew === true && cards === 9);
  await page.keyboard.press("KeyE");
  await untilState(page, ({ phase }) => phase.player !== own);
  assert.equal(await server.stop(), 0);
});

test("on a phone the whole table fits, and cards can be tapped", { timeout: 90_000 }, async () => {
  const server = await startServer({ flags: ["--seed", "5"] });
  const [{ page }] = await deal(server.url, { cards: 8, turn_seconds: 60 });
  await page.setViewportSize(PHONE);
  await page.locator("#hand .fits").first().waitFor();
  const { outside, small } = await page.evaluate(() => {
    const parts = [...document.querySelectorAll("#table :is(button, #opponents li), #tools button")];
    const boxes = parts.map((part) => part.getBoundingClientRect());
    /** @param {DOMRect} box */
    const inside = ({ left, right, top, bottom }) => left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
    return { outside: boxes.filter((box) => !inside(box)).length, small: boxes.filter(({ height }) => height < 36).length };
  });
  assert.deepEqual([outside, small], [0, 0]);
  assert.ok(await lay(page));
  assert.equal(await server.stop(), 0);
});
