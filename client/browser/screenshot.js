/**
 * Takes the README's pictures: the games in play, from the real pages, server and bots.
 */

import { fileURLToPath } from "node:url";
import { roomWith, startBots, startBrowser, startServer } from "./harness.js";

const PLAYED_MS = 5000;
/** How many bots there are, and what the player does beside flying. */
const GAMES = [
  { game: "arena", bots: 14, key: "KeyW" },
  { game: "frontier", bots: 200, key: "KeyE" },
];

const server = await startServer({ flags: ["--seed", "7"] });
const browser = await startBrowser();
try {
  for (const { game, bots, key } of GAMES) {
    const swarm = startBots(server.url, game, bots);
    const room = await roomWith(server.url, bots);
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(`${server.url}/?game=${game}&name=Ada&room=${room}`);
    await page.waitForFunction((game) => game in window, game);
    // Fly and fire for a while, so that there is something to see.
    await page.keyboard.down(key);
    await page.keyboard.down("KeyW");
    await page.mouse.move(900, 250);
    await page.mouse.down();
    await page.waitForTimeout(PLAYED_MS);
    await page.screenshot({ path: fileURLToPath(new URL(`../../docs/${game}.png`, import.meta.url)) });
    await page.close();
    swarm.kill();
  }
} finally {
  await browser.close();
  await server.stop();
}
