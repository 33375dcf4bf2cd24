/**
 * Players, each in a page of their own.
 */

/** @import { Browser, Page } from "playwright-core" */

import assert from "node:assert/strict";

/**
 * @typedef {object} Player
 * @property {Page} page
 * @property {string} game
 * @property {number} player the seat
 * @property {string[]} errors the errors of the page
 */

/**
 * Opens a game's page and plays.
 *
 * @param {Browser} browser
 * @param {string} url the server's
 * @param {string} game
 * @param {string} name
 * @param {Record<string, string>} [query] more of the page's address
 * @param {() => void} [prepare] runs in the page before anything else
 * @returns {Promise<Player>}
 */
export async function play(browser, url, game, name, query = {}, prepare = () => {}) {
  // A context of its own: players do not share a machine.
  const context = await browser.newContext();
  await context.addInitScript(prepare);
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`${url}/?${new URLSearchParams({ game, ...query })}`);
  await page.fill("#name", name);
  await page.click("#play");
  await page.waitForFunction((game) => game in window, game);
  const player = await inRoom({ page, game }, (room) => room.player);
  return { page, game, player, errors };
}

/**
 * Reads from a page's room, which the page exposes for tests.
 *
 * @template T
 * @param {{ page: Page, game: string }} player
 * @param {(room: any) => T} read runs in the page
 * @returns {Promise<T>}
 */
export function inRoom({ page, game }, read) {
  return page.evaluate(`(${read})(window[${JSON.stringify(game)}].room)`);
}

/**
 * Waits for a condition on a page's room.
 *
 * @param {{ page: Page, game: string }} player
 * @param {(room: any) => boolean} read runs in the page
 */
export async function untilRoom(player, read) {
  // Playwright's waitForFunction would evaluate text in the page, which its security policy forbids.
  while (!(await inRoom(player, read))) await player.page.waitForTimeout(50);
}

/**
 * The properties that identify a player of the arena.
 *
 * @param {{ page: Page, game: string }} player
 */
export function identity(player) {
  return inRoom(player, (room) => {
    const own = (/** @type {{ player: number }} */ each) => each.player === room.player;
    const [pilot, ship] = [[...room.tables.pilots].find(own), [...room.tables.ships].find(own)];
    const { id, name, score, deaths } = pilot ?? {};
    return { player: room.player, pilot: id, name, score, deaths, ship: ship?.id };
  });
}

/**
 * Checks that it is the same player, and the same ship if it had one that no rock has destroyed meanwhile.
 *
 * @param {{ page: Page, game: string }} player
 * @param {Awaited<ReturnType<typeof identity>>} before
 */
export async function isSame(player, before) {
  const now = await identity(player);
  const ship = now.deaths === before.deaths && before.ship !== undefined ? now.ship : before.ship;
  assert.deepEqual({ ...now, deaths: before.deaths, ship }, before);
}

/**
 * A player's ship in the newest mirror of a page; undefined if it is not in view.
 *
 * @param {Player} viewer
 * @param {number} player
 * @returns {Promise<Record<string, any> | undefined>}
 */
export async function shipOf(viewer, player) {
  const ships = await inRoom(viewer, (room) => [...room.tables.ships]);
  return ships.find((ship) => ship.player === player);
}

/**
 * Waits until a page's mirror shows a ship, and then until it has moved by so many units.
 *
 * @param {Player} viewer
 * @param {number} player
 * @param {number} distance
 */
export async function seesMove(viewer, player, distance) {
  /** @type {{ x: number, y: number } | undefined} */
  let start;
  for (;;) {
    const now = (await shipOf(viewer, player))?.position;
    start ??= now;
    if (now && start && Math.hypot(now.x - start.x, now.y - start.y) > distance) return;
    await viewer.page.waitForTimeout(20);
  }
}

/**
 * Holds the keys that lead along a way, and no others.
 *
 * @param {{ page: Page }} player
 * @param {{ x: number, y: number }} way in units
 */
export async function steer({ page }, { x, y }) {
  const keys = { KeyW: y < -60, KeyA: x < -60, KeyS: y > 60, KeyD: x > 60 };
  for (const [key, held] of Object.entries(keys)) await (held ? page.keyboard.down(key) : page.keyboard.up(key));
}
