/**
 * Starts the real server and a real browser, for tests and pictures of the page.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Cargo's folder of the programs; `BUILD_PROFILE=debug` tries the pages with those of a development build. */
const BUILD = process.env.BUILD_PROFILE ?? "release";

/** Keeps Chromium from calling home: in a closed network each call only costs time. */
const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Starts a program of this workspace. It ends with this process, however that ends.
 * @param {string} name
 * @param {string[]} flags
 */
export function program(name, flags) {
  const child = spawn(`${ROOT}target/${BUILD}/${name}`, flags, { stdio: ["ignore", "pipe", "ignore"] });
  process.once("exit", () => child.kill());
  return child;
}

/**
 * Starts a server and waits for its ready line.
 * @param {{ bind?: string, flags?: string[] }} [options] the address to bind to, any free port by default
 * @returns {Promise<{ url: string, stop: () => Promise<number | null>, drain: () => Promise<number | null> }>} `stop` ends it at
 *   once, `drain` when all have gone; both give its exit code
 */
export async function startServer({ bind = "127.0.0.1:0", flags = [] } = {}) {
  // Pages drawn without a graphics card may keep all cores busy: accept players however late ticks are.
  const patient = ["--set", "overload.late_percent=0"];
  const server = program("drumline", ["--bind", bind, ...patient, ...flags]);
  const exited = once(server, "exit");
  const [line] = await Promise.race([once(createInterface(server.stdout), "line"), exited]);
  const url = /^drumline listening on (https?:\/\/\S+)$/.exec(line)?.[1];
  if (!url) throw new Error(`no ready line from the server, but: ${line}`);
  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    server.kill(signal);
    const [code] = await exited;
    return code;
  };
  return { url, stop: () => end("SIGINT"), drain: () => end("SIGTERM") };
}

/**
 * Starts a swarm in one room of its own.
 * @param {string} url the server's address, `http://…`
 * @param {string} game
 * @param {number} bots
 */
export function startBots(url, game, bots) {
  const room = ["--game", game, "--rooms", "1", "--per-room", `${bots}`];
  return program("drumline-bots", ["--url", url.replace("http:", "ws:"), ...room, "--seconds", "600"]);
}

/**
 * Starts Chromium: the one that CHROMIUM names, or Debian's.
 * @param {{ trusted?: import("./certificate.js").Certificate, keepsPages?: boolean }} [options] a self-signed certificate to
 *   trust; true if it keeps pages for the way back to them, as browsers do that no program drives
 * @returns {Promise<import("playwright-core").Browser>}
 */
export function startBrowser({ trusted, keepsPages = false } = {}) {
  const trust = trusted ? [`--ignore-certificate-errors-spki-list=${trusted.keyHash}`] : [];
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const ignoreDefaultArgs = keepsPages ? ["--disable-back-forward-cache"] : [];
  return chromium.launch({ executablePath, ignoreDefaultArgs, args: [...BROWSER_FLAGS, ...trust] });
}

/**
 * Waits until the server lists a room with so many players, and returns the room's id.
 * @param {string} url
 * @param {number} players
 * @returns {Promise<string>}
 */
export async function roomWith(url, players) {
  for (;;) {
    const listing = await (await fetch(`${url}/api/rooms`)).json();
    const room = listing.rooms.find((/** @type {{ players: number }} */ room) => room.players >= players);
    if (room) return room.id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
