/**
 * Players of the card game, who do what the rules allow through the buttons of their pages.
 */

/** @import { Page } from "playwright-core" */

import { inRoom } from "./players.js";

const GAME = "hands";

/**
 * Opens a room with these options. Returns its id.
 * @param {string} url the server's
 * @param {Record<string, number>} options
 * @returns {Promise<string>}
 */
export async function openTable(url, options) {
  const body = JSON.stringify({ game: GAME, options });
  const response = await fetch(`${url}/api/rooms`, { method: "POST", headers: { "content-type": "application/json" }, body });
  return (await response.json()).room;
}

/**
 * The state of play, as a page has it.
 * @param {Page} page
 * @returns {Promise<{ phase: any, own: number, cards: number, hand: number }>}
 */
export function stateOf(page) {
  return inRoom({ page, game: GAME }, ({ player, tables }) => {
    const seat = [...tables.seats].find((seat) => seat.player === player);
    return { phase: tables.middle.phase, own: player, cards: seat?.cards ?? 0, hand: tables.middle.hand };
  });
}

/**
 * Waits until the state of play is one that the condition accepts.
 * @param {Page} page
 * @param {(state: Awaited<ReturnType<typeof stateOf>>) => boolean} accepts
 */
export async function untilState(page, accepts) {
  for (;;) {
    const state = await stateOf(page);
    if (accepts(state)) return state;
    await page.waitForTimeout(50);
  }
}

/**
 * Lays a card that goes, if there is one, and names a suit if it is an eight. Returns true if a card was laid.
 * @param {Page} page
 */
export async function lay(page) {
  const card = page.locator("#hand .fits").first();
  if ((await card.count()) === 0) return false;
  await card.click();
  const suit = page.locator("#suits .choices button").first();
  if (await suit.isVisible()) await suit.click();
  await untilState(page, ({ phase }) => phase.type === "Laid");
  return true;
}

/**
 * Takes a page's turn: lays a card, or draws one and lays what then goes, and ends the turn.
 * @param {Page} page
 */
export async function takeTurn(page) {
  if (!(await lay(page))) {
    await page.click("#draw");
    await untilState(page, ({ phase }) => phase.drew === true);
    await page.locator("#draw:disabled").waitFor();
    await lay(page);
  }
  const { own } = await stateOf(page);
  await page.click("#end");
  await untilState(page, ({ phase }) => phase.type === "Over" || phase.player !== own);
}
