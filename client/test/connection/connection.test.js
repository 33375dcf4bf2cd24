/** Tests of a connection that is lost, checked or closed: close codes, silence, the page and the network around it, leaving. */

/** @import { FakeWindow } from "../support/joined.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer } from "../support/fake-lobby.js";
import { joined } from "../support/joined.js";
import { LATENCY_MS, writeWelcome } from "../support/seat.js";

test("final close codes end the session, and after others the client reconnects", async () => {
  for (const code of [1000, 1001, 1002, 1003, 1009, 4001, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 4011, 4012]) {
    const { server, events, pass } = await joined();
    server.socket.cut(code);
    await pass(1000);
    assert.deepEqual(events, [["close", { code, reason: "", clean: true }]]);
    assert.equal(server.sockets.length, 1);
  }
  for (const code of [1005, 1006, 1011, 4002, 4003]) {
    const { server, names, pass } = await joined();
    server.socket.cut(code);
    await pass(1000);
    assert.deepEqual(names(), ["reconnecting", "resumed"], String(code));
  }
});

test("a socket on which nothing is received is given up, and ignored from then on", async () => {
  const { server, room, names, pass } = await joined();
  await pass(500);
  const [old] = server.sockets;
  const player = room.player;
  old.dead = true;
  await pass(3000);
  assert.ok(room.connected);
  await pass(1600);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
  // The server may still receive this code: it must not end the session.
  assert.equal(old.closedWith?.[0], 4003);

  const { snapshots } = room.stats;
  old.deliver(writeWelcome({ session: "other" }));
  old.deliver(Uint8Array.of(9));
  old.end(1000, "");
  assert.equal(room.stats.snapshots, snapshots);
  await pass(1000);
  assert.ok(room.connected && room.player === player);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
  assert.deepEqual([room.stats.mismatches, room.stats.resumes], [0, 1]);
});

test("a page whose timers were delayed does not give up its socket", async () => {
  const { clock, server, names, pass } = await joined();
  await pass(500);
  // The page sleeps; messages that arrived meanwhile are delivered after the timers have fired.
  clock.hold(60_000);
  clock.pass(0);
  await pass(1000);
  assert.deepEqual([names(), server.sockets.length], [[], 1]);
});

test("when the network is back, or the page is visible, a wait ends", async () => {
  const online = (/** @type {FakeWindow} */ window) => window.online();
  const visible = (/** @type {FakeWindow} */ window) => window.turn("visible");
  for (const back of [online, visible]) {
    const { server, window, names, events, pass } = await joined();
    server.answer = "down";
    server.socket.cut();
    while (events.length === 0 || events[events.length - 1][1].inMs < 1500) await pass(50);
    server.answer = "yes";
    back(window);
    await pass(4 * LATENCY_MS + 50);
    assert.equal(names().pop(), "resumed");
  }
});

test("when the network is back, an attempt over the old one is replaced", async () => {
  const { server, window, names, pass } = await joined();
  server.answer = "mute";
  server.socket.cut();
  await pass(1000);
  assert.equal(server.sockets.length, 2);
  server.answer = "yes";
  window.turn("visible");
  await pass(200);
  assert.deepEqual([server.sockets.length, names()], [2, ["reconnecting"]]);
  window.online();
  await pass(200);
  assert.deepEqual([server.sockets.length, names()], [3, ["reconnecting", "resumed"]]);
});

test("a socket that may be dead is checked by a ping when the page is visible again", async () => {
  const { clock, server, window, room, names, pass } = await joined();
  await pass(500);
  window.turn("hidden");
  const [socket] = server.sockets;
  const isPing = (/** @type {Uint8Array} */ message) => message[0] === 0 && message[1] === 0;
  const pings = () => socket.sent.filter(isPing).length;
  const before = pings();
  await pass(100);
  assert.equal(pings(), before, "hidden is no reason");
  window.turn("visible");
  assert.equal(pings(), before + 1);
  await pass(3000);
  assert.deepEqual([names(), room.connected], [[], true]);

  socket.dead = true;
  clock.hold(100);
  window.online();
  await pass(1400);
  assert.deepEqual(names(), []);
  await pass(400);
  assert.deepEqual(names(), ["reconnecting", "resumed"]);
});

test("leaving ends the attempts to reconnect", async () => {
  for (const answer of ["down", "mute"]) {
    const { clock, server, window, room, events, pass } = await joined();
    server.answer = answer;
    server.socket.cut();
    await pass(1000);
    events.length = 0;
    room.leave();
    assert.deepEqual(events, [["close", { code: 1000, reason: "", clean: false }]]);
    const { length } = server.sockets;
    window.online();
    window.turn("visible");
    await pass(10_000);
    room.leave();
    assert.deepEqual([server.sockets.length, events.length], [length, 1]);
    // The close of the server.
    assert.ok(clock.waiting <= 2);
  }
});

test("after leaving, any close ends the session, and no ping is sent", async () => {
  const { server, window, room, events, pass } = await joined();
  await pass(500);
  room.leave();
  const { length } = server.socket.sent;
  window.online();
  await pass(5000);
  assert.deepEqual([server.socket.sent.length, server.socket.closedWith?.[0], events], [length, 1000, []]);
  server.socket.cut();
  await pass(5000);
  assert.deepEqual([server.sockets.length, events], [1, [["close", { code: 1006, reason: "", clean: false }]]]);
});

test("a refusal that arrives after leaving is ignored", async () => {
  const { server, room, names, pass } = await joined();
  server.tokens.clear();
  /** @type {((response: Response) => void)[]} */
  const answers = [];
  server.fetch = () => new Promise((resolve) => answers.push(resolve));
  server.socket.cut();
  await pass(500);
  room.leave();
  answers[0](new Response('{"error":"unknown_session","message":""}', { status: 403 }));
  await pass(500);
  assert.deepEqual(names(), ["reconnecting", "close"]);
});

test("a client that leaves in the handler of the loss or of the resume has left", async () => {
  const lost = await joined();
  lost.room.on("reconnecting", () => lost.room.leave());
  lost.server.socket.cut();
  await lost.pass(5000);
  assert.deepEqual([lost.names(), lost.server.sockets.length], [["reconnecting", "close"], 1]);

  const back = await joined();
  back.room.on("resumed", () => back.room.leave());
  back.server.socket.cut();
  await back.pass(500);
  assert.equal(back.server.socket.closedWith?.[0], 1000);
  back.server.socket.end(1000, "");
  assert.deepEqual(back.names(), ["reconnecting", "resumed", "close"]);
});
