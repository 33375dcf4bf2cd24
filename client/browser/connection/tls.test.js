/**
 * The arena over https and wss in a real Chromium that trusts one self-signed certificate.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeCertificate } from "../support/certificate.js";
import { startBrowser, startServer } from "../support/harness.js";
import { inRoom, play, seesMove, untilRoom } from "../support/players.js";

test("two pages play over https and wss", { timeout: 60_000 }, async () => {
  const certificate = makeCertificate();
  const browser = await startBrowser({ trusted: certificate });
  const server = await startServer({ flags: ["--tls-cert", certificate.cert, "--tls-key", certificate.key] });
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const url = server.url.replace("127.0.0.1", "localhost");
  const ada = await play(browser, url, "arena", "Ada");
  const bob = await play(browser, url, "arena", "Bob");
  assert.deepEqual([ada.player, bob.player], [0, 1], "both are in one room");
  await ada.page.keyboard.down("KeyD");
  await seesMove(bob, ada.player, 40);
  for (const player of [ada, bob]) {
    await untilRoom(player, (room) => room.stats.hashesChecked >= 3);
    assert.equal(await inRoom(player, (room) => room.stats.mismatches), 0);
    assert.deepEqual(player.errors, []);
    await player.page.context().close();
  }
  assert.equal(await server.stop(), 0);
  await browser.close();
});

test("a certificate that is not trusted is refused", { timeout: 60_000 }, async () => {
  const certificate = makeCertificate();
  const browser = await startBrowser({ trusted: makeCertificate() });
  const server = await startServer({ flags: ["--tls-cert", certificate.cert, "--tls-key", certificate.key] });
  const page = await browser.newPage();
  await assert.rejects(page.goto(server.url), /ERR_CERT/);
  await browser.close();
  assert.equal(await server.stop(), 0);
});
