/**
 * Takes the README's pictures: the games in play, from the real pages, server and bots.
 */

/** @import { Browser, Page } from "playwright-core" */

import { fileURLToPath } from "node:url";
import { roomWith, startBots, startBrowser, startServer } from "./harness.js";
import { openTable, stateOf, takeTurn, untilState } from "./cards.js";
import { inRoom, play, steer } from "./players.js";

const ARENA_MS = 5000;
const AT_STATION_MS = 900;
const GRAPH_MS = 6000;
const MINUTE_MS = 60_000;
const TURNS = 11;
const WORLD_MS = 4000;
const NETWORK = "delay=80ms,jitter=25ms,stall=4%:300ms,drop=conn:0.1/s";

/**
 * Flies and fires for a while, so that there is something to see.
 * @param {Page} page
 */
async function fight(page) {
  await page.keyboard.down("KeyW");
  await page.mouse.move(900, 250);
  await page.mouse.down();
  await page.waitForTimeout(ARENA_MS);
}

/**
 * Mines on the way to the nearest station.
 * @param {Page} page
 */
async function bringHome(page) {
  await page.keyboard.down("KeyE");
  for (;;) {
    const way = await inRoom({ page, game: "frontier" }, (room) => {
      const own = [...room.tables.ships].find((ship) => ship.player === room.player);
      const stations = own ? [...room.tables.stations].map((station) => station.position) : [];
      const ways = stations.map(({ x, y }) => ({ x: x - own.position.x, y: y - own.position.y }));
      return ways.sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y))[0];
    });
    if (way) {
      await steer({ page }, way);
      await page.mouse.move(640 + Math.sign(way.x) * 200, 360 + Math.sign(way.y) * 150);
      if (Math.hypot(way.x, way.y) < 190) break;
    }
    await page.waitForTimeout(50);
  }
  await steer({ page }, { x: 0, y: 0 });
  await page.waitForTimeout(AT_STATION_MS);
}

/**
 * Flies over a bad network, with the graph that shows it.
 * @param {Page} page
 */
async function struggle(page) {
  await page.keyboard.press("F3");
  await fight(page);
  await page.waitForTimeout(GRAPH_MS);
}

/**
 * Shows the lobby with a list of busy rooms.
 * @param {Browser} browser
 * @param {string} url the server's
 */
async function showLobby(browser, url) {
  const rooms = [24, 32, 11, 5].map((bots) => startBots(url, "arena", bots));
  const page = await browser.newPage({ viewport: { width: 1280, height: 880 } });
  await page.goto(`${url}/?game=arena`);
  await page.fill("#name", "Ada");
  await page.click("#create summary");
  await page.getByText("4 open · 72 playing").waitFor();
  await page.screenshot({ path: pathOf("lobby") });
  await page.close();
  rooms.forEach((swarm) => swarm.kill());
}

/**
 * Shows the dashboard: the server after a minute in which players came and went, and a room's world around one of its ships.
 * @param {Browser} browser
 * @param {string} url the server's
 */
async function showDashboard(browser, url) {
  const rooms = [24, 11, 5].map((bots) => startBots(url, "arena", bots));
  const frontier = startBots(url, "frontier", 120);
  const room = await roomWith(url, 120);
  const page = await browser.newPage({ viewport: { width: 1440, height: 1060 } });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${url}/admin`);
  for (const bots of [7, 16, 3, 12, 9]) {
    await page.waitForTimeout(MINUTE_MS / 6);
    rooms.shift()?.kill();
    rooms.push(startBots(url, "arena", bots));
  }
  await page.waitForTimeout(MINUTE_MS / 6);
  await page.screenshot({ path: pathOf("admin") });
  await page.click(`#rooms a:text-is("${room}")`);
  await page.waitForSelector(".rows tr.opens");
  await page.waitForTimeout(WORLD_MS);
  await page.locator(".rows tr.opens").nth(2).click();
  await page.waitForTimeout(WORLD_MS);
  await page.screenshot({ path: pathOf("admin-room") });
  await page.close();
  [frontier, ...rooms].forEach((swarm) => swarm.kill());
}

/**
 * Shows a table of four players after some turns, on the turn of the first one.
 * @param {Browser} browser
 * @param {string} url the server's
 */
async function showTable(browser, url) {
  const room = await openTable(url, { turn_seconds: 120 });
  const players = [];
  for (const name of ["Ada", "Bob", "Cy", "Dee"]) players.push(await play(browser, url, "hands", name, { room }));
  const page = players[0].page;
  for (let turns = 0; ; turns++) {
    const { phase } = await untilState(page, ({ phase }) => phase.type === "Turn");
    const mover = players[phase.player].page;
    await untilState(mover, (state) => state.phase.type === "Turn" && state.phase.player === phase.player);
    if (turns >= TURNS && mover === page && (await page.locator("#hand .fits").count()) > 0) break;
    await takeTurn(mover);
    const after = (await stateOf(mover)).phase;
    await untilState(page, (state) => state.phase.type === after.type && state.phase.player === after.player);
  }
  await players[2].page.click("text=Well played!");
  await page.locator(".bubble", { hasText: "Well played!" }).first().waitFor();
  await page.screenshot({ path: pathOf("hands") });
  await Promise.all(players.map((player) => player.page.context().close()));
}

/** @param {string} name */
function pathOf(name) {
  return fileURLToPath(new URL(`../../../docs/${name}.png`, import.meta.url));
}

const PICTURES = [
  { name: "arena", game: "arena", bots: 14, act: fight },
  { name: "frontier", game: "frontier", bots: 150, act: bringHome },
  { name: "network", game: "arena", bots: 14, act: struggle, query: `&net=${NETWORK}&netseed=5`, part: "#netgraph" },
];

// The seats of killed bots are held for a while: each picture is taken on a server of its own.
const browser = await startBrowser();
/** @param {(url: string) => Promise<void>} take */
async function onServer(take) {
  const server = await startServer({ flags: ["--seed", "7"] });
  try {
    await take(server.url);
  } finally {
    await server.stop();
  }
}
try {
  await onServer((url) => showLobby(browser, url));
  await onServer((url) => showDashboard(browser, url));
  await onServer((url) => showTable(browser, url));
  for (const { name, game, bots, act, query = "", part } of PICTURES) {
    await onServer(async (url) => {
      const swarm = startBots(url, game, bots);
      const room = await roomWith(url, bots);
      const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
      await page.goto(`${url}/?game=${game}&name=Ada&room=${room}${query}`);
      await page.waitForFunction((game) => game in window, game);
      await act(page);
      const path = pathOf(name);
      await (part ? page.locator(part).screenshot({ path }) : page.screenshot({ path }));
      await page.close();
      swarm.kill();
    });
  }
} finally {
  await browser.close();
}
