/**
 * Takes the README's picture: the arena in play, from the real page, server and bots.
 */

import { fileURLToPath } from "node:url";
import { roomWith, startBots, startBrowser, startServer } from "./harness.js";

const FILE = fileURLToPath(new URL("../../docs/arena.png", import.meta.url));
const BOTS = 14;

const server = await startServer({ flags: ["--seed", "7"] });
const bots = startBots(server.url, BOTS);
const browser = await startBrowser();
try {
  const room = await roomWith(server.url, BOTS);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(`${server.url}/?name=Ada&room=${room}`);
  await page.waitForFunction(() => "arena" in window);
  // Fly and fire for a while, so that there is something to see.
  await page.keyboard.down("KeyW");
  await page.mouse.move(900, 250);
  await page.mouse.down();
  await page.waitForTimeout(5000);
  await page.screenshot({ path: FILE });
} finally {
  bots.kill();
  await browser.close();
  await server.stop();
}
