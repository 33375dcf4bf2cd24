/**
 * The arena behind nginx, with `deploy/nginx.conf`.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { makeCertificate } from "../support/certificate.js";
import { startBrowser, startServer } from "../support/harness.js";
import { startNginx } from "../support/nginx.js";
import { inRoom, play, seesMove, untilRoom } from "../support/players.js";

const certificate = makeCertificate();
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await startBrowser({ trusted: certificate });
});

after(() => browser.close());

/**
 * Starts a server that trusts nginx's forwarded addresses, and nginx in front of it.
 * @param {string[]} [flags]
 */
async function startBoth(flags = []) {
  const trust = ["--set", 'limits.trusted_proxies=["127.0.0.1"]'];
  const server = await startServer({ flags: [...trust, ...flags] });
  const front = await startNginx(new URL(server.url).host, certificate);
  return { server, front, url: `https://localhost:${front.https}` };
}

/**
 * A request to nginx from one of the loopback's addresses.
 *
 * @param {import("../support/nginx.js").Front} front
 * @param {string} from
 * @param {string} path
 * @param {import("node:http").OutgoingHttpHeaders} [headers]
 * @returns {Promise<{ status?: number, body: string, socket?: import("node:net").Socket }>} the socket of an upgrade
 */
async function ask(front, from, path, headers = {}) {
  const to = { host: "localhost", port: front.https, localAddress: from, family: 4, ca: certificate.pem, agent: false };
  const asked = request({ ...to, path, headers });
  asked.end();
  const [answer, socket] = await Promise.race([
    once(asked, "response"),
    once(asked, "upgrade"),
    once(asked, "error").then(([error]) => Promise.reject(error)),
  ]);
  let body = "";
  if (answer.statusCode !== 101) for await (const chunk of answer) body += chunk;
  return { status: answer.statusCode, body, socket };
}

/**
 * A player's handshake.
 *
 * @param {import("../support/nginx.js").Front} front
 * @param {string} from
 * @param {string} query
 */
function join(front, from, query) {
  return ask(front, from, `/play/arena?${query}`, {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "drumline.1",
  });
}

test("two pages play through nginx", { timeout: 60_000 }, async () => {
  const { server, front, url } = await startBoth();
  const ada = await play(browser, url, "arena", "Ada");
  const bob = await play(browser, url, "arena", "Bob");
  assert.deepEqual([ada.player, bob.player], [0, 1], "both are in one room");
  await ada.page.keyboard.down("KeyD");
  await seesMove(bob, ada.player, 40);
  for (const player of [ada, bob]) {
    await untilRoom(player, (room) => room.stats.hashesChecked >= 3);
    const stats = await inRoom(player, (room) => room.stats);
    assert.equal(stats.mismatches, 0);
    assert.ok(stats.updatesPerS > 20, `nothing is held back: ${stats.updatesPerS} updates a second`);
    assert.deepEqual(player.errors, []);
    await player.page.context().close();
  }
  const plain = await fetch(`http://localhost:${front.http}/?game=frontier`, { redirect: "manual" });
  assert.deepEqual([plain.status, plain.headers.get("location")], [301, "https://localhost/?game=frontier"]);
  await front.stop();
  assert.equal(await server.stop(), 0);
});

test("no token is in the logs, with the server up or down", { timeout: 60_000 }, async () => {
  const { server, front } = await startBoth();
  const token = "0123456789abcdef0123456789abcdef";
  assert.equal((await join(front, "127.0.0.1", `session=${token}`)).status, 403);
  assert.equal(await server.stop(), 0);
  assert.equal((await join(front, "127.0.0.1", `session=${token}`)).status, 502);
  await front.stop();
  const logs = front.logs();
  assert.match(logs, /127\.0\.0\.1 \[.*\] "GET \/play\/arena HTTP\/1\.1" 403/);
  assert.match(logs, /"GET \/play\/arena HTTP\/1\.1" 502/);
  assert.ok(!logs.includes(token) && !/session=|drumline\.session/.test(logs), logs);
});

test("metrics and administration are reached from this machine alone", { timeout: 60_000 }, async () => {
  const { server, front } = await startBoth();
  for (const path of ["/metrics", "/admin", "/admin/", "/api/admin/overview", "/api//admin/overview", "/%61dmin"]) {
    const [far, near] = [await ask(front, "127.0.0.7", path), await ask(front, "127.0.0.1", path)];
    assert.equal(far.status, 403, path);
    assert.match(far.body, /nginx/, "it has not come to the server");
    // The server requires a token of its own.
    assert.doesNotMatch(near.body, /nginx/, path);
  }
  assert.equal((await ask(front, "127.0.0.7", "/api/rooms")).status, 200);
  await front.stop();
  assert.equal(await server.stop(), 0);
});

test("a limit counts connections by player address, not by that of nginx", { timeout: 60_000 }, async () => {
  const strict = ["--set", "limits.joins_per_ip_minute=1", "--set", "limits.exempt=[]"];
  const { server, front } = await startBoth(strict);
  const statuses = [];
  for (const from of ["127.0.0.5", "127.0.0.5", "127.0.0.6"]) {
    const { status, socket } = await join(front, from, "room=new");
    statuses.push(status);
    socket?.destroy();
  }
  assert.deepEqual(statuses, [101, 429, 101]);
  await front.stop();
  assert.equal(await server.stop(), 0);
});
